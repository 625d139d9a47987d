//! The rules of the product: what to do next about one user identity, from what is wished, what is known and what time it is.
//!
//! `plan` is a pure function. It does not care which event made somebody ask: repeated, lost or disordered events can't
//! change what it answers. Performing the steps and asking again until nothing is left to do brings the person's phones to
//! the state that is wished.

use super::{
    aggregate::{Aggregate, Versioned},
    effort::{Effort, Readiness},
    enrollment::{Enrollment, EnrollmentState},
    enrollment_automation::EnrollmentAutomation,
    ids::{AcsCredentialId, DeviceId, EndpointId, EnrollmentAutomationId},
    multi_phone_sync_credential::MultiPhoneSyncCredential,
    phone_credential::{PhoneCredential, PhoneCredentialState},
    time::Timestamp,
};

/// One thing to do. The order of the variants is the order of urgency: taking away goes before giving, giving before letting in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Take a phone credential away that nobody wishes any more.
    Withdraw {
        /// The child.
        credential: AcsCredentialId,
    },
    /// End the enrollment of a phone that is gone: cancel its open invitation.
    EndEnrollment {
        /// Through which automation.
        automation: EnrollmentAutomationId,
        /// Which phone.
        device: DeviceId,
    },
    /// Make the person known to the credential manager.
    EnsureUser {
        /// Whose automation.
        automation: EnrollmentAutomationId,
    },
    /// Give an enrolled phone its credential.
    Issue {
        /// Through which automation.
        automation: EnrollmentAutomationId,
        /// Which phone.
        device: DeviceId,
        /// Of which parent.
        parent: AcsCredentialId,
    },
    /// Invite a phone to enrol.
    Invite {
        /// Through which automation.
        automation: EnrollmentAutomationId,
        /// Which phone.
        device: DeviceId,
    },
    /// Read the person back from the credential manager: something that we wait for may have happened.
    Read {
        /// Whose automation.
        automation: EnrollmentAutomationId,
    },
    /// Make a phone findable by its id alone.
    ListPhone {
        /// Which phone.
        device: DeviceId,
    },
    /// A parent came into force or went out of it: set the alarm clock to its next change.
    PassChange {
        /// Which parent.
        parent: AcsCredentialId,
    },
    /// Nothing can follow on a try that the record still waits for: take it off the alarm clock.
    Rest {
        /// Whose automation; with a phone, that phone's enrollment.
        automation: EnrollmentAutomationId,
        /// Which phone.
        device: Option<DeviceId>,
    },
    /// The regular look at everything is done: set the alarm clock to the next one.
    PassReview {
        /// Whose automation.
        automation: EnrollmentAutomationId,
    },
}

/// What can be done now, most urgent first. Empty: nothing is to be done, or what is to be done waits for a time that stands in its record.
#[must_use]
pub fn plan(aggregate: &Aggregate, now: Timestamp) -> Vec<Step> {
    let mut steps = Vec::new();
    for phone in aggregate.phones.iter().filter(|phone| !phone.record.is_listed) {
        steps.push(Step::ListPhone {
            device: phone.record.device_id,
        });
    }
    for parent in aggregate
        .credentials
        .iter()
        .filter(|parent| parent.record.next_change_at.is_some_and(|change| change <= now))
    {
        steps.push(Step::PassChange {
            parent: parent.record.acs_credential_id,
        });
    }
    for automation in &aggregate.automations {
        if automation.record.review_at <= now {
            steps.push(Step::PassReview {
                automation: automation.record.enrollment_automation_id,
            });
        }
        plan_automation(aggregate, &automation.record, now, &mut steps);
    }
    steps.sort();
    steps
}

fn plan_automation(aggregate: &Aggregate, automation: &EnrollmentAutomation, now: Timestamp, steps: &mut Vec<Step>) {
    let id = automation.enrollment_automation_id;
    for child in aggregate.phone_credentials_of(id) {
        // A revocation that was begun is finished even if the phone came back meanwhile: then it gets a new one.
        let is_begun = matches!(child.record.state, PhoneCredentialState::Revoking { .. });
        if (is_begun || !is_wished(aggregate, &child.record, now)) && can_be_withdrawn(&child.record, now) {
            steps.push(Step::Withdraw {
                credential: child.record.acs_credential_id,
            });
        }
    }
    for enrollment in aggregate.enrollments_of(id) {
        let is_begun = matches!(enrollment.record.state, EnrollmentState::Deactivating { .. });
        let is_gone = aggregate
            .phone(enrollment.record.device_id)
            .is_none_or(|phone| !phone.record.is_registered());
        if (is_begun || is_gone) && can_be_ended(aggregate, &enrollment.record, now) {
            steps.push(Step::EndEnrollment {
                automation: id,
                device: enrollment.record.device_id,
            });
        }
    }
    plan_rests(aggregate, automation, now, steps);
    if automation.remote_user_id.is_none() {
        if automation.is_running() && is_ready(&automation.ensure_user, now) {
            steps.push(Step::EnsureUser { automation: id });
        }
        return;
    }
    for phone in aggregate.phones.iter().filter(|phone| phone.record.is_registered()) {
        let device = phone.record.device_id;
        let enrollment = aggregate.enrollment(id, device).map(|found| &found.record);
        if automation.is_running() && enrollment.is_none_or(|enrollment| is_to_be_invited(aggregate, enrollment, now)) {
            steps.push(Step::Invite { automation: id, device });
        }
        if let Some(Enrollment {
            state: EnrollmentState::Active { .. },
            ..
        }) = enrollment
        {
            plan_issues(aggregate, automation, device, now, steps);
        }
    }
    if is_read_due(aggregate, automation, now) && is_ready(&automation.read, now) {
        steps.push(Step::Read { automation: id });
    }
}

/// What is due and can't be acted on would be touched for ever.
fn plan_rests(aggregate: &Aggregate, automation: &EnrollmentAutomation, now: Timestamp, steps: &mut Vec<Step>) {
    let id = automation.enrollment_automation_id;
    let is_over = |effort: &Effort| effort.due_at().is_some_and(|due| due <= now);
    let reads_nothing = is_over(&automation.read) && !is_read_due(aggregate, automation, now);
    let ensures_nothing = is_over(&automation.ensure_user) && !automation.is_running();
    if reads_nothing || ensures_nothing {
        steps.push(Step::Rest {
            automation: id,
            device: None,
        });
    }
    if automation.is_running() {
        return;
    }
    for enrollment in aggregate.enrollments_of(id).map(|found| &found.record) {
        let waits_to_be_invited = matches!(enrollment.state, EnrollmentState::Pending | EnrollmentState::Failed);
        if waits_to_be_invited && is_over(&enrollment.effort) {
            steps.push(Step::Rest {
                automation: id,
                device: Some(enrollment.device_id),
            });
        }
    }
}

fn plan_issues(aggregate: &Aggregate, automation: &EnrollmentAutomation, device: DeviceId, now: Timestamp, steps: &mut Vec<Step>) {
    let id = automation.enrollment_automation_id;
    for parent in wished_parents(aggregate, automation, now) {
        let child = aggregate.phone_credential(AcsCredentialId::of_phone(parent.acs_credential_id, id, device));
        if child.is_none_or(|child| is_to_be_issued(&child.record, now) || has_lost_credential(aggregate, &child.record)) {
            steps.push(Step::Issue {
                automation: id,
                device,
                parent: parent.acs_credential_id,
            });
        }
    }
}

fn wished_parents<'a>(
    aggregate: &'a Aggregate,
    automation: &'a EnrollmentAutomation,
    now: Timestamp,
) -> impl Iterator<Item = &'a MultiPhoneSyncCredential> {
    let parents = aggregate.credentials.iter().map(|Versioned { record, .. }| record);
    parents.filter(move |parent| parent.is_in_force(now) && parent.is_issued_by(automation.credential_manager_acs_system_id))
}

/// Whether somebody wishes this child to be on its phone: the phone is in use, still that endpoint, and the parent is in force.
#[must_use]
pub fn is_wished(aggregate: &Aggregate, child: &PhoneCredential, now: Timestamp) -> bool {
    let phone = aggregate.phone(child.device_id);
    let enrollment = aggregate.enrollment(child.enrollment_automation_id, child.device_id);
    let parent = aggregate.credential(child.parent_acs_credential_id);
    phone.is_some_and(|phone| phone.record.is_registered())
        && enrollment.is_some_and(|enrollment| is_active_on(&enrollment.record, &child.endpoint_id))
        && parent.is_some_and(|parent| parent.record.is_in_force(now))
}

fn is_active_on(enrollment: &Enrollment, endpoint: &EndpointId) -> bool {
    matches!(&enrollment.state, EnrollmentState::Active { endpoint_id, .. } if endpoint_id == endpoint)
}

fn is_ready(effort: &Effort, now: Timestamp) -> bool {
    effort.readiness(now) == Readiness::Ready
}

fn can_be_withdrawn(child: &PhoneCredential, now: Timestamp) -> bool {
    match child.state {
        PhoneCredentialState::Revoked { .. } => false,
        PhoneCredentialState::Revoking { .. } => is_ready(&child.effort, now),
        // Taking away does not wait for the next try of giving.
        _ => child.effort.is_free(now),
    }
}

/// An enrollment ends after its phone's credentials are gone, so that none is forgotten on an endpoint that we no longer name.
fn can_be_ended(aggregate: &Aggregate, enrollment: &Enrollment, now: Timestamp) -> bool {
    let mut children = aggregate.phone_credentials_of(enrollment.enrollment_automation_id);
    let holds_none = !children
        .any(|child| child.record.device_id == enrollment.device_id && !matches!(child.record.state, PhoneCredentialState::Revoked { .. }));
    holds_none
        && match enrollment.state {
            EnrollmentState::Deactivated { .. } => false,
            EnrollmentState::Deactivating { .. } => is_ready(&enrollment.effort, now),
            _ => enrollment.effort.is_free(now),
        }
}

fn is_to_be_invited(aggregate: &Aggregate, enrollment: &Enrollment, now: Timestamp) -> bool {
    match enrollment.state {
        EnrollmentState::Pending | EnrollmentState::Deactivated { .. } => is_ready(&enrollment.effort, now),
        EnrollmentState::Failed => is_ready(&enrollment.effort, now) || has_registered_anew(aggregate, enrollment, now),
        EnrollmentState::Invited { .. } => has_lost_invitation(aggregate, enrollment),
        EnrollmentState::Active { .. } | EnrollmentState::Deactivating { .. } => false,
    }
}

/// Whoever registers again after we gave up is there: the effort starts afresh.
fn has_registered_anew(aggregate: &Aggregate, enrollment: &Enrollment, now: Timestamp) -> bool {
    let registered_at = aggregate.phone(enrollment.device_id).map(|phone| phone.record.occurred_at);
    enrollment.effort.is_free(now) && registered_at > enrollment.answered_registration
}

/// After lost replies two workers may have adopted the same invitation for two phones. It registers one phone: the older
/// enrollment keeps it, the other asks for its own.
fn has_lost_invitation(aggregate: &Aggregate, enrollment: &Enrollment) -> bool {
    let age = |enrollment: &Enrollment| (enrollment.created_at, enrollment.device_id);
    aggregate
        .enrollments_of(enrollment.enrollment_automation_id)
        .map(|found| &found.record)
        .any(|other| {
            other.device_id != enrollment.device_id && other.invitation_id() == enrollment.invitation_id() && age(other) < age(enrollment)
        })
}

fn is_to_be_issued(child: &PhoneCredential, now: Timestamp) -> bool {
    match child.state {
        PhoneCredentialState::Pending | PhoneCredentialState::Failed | PhoneCredentialState::Revoked { .. } => is_ready(&child.effort, now),
        PhoneCredentialState::Issuing { .. } | PhoneCredentialState::Issued { .. } | PhoneCredentialState::Revoking { .. } => false,
    }
}

/// After lost replies two workers may have adopted the same credential for two children of one phone. The older child keeps it.
fn has_lost_credential(aggregate: &Aggregate, child: &PhoneCredential) -> bool {
    let age = |child: &PhoneCredential| (child.created_at, child.acs_credential_id);
    child.remote_id().is_some()
        && aggregate
            .phone_credentials_of(child.enrollment_automation_id)
            .map(|found| &found.record)
            .any(|other| {
                other.acs_credential_id != child.acs_credential_id && other.remote_id() == child.remote_id() && age(other) < age(child)
            })
}

/// A read is due when something waits and either a callback hints at news of that kind or its own time has come. Hints that
/// nothing waits for cost no call.
fn is_read_due(aggregate: &Aggregate, automation: &EnrollmentAutomation, now: Timestamp) -> bool {
    let id = automation.enrollment_automation_id;
    let hints = &automation.hints;
    let invitations = aggregate.enrollments_of(id).filter_map(|enrollment| match enrollment.record.state {
        EnrollmentState::Invited { next_read_at, .. } => Some(next_read_at),
        _ => None,
    });
    let issues = aggregate.phone_credentials_of(id).filter_map(|child| match child.record.state {
        PhoneCredentialState::Issuing { next_read_at, .. } => Some(next_read_at),
        _ => None,
    });
    let news_of_enrollments = hints.enrollment > hints.enrollment_read;
    let news_of_credentials = hints.credential > hints.credential_read;
    invitations
        .into_iter()
        .any(|next_read_at| news_of_enrollments || next_read_at <= now)
        || issues.into_iter().any(|next_read_at| news_of_credentials || next_read_at <= now)
}
