//! When a deletion is complete. What was asked to be deleted is gone once nothing hangs on it any more: first the children, then their
//! parent, then the ACS user, then the automation, then the person.

use super::{
    aggregate::Aggregate,
    deletion::Deletable,
    enrollment::EnrollmentState,
    ids::{AcsCredentialId, AcsUserId, EnrollmentAutomationId},
    phone::Presence,
    plan::Step,
    wishes::{is_doomed, is_person_wanted},
};

pub(super) fn plan_deletions(aggregate: &Aggregate, steps: &mut Vec<Step>) {
    for parent in aggregate.credentials.iter().map(|found| &found.record) {
        let id = parent.acs_credential_id;
        if is_doomed(aggregate, parent) && !parent.is_gone() && has_no_children(aggregate, id) {
            steps.push(Step::CompleteCredential { parent: id });
        }
    }
    for user in aggregate.acs_users.iter().map(|found| &found.record) {
        let is_doomed = !user.is_wanted() || !is_person_wanted(aggregate);
        if is_doomed && !user.is_gone() && holds_no_credential(aggregate, user.acs_user_id) {
            steps.push(Step::CompleteAcsUser { user: user.acs_user_id });
        }
    }
    if is_person_wanted(aggregate) {
        return;
    }
    for automation in aggregate.automations.iter().map(|found| &found.record) {
        let id = automation.enrollment_automation_id;
        if automation.is_running() && has_no_enrollments(aggregate, id) {
            steps.push(Step::EndAutomation { automation: id });
        }
    }
    let is_gone = aggregate.identity.as_ref().is_none_or(|identity| identity.record.is_gone());
    if !is_gone && is_everything_gone(aggregate) {
        steps.push(Step::CompleteIdentity);
    }
}

fn has_no_children(aggregate: &Aggregate, parent: AcsCredentialId) -> bool {
    let mut children = aggregate.phone_credentials.iter().map(|found| &found.record);
    !children.any(|child| child.parent_acs_credential_id == parent && !child.is_all_gone())
}

fn holds_no_credential(aggregate: &Aggregate, user: AcsUserId) -> bool {
    let mut parents = aggregate.credentials.iter().map(|found| &found.record);
    let mut allocations = aggregate.phone_credentials.iter().flat_map(|found| found.record.allocations());
    !parents.any(|parent| parent.acs_user_id == Some(user) && !parent.is_gone())
        && !allocations.any(|allocation| allocation.acs_user_id == user)
}

fn has_no_enrollments(aggregate: &Aggregate, automation: EnrollmentAutomationId) -> bool {
    let mut enrollments = aggregate.enrollments_of(automation).map(|found| &found.record);
    enrollments.all(|found| matches!(found.state, EnrollmentState::Deactivated { .. }) && found.abandoned_endpoints.is_empty())
}

fn is_everything_gone(aggregate: &Aggregate) -> bool {
    aggregate.credentials.iter().all(|found| found.record.is_gone())
        && aggregate.acs_users.iter().all(|found| found.record.is_gone())
        && aggregate.automations.iter().all(|found| !found.record.is_running())
        && aggregate
            .phones
            .iter()
            .all(|found| found.record.told == Some(Presence::Deactivated))
}
