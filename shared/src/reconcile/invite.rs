//! Invites a phone: one invitation registers one phone.

use std::{collections::BTreeSet, time::Duration};

use super::{
    attempt::{Attempt, Setback},
    step::{Progress, StepContext, settle, write_claim},
    stray_invitations::strays,
};
use crate::{
    credential_manager::{CallError, CallResult, CredentialManager, Invitation, Priority, RemoteUser},
    domain::{
        aggregate::Versioned,
        enrollment::{Enrollment, EnrollmentState, Renewal},
        history::Deed,
        ids::{DeviceId, EnrollmentAutomationId, InvitationId, RemoteUserId},
        time::Timestamp,
    },
    store::StoreError,
};

/// How long a code lives when the credential manager does not say. Its sample shows two days; less is the safer guess.
const UNSAID_LIFE: Duration = Duration::from_hours(24);

/// An invitation, and what was known before it was made.
struct Invited {
    invitation: Invitation,
    /// Which registration of the phone it answers.
    registration: Option<Timestamp>,
    /// How many callbacks about invitations had come.
    hints_before: u64,
}

impl StepContext<'_> {
    pub(super) async fn invite(&self, automation: EnrollmentAutomationId, device: DeviceId) -> Result<Progress, StoreError> {
        let Some(owner) = self.automation(automation) else {
            return Ok(Progress::LostToAnother);
        };
        let Some(user) = owner.record.remote_user_id.clone() else {
            return Ok(Progress::LostToAnother);
        };
        let now = self.now();
        let seen = self.aggregate.enrollment(automation, device);
        let mut record = seen.map_or_else(|| self.new_enrollment(automation, device, now), |seen| seen.record.clone());
        let registration = self.aggregate.phone(device).map(|phone| phone.record.occurred_at);
        if record.state == EnrollmentState::Failed {
            record.invitations = 0;
        }
        self.lose_open_invitation(&mut record);
        // A phone that is enrolled keeps its endpoint until it redeems the new code.
        if !matches!(record.state, EnrollmentState::Active { .. }) {
            record.state = EnrollmentState::Pending;
            record.answered_registration = registration;
        }
        let mut attempt = Attempt::claim(&mut record.effort, Deed::Invite, now);
        record.effort.expect_call();
        let Some(claimed) = write_claim(self.store, record, seen).await? else {
            return Ok(Progress::LostToAnother);
        };
        let invited = match self.manager(&owner.record) {
            Ok(manager) => self.invite_or_adopt(manager, &user, &mut attempt).await,
            Err(error) => Err(error),
        };
        if let Err(error) = &invited {
            attempt.failed_with(error);
        }
        if let Err(CallError::NotFound(_)) = invited {
            self.forget_remote_user(automation, &user).await?;
        }
        let hints_before = owner.record.hints.enrollment;
        let invited = invited.map(|invitation| Invited {
            invitation,
            registration,
            hints_before,
        });
        self.record_invitation(claimed, attempt, invited).await
    }

    /// What is replaced may have been redeemed, unless it is another phone's.
    fn lose_open_invitation(&self, enrollment: &mut Enrollment) {
        if let EnrollmentState::Invited { invitation_id, .. } = &enrollment.state
            && !self.is_anothers(enrollment, invitation_id)
        {
            let invitation_id = invitation_id.clone();
            enrollment.lose_invitation(invitation_id);
        }
    }

    /// Whether another phone of the person names the invitation.
    pub(super) fn is_anothers(&self, enrollment: &Enrollment, invitation: &InvitationId) -> bool {
        let mut ours = self.aggregate.enrollments_of(enrollment.enrollment_automation_id);
        ours.any(|other| other.record.device_id != enrollment.device_id && other.record.invitation_ids().any(|named| named == invitation))
    }

    pub(super) fn new_enrollment(&self, automation: EnrollmentAutomationId, device: DeviceId, now: Timestamp) -> Enrollment {
        Enrollment::begun(self.owner.workspace_id, self.owner.user_identity_id, device, automation, now)
    }

    /// Makes an invitation; but when an earlier call's reply was lost, first takes the one that it may have made.
    async fn invite_or_adopt(&self, manager: &dyn CredentialManager, user: &RemoteUserId, attempt: &mut Attempt) -> CallResult<Invitation> {
        if let Some(since) = attempt.unknown_since() {
            let view = manager.read_user(user, Priority::Invite).await?;
            let view = view.ok_or_else(|| CallError::NotFound("the user".to_owned()))?;
            // Loaded anew: another phone of this person may have been given its invitation a moment ago.
            let aggregate = self.store.load(self.owner).await?;
            let known = aggregate
                .enrollments
                .iter()
                .flat_map(|enrollment| enrollment.record.invitation_ids())
                .collect();
            if let Some(stray) = stray_invitation(view, &known, since) {
                tracing::info!("took over the invitation of a lost reply");
                return Ok(stray);
            }
            attempt.nothing_is_unknown();
        }
        manager.invite(user).await
    }

    async fn record_invitation(
        &self,
        claimed: Versioned<Enrollment>,
        attempt: Attempt,
        invited: CallResult<Invited>,
    ) -> Result<Progress, StoreError> {
        let device = claimed.record.device_id;
        match &invited {
            Ok(_) => tracing::info!(phone.id = %device, "invited the phone"),
            Err(error) => tracing::warn!(phone.id = %device, "the phone could not be invited: {error}"),
        }
        let (now, chance) = (self.now(), self.chance());
        let invited = invited.map_err(Setback::from);
        let record_outcome = |enrollment: &mut Enrollment| {
            if !attempt.holds(&enrollment.effort) {
                return false;
            }
            match &invited {
                Ok(Invited {
                    invitation:
                        Invitation {
                            id,
                            code: Some(code),
                            expires_at,
                            ..
                        },
                    registration,
                    hints_before,
                }) => {
                    enrollment.invitations = enrollment.invitations.saturating_add(1);
                    enrollment.answered_registration = *registration;
                    enrollment.renewal = Some(Renewal {
                        invitation_id: id.clone(),
                        invitation_code: code.clone(),
                        invited_at: now,
                        expires_at: expires_at.unwrap_or_else(|| now.plus(UNSAID_LIFE)),
                        next_read_at: attempt.first_look(now),
                        hints_before: *hints_before,
                    });
                    if !matches!(enrollment.state, EnrollmentState::Active { .. }) {
                        enrollment.start_over();
                    }
                    enrollment.effort.succeed();
                }
                // An invitation whose code nobody can learn is as good as a reply that was lost.
                Ok(_) => attempt.set_back(
                    &mut enrollment.effort,
                    &CallError::UnknownOutcome("no code".to_owned()).into(),
                    now,
                    chance,
                ),
                Err(setback) => {
                    let is_enrolled = matches!(enrollment.state, EnrollmentState::Active { .. });
                    if !is_enrolled && matches!(setback, Setback::Failed { is_permanent: true, .. }) {
                        enrollment.state = EnrollmentState::Failed;
                    }
                    attempt.set_back(&mut enrollment.effort, setback, now, chance);
                    enrollment.effort.last_call_at = attempt.unanswered_call_at(now);
                }
            }
            true
        };
        settle(self.store.amend(claimed, record_outcome).await)
    }
}

/// The oldest open invitation that is nobody's and that a call since `since` may have made.
fn stray_invitation(view: RemoteUser, known: &BTreeSet<&InvitationId>, since: Timestamp) -> Option<Invitation> {
    strays(view, known, since).into_iter().find(|found| found.code.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{credential_manager::InvitationState, domain::secret::Secret};

    fn invitation(id: &str, state: InvitationState, created: Option<i64>) -> Invitation {
        Invitation {
            id: InvitationId::new(id),
            code: Some(Secret::new("code")),
            state,
            created_at: created.map(|second| Timestamp::from_millis(second * 1000)),
            expires_at: None,
        }
    }

    fn stray_of(invitations: Vec<Invitation>, known: &[&str]) -> Option<String> {
        let known: Vec<InvitationId> = known.iter().map(|id| InvitationId::new(*id)).collect();
        let view = RemoteUser {
            active: true,
            invitations,
            endpoints: Vec::new(),
        };
        stray_invitation(view, &known.iter().collect(), Timestamp::from_millis(1_000_000)).map(|found| found.id.to_string())
    }

    #[test]
    fn the_invitation_of_a_lost_reply_is_the_oldest_open_one_that_is_nobodys() {
        let open = InvitationState::Open;
        let found = vec![
            invitation("3", open, Some(1003)),
            invitation("2", open, Some(1002)),
            invitation("1", open, Some(1001)),
        ];
        assert_eq!(stray_of(found, &["1"]), Some("2".to_owned()));
    }

    #[test]
    fn an_invitation_that_was_redeemed_or_made_long_before_is_not_ours() {
        let found = vec![
            invitation("1", InvitationState::Redeemed, Some(1001)),
            invitation("2", InvitationState::Open, Some(100)),
        ];
        assert_eq!(stray_of(found, &[]), None);
    }
}
