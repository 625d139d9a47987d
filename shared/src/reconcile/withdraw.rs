//! Takes a phone credential away that nobody wishes any more.

use std::time::Duration;

use super::{
    attempt::{Attempt, Setback},
    step::{Progress, StepContext, settle, write_claim},
};
use crate::{
    credential_manager::{CallError, CallResult, CredentialManager, Priority, RemoteCredential},
    domain::{
        failure::FailureCode,
        ids::{AcsCredentialId, RemoteCredentialId, RemoteUserId},
        phone_credential::{PhoneCredential, PhoneCredentialState},
        plan::is_wished,
        retry::Pace,
    },
    store::StoreError,
};

/// How long the far side may still work on a call that it did not answer.
const SLOWEST_CALL: Duration = Duration::from_mins(2);

impl StepContext<'_> {
    pub(super) async fn withdraw(&self, credential: AcsCredentialId) -> Result<Progress, StoreError> {
        let Some(seen) = self.aggregate.phone_credential(credential) else {
            return Ok(Progress::LostToAnother);
        };
        let mut record = seen.record.clone();
        record.state = PhoneCredentialState::Revoking {
            remote_id: record.remote_id().cloned(),
        };
        let attempt = Attempt::claim(&mut record.effort, self.now());
        let Some(claimed) = write_claim(self.store, record, Some(seen.version)).await? else {
            return Ok(Progress::LostToAnother);
        };
        let taken = self.take_away(&claimed.record, attempt).await;
        match &taken {
            Ok(()) => tracing::info!(acs_credential.id = %credential, "took the credential away from the phone"),
            Err(error) => tracing::warn!(acs_credential.id = %credential, "the credential could not be taken away: {error:?}"),
        }
        let (now, chance) = (self.now(), self.chance());
        let record_outcome = |child: &mut PhoneCredential| {
            if !attempt.holds(&child.effort) {
                return false;
            }
            match &taken {
                Ok(()) => {
                    child.state = PhoneCredentialState::Revoked {
                        at: now,
                        remote_id: child.remote_id().cloned(),
                    };
                    child.effort.succeed();
                }
                Err(setback) => attempt.set_back(&mut child.effort, setback, now, chance),
            }
            true
        };
        settle(self.store.amend(claimed, record_outcome).await)
    }

    async fn take_away(&self, child: &PhoneCredential, attempt: Attempt) -> Result<(), Setback> {
        let Some(automation) = self.automation(child.enrollment_automation_id).map(|found| &found.record) else {
            return Ok(());
        };
        match (child.remote_id(), &automation.remote_user_id) {
            (Some(remote_id), user) => self.revoke(self.manager(automation)?, child, remote_id, user.as_ref()).await,
            // An issue whose reply was lost may have put one on the phone that we have no name for.
            (None, Some(user)) if attempt.unknown_since().is_some() => self.revoke_unnamed(self.manager(automation)?, child, user).await,
            _ => Ok(()),
        }
    }

    async fn revoke(
        &self,
        manager: &dyn CredentialManager,
        child: &PhoneCredential,
        remote_id: &RemoteCredentialId,
        user: Option<&RemoteUserId>,
    ) -> Result<(), Setback> {
        if self.is_wished_by_another(child, remote_id) {
            return Ok(());
        }
        let refusal = match manager.revoke(remote_id).await {
            Err(CallError::Precondition(refusal)) => refusal,
            revoked => return Ok(revoked?),
        };
        // Being revoked already, or not revocable yet: the far side shows which.
        let Some(user) = user else { return Ok(()) };
        let live = self.live_on_endpoint(manager, child, user).await?;
        if live.iter().any(|credential| credential.id == *remote_id) {
            let message = format!("The credential can't be revoked yet: {refusal}");
            return Err(Setback::because(FailureCode::CredentialManagerBusy, Pace::Quick, message));
        }
        Ok(())
    }

    /// Revokes what an unanswered issue may have left: every live credential of the child's pool that is nobody's.
    async fn revoke_unnamed(&self, manager: &dyn CredentialManager, child: &PhoneCredential, user: &RemoteUserId) -> Result<(), Setback> {
        let live = self.live_on_endpoint(manager, child, user).await?;
        // Read anew: another child may have been given its name a moment ago.
        let aggregate = self.store.load(self.owner).await.map_err(CallError::from)?;
        let is_named = |id: &RemoteCredentialId| aggregate.phone_credentials.iter().any(|other| other.record.has_ever_named(id));
        let mut found_one = false;
        for credential in live.iter().filter(|credential| !is_named(&credential.id)) {
            manager.revoke(&credential.id).await?;
            found_one = true;
        }
        // A far side that is slow may still be at it: finding nothing proves something only after a while.
        match child.effort.last_call_at.map(|call| call.plus(SLOWEST_CALL)) {
            Some(settled_at) if !found_one && self.now() < settled_at => Err(Setback::Postponed(settled_at)),
            _ => Ok(()),
        }
    }

    async fn live_on_endpoint(
        &self,
        manager: &dyn CredentialManager,
        child: &PhoneCredential,
        user: &RemoteUserId,
    ) -> CallResult<Vec<RemoteCredential>> {
        let view = manager.read_user(user, Priority::Revoke).await?.unwrap_or_default();
        let endpoint = view.endpoints.into_iter().find(|endpoint| endpoint.id == child.endpoint_id);
        let credentials = endpoint.map(|endpoint| endpoint.credentials).unwrap_or_default();
        Ok(credentials.into_iter().filter(|credential| credential.state.is_live()).collect())
    }

    /// Another child holds the same credential (see `plan`) and is wished: then it is that one's to keep.
    fn is_wished_by_another(&self, child: &PhoneCredential, remote_id: &RemoteCredentialId) -> bool {
        let others = self.aggregate.phone_credentials.iter().map(|found| &found.record);
        let mut holders = others.filter(|other| other.acs_credential_id != child.acs_credential_id && other.remote_id() == Some(remote_id));
        holders.any(|other| is_wished(self.aggregate, other, self.now()))
    }
}
