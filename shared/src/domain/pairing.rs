//! Which endpoint is which phone.
//!
//! The credential manager shows no hardware id and does not say from which invitation an endpoint came. A callback names the pair, and a
//! read confirms that both exist. Without a callback the pair is taken only where there is no choice; a guess between two phones could
//! later revoke the wrong one.

use std::collections::BTreeSet;

use super::{
    aggregate::Aggregate,
    enrollment::Enrollment,
    enrollment_automation::EnrollmentAutomation,
    ids::{EndpointId, InvitationId},
    remote_user::{Endpoint, InvitationState, RemoteUser},
};

/// The pairs that are certain: named, or without any other choice. Those of phones that are let go are among them, for what they made is no
/// other phone's.
pub(super) fn pair(
    aggregate: &Aggregate,
    automation: &EnrollmentAutomation,
    named: &[(EndpointId, InvitationId)],
    view: &RemoteUser,
) -> Vec<(InvitationId, EndpointId)> {
    let ours: Vec<&Enrollment> = aggregate
        .enrollments_of(automation.enrollment_automation_id)
        .map(|found| &found.record)
        .collect();
    let mut open: BTreeSet<&InvitationId> = ours.iter().flat_map(|enrollment| enrollment.unpaired_invitation_ids()).collect();
    let mut free = nobodys_endpoints(aggregate, automation, view);

    let mut pairs = Vec::new();
    let shown = |id: &InvitationId| state_of(id, view);
    for (endpoint, invitation) in named {
        // The read has to agree: an invitation that can still be redeemed, or never was, made no endpoint.
        if matches!(shown(invitation), Some(InvitationState::Open | InvitationState::Closed)) {
            continue;
        }
        if open.contains(invitation)
            && let Some(place) = free.iter().position(|free| free.id == *endpoint)
        {
            open.remove(invitation);
            free.remove(place);
            pairs.push((invitation.clone(), endpoint.clone()));
        }
    }
    // What is shown as open or ended made no endpoint. What is not shown may have made one that is; of those that were given up long ago, it may
    // be that they are shown no more.
    let is_lost = |id: &InvitationId| ours.iter().any(|enrollment| enrollment.lost_invitations.contains(id));
    open.retain(|invitation| match shown(invitation) {
        Some(InvitationState::Redeemed | InvitationState::Unknown) => true,
        Some(InvitationState::Open | InvitationState::Closed) => false,
        None => !is_lost(invitation),
    });
    let is_somebody_elses = view
        .invitations
        .iter()
        .any(|seen| seen.state == InvitationState::Redeemed && !is_ours(&ours, &seen.id));
    let mut open = open.into_iter();
    if let (Some(invitation), None, [endpoint], false) = (open.next(), open.next(), free.as_slice(), is_somebody_elses)
        && shown(invitation) == Some(InvitationState::Redeemed)
    {
        pairs.push((invitation.clone(), endpoint.id.clone()));
    }
    pairs
}

/// Whether an invitation is or was one of ours: else somebody made it by hand, and it may stand behind an endpoint just as well.
fn is_ours(ours: &[&Enrollment], id: &InvitationId) -> bool {
    ours.iter()
        .any(|enrollment| enrollment.invitation_ids().any(|known| known == id) || enrollment.former_invitations.contains(id))
}

/// What became of invitations that were to be cancelled and could not be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LateEndpoints {
    /// Those that are certain, each with its invitation.
    pub found: Vec<(InvitationId, EndpointId)>,
    /// The invitations that may have made an endpoint which is not known.
    pub missing: Vec<InvitationId>,
}

/// The endpoints that came from `invitations`, which were to be cancelled and could not be. An endpoint may be shown later than that its invitation was
/// redeemed.
#[must_use]
pub fn late_endpoints(
    aggregate: &Aggregate,
    automation: &EnrollmentAutomation,
    invitations: &[InvitationId],
    named: &[(EndpointId, InvitationId)],
    view: &RemoteUser,
) -> LateEndpoints {
    let mut found = pair(aggregate, automation, named, view);
    found.retain(|(invitation, _)| invitations.contains(invitation));
    // Too late to cancel, and open all the same or not shown: what is shown is older than the answer to our call.
    let has_ended = |id: &InvitationId| state_of(id, view) == Some(InvitationState::Closed);
    let is_found = |id: &InvitationId| found.iter().any(|(invitation, _)| invitation == id);
    let missing = invitations.iter().filter(|id| !has_ended(id) && !is_found(id)).cloned().collect();
    LateEndpoints { found, missing }
}

/// The endpoints that no enrollment names.
fn nobodys_endpoints<'a>(aggregate: &Aggregate, automation: &EnrollmentAutomation, view: &'a RemoteUser) -> Vec<&'a Endpoint> {
    let ours = aggregate
        .enrollments_of(automation.enrollment_automation_id)
        .map(|found| &found.record);
    let taken: BTreeSet<&EndpointId> = ours
        .flat_map(|enrollment| enrollment.endpoint_id().into_iter().chain(&enrollment.former_endpoints))
        .collect();
    let endpoints = view.endpoints.iter();
    endpoints
        .filter(|endpoint| endpoint.active && !taken.contains(&endpoint.id))
        .collect()
}

fn state_of(id: &InvitationId, view: &RemoteUser) -> Option<InvitationState> {
    view.invitations.iter().find(|seen| seen.id == *id).map(|seen| seen.state)
}
