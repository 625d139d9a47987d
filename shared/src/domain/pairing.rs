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
    let mut open: Vec<&InvitationId> = ours.iter().flat_map(|enrollment| enrollment.unpaired_invitation_ids()).collect();
    let mut free = nobodys_endpoints(aggregate, automation, view);

    let mut pairs = Vec::new();
    let shown = |id: &InvitationId| state_of(id, view);
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
    if let ([invitation], [endpoint], false) = (open.as_slice(), free.as_slice(), may_be_anothers(&ours, view)) {
        pairs.push(((*invitation).clone(), endpoint.id.clone()));
    }
    pairs
}

/// Whether an endpoint that no enrollment names may stand for something else than an open invitation: one that somebody made by hand, or one that a
/// phone redeemed as it was lost, and whose endpoint was not found then.
fn may_be_anothers(ours: &[&Enrollment], view: &RemoteUser) -> bool {
    let redeemed = || view.invitations.iter().filter(|seen| seen.state == InvitationState::Redeemed);
    let is_ours = |id: &InvitationId| {
        ours.iter()
            .any(|enrollment| enrollment.invitation_ids().any(|known| known == id) || enrollment.former_invitations.contains(id))
    };
    let lacks_an_endpoint = |enrollment: &&Enrollment| {
        let former = redeemed().filter(|seen| enrollment.former_invitations.contains(&seen.id));
        former.count() > enrollment.former_endpoints.len()
    };
    redeemed().any(|seen| !is_ours(&seen.id)) || ours.iter().any(lacks_an_endpoint)
}

/// The endpoints of phones that were lost after they had redeemed their code and before anybody here saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LateEndpoints {
    /// Those that are certain.
    pub found: Vec<EndpointId>,
    /// Whether these are all.
    pub is_certain: bool,
}

/// The endpoints that came from `invitations`, which were to be cancelled and could not be. An endpoint may be shown later than that its invitation was
/// redeemed, so those of which none is shown are not all.
#[must_use]
pub fn late_endpoints(
    aggregate: &Aggregate,
    automation: &EnrollmentAutomation,
    invitations: &[InvitationId],
    named: &[(EndpointId, InvitationId)],
    view: &RemoteUser,
) -> LateEndpoints {
    // Too late to cancel, and open all the same: what is shown is older than the answer to our call.
    let may_have_made_one = |id: &&InvitationId| matches!(state_of(id, view), Some(InvitationState::Redeemed | InvitationState::Open));
    let mut pairs = pair(aggregate, automation, named, view);
    pairs.retain(|(invitation, _)| invitations.contains(invitation));
    LateEndpoints {
        is_certain: pairs.len() == invitations.iter().filter(may_have_made_one).count(),
        found: pairs.into_iter().map(|(_, endpoint)| endpoint).collect(),
    }
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
