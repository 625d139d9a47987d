//! When the person is read back from the credential manager.

use super::{
    aggregate::Aggregate, audit::has_anything_to_audit, enrollment_automation::EnrollmentAutomation,
    phone_credential::PhoneCredentialState, time::Timestamp,
};

/// Whether everything about the person is to be looked at though nothing happened.
#[must_use]
pub fn is_review_due(automation: &EnrollmentAutomation, now: Timestamp) -> bool {
    automation.review_at <= now
}

/// A read is due when the review is, or when something waits and either a callback hints at news of it or its own time has come. Hints that
/// nothing waits for cost no call.
pub(super) fn is_read_due(aggregate: &Aggregate, automation: &EnrollmentAutomation, now: Timestamp) -> bool {
    if is_review_due(automation, now) && has_anything_to_audit(aggregate, automation) {
        return true;
    }
    if has_hints(aggregate, automation) {
        return true;
    }
    let id = automation.enrollment_automation_id;
    let invitations = aggregate.enrollments_of(id).filter_map(|found| found.record.next_read_at());
    let issues = aggregate.phone_credentials_of(id).filter_map(|child| match child.record.state {
        PhoneCredentialState::Issuing { next_read_at, .. } => Some(next_read_at),
        _ => None,
    });
    invitations.chain(issues).any(|next_read_at| next_read_at <= now)
}

/// Whether callbacks hint at news of something that waits: those that came after it was made, and that no read has covered.
#[must_use]
pub fn has_hints(aggregate: &Aggregate, automation: &EnrollmentAutomation) -> bool {
    let (id, hints) = (automation.enrollment_automation_id, &automation.hints);
    let mut invitations = aggregate.enrollments_of(id).filter_map(|found| found.record.hints_before());
    let mut issues = aggregate.phone_credentials_of(id).filter_map(|child| match child.record.state {
        PhoneCredentialState::Issuing { hints_before, .. } => Some(hints_before),
        _ => None,
    });
    invitations.any(|before| hints.enrollment > hints.enrollment_read.max(before))
        || issues.any(|before| hints.credential > hints.credential_read.max(before))
}
