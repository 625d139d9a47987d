//! Invitations that calls made whose replies were lost: they are open at the credential manager, and nobody here has a name for them.

use std::{collections::BTreeSet, time::Duration};

use super::{attempt::Setback, step::StepContext};
use crate::{
    credential_manager::{CallError, CredentialManager, Invitation, InvitationState, Priority, RemoteUser},
    domain::{
        aggregate::Aggregate,
        enrollment::{Enrollment, EnrollmentState},
        ids::{InvitationId, RemoteUserId},
        time::Timestamp,
        wishes::{is_enrolling, is_phone_wanted},
    },
};

/// How far the credential manager's clock may be from ours when we look for what a lost reply made.
const CLOCK_SKEW: Duration = Duration::from_mins(5);
/// How long to wait for another phone of the same person to be given its invitation.
const NEIGHBOUR: Duration = Duration::from_secs(30);

/// The open invitations that are nobody's and that a call since `since` may have made, oldest first.
pub(super) fn strays(view: RemoteUser, known: &BTreeSet<&InvitationId>, since: Timestamp) -> Vec<Invitation> {
    let mut strays: Vec<Invitation> = view
        .invitations
        .into_iter()
        .filter(|found| found.state == InvitationState::Open && !known.contains(&found.id))
        .filter(|found| found.created_at.is_none_or(|made| made >= since.minus(CLOCK_SKEW)))
        .collect();
    strays.sort_by(|one, other| (one.created_at, &one.id).cmp(&(other.created_at, &other.id)));
    strays
}

impl StepContext<'_> {
    /// Cancels what an unanswered call since `since` may have made for a phone that is gone.
    pub(super) async fn cancel_strays(
        &self,
        manager: &dyn CredentialManager,
        user: &RemoteUserId,
        enrollment: &Enrollment,
        since: Timestamp,
    ) -> Result<(), Setback> {
        // Before the look: what comes while it is under way, or after it, is not in it.
        let looked_at = self.now();
        let Some(view) = manager.read_user(user, Priority::Revoke).await? else {
            return Ok(());
        };
        // Loaded anew: another phone of this person may have been given its invitation a moment ago.
        let aggregate = self.store.load(self.owner).await.map_err(CallError::from)?;
        if aggregate
            .enrollments
            .iter()
            .any(|other| is_unsettled(&aggregate, &other.record, enrollment))
        {
            // One of these may be what that phone's call has just made.
            return Err(Setback::Postponed(self.now().plus(NEIGHBOUR)));
        }
        let known = aggregate
            .enrollments
            .iter()
            .flat_map(|found| found.record.invitation_ids())
            .collect();
        for stray in strays(view, &known, since) {
            // Nobody knows its code, so nobody can have redeemed it.
            manager.cancel_invitation(&stray.id).await?;
        }
        // A far side that is slow may still be at it: what a look shows is final only after a while.
        match enrollment.effort.settled_at().filter(|settled_at| *settled_at > looked_at) {
            Some(settled_at) => Err(Setback::Postponed(settled_at)),
            None => Ok(()),
        }
    }
}

/// Whether a call for another phone that is in use may have worked without our knowing the invitation's name, and somebody will learn it: once nobody
/// enrols any more, nobody asks for it again.
fn is_unsettled(aggregate: &Aggregate, other: &Enrollment, enrollment: &Enrollment) -> bool {
    let phone = aggregate.phone(other.device_id);
    let automation = aggregate.automation(other.enrollment_automation_id);
    other.device_id != enrollment.device_id
        && automation.is_some_and(|automation| is_enrolling(aggregate, &automation.record))
        && other.enrollment_automation_id == enrollment.enrollment_automation_id
        && matches!(other.state, EnrollmentState::Pending | EnrollmentState::Active { .. })
        && other.effort.unknown_since.is_some()
        && phone.is_some_and(|phone| is_phone_wanted(aggregate, &phone.record))
}
