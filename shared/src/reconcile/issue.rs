//! Issues a credential to an enrolled phone: once, never twice.
//!
//! The credential manager has no idempotency keys. Its only natural uniqueness is (endpoint, pool): it refuses a second one. So
//! before anything is repeated, and after each refusal or lost reply, the far side is read, and what is there is adopted.

use super::{
    attempt::{Attempt, Setback},
    issue_read_back::{is_being_revoked, refused_without_visible_reason},
    pools::{exhausted, is_known_to_be_empty},
    step::{Progress, StepContext, settle, write_claim},
};
use crate::{
    credential_manager::{CallError, CredentialManager, RemoteCredential, RemoteCredentialState},
    domain::{
        acs::AcsCredentialPool,
        aggregate::Versioned,
        enrollment::{Enrollment, EnrollmentState},
        enrollment_automation::EnrollmentAutomation,
        failure::FailureCode,
        history::{Deed, Seen},
        ids::{AcsCredentialId, AcsCredentialPoolId, DeviceId, EndpointId, EnrollmentAutomationId, RemoteUserId},
        multi_phone_sync_credential::MultiPhoneSyncCredential,
        observe::leave_endpoint,
        phone_credential::{FormerCredential, PhoneCredential, PhoneCredentialState},
        retry::Pace,
        time::Timestamp,
    },
    store::StoreError,
};

/// What the credential manager has, and from which pool.
struct Held {
    credential: RemoteCredential,
    pool: Option<AcsCredentialPoolId>,
}

impl StepContext<'_> {
    pub(super) async fn issue(
        &self,
        automation: EnrollmentAutomationId,
        device: DeviceId,
        parent: AcsCredentialId,
    ) -> Result<Progress, StoreError> {
        let child = self.child_to_issue(automation, device, parent, self.now());
        let (Some(owner), Some(mut record)) = (self.automation(automation), child) else {
            return Ok(Progress::LostToAnother);
        };
        let (Some(user), Some(parent)) = (owner.record.remote_user_id.clone(), self.aggregate.credential(parent)) else {
            return Ok(Progress::LostToAnother);
        };
        let seen = self.aggregate.phone_credential(record.acs_credential_id);
        // Before the claim, which says what may have been asked for: the credential manager would give the same phone another one of another pool.
        let source = self.source(&owner.record, &parent.record, &record).await;
        if let Ok((_, pool)) = &source {
            record.acs_credential_pool_id = pool.as_ref().map(|pool| pool.acs_credential_pool_id);
        }
        let mut attempt = Attempt::claim(&mut record.effort, Deed::Issue, self.now());
        record.effort.expect_call();
        let Some(claimed) = write_claim(self.store, record, seen).await? else {
            return Ok(Progress::LostToAnother);
        };
        let held = match source {
            Ok((manager, pool)) => {
                self.issue_or_adopt(manager, pool.as_ref(), &claimed.record, &user, &mut attempt)
                    .await
            }
            Err(setback) => Err(setback),
        };
        match &held {
            Err(Setback::Failed {
                code: FailureCode::EndpointGone,
                ..
            }) => {
                self.leave_gone_endpoint(automation, device, &claimed.record.endpoint_id).await?;
            }
            Err(Setback::Failed {
                code: FailureCode::CredentialManagerUserNotFound,
                ..
            }) => self.forget_remote_user(automation, &user).await?,
            _ => {}
        }
        self.record_issue(claimed, attempt, held, owner.record.hints.credential).await
    }

    /// The child as it is before it is issued to the endpoint that the phone has now.
    pub(super) fn child_to_issue(
        &self,
        automation: EnrollmentAutomationId,
        device: DeviceId,
        parent: AcsCredentialId,
        now: Timestamp,
    ) -> Option<PhoneCredential> {
        let endpoint_id = self.aggregate.enrollment(automation, device)?.record.endpoint_id()?.clone();
        let parent = &self.aggregate.credential(parent)?.record;
        let id = AcsCredentialId::of_phone(parent.acs_credential_id, automation, device);
        let seen = self.aggregate.phone_credential(id).map(|seen| &seen.record);
        // What is on an endpoint that the phone had before goes once the new one is issued.
        let left_behind = seen.filter(|seen| seen.endpoint_id != endpoint_id).and_then(|seen| {
            Some(FormerCredential {
                endpoint_id: seen.endpoint_id.clone(),
                remote_id: seen.remote_id()?.clone(),
                shown_by: seen.shown_by(),
                allocation: seen.allocation.clone(),
            })
        });
        Some(PhoneCredential {
            workspace_id: parent.workspace_id,
            user_identity_id: parent.user_identity_id,
            acs_credential_id: id,
            parent_acs_credential_id: parent.acs_credential_id,
            device_id: device,
            enrollment_automation_id: automation,
            endpoint_id,
            acs_user_id: parent.acs_user_id?,
            acs_system_id: parent.acs_system_id,
            connected_account_id: parent.connected_account_id,
            acs_credential_pool_id: seen
                .filter(|seen| seen.effort.must_read_back() && left_behind.is_none())
                .and_then(|seen| seen.acs_credential_pool_id),
            is_left_revoked: false,
            allocation: if left_behind.is_some() {
                None
            } else {
                seen.and_then(|seen| seen.allocation.clone())
            },
            allocations: seen.map_or(0, |seen| seen.allocations),
            former: seen.into_iter().flat_map(|seen| seen.former.clone()).chain(left_behind).collect(),
            retirement: seen.map(|seen| seen.retirement.clone()).unwrap_or_default(),
            created_at: seen.map_or(now, |seen| seen.created_at),
            state: PhoneCredentialState::Pending,
            effort: seen.map(|seen| seen.effort.clone()).unwrap_or_default(),
        })
    }

    /// The credential manager, and the pool to draw from there: as long as an earlier call may have drawn from one, that one.
    async fn source(
        &self,
        automation: &EnrollmentAutomation,
        parent: &MultiPhoneSyncCredential,
        child: &PhoneCredential,
    ) -> Result<(&dyn CredentialManager, Option<AcsCredentialPool>), Setback> {
        let manager = self.manager(automation)?;
        if let Some(drawn_from) = child.acs_credential_pool_id
            && let Some(pool) = self.pool(automation, drawn_from).await?
        {
            return Ok((manager, Some(pool)));
        }
        Ok((manager, self.choose_pool(manager, automation, parent).await?))
    }

    async fn issue_or_adopt(
        &self,
        manager: &dyn CredentialManager,
        pool: Option<&AcsCredentialPool>,
        child: &PhoneCredential,
        user: &RemoteUserId,
        attempt: &mut Attempt,
    ) -> Result<Held, Setback> {
        let pool_id = pool.map(|pool| pool.acs_credential_pool_id);
        if attempt.unknown_since().is_some() || (child.effort.failures > 0 && self.is_merely_believed(child)) {
            let looked_at = self.now();
            let view = self.read_back(manager, user).await?;
            self.wait_until_shown(&view, child)?;
            if let Some(credential) = self.adoptable(&view, child, pool).await? {
                return Ok(Held { credential, pool: pool_id });
            }
            attempt.found_nothing(looked_at);
        }
        if self.is_pool_occupied(child, pool_id) {
            return Err(Setback::because(
                FailureCode::CredentialPoolOccupied,
                Pace::Slow,
                "The phone holds another credential of the same pool, and the credential manager allows one. Give one of the two \
                 multi-phone sync credentials another pool, or delete it.",
            ));
        }
        if let Some(pool) = pool.filter(|pool| is_known_to_be_empty(pool)) {
            return Err(exhausted(pool));
        }
        let error = match manager.issue(&child.endpoint_id, pool.map(|pool| &pool.remote_id)).await {
            Ok(credential) => return Ok(Held { credential, pool: pool_id }),
            Err(error) => error,
        };
        attempt.failed_with(&error);
        if !matches!(
            error,
            CallError::Precondition(_) | CallError::UnknownOutcome(_) | CallError::NotFound(_)
        ) {
            return Err(error.into());
        }
        // The reply alone does not say whether the credential is there: the far side does.
        let view = match self.read_back(manager, user).await {
            Ok(view) => view,
            Err(
                gone @ Setback::Failed {
                    code: FailureCode::CredentialManagerUserNotFound,
                    ..
                },
            ) => return Err(gone),
            // Even a refusal may have meant "it is there already", so the next try has to look first.
            Err(_) => return Err(CallError::UnknownOutcome(error.to_string()).into()),
        };
        if let Some(credential) = self.adoptable(&view, child, pool).await? {
            return Ok(Held { credential, pool: pool_id });
        }
        if !matches!(error, CallError::UnknownOutcome(_)) {
            self.wait_until_shown(&view, child)?;
        }
        match error {
            CallError::NotFound(_) if !view.shows(&child.endpoint_id) => {
                let message = "The credential manager does not know the phone any more; it is invited again.";
                Err(Setback::because(FailureCode::EndpointGone, Pace::Quick, message))
            }
            CallError::Precondition(_) if is_being_revoked(&view, &child.endpoint_id, pool) => {
                let message = "The phone's former credential of the same pool is still being taken away.";
                // It goes when the phone is online next, which may be any moment.
                Err(Setback::because(FailureCode::CredentialManagerBusy, Pace::Quick, message))
            }
            CallError::Precondition(detail) => match pool {
                Some(pool) if self.is_exhausted(manager, pool).await? => Err(exhausted(pool)),
                _ => Err(refused_without_visible_reason(detail, child.effort.failures)),
            },
            error => Err(error.into()),
        }
    }

    /// The endpoint was removed at the credential manager: the phone starts over with a new invitation.
    async fn leave_gone_endpoint(
        &self,
        automation: EnrollmentAutomationId,
        device: DeviceId,
        gone: &EndpointId,
    ) -> Result<Progress, StoreError> {
        let Some(seen) = self.aggregate.enrollment(automation, device).cloned() else {
            return Ok(Progress::LostToAnother);
        };
        tracing::warn!(phone.id = %device, "the credential manager does not know the phone any more; it is invited again");
        let now = self.now();
        let leave = |enrollment: &mut Enrollment| {
            // Whoever holds it is told by the next try.
            let is_there = enrollment.effort.is_free(now)
                && matches!(&enrollment.state, EnrollmentState::Active { endpoint_id, .. } if endpoint_id == gone);
            if is_there {
                leave_endpoint(enrollment);
                enrollment.start_over();
                enrollment.effort.see(Seen::EndpointGone, now);
            }
            is_there
        };
        settle(self.store.amend(seen, leave).await)
    }

    /// Another child has this (endpoint, pool), and came first.
    fn is_pool_occupied(&self, child: &PhoneCredential, pool: Option<AcsCredentialPoolId>) -> bool {
        pool.is_some()
            && self.aggregate.phone_credentials.iter().map(|found| &found.record).any(|other| {
                other.acs_credential_id != child.acs_credential_id
                    && other.endpoint_id == child.endpoint_id
                    && other.acs_credential_pool_id == pool
                    && other.remote_id().is_some()
            })
    }

    async fn record_issue(
        &self,
        claimed: Versioned<PhoneCredential>,
        attempt: Attempt,
        held: Result<Held, Setback>,
        hints_before: u64,
    ) -> Result<Progress, StoreError> {
        let id = claimed.record.acs_credential_id;
        match &held {
            Ok(_) => tracing::info!(acs_credential.id = %id, "the credential is on its way to the phone"),
            Err(setback) => tracing::warn!(acs_credential.id = %id, setback = ?setback, "the credential could not be issued"),
        }
        let (now, chance) = (self.now(), self.chance());
        let record_outcome = |child: &mut PhoneCredential| {
            if !attempt.holds(&child.effort) {
                return false;
            }
            match &held {
                Ok(held) => {
                    child.acs_credential_pool_id = held.pool;
                    child.state = match (held.credential.state, &held.credential.card_number) {
                        (RemoteCredentialState::Issued, Some(card_number)) => PhoneCredentialState::Importing {
                            remote_id: held.credential.id.clone(),
                            card_number: card_number.clone(),
                            since: now,
                        },
                        (_, card_number) => PhoneCredentialState::Issuing {
                            remote_id: held.credential.id.clone(),
                            card_number: card_number.clone(),
                            since: now,
                            next_read_at: attempt.first_look(now),
                            hints_before,
                        },
                    };
                    child.effort.succeed();
                }
                Err(setback) => {
                    if matches!(setback, Setback::Failed { is_permanent: true, .. }) {
                        child.state = PhoneCredentialState::Failed;
                    }
                    attempt.set_back(&mut child.effort, setback, now, chance);
                }
            }
            // Though this one worked: one that is still on its way is refused while it is there, and not any more once it is taken away.
            child.effort.last_call_at = attempt.unanswered_call_at(now);
            true
        };
        settle(self.store.amend(claimed, record_outcome).await)
    }
}
