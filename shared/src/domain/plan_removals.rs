//! Which endpoints are to be removed at the credential manager: those that phones left, once nothing of ours is on them. It allows
//! a person so many, so one that stays would keep another phone out for ever.

use super::{
    aggregate::Aggregate, enrollment::Enrollment, enrollment_automation::EnrollmentAutomation, ids::EndpointId,
    phone_credential::PhoneCredential, plan::Step, time::Timestamp,
};

pub(super) fn plan_removals(aggregate: &Aggregate, automation: &EnrollmentAutomation, now: Timestamp, steps: &mut Vec<Step>) {
    let id = automation.enrollment_automation_id;
    for enrollment in aggregate.enrollments_of(id).map(|found| &found.record) {
        if endpoint_to_remove(aggregate, enrollment).is_some() && enrollment.removal.is_ready(now) {
            steps.push(Step::RemoveEndpoint {
                automation: id,
                device: enrollment.device_id,
            });
        }
    }
}

/// The first endpoint that the phone left and that holds nothing of ours.
#[must_use]
pub fn endpoint_to_remove<'a>(aggregate: &Aggregate, enrollment: &'a Enrollment) -> Option<&'a EndpointId> {
    let mut abandoned = enrollment.abandoned_endpoints.iter();
    abandoned.find(|endpoint| !aggregate.phone_credentials.iter().any(|child| is_on(&child.record, endpoint)))
}

/// Whether the child has something on the endpoint, or may have: what is not known to be gone is looked for by its own steps first.
fn is_on(child: &PhoneCredential, endpoint: &EndpointId) -> bool {
    let is_there = child.endpoint_id == *endpoint && !child.is_all_gone() && (child.remote_id().is_some() || child.effort.must_read_back());
    is_there || child.former.iter().any(|former| former.endpoint_id == *endpoint)
}
