//! What the far side shows after a lost reply or a refusal of an issue, and what follows from it.

use super::{attempt::Setback, step::StepContext};
use crate::{
    credential_manager::{CallError, CredentialManager, Priority, RemoteCredential, RemoteCredentialState, RemoteUser},
    domain::{
        acs::AcsCredentialPool,
        failure::FailureCode,
        ids::{EndpointId, RemoteUserId},
        phone_credential::PhoneCredential,
        retry::Pace,
    },
};

impl StepContext<'_> {
    /// The person as the credential manager shows them now.
    pub(super) async fn read_back(&self, manager: &dyn CredentialManager, user: &RemoteUserId) -> Result<RemoteUser, Setback> {
        let view = manager.read_user(user, Priority::Issue).await?;
        view.ok_or_else(|| {
            let message = "The credential manager does not know the person any more.";
            Setback::because(FailureCode::CredentialManagerUserNotFound, Pace::Quick, message)
        })
    }

    /// The live credential of this pool that is on the endpoint and is, and was, no other child's.
    pub(super) async fn adoptable(
        &self,
        view: &RemoteUser,
        child: &PhoneCredential,
        pool: Option<&AcsCredentialPool>,
    ) -> Result<Option<RemoteCredential>, Setback> {
        let Some(endpoint) = view.endpoints.iter().find(|endpoint| endpoint.id == child.endpoint_id) else {
            return Ok(None);
        };
        // Read anew: another child may have been given its credential a moment ago.
        let aggregate = self.store.load(self.owner).await.map_err(CallError::from)?;
        let is_of_pool = |credential: &RemoteCredential| match (&credential.pool, pool) {
            (Some(drawn_from), Some(pool)) => *drawn_from == pool.remote_id,
            // Without a name on one of the sides any credential on the endpoint may be the one: better adopted than doubled.
            _ => true,
        };
        let is_taken = |credential: &RemoteCredential| {
            aggregate
                .phone_credentials
                .iter()
                .any(|other| other.record.acs_credential_id != child.acs_credential_id && other.record.has_ever_named(&credential.id))
        };
        let adopted = endpoint
            .credentials
            .iter()
            .find(|found| found.state.is_live() && is_of_pool(found) && !is_taken(found))
            .cloned();
        if adopted.is_some() {
            tracing::info!(acs_credential.id = %child.acs_credential_id, "took over the credential that is on the phone already");
        }
        Ok(adopted)
    }
}

/// Whether a former credential of the same pool is on its way out of the phone.
pub(super) fn is_being_revoked(view: &RemoteUser, endpoint: &EndpointId, pool: Option<&AcsCredentialPool>) -> bool {
    view.endpoints
        .iter()
        .filter(|found| found.id == *endpoint)
        .flat_map(|found| &found.credentials)
        .any(|credential| {
            credential.state == RemoteCredentialState::Revoked
                && pool.is_none_or(|pool| credential.pool.as_ref().is_none_or(|drawn_from| *drawn_from == pool.remote_id))
        })
}

/// The refusal and the look are two moments: a former credential that stood in the way may have left the phone in between, and then
/// nothing shows it any more. So the first refusals of this kind are repeated soon; only one that keeps on is somebody's to mend.
pub(super) fn refused_without_visible_reason(detail: String, failures: u32) -> Setback {
    /// A phone that drops a credential in that very moment, each time, is not to be expected.
    const SOON: u32 = 3;
    let refusal = CallError::Precondition(detail);
    if failures >= SOON {
        return refusal.into();
    }
    Setback::because(FailureCode::CredentialManagerBusy, Pace::Quick, refusal.to_string())
}
