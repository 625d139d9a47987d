//! Ends the enrollment of a phone that is gone. Its credentials are gone by then; what is left is an invitation that nobody may redeem,
//! and an endpoint that takes the room of another phone.

use super::{
    attempt::{Attempt, Setback},
    step::{Progress, StepContext, settle, write_claim},
};
use crate::{
    credential_manager::Cancellation,
    domain::{
        enrollment::{Enrollment, EnrollmentState},
        history::Deed,
        ids::{DeviceId, EnrollmentAutomationId, InvitationId},
        observe::leave_endpoint,
        pairing::LateEndpoints,
    },
    store::StoreError,
};

impl StepContext<'_> {
    pub(super) async fn end_enrollment(&self, automation: EnrollmentAutomationId, device: DeviceId) -> Result<Progress, StoreError> {
        let Some(seen) = self.aggregate.enrollment(automation, device) else {
            return Ok(Progress::LostToAnother);
        };
        let mut record = seen.record.clone();
        record.state = EnrollmentState::Deactivating {
            endpoint_id: record.endpoint_id().cloned(),
            invitation_id: record.invitation_id().cloned(),
        };
        let attempt = Attempt::claim(&mut record.effort, Deed::EndEnrollment, self.now());
        let Some(claimed) = write_claim(self.store, record, Some(seen)).await? else {
            return Ok(Progress::LostToAnother);
        };
        let ended = self.let_go(&claimed.record, attempt).await;
        if let Err(setback) = &ended {
            tracing::warn!(phone.id = %device, setback = ?setback, "the phone could not be let go");
        }
        let (now, chance) = (self.now(), self.chance());
        let record_outcome = |enrollment: &mut Enrollment| {
            if !attempt.holds(&enrollment.effort) {
                return false;
            }
            match &ended {
                Ok(late) => {
                    enrollment.effort.succeed();
                    remember_invitations(enrollment, late);
                    leave_endpoint(enrollment);
                    // Should the credential manager go on listing them, they are nobody else's. They are removed by a step of their own: what is
                    // removed before it is written down might be looked for in vain by whoever repeats this one.
                    for (_, endpoint) in &late.found {
                        enrollment.former_endpoints.push(endpoint.clone());
                        enrollment.abandoned_endpoints.push(endpoint.clone());
                    }
                    enrollment.renewal = None;
                    enrollment.unknown_credentials.clear();
                    enrollment.state = EnrollmentState::Deactivated { at: now };
                }
                Err(setback) => attempt.set_back(&mut enrollment.effort, setback, now, chance),
            }
            true
        };
        settle(self.store.amend(claimed, record_outcome).await)
    }

    /// Nobody can redeem the phone's invitations any more, and its endpoint takes no room. Answers what became of the invitations that could not
    /// be cancelled.
    async fn let_go(&self, enrollment: &Enrollment, attempt: Attempt) -> Result<LateEndpoints, Setback> {
        let EnrollmentState::Deactivating { endpoint_id, .. } = &enrollment.state else {
            return Ok(LateEndpoints::default());
        };
        let Some(automation) = self.automation(enrollment.enrollment_automation_id) else {
            return Ok(LateEndpoints::default());
        };
        let mut past_cancelling = Vec::new();
        let open = enrollment.unpaired_invitation_ids();
        for invitation in open.filter(|invitation| !self.is_anothers(enrollment, invitation)) {
            match self.manager(&automation.record)?.cancel_invitation(invitation).await? {
                Cancellation::Done => {}
                Cancellation::TooLate => past_cancelling.push(invitation.clone()),
            }
        }
        if let (Some(since), Some(user)) = (attempt.unknown_since(), &automation.record.remote_user_id) {
            self.cancel_strays(self.manager(&automation.record)?, user, enrollment, since)
                .await?;
        }
        // One that is merely believed is removed once it is shown (`leave_endpoint`).
        if let Some(endpoint) = endpoint_id.as_ref().filter(|endpoint| !enrollment.merely_believes(endpoint)) {
            self.manager(&automation.record)?.remove_endpoint(endpoint).await?;
        }
        match &automation.record.remote_user_id {
            Some(user) if !past_cancelling.is_empty() => {
                let manager = self.manager(&automation.record)?;
                self.late_endpoints(manager, &automation.record, user, enrollment, &past_cancelling)
                    .await
            }
            _ => Ok(LateEndpoints::default()),
        }
    }
}

/// One that was redeemed at the last moment made an endpoint: it must not be taken for somebody else's. Where that is not known, it is found by
/// a look that names it.
fn remember_invitations(enrollment: &mut Enrollment, late: &LateEndpoints) {
    let settled: Vec<InvitationId> = enrollment
        .invitation_ids()
        .filter(|id| !late.missing.contains(id) && !enrollment.former_invitations.contains(id))
        .cloned()
        .collect();
    enrollment.former_invitations.extend(settled);
    enrollment.lost_invitations.clone_from(&late.missing);
}
