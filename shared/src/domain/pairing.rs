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

/// The pairs that are certain: named, or without any other choice. `open`: the invitations whose endpoint is not known.
pub(super) fn pair(
    aggregate: &Aggregate,
    automation: &EnrollmentAutomation,
    mut open: Vec<&InvitationId>,
    named: &[(EndpointId, InvitationId)],
    view: &RemoteUser,
) -> Vec<(InvitationId, EndpointId)> {
    let ours: Vec<&Enrollment> = aggregate
        .enrollments_of(automation.enrollment_automation_id)
        .map(|found| &found.record)
        .collect();
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

/// The endpoints of phones that were lost after they had redeemed their code and before anybody here saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LateEndpoints {
    /// Those that are certain.
    pub found: Vec<EndpointId>,
    /// Whether these are all.
    pub is_certain: bool,
}

/// The endpoints that came from `invitations`, which were to be cancelled and could not be.
#[must_use]
pub fn late_endpoints(
    aggregate: &Aggregate,
    automation: &EnrollmentAutomation,
    invitations: &[InvitationId],
    named: &[(EndpointId, InvitationId)],
    view: &RemoteUser,
) -> LateEndpoints {
    let redeemed = |id: &&InvitationId| state_of(id, view) == Some(InvitationState::Redeemed);
    let late: Vec<&InvitationId> = invitations.iter().filter(redeemed).collect();
    // Those of the other phones may stand behind an endpoint just as well.
    let others = aggregate.enrollments_of(automation.enrollment_automation_id);
    let others = others.filter_map(|found| found.record.open_invitation_id());
    let open = others.filter(|id| !late.contains(id)).chain(late.iter().copied()).collect();
    let mut pairs = pair(aggregate, automation, open, named, view);
    let free = nobodys_endpoints(aggregate, automation, view).len() - pairs.len();
    pairs.retain(|(invitation, _)| late.contains(&invitation));
    LateEndpoints {
        is_certain: pairs.len() == late.len() || free == 0,
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
