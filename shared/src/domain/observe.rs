//! What a read of the credential manager means for our records. Pure, like `plan`.

use std::time::Duration;

use super::{
    aggregate::Aggregate,
    audit::Drift,
    enrollment::{Enrollment, EnrollmentState},
    enrollment_automation::EnrollmentAutomation,
    failure::{Failure, FailureCode},
    history::Seen,
    ids::{DeviceId, EndpointId, EnrollmentAutomationId, InvitationId},
    observe_credential::observe_credential,
    pairing::pair,
    phone_credential::PhoneCredential,
    remote_user::{InvitationState, RemoteUser},
    retry::until_next_look,
    time::Timestamp,
};

/// How many invitations a phone gets before somebody has to look: with codes that live for days, weeks of silence.
pub const INVITATION_LIMIT: u32 = 20;

/// How long after its expiry an invitation counts that the credential manager still shows as open: its clock decides, not ours.
const GRACE: Duration = Duration::from_mins(5);

/// What changes after a read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observation {
    /// Enrollments as they are now; only those that changed.
    pub enrollments: Vec<Enrollment>,
    /// Phone credentials as they are now; only those that changed.
    pub phone_credentials: Vec<PhoneCredential>,
    /// Whether some redeemed invitation could not be paired with an endpoint.
    pub has_open_pairings: bool,
    /// Whether a credential has been on its way for long to an endpoint that is not shown: then everything is compared.
    pub has_lost_endpoint: bool,
}

impl Observation {
    /// The records as they are after this observation.
    #[must_use]
    pub fn applied_to(&self, aggregate: &Aggregate) -> Aggregate {
        let mut applied = aggregate.clone();
        for found in &mut applied.enrollments {
            let key = enrollment_key(&found.record);
            if let Some(changed) = self.enrollments.iter().find(|changed| enrollment_key(changed) == key) {
                found.record.clone_from(changed);
            }
        }
        for found in &mut applied.phone_credentials {
            let id = found.record.acs_credential_id;
            if let Some(changed) = self.phone_credentials.iter().find(|changed| changed.acs_credential_id == id) {
                found.record.clone_from(changed);
            }
        }
        applied
    }

    /// Takes over what an audit of the observed records changes in them.
    pub fn overlay(&mut self, drift: Drift) {
        for changed in drift.enrollments {
            self.enrollments.retain(|seen| enrollment_key(seen) != enrollment_key(&changed));
            self.enrollments.push(changed);
        }
        for changed in drift.phone_credentials {
            self.phone_credentials
                .retain(|seen| seen.acs_credential_id != changed.acs_credential_id);
            self.phone_credentials.push(changed);
        }
    }
}

fn enrollment_key(enrollment: &Enrollment) -> (EnrollmentAutomationId, DeviceId) {
    (enrollment.enrollment_automation_id, enrollment.device_id)
}

/// Compares the records of `automation` with what the credential manager shows. `pairings` are named pairs: from callbacks or from its record of events.
#[must_use]
pub fn observe(
    aggregate: &Aggregate,
    automation: &EnrollmentAutomation,
    pairings: &[(EndpointId, InvitationId)],
    view: &RemoteUser,
    now: Timestamp,
) -> Observation {
    let mut observation = Observation::default();
    let id = automation.enrollment_automation_id;
    let ours = || aggregate.enrollments_of(id).map(|found| &found.record);
    let found = pair(aggregate, automation, pairings, view);
    for enrollment in ours() {
        let mut changed = enrollment.clone();
        changed.believed_endpoints.retain(|believed| !view.shows(believed));
        find_lost(&mut changed, &found, view, now);
        if let Some(open) = changed.open_invitation_id().cloned() {
            let is_anothers = is_older_ones(ours(), enrollment, &open);
            match found.iter().find(|(invitation, _)| *invitation == open && !is_anothers) {
                Some((invitation_id, endpoint_id)) => redeem(&mut changed, invitation_id, endpoint_id, now),
                // It was adopted twice after lost replies, and is the older phone's: this one asks for its own.
                None if is_anothers && changed.renewal.is_some() => {
                    changed.renounce_renewal();
                }
                None if changed.renewal.is_some() => observation.has_open_pairings |= keep_renewal(&mut changed, view, now),
                None => observation.has_open_pairings |= keep_waiting(&mut changed, view, now),
            }
        }
        if changed != *enrollment {
            observation.enrollments.push(changed);
        }
    }
    for child in aggregate.phone_credentials_of(id) {
        let mut changed = child.record.clone();
        observation.has_lost_endpoint |= observe_credential(&mut changed, view, now);
        if changed != child.record {
            observation.phone_credentials.push(changed);
        }
    }
    observation
}

/// Whether an enrollment that is older than `enrollment` names the invitation: it registers one phone, and is the older one's.
pub(super) fn is_older_ones<'a>(
    mut ours: impl Iterator<Item = &'a Enrollment>,
    enrollment: &Enrollment,
    invitation: &InvitationId,
) -> bool {
    let age = |enrollment: &Enrollment| (enrollment.created_at, enrollment.device_id);
    ours.any(|other| age(other) < age(enrollment) && other.invitation_ids().any(|named| named == invitation))
}

/// Invitations that were given up and redeemed all the same: the phone is that endpoint now, or was it before it had the one that it has, or when it
/// was let go.
fn find_lost(enrollment: &mut Enrollment, found: &[(InvitationId, EndpointId)], view: &RemoteUser, now: Timestamp) {
    let shown = |id: &InvitationId| view.invitations.iter().find(|seen| seen.id == *id);
    let has_ended = |id: &InvitationId| shown(id).is_some_and(|seen| seen.state == InvitationState::Closed);
    enrollment.lost_invitations.retain(|id| !has_ended(id));
    let made_at = |id: &InvitationId| shown(id).and_then(|seen| seen.created_at);
    for (invitation, endpoint) in found {
        if !enrollment.lost_invitations.contains(invitation) {
            continue;
        }
        let is_over = match &enrollment.state {
            EnrollmentState::Deactivating { .. } | EnrollmentState::Deactivated { .. } => true,
            EnrollmentState::Active { invitation_id, .. } => match (made_at(invitation), made_at(invitation_id)) {
                (Some(lost), Some(present)) => lost <= present,
                // Which of the two the app is on now is not to be told.
                _ => continue,
            },
            EnrollmentState::Pending | EnrollmentState::Invited { .. } | EnrollmentState::Failed => false,
        };
        if is_over {
            enrollment.former_invitations.push(invitation.clone());
            enrollment.former_endpoints.push(endpoint.clone());
            enrollment.abandoned_endpoints.push(endpoint.clone());
        } else if enrollment.effort.is_free(now) {
            // Should it redeem its newer code as well, it moves on.
            let newer = enrollment.open_invitation();
            redeem(enrollment, invitation, endpoint, now);
            enrollment.renewal = newer;
        } else {
            // Somebody is inviting it; the next look sees what came of that.
            continue;
        }
        enrollment.lost_invitations.retain(|id| id != invitation);
    }
}

/// The phone redeemed its open invitation, and is an endpoint now.
pub(super) fn redeem(enrollment: &mut Enrollment, invitation_id: &InvitationId, endpoint_id: &EndpointId, now: Timestamp) {
    if matches!(enrollment.state, EnrollmentState::Active { .. }) {
        // The app is not on it any more, and it would take another phone's room for ever.
        let left = enrollment.endpoint_id().cloned();
        enrollment.abandoned_endpoints.extend(left);
        leave_endpoint(enrollment);
        enrollment.renewal = None;
        enrollment.unknown_credentials.clear();
    }
    enrollment.state = EnrollmentState::Active {
        endpoint_id: endpoint_id.clone(),
        invitation_id: invitation_id.clone(),
        enrolled_at: now,
    };
    enrollment.invitations = 0;
    enrollment.effort.succeed();
    enrollment.effort.see(Seen::Redeemed, now);
}

/// An invitation that is not known to have become an endpoint: it waits on, or is replaced. Answers whether it may have been redeemed all the same.
fn keep_waiting(enrollment: &mut Enrollment, view: &RemoteUser, now: Timestamp) -> bool {
    let EnrollmentState::Invited {
        invitation_id,
        invited_at,
        expires_at,
        next_read_at,
        ..
    } = &mut enrollment.state
    else {
        return false;
    };
    let shown = view
        .invitations
        .iter()
        .find(|seen| seen.id == *invitation_id)
        .map(|seen| seen.state);
    match shown {
        Some(InvitationState::Redeemed) => {
            *next_read_at = now.plus(until_next_look(now.since(*invited_at)));
            enrollment.effort.last_failure = Some(Failure {
                code: FailureCode::EndpointNotIdentified,
                message: "The invitation was redeemed; which endpoint came from it is not known yet.".to_owned(),
                at: enrollment.effort.last_failure.as_ref().map_or(now, |failure| failure.at),
            });
            enrollment.effort.see(Seen::RedeemedByUnknown, now);
            true
        }
        Some(InvitationState::Closed) => {
            replace_invitation(enrollment, now);
            false
        }
        Some(InvitationState::Open | InvitationState::Unknown) | None if expires_at.plus(GRACE) <= now => {
            // By our own reckoning alone: it may be redeemed yet.
            let invitation_id = invitation_id.clone();
            enrollment.lose_invitation(invitation_id);
            replace_invitation(enrollment, now);
            false
        }
        Some(InvitationState::Open | InvitationState::Unknown) | None => {
            let end = if *expires_at > now { *expires_at } else { expires_at.plus(GRACE) };
            *next_read_at = now.plus(until_next_look(now.since(*invited_at))).min(end);
            // One that is not shown any more may have become an endpoint that nobody has a name for.
            shown.is_none()
        }
    }
}

/// The open invitation of a phone that is enrolled already. One that ends unused is not replaced: the phone goes on as it was. Answers
/// whether it may have been redeemed all the same.
fn keep_renewal(enrollment: &mut Enrollment, view: &RemoteUser, now: Timestamp) -> bool {
    let Some(renewal) = &mut enrollment.renewal else { return false };
    let shown = view.invitations.iter().find(|seen| seen.id == renewal.invitation_id);
    let state = shown.map(|seen| seen.state);
    renewal.next_read_at = now.plus(until_next_look(now.since(renewal.invited_at)));
    match state {
        Some(InvitationState::Redeemed) => true,
        Some(InvitationState::Open | InvitationState::Unknown) | None if now < renewal.expires_at.plus(GRACE) => state.is_none(),
        Some(InvitationState::Closed) => {
            end_renewal(enrollment, now);
            false
        }
        Some(InvitationState::Open | InvitationState::Unknown) | None => {
            // By our own reckoning alone: it may be redeemed yet.
            let invitation_id = renewal.invitation_id.clone();
            enrollment.lose_invitation(invitation_id);
            end_renewal(enrollment, now);
            false
        }
    }
}

fn end_renewal(enrollment: &mut Enrollment, now: Timestamp) {
    enrollment.renewal = None;
    enrollment.effort.see(Seen::InvitationEnded, now);
}

fn replace_invitation(enrollment: &mut Enrollment, now: Timestamp) {
    enrollment.effort.succeed();
    enrollment.effort.see(Seen::InvitationEnded, now);
    if enrollment.invitations < INVITATION_LIMIT {
        enrollment.state = EnrollmentState::Pending;
        return;
    }
    enrollment.state = EnrollmentState::Failed;
    let message = format!("The phone redeemed none of {INVITATION_LIMIT} invitations.");
    let failure = Failure {
        code: FailureCode::InvitationLimitReached,
        message,
        at: now,
    };
    enrollment.effort.fail_untried(None, failure, Timestamp::MAX);
}

/// The phone leaves its endpoint behind. Neither that nor the invitation that made it is forgotten: the credential manager goes on
/// listing both, and they must not be taken for another phone's. What the phone does next starts from nothing.
pub fn leave_endpoint(enrollment: &mut Enrollment) {
    if let Some(endpoint) = enrollment.endpoint_id().cloned() {
        if enrollment.merely_believes(&endpoint) && !enrollment.abandoned_endpoints.contains(&endpoint) {
            // It may be shown later, and would take room for ever.
            enrollment.abandoned_endpoints.push(endpoint.clone());
        }
        if let Some(invitation) = enrollment.invitation_id().cloned()
            && !enrollment.former_invitations.contains(&invitation)
        {
            enrollment.former_invitations.push(invitation);
        }
        if !enrollment.former_endpoints.contains(&endpoint) {
            enrollment.former_endpoints.push(endpoint);
        }
    }
    enrollment.invitations = 0;
    enrollment.effort.start_over();
}
