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

/// The pairs that are certain: named, or without any other choice.
pub(super) fn pair(
    aggregate: &Aggregate,
    automation: &EnrollmentAutomation,
    waiting: &[&Enrollment],
    named: &[(EndpointId, InvitationId)],
    view: &RemoteUser,
) -> Vec<(InvitationId, EndpointId)> {
    let ours: Vec<&Enrollment> = aggregate
        .enrollments_of(automation.enrollment_automation_id)
        .map(|found| &found.record)
        .collect();
    let taken: BTreeSet<&EndpointId> = ours
        .iter()
        .flat_map(|enrollment| enrollment.endpoint_id().into_iter().chain(&enrollment.former_endpoints))
        .collect();
    let mut free: Vec<&Endpoint> = view
        .endpoints
        .iter()
        .filter(|endpoint| endpoint.active && !taken.contains(&endpoint.id))
        .collect();
    let mut open: Vec<&InvitationId> = waiting.iter().filter_map(|enrollment| enrollment.open_invitation_id()).collect();

    let mut pairs = Vec::new();
    let shown = |id: &InvitationId| view.invitations.iter().find(|seen| seen.id == *id).map(|seen| seen.state);
    for (endpoint, invitation) in named {
        // The read has to agree: an invitation that can still be redeemed, or never was, made no endpoint.
        if matches!(shown(invitation), Some(InvitationState::Open | InvitationState::Closed)) {
            continue;
        }
        if let Some(position) = open.iter().position(|open| *open == invitation)
            && let Some(place) = free.iter().position(|free| free.id == *endpoint)
        {
            open.remove(position);
            free.remove(place);
            pairs.push((invitation.clone(), endpoint.clone()));
        }
    }
    open.retain(|invitation| shown(invitation) == Some(InvitationState::Redeemed));
    // An invitation that somebody made by hand may stand behind the endpoint just as well.
    let explained = |id: &InvitationId| {
        ours.iter()
            .any(|enrollment| enrollment.invitation_ids().any(|known| known == id) || enrollment.former_invitations.contains(id))
    };
    let foreign = view
        .invitations
        .iter()
        .any(|seen| seen.state == InvitationState::Redeemed && !explained(&seen.id));
    if let ([invitation], [endpoint], false) = (open.as_slice(), free.as_slice(), foreign) {
        pairs.push(((*invitation).clone(), endpoint.id.clone()));
    }
    pairs
}
