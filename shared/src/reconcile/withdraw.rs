//! Takes a phone credential away that nobody wishes any more.

use std::time::Duration;

use super::{
    attempt::{Attempt, Setback, both, no_later_than},
    step::{Progress, StepContext, settle, write_claim},
};
use crate::{
    credential_manager::{CallError, CallResult, CredentialManager, Priority, RemoteCredential},
    domain::{
        enrollment_automation::EnrollmentAutomation,
        failure::{Failure, FailureCode},
        history::Deed,
        ids::{AcsCredentialId, EndpointId, RemoteCredentialId, RemoteUserId},
        multi_phone_sync_credential::WhenInvalidated,
        phone_credential::{PhoneCredential, PhoneCredentialState},
        retry::Pace,
        time::Timestamp,
        wishes::is_wished,
    },
    store::StoreError,
};

/// How long to wait for another credential of the same phone to be given its name.
const NEIGHBOUR: Duration = Duration::from_secs(30);

impl StepContext<'_> {
    pub(super) async fn withdraw(&self, credential: AcsCredentialId) -> Result<Progress, StoreError> {
        let Some(seen) = self.aggregate.phone_credential(credential) else {
            return Ok(Progress::LostToAnother);
        };
        let mut record = seen.record.clone();
        record.claim_removal(self.now());
        let shown_by = record.shown_by();
        record.state = PhoneCredentialState::Revoking {
            remote_id: record.remote_id().cloned(),
            shown_by,
            is_off_phone: matches!(record.state, PhoneCredentialState::Revoking { is_off_phone: true, .. }),
            is_invalidated: matches!(record.state, PhoneCredentialState::Revoking { is_invalidated: true, .. }),
        };
        let attempt = Attempt::claim(&mut record.effort, Deed::Withdraw, self.now());
        let Some(claimed) = write_claim(self.store, record, Some(seen)).await? else {
            return Ok(Progress::LostToAnother);
        };
        // The number leaves the access control system first: that is what closes the doors. Should that fail, the credential leaves
        // the phone all the same.
        let removed = self.remove_from_access_control(&claimed.record).await;
        let taken = self.take_away(&claimed.record, attempt).await;
        let done = both(&removed, &taken);
        match done {
            Ok(()) => tracing::info!(acs_credential.id = %credential, "took the credential away from the phone"),
            Err(error) => tracing::warn!(acs_credential.id = %credential, "the credential could not be taken away: {error:?}"),
        }
        let (now, chance) = (self.now(), self.chance());
        let stays_revoked = self.stays_revoked(&claimed.record);
        let record_outcome = |child: &mut PhoneCredential| {
            if !attempt.holds(&child.effort) {
                return false;
            }
            let is_invalidated = matches!(child.state, PhoneCredentialState::Revoking { is_invalidated: true, .. });
            let remote_id = child.remote_id().cloned();
            if removed.is_ok() {
                child.allocation = None;
            }
            if let Some(allocation) = &mut child.allocation {
                allocation.record_removal(now);
            }
            child.state = match done {
                Ok(()) => {
                    child.effort.succeed();
                    if !is_invalidated {
                        PhoneCredentialState::Revoked { at: now, remote_id }
                    } else if stays_revoked {
                        child.is_left_revoked = true;
                        child.effort.fail_untried(None, left_revoked(now), Timestamp::MAX);
                        PhoneCredentialState::Failed
                    } else {
                        PhoneCredentialState::Pending
                    }
                }
                Err(setback) => {
                    attempt.set_back(&mut child.effort, setback, now, chance);
                    no_later_than(&mut child.effort, &removed);
                    let is_off_phone = taken.is_ok();
                    PhoneCredentialState::Revoking {
                        remote_id,
                        shown_by,
                        is_off_phone,
                        is_invalidated,
                    }
                }
            };
            true
        };
        settle(self.store.amend(claimed, record_outcome).await)
    }

    async fn take_away(&self, child: &PhoneCredential, attempt: Attempt) -> Result<(), Setback> {
        if matches!(child.state, PhoneCredentialState::Revoking { is_off_phone: true, .. }) {
            return Ok(());
        }
        let Some(automation) = self.automation(child.enrollment_automation_id).map(|found| &found.record) else {
            return Ok(());
        };
        match (child.remote_id(), &automation.remote_user_id) {
            (Some(remote_id), user) => {
                let manager = self.manager(automation)?;
                self.revoke(manager, child, remote_id, user.as_ref()).await?;
                match user {
                    // The named one kept it away; now that this is gone it may come.
                    Some(user) if child.effort.last_call_at.is_some() => self.revoke_unnamed(manager, automation, child, user).await,
                    _ => Ok(()),
                }
            }
            // An issue whose reply was lost may have put one on the phone that we have no name for; even one that was refused since,
            // or that a look did not show, may have come after all.
            (None, Some(user)) if attempt.unknown_since().is_some() || child.effort.last_call_at.is_some() => {
                let manager = self.manager(automation)?;
                self.revoke_unnamed(manager, automation, child, user).await
            }
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
        self.revoke_on(manager, user, &child.endpoint_id, remote_id, child.shown_by()).await
    }

    /// Revokes a credential on an endpoint. Until `shown_by` it may be there though it is not shown.
    pub(super) async fn revoke_on(
        &self,
        manager: &dyn CredentialManager,
        user: Option<&RemoteUserId>,
        endpoint: &EndpointId,
        remote_id: &RemoteCredentialId,
        shown_by: Option<Timestamp>,
    ) -> Result<(), Setback> {
        let refusal = match manager.revoke(remote_id).await {
            Err(CallError::Precondition(refusal)) => refusal,
            revoked => return Ok(revoked?),
        };
        // Being revoked already, or not revocable yet: the far side shows which.
        let Some(user) = user else { return Ok(()) };
        let looked_at = self.now();
        let live = self.live_on_endpoint(manager, endpoint, user).await?;
        if live.iter().any(|credential| credential.id == *remote_id) {
            return Err(not_yet(&refusal));
        }
        match shown_by.filter(|shown_by| *shown_by > looked_at) {
            Some(shown_by) => Err(Setback::Postponed(shown_by)),
            None => Ok(()),
        }
    }

    /// Revokes what an unanswered issue may have left: every live credential of the child's pool that is nobody's.
    async fn revoke_unnamed(
        &self,
        manager: &dyn CredentialManager,
        automation: &EnrollmentAutomation,
        child: &PhoneCredential,
        user: &RemoteUserId,
    ) -> Result<(), Setback> {
        // Before the look: what comes while it is under way, or after it, is not in it.
        let looked_at = self.now();
        let mut live = self.live_on_endpoint(manager, &child.endpoint_id, user).await?;
        live.retain(|credential| Some(&credential.id) != child.remote_id());
        if let Some(asked_for) = child.acs_credential_pool_id.or(automation.acs_credential_pool_id)
            && let Some(pool) = self.pool(automation, asked_for).await?
        {
            // One of another pool is not what the issue asked for: somebody made it by hand.
            live.retain(|credential| credential.pool.as_ref().is_none_or(|drawn_from| *drawn_from == pool.remote_id));
        }
        // Read anew: another child may have been given its name a moment ago.
        let aggregate = self.store.load(self.owner).await.map_err(CallError::from)?;
        let others = || {
            aggregate
                .phone_credentials
                .iter()
                .map(|found| &found.record)
                .filter(|other| is_other(other, child))
        };
        live.retain(|credential| !others().any(|other| other.has_ever_named(&credential.id)));
        if !live.is_empty() && others().any(|other| is_unsettled(other, child) && is_wished(&aggregate, other, self.now())) {
            // One of these may be what another parent's issue has just made.
            return Err(Setback::Postponed(self.now().plus(NEIGHBOUR)));
        }
        let mut first_setback = None;
        for credential in &live {
            if let Err(error) = manager.revoke(&credential.id).await {
                let setback = match error {
                    CallError::Precondition(refusal) => not_yet(&refusal),
                    error => error.into(),
                };
                first_setback.get_or_insert(setback);
            }
        }
        // A far side that is slow may still be at it: what a look shows, or does not, is final only after a while.
        let settled_at = child.effort.settled_at().filter(|settled_at| *settled_at > looked_at);
        match (first_setback, settled_at) {
            (Some(setback), _) => Err(setback),
            (None, Some(settled_at)) => Err(Setback::Postponed(settled_at)),
            (None, None) => Ok(()),
        }
    }

    /// What is on the endpoint and opens doors, or may do so soon. Nothing, where the endpoint is gone, or is not shown yet.
    pub(super) async fn live_on_endpoint(
        &self,
        manager: &dyn CredentialManager,
        endpoint: &EndpointId,
        user: &RemoteUserId,
    ) -> CallResult<Vec<RemoteCredential>> {
        let view = manager.read_user(user, Priority::Revoke).await?.unwrap_or_default();
        let endpoint = view.endpoints.into_iter().find(|found| found.id == *endpoint);
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

impl StepContext<'_> {
    /// Whether its parent says to leave a credential revoked that somebody else revoked.
    fn stays_revoked(&self, child: &PhoneCredential) -> bool {
        let parent = self.aggregate.credential(child.parent_acs_credential_id);
        parent.is_some_and(|parent| parent.record.when_invalidated == WhenInvalidated::Mark)
    }
}

/// What is said of a credential that is not issued since somebody revoked it.
pub(super) fn left_revoked(at: Timestamp) -> Failure {
    Failure {
        code: FailureCode::CredentialInvalidated,
        message: "Somebody revoked the credential at the credential manager, and its multi-phone sync credential says to leave it so."
            .to_owned(),
        at,
    }
}

fn is_other(other: &PhoneCredential, child: &PhoneCredential) -> bool {
    other.acs_credential_id != child.acs_credential_id
}

/// Whether an issue to the same endpoint may have worked without our knowing the credential's name.
fn is_unsettled(other: &PhoneCredential, child: &PhoneCredential) -> bool {
    other.endpoint_id == child.endpoint_id && other.remote_id().is_none() && other.effort.unknown_since.is_some()
}

pub(super) fn not_yet(refusal: &str) -> Setback {
    let message = format!("The credential can't be revoked yet: {refusal}");
    Setback::because(FailureCode::CredentialManagerBusy, Pace::Quick, message)
}
