//! Which phones are invited, and whose enrollment nobody wants any more.

use super::{
    aggregate::Aggregate,
    enrollment::{Enrollment, EnrollmentState},
    enrollment_automation::EnrollmentAutomation,
    failure::FailureCode,
    limits::PHONES_PER_USER,
    observe::is_older_ones,
    phone::Phone,
    plan::Step,
    time::Timestamp,
    wishes::{is_abandoned, is_enrolling, is_phone_wanted},
};

/// The phones that came first are invited, as many as there is room for; the others are told that there is none.
pub(super) fn plan_invitations(aggregate: &Aggregate, automation: &EnrollmentAutomation, now: Timestamp, steps: &mut Vec<Step>) {
    let id = automation.enrollment_automation_id;
    let mut phones: Vec<&Phone> = aggregate.phones.iter().map(|found| &found.record).collect();
    phones.retain(|phone| is_phone_wanted(aggregate, phone));
    phones.sort_by_key(|phone| (phone.created_at, phone.device_id));
    let taken = aggregate.enrollments_of(id).filter(|found| takes_room(&found.record)).count();
    let mut room = PHONES_PER_USER.saturating_sub(taken);
    for device in phones.into_iter().map(|phone| phone.device_id) {
        let enrollment = aggregate.enrollment(id, device).map(|found| &found.record);
        let waits_for_room = enrollment.is_some_and(|enrollment| enrollment.effort.waits_for_room(now));
        if enrollment.is_some_and(takes_room) {
            // It has its place already, and may have to be invited anew.
            if enrollment.is_some_and(|enrollment| is_to_be_invited(aggregate, enrollment, now)) {
                steps.push(Step::Invite { automation: id, device });
            }
        } else if enrollment.is_none_or(|enrollment| waits_for_room || is_to_be_invited(aggregate, enrollment, now)) {
            if room > 0 {
                room -= 1;
                steps.push(Step::Invite { automation: id, device });
            } else if !waits_for_room {
                let parent = None;
                steps.push(Step::Park {
                    automation: id,
                    device,
                    parent,
                });
            }
        }
    }
}

/// Whether the phone counts at the credential manager: it is an endpoint there, or has a code that would make it one, or is about to.
fn takes_room(enrollment: &Enrollment) -> bool {
    match enrollment.state {
        EnrollmentState::Invited { .. } | EnrollmentState::Active { .. } | EnrollmentState::Deactivating { .. } => true,
        EnrollmentState::Pending => enrollment.effort.lease_until.is_some() || enrollment.effort.unknown_since.is_some(),
        EnrollmentState::Deactivated { .. } | EnrollmentState::Failed => false,
    }
}

/// A deleted automation enrols nobody: a code that nobody redeemed yet is cancelled, and nobody waits for one. What is enrolled stays.
pub(super) fn is_enrolled_no_more(aggregate: &Aggregate, automation: &EnrollmentAutomation, enrollment: &Enrollment) -> bool {
    let is_on_the_way = matches!(
        enrollment.state,
        EnrollmentState::Pending | EnrollmentState::Invited { .. } | EnrollmentState::Failed
    );
    is_on_the_way && !is_enrolling(aggregate, automation) || is_abandoned(aggregate, automation)
}

fn is_to_be_invited(aggregate: &Aggregate, enrollment: &Enrollment, now: Timestamp) -> bool {
    match enrollment.state {
        EnrollmentState::Pending | EnrollmentState::Deactivated { .. } => enrollment.effort.is_ready(now),
        EnrollmentState::Failed => enrollment.effort.is_ready(now) || has_registered_anew(aggregate, enrollment, now),
        EnrollmentState::Invited { .. } => shares_invitation(aggregate, enrollment) || is_stuck(aggregate, enrollment, now),
        EnrollmentState::Active { .. } => is_to_be_renewed(aggregate, enrollment, now),
        EnrollmentState::Deactivating { .. } => false,
    }
}

/// An enrolled phone that registers anew may be an app that was installed again, which can't use the endpoint that it had.
pub(super) fn is_to_be_renewed(aggregate: &Aggregate, enrollment: &Enrollment, now: Timestamp) -> bool {
    let registered_at = aggregate.phone(enrollment.device_id).and_then(|phone| phone.record.registered_at);
    let answered = enrollment.answered_registration;
    enrollment.renewal.is_none() && answered.is_some() && registered_at > answered && enrollment.effort.is_ready(now)
}

/// Whoever registers again after we gave up is there: the effort starts afresh.
fn has_registered_anew(aggregate: &Aggregate, enrollment: &Enrollment, now: Timestamp) -> bool {
    let registered_at = aggregate.phone(enrollment.device_id).map(|phone| phone.record.occurred_at);
    enrollment.effort.is_free(now) && registered_at > enrollment.answered_registration
}

/// After lost replies two workers may have adopted the same invitation for two phones. It registers one phone: the older
/// enrollment keeps it, the other asks for its own.
fn shares_invitation(aggregate: &Aggregate, enrollment: &Enrollment) -> bool {
    let ours = aggregate
        .enrollments_of(enrollment.enrollment_automation_id)
        .map(|found| &found.record);
    enrollment
        .invitation_id()
        .is_some_and(|invitation| is_older_ones(ours, enrollment, invitation))
}

/// A code was redeemed and nobody knows which endpoint came from it: should the phone register anew, it is not the one that it was, or that one is gone.
fn is_stuck(aggregate: &Aggregate, enrollment: &Enrollment, now: Timestamp) -> bool {
    let failure = enrollment.effort.last_failure.as_ref();
    let is_unidentified = failure.is_some_and(|failure| failure.code == FailureCode::EndpointNotIdentified);
    let registered_at = aggregate.phone(enrollment.device_id).and_then(|phone| phone.record.registered_at);
    let answered = enrollment.answered_registration;
    is_unidentified && answered.is_some() && registered_at > answered && enrollment.effort.is_ready(now)
}
