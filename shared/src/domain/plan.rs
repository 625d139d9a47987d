//! The rules of the product: what to do next about one user identity, from what is wished, what is known and what time it is.
//!
//! `plan` is a pure function. It does not care which event made somebody ask: repeated, lost or disordered events can't
//! change what it answers. Performing the steps and asking again until nothing is left to do brings the person's phones to
//! the state that is wished.

use super::{
    aggregate::Aggregate,
    audit::has_anything_to_audit,
    effort::Effort,
    enrollment::{Enrollment, EnrollmentState},
    enrollment_automation::EnrollmentAutomation,
    ids::{AcsCredentialId, AcsUserId, DeviceId, EnrollmentAutomationId},
    phone::Presence,
    phone_credential::{PhoneCredential, PhoneCredentialState},
    plan_announcements::plan_announcements,
    plan_deletions::plan_deletions,
    plan_invitations::{is_enrolled_no_more, is_to_be_renewed, plan_invitations},
    plan_issues::{is_to_be_imported, is_to_be_retired, is_to_move, plan_issues},
    plan_reads::{is_read_due, is_review_due},
    plan_removals::plan_removals,
    time::Timestamp,
    trusted_news::is_belief_due,
    wishes::{is_enrolling, is_phone_wanted, is_wished},
};

/// One thing to do. The order of the variants is the order of urgency: taking away goes before giving, giving before letting in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Take a phone credential away that nobody wishes any more.
    Withdraw {
        /// The child.
        credential: AcsCredentialId,
    },
    /// Take away what a phone still holds on an endpoint that it had before.
    Retire {
        /// The child.
        credential: AcsCredentialId,
    },
    /// Bring the number of an issued credential into the access control system, and give it to the ACS user.
    Import {
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
    /// Remove an endpoint that the phone had before, and that takes the room of another phone.
    RemoveEndpoint {
        /// Through which automation.
        automation: EnrollmentAutomationId,
        /// Whose it was.
        device: DeviceId,
    },
    /// Take over what trusted callbacks said. No call is needed for it.
    Believe {
        /// Whose automation.
        automation: EnrollmentAutomationId,
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
    /// Make a phone findable by its id alone, and tell what became of it.
    Announce {
        /// Which phone.
        device: DeviceId,
        /// What is news of it, if anything is.
        told: Option<Presence>,
    },
    /// There is no room: the credential manager allows so many phones of a person, and so many credentials on a phone.
    Park {
        /// Through which automation.
        automation: EnrollmentAutomationId,
        /// Which phone.
        device: DeviceId,
        /// Of which parent, where it is about a credential.
        parent: Option<AcsCredentialId>,
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
    /// Nothing hangs any more on a parent that is to be deleted: it is gone.
    CompleteCredential {
        /// Which parent.
        parent: AcsCredentialId,
    },
    /// Nothing hangs any more on an ACS user that is to be deleted: it is gone.
    CompleteAcsUser {
        /// Which ACS user.
        user: AcsUserId,
    },
    /// The person is to be deleted, and none of the automation's phones is enrolled any more: it is deleted too.
    EndAutomation {
        /// Which automation.
        automation: EnrollmentAutomationId,
    },
    /// Nothing hangs any more on a person who is to be deleted: the person is gone.
    CompleteIdentity,
}

/// What can be done now, most urgent first. Empty: nothing is to be done, or what is to be done waits for a time that stands in its record.
#[must_use]
pub fn plan(aggregate: &Aggregate, now: Timestamp) -> Vec<Step> {
    let mut steps = Vec::new();
    plan_announcements(aggregate, &mut steps);
    plan_deletions(aggregate, &mut steps);
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
        if is_review_due(&automation.record, now) && !has_anything_to_audit(aggregate, &automation.record) {
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
        let is_kept = is_wished(aggregate, &child.record, now) || is_to_move(aggregate, &child.record, now);
        if is_to_be_retired(&child.record, is_kept) && child.record.retirement.is_ready(now) {
            steps.push(Step::Retire {
                credential: child.record.acs_credential_id,
            });
        }
        if (is_begun || !is_kept) && can_be_withdrawn(&child.record, now) {
            steps.push(Step::Withdraw {
                credential: child.record.acs_credential_id,
            });
        } else if !is_begun && is_to_be_imported(aggregate, &child.record, now) {
            steps.push(Step::Import {
                credential: child.record.acs_credential_id,
            });
        }
    }
    for enrollment in aggregate.enrollments_of(id) {
        let is_begun = matches!(enrollment.record.state, EnrollmentState::Deactivating { .. });
        let is_gone = aggregate
            .phone(enrollment.record.device_id)
            .is_none_or(|phone| !is_phone_wanted(aggregate, &phone.record));
        if (is_begun || is_gone || is_enrolled_no_more(aggregate, automation, &enrollment.record))
            && can_be_ended(aggregate, &enrollment.record, now)
        {
            steps.push(Step::EndEnrollment {
                automation: id,
                device: enrollment.record.device_id,
            });
        }
    }
    plan_removals(aggregate, automation, now, steps);
    plan_rests(aggregate, automation, now, steps);
    if automation.remote_user_id.is_none() {
        if is_enrolling(aggregate, automation) && automation.ensure_user.is_ready(now) {
            steps.push(Step::EnsureUser { automation: id });
        }
        return;
    }
    if is_belief_due(aggregate, automation, now) {
        steps.push(Step::Believe { automation: id });
    }
    if is_enrolling(aggregate, automation) {
        plan_invitations(aggregate, automation, now, steps);
    }
    let is_enrolled = |enrollment: &&Enrollment| matches!(enrollment.state, EnrollmentState::Active { .. });
    for enrollment in aggregate.enrollments_of(id).map(|found| &found.record).filter(is_enrolled) {
        let phone = aggregate.phone(enrollment.device_id);
        if phone.is_some_and(|phone| is_phone_wanted(aggregate, &phone.record)) {
            plan_issues(aggregate, automation, enrollment, now, steps);
        }
    }
    if is_read_due(aggregate, automation, now) && automation.read.is_ready(now) {
        steps.push(Step::Read { automation: id });
    }
}

/// What is due and can't be acted on would be touched for ever.
fn plan_rests(aggregate: &Aggregate, automation: &EnrollmentAutomation, now: Timestamp, steps: &mut Vec<Step>) {
    let id = automation.enrollment_automation_id;
    let is_over = |effort: &Effort| effort.due_at().is_some_and(|due| due <= now);
    let can_read = automation.remote_user_id.is_some() && is_read_due(aggregate, automation, now);
    let reads_nothing = is_over(&automation.read) && !can_read;
    let ensures_nothing = is_over(&automation.ensure_user) && !is_enrolling(aggregate, automation);
    if reads_nothing || ensures_nothing {
        let device = None;
        steps.push(Step::Rest { automation: id, device });
    }
    // A phone that was to be invited anew keeps what it has when nobody enrols it any more.
    for enrollment in aggregate.enrollments_of(id).map(|found| &found.record) {
        let is_active = matches!(enrollment.state, EnrollmentState::Active { .. });
        let is_wanted = is_enrolling(aggregate, automation) && is_to_be_renewed(aggregate, enrollment, now);
        if is_active && is_over(&enrollment.effort) && !is_wanted {
            let device = Some(enrollment.device_id);
            steps.push(Step::Rest { automation: id, device });
        }
    }
}

fn can_be_withdrawn(child: &PhoneCredential, now: Timestamp) -> bool {
    match child.state {
        PhoneCredentialState::Revoked { .. } => false,
        PhoneCredentialState::Revoking { .. } => child.effort.is_ready(now),
        // Taking away does not wait for the next try of giving.
        _ => child.effort.is_free(now),
    }
}

/// An enrollment ends after its phone's credentials are gone, so that none is forgotten on an endpoint that we no longer name.
fn can_be_ended(aggregate: &Aggregate, enrollment: &Enrollment, now: Timestamp) -> bool {
    let mut children = aggregate.phone_credentials_of(enrollment.enrollment_automation_id);
    let holds_none = !children.any(|child| child.record.device_id == enrollment.device_id && !child.record.is_all_gone());
    holds_none
        && match enrollment.state {
            EnrollmentState::Deactivated { .. } => false,
            EnrollmentState::Deactivating { .. } => enrollment.effort.is_ready(now),
            _ => enrollment.effort.is_free(now),
        }
}
