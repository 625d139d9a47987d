//! Takes a phone credential away that nobody wishes any more.

use super::{
    attempt::{Attempt, Setback},
    step::{Progress, StepContext, settle, write_claim},
};
use crate::{
    credential_manager::{CallError, CallResult, CredentialManager, Priority},
    domain::{
        ids::{AcsCredentialId, RemoteCredentialId, RemoteUserId},
        phone_credential::{PhoneCredential, PhoneCredentialState},
    },
    store::StoreError,
};

impl StepContext<'_> {
    pub(super) async fn withdraw(&self, credential: AcsCredentialId) -> Result<Progress, StoreError> {
        let Some(seen) = self.aggregate.phone_credential(credential) else {
            return Ok(Progress::LostToAnother);
        };
        let mut record = seen.record.clone();
        if let Some(remote_id) = record.remote_id().cloned() {
            record.state = PhoneCredentialState::Revoking { remote_id };
        }
        let attempt = Attempt::claim(&mut record.effort, self.now());
        let Some(claimed) = write_claim(self.store, record, Some(seen.version)).await? else {
            return Ok(Progress::LostToAnother);
        };
        let taken = self.take_away(&claimed.record, attempt).await;
        match &taken {
            Ok(()) => tracing::info!(acs_credential.id = %credential, "took the credential away from the phone"),
            Err(error) => tracing::warn!(acs_credential.id = %credential, "the credential could not be taken away: {error}"),
        }
        let (now, chance) = (self.now(), self.chance());
        let taken = taken.map_err(Setback::from);
        let record_outcome = |child: &mut PhoneCredential| {
            if !attempt.holds(&child.effort) {
                return false;
            }
            match &taken {
                Ok(()) => {
                    child.state = PhoneCredentialState::Revoked { at: now };
                    child.effort.succeed();
                }
                Err(setback) => attempt.set_back(&mut child.effort, setback, now, chance),
            }
            true
        };
        settle(self.store.amend(claimed, record_outcome).await)
    }

    async fn take_away(&self, child: &PhoneCredential, attempt: Attempt) -> CallResult<()> {
        let unsettled = attempt.unknown_since().is_some() && child.remote_id().is_none();
        if child.remote_id().is_none() && !unsettled {
            return Ok(());
        }
        let Some(automation) = self.automation(child.enrollment_automation_id).map(|found| &found.record) else {
            return Ok(());
        };
        let manager = self.manager(automation)?;
        let remote_id = match (child.remote_id(), &automation.remote_user_id) {
            (Some(remote_id), _) => Some(remote_id.clone()),
            // An issue whose reply was lost may have put one on the phone that we have no name for.
            (None, Some(user)) => self.unnamed_credential(manager, child, user).await?,
            (None, None) => None,
        };
        match remote_id {
            Some(remote_id) if !self.is_named_by_another(&remote_id, child) => manager.revoke(&remote_id).await,
            _ => Ok(()),
        }
    }

    /// Another child holds the same credential (see `plan`): it is that one's to keep.
    fn is_named_by_another(&self, remote_id: &RemoteCredentialId, child: &PhoneCredential) -> bool {
        self.aggregate
            .phone_credentials
            .iter()
            .any(|other| other.record.acs_credential_id != child.acs_credential_id && other.record.remote_id() == Some(remote_id))
    }

    async fn unnamed_credential(
        &self,
        manager: &dyn CredentialManager,
        child: &PhoneCredential,
        user: &RemoteUserId,
    ) -> Result<Option<RemoteCredentialId>, CallError> {
        let Some(view) = manager.read_user(user, Priority::Revoke).await? else {
            return Ok(None);
        };
        let is_named = |id: &RemoteCredentialId| {
            self.aggregate
                .phone_credentials
                .iter()
                .any(|other| other.record.remote_id() == Some(id))
        };
        let endpoint = view.endpoints.into_iter().find(|endpoint| endpoint.id == child.endpoint_id);
        let credentials = endpoint.map(|endpoint| endpoint.credentials).unwrap_or_default();
        Ok(credentials
            .into_iter()
            .find(|credential| credential.state.is_live() && !is_named(&credential.id))
            .map(|credential| credential.id))
    }
}
