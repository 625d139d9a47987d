//! The rules of the product: what to do next about one user identity, from what is wished, what is known and what time it is.
//!
//! `plan` is a pure function. It does not care which event made somebody ask: repeated, lost or disordered events can't
//! change what it answers. Performing the steps and asking again until nothing is left to do brings the person's phones to
//! the state that is wished.

use super::{
    aggregate::Aggregate,
    audit::has_anything_to_audit,
    effort::{Effort, Readiness},
    enrollment::{Enrollment, EnrollmentState},
    enrollment_automation::EnrollmentAutomation,
    failure::FailureCode,
    ids::{AcsCredentialId, AcsUserId, DeviceId, EnrollmentAutomationId},
    limits::{CREDENTIALS_PER_PHONE, PHONES_PER_USER},
    multi_phone_sync_credential::{MultiPhoneSyncCredential, WhenInvalidated},
    phone::{Phone, Presence},
    phone_credential::{PhoneCredential, PhoneCredentialState},
    plan_announcements::plan_announcements,
    plan_deletions::plan_deletions,
    time::Timestamp,
    wishes::{is_allocated_as_wished, is_enrolling, is_phone_wanted, is_wished, is_wished_anywhere, wished_parents},
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
        if is_to_be_retired(&child.record, is_kept) && is_ready(&child.record.retirement, now) {
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
    plan_rests(aggregate, automation, now, steps);
    if automation.remote_user_id.is_none() {
        if is_enrolling(aggregate, automation) && is_ready(&automation.ensure_user, now) {
            steps.push(Step::EnsureUser { automation: id });
        }
        return;
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
    if is_read_due(aggregate, automation, now) && is_ready(&automation.read, now) {
        steps.push(Step::Read { automation: id });
    }
}

/// What is due and can't be acted on would be touched for ever.
fn plan_rests(aggregate: &Aggregate, automation: &EnrollmentAutomation, now: Timestamp, steps: &mut Vec<Step>) {
    let id = automation.enrollment_automation_id;
    let is_over = |effort: &Effort| effort.due_at().is_some_and(|due| due <= now);
    let reads_nothing = is_over(&automation.read) && !is_read_due(aggregate, automation, now);
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

/// A deleted automation enrols nobody: a code that nobody redeemed yet is cancelled, and nobody waits for one. What is enrolled stays.
fn is_enrolled_no_more(aggregate: &Aggregate, automation: &EnrollmentAutomation, enrollment: &Enrollment) -> bool {
    let is_on_the_way = matches!(
        enrollment.state,
        EnrollmentState::Pending | EnrollmentState::Invited { .. } | EnrollmentState::Failed
    );
    is_on_the_way && !is_enrolling(aggregate, automation)
}

/// The phones that came first are invited, as many as there is room for; the others are told that there is none.
fn plan_invitations(aggregate: &Aggregate, automation: &EnrollmentAutomation, now: Timestamp, steps: &mut Vec<Step>) {
    let id = automation.enrollment_automation_id;
    let mut phones: Vec<&Phone> = aggregate.phones.iter().map(|found| &found.record).collect();
    phones.retain(|phone| is_phone_wanted(aggregate, phone));
    phones.sort_by_key(|phone| (phone.created_at, phone.device_id));
    let taken = aggregate.enrollments_of(id).filter(|found| takes_room(&found.record)).count();
    let mut room = PHONES_PER_USER.saturating_sub(taken);
    for device in phones.into_iter().map(|phone| phone.device_id) {
        let enrollment = aggregate.enrollment(id, device).map(|found| &found.record);
        let waits_for_room = enrollment.is_some_and(|enrollment| waits_for_room(&enrollment.effort, now));
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

fn waits_for_room(effort: &Effort, now: Timestamp) -> bool {
    effort.is_free(now) && effort.last_failure.as_ref().is_some_and(|failure| failure.code.waits_for_room())
}

/// The parents that came first are issued, as many as there is room for on the phone.
fn plan_issues(aggregate: &Aggregate, automation: &EnrollmentAutomation, enrollment: &Enrollment, now: Timestamp, steps: &mut Vec<Step>) {
    let (id, device) = (automation.enrollment_automation_id, enrollment.device_id);
    let held = |child: &&PhoneCredential| Some(&child.endpoint_id) == enrollment.endpoint_id() && child.remote_id().is_some();
    let taken = aggregate.phone_credentials_of(id).map(|found| &found.record).filter(held).count();
    let mut room = CREDENTIALS_PER_PHONE.saturating_sub(taken);
    let mut parents: Vec<&MultiPhoneSyncCredential> = wished_parents(aggregate, automation, now).collect();
    parents.sort_by_key(|parent| (parent.created_at, parent.acs_credential_id));
    for record in parents {
        let parent = record.acs_credential_id;
        let child = aggregate
            .phone_credential(AcsCredentialId::of_phone(parent, id, device))
            .map(|found| &found.record);
        let waits_for_room = child.is_some_and(|child| waits_for_room(&child.effort, now));
        let is_unmarked = |child: &PhoneCredential| is_marked(child) && record.when_invalidated == WhenInvalidated::Reissue;
        let is_moving = |child: &PhoneCredential| is_to_move(aggregate, child, now) && is_ready(&child.effort, now);
        let is_wanting = |child: &PhoneCredential| {
            waits_for_room || is_unmarked(child) || is_moving(child) || is_to_be_issued(child, now) || has_lost_credential(aggregate, child)
        };
        if !child.is_none_or(is_wanting) {
            continue;
        }
        if room > 0 {
            room -= 1;
            steps.push(Step::Issue {
                automation: id,
                device,
                parent,
            });
        } else if !waits_for_room {
            let parent = Some(parent);
            steps.push(Step::Park {
                automation: id,
                device,
                parent,
            });
        }
    }
}

/// The phone has another endpoint than the one that the credential is on: it is issued there, and the former one goes after that.
fn is_to_move(aggregate: &Aggregate, child: &PhoneCredential, now: Timestamp) -> bool {
    let enrollment = aggregate.enrollment(child.enrollment_automation_id, child.device_id);
    let is_elsewhere = |enrollment: &Enrollment| matches!(&enrollment.state, EnrollmentState::Active { endpoint_id, .. } if *endpoint_id != child.endpoint_id);
    let is_there = matches!(
        child.state,
        PhoneCredentialState::Issuing { .. } | PhoneCredentialState::Importing { .. } | PhoneCredentialState::Issued { .. }
    );
    is_there && enrollment.is_some_and(|enrollment| is_elsewhere(&enrollment.record)) && is_wished_anywhere(aggregate, child, now)
}

fn is_to_be_retired(child: &PhoneCredential, is_kept: bool) -> bool {
    let is_replaced = matches!(child.state, PhoneCredentialState::Issued { .. });
    !child.former.is_empty() && (is_replaced || !is_kept)
}

/// Somebody revoked it at the credential manager, and it was to be left so.
fn is_marked(child: &PhoneCredential) -> bool {
    let failure = child.effort.last_failure.as_ref();
    matches!(child.state, PhoneCredentialState::Failed) && failure.is_some_and(|failure| failure.code == FailureCode::CredentialInvalidated)
}

/// A number is on its way into the access control system, or has to move to where its parent says now.
fn is_to_be_imported(aggregate: &Aggregate, child: &PhoneCredential, now: Timestamp) -> bool {
    let parent = aggregate.credential(child.parent_acs_credential_id);
    let is_astray = || parent.is_some_and(|parent| !is_allocated_as_wished(&parent.record, child));
    match child.state {
        PhoneCredentialState::Importing { .. } => is_ready(&child.effort, now),
        PhoneCredentialState::Issued { .. } => is_ready(&child.effort, now) && is_astray(),
        _ => false,
    }
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
    let holds_none = !children.any(|child| child.record.device_id == enrollment.device_id && !child.record.is_all_gone());
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
        EnrollmentState::Active { .. } => is_to_be_renewed(aggregate, enrollment, now),
        EnrollmentState::Deactivating { .. } => false,
    }
}

/// An enrolled phone that registers anew may be an app that was installed again, which can't use the endpoint that it had.
fn is_to_be_renewed(aggregate: &Aggregate, enrollment: &Enrollment, now: Timestamp) -> bool {
    let registered_at = aggregate.phone(enrollment.device_id).and_then(|phone| phone.record.registered_at);
    let answered = enrollment.answered_registration;
    enrollment.renewal.is_none() && answered.is_some() && registered_at > answered && is_ready(&enrollment.effort, now)
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
        PhoneCredentialState::Issuing { .. }
        | PhoneCredentialState::Importing { .. }
        | PhoneCredentialState::Issued { .. }
        | PhoneCredentialState::Revoking { .. } => false,
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

/// Whether everything about the person is to be looked at though nothing happened.
#[must_use]
pub fn is_review_due(automation: &EnrollmentAutomation, now: Timestamp) -> bool {
    automation.review_at <= now
}

/// A read is due when the review is, or when something waits and either a callback hints at news of that kind or its own time has come. Hints that
/// nothing waits for cost no call.
fn is_read_due(aggregate: &Aggregate, automation: &EnrollmentAutomation, now: Timestamp) -> bool {
    if is_review_due(automation, now) && has_anything_to_audit(aggregate, automation) {
        return true;
    }
    let id = automation.enrollment_automation_id;
    let hints = &automation.hints;
    let invitations = aggregate
        .enrollments_of(id)
        .filter_map(|enrollment| enrollment.record.next_read_at());
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
