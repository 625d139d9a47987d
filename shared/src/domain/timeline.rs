//! The explanation of one phone: every step that concerned it, oldest first, and what it waits for now. Pure, from what the records
//! tell; there are no secrets in it and no card numbers.

use super::{
    aggregate::Aggregate,
    effort::Effort,
    enrollment::{Enrollment, EnrollmentState},
    enrollment_automation::EnrollmentAutomation,
    history::{Deed, Entry, Outcome, Seen, What},
    ids::{AcsCredentialId, DeviceId, EnrollmentAutomationId, UserIdentityId},
    phone::Phone,
    phone_credential::{PhoneCredential, PhoneCredentialState},
    time::Timestamp,
    waiting::waiting_for,
    wishes::is_person_wanted,
};

/// What became of a phone, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeline {
    /// The phone.
    pub device_id: DeviceId,
    /// Whose it is.
    pub user_identity_id: UserIdentityId,
    /// What happened, oldest first.
    pub events: Vec<TimelineEvent>,
    /// How many older steps are not kept any more.
    pub forgotten: u32,
    /// What the phone waits for, in sentences; never empty.
    pub waiting_for: Vec<String>,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimelineEvent {
    /// When it began, or was seen.
    pub at: Timestamp,
    /// What it was about.
    pub subject: Subject,
    /// What was done or seen; stable, for programs.
    pub step: &'static str,
    /// Why, in words.
    pub cause: &'static str,
    /// Which claim of its record it was; absent where nothing was claimed.
    pub attempt: Option<u32>,
    /// What came of it; stable, for programs.
    pub outcome: &'static str,
    /// What came of it, in words.
    pub message: Option<String>,
}

/// What an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The phone itself.
    Phone,
    /// The person at a credential manager.
    Automation(EnrollmentAutomationId),
    /// The phone at a credential manager.
    Enrollment(EnrollmentAutomationId),
    /// A credential of the phone.
    Credential(AcsCredentialId),
}

/// What happened to `device`; `None`: there is no such phone.
#[must_use]
pub fn timeline(aggregate: &Aggregate, device: DeviceId, now: Timestamp) -> Option<Timeline> {
    let phone = &aggregate.phone(device)?.record;
    let mut telling = Telling {
        aggregate,
        phone,
        now,
        events: Vec::new(),
        forgotten: 0,
    };
    telling.phone();
    for automation in &aggregate.automations {
        telling.automation(&automation.record);
    }
    for enrollment in aggregate.enrollments.iter().filter(|found| found.record.device_id == device) {
        telling.enrollment(&enrollment.record);
    }
    for child in aggregate.phone_credentials.iter().filter(|found| found.record.device_id == device) {
        telling.credential(&child.record);
    }
    telling.events.sort_by_key(|event| event.at);
    Some(Timeline {
        device_id: device,
        user_identity_id: phone.user_identity_id,
        events: telling.events,
        forgotten: telling.forgotten,
        waiting_for: waiting_for(aggregate, phone, now),
    })
}

struct Telling<'a> {
    aggregate: &'a Aggregate,
    phone: &'a Phone,
    now: Timestamp,
    events: Vec<TimelineEvent>,
    forgotten: u32,
}

impl Telling<'_> {
    fn phone(&mut self) {
        self.fact(
            self.phone.created_at,
            Subject::Phone,
            "heard_of",
            "The first webhook about the phone came",
        );
        if let Some(registered_at) = self.phone.registered_at {
            self.fact(registered_at, Subject::Phone, "registered", "The phone was registered");
        }
        if !self.phone.is_registered() {
            self.fact(self.phone.occurred_at, Subject::Phone, "deactivated", "The phone was deactivated");
        }
    }

    fn automation(&mut self, automation: &EnrollmentAutomation) {
        let subject = Subject::Automation(automation.enrollment_automation_id);
        self.fact(
            automation.created_at,
            subject,
            "launched",
            "The enrollment automation of the person was launched",
        );
        if let Some(deleted_at) = automation.deleted_at {
            let cause = "The enrollment automation of the person was deleted: it enrols no further phone";
            self.fact(deleted_at, subject, "deleted", cause);
        }
        let cause = "The person's phones are to be enrolled, and the credential manager has to know the person first";
        self.history(subject, &automation.ensure_user, |_, _| cause);
    }

    fn enrollment(&mut self, enrollment: &Enrollment) {
        let subject = Subject::Enrollment(enrollment.enrollment_automation_id);
        self.history(subject, &enrollment.effort, |telling, entry| match &entry.what {
            What::Did {
                deed: Deed::EndEnrollment, ..
            } => telling.cause_of_end(entry.at),
            _ => "The phone was registered, and an enrollment automation runs for the person",
        });
        let cause = "The phone has another endpoint by now, and the one that it had before would take another phone's room";
        self.history(subject, &enrollment.removal, |_, _| cause);
        match enrollment.state {
            EnrollmentState::Active { enrolled_at, .. } => {
                self.fact(enrolled_at, subject, "enrolled", "The phone redeemed its invitation");
            }
            EnrollmentState::Deactivated { at } => {
                self.fact(at, subject, "ended", "Nothing is left of the enrollment");
            }
            _ => {}
        }
    }

    fn credential(&mut self, child: &PhoneCredential) {
        let subject = Subject::Credential(child.acs_credential_id);
        self.history(subject, &child.effort, |telling, entry| match &entry.what {
            What::Did { deed: Deed::Withdraw, .. } => telling.cause_of_withdrawal(child, entry.at),
            What::Did { deed: Deed::Import, .. } => {
                "The credential is on the phone, and the access control system has to know its number and whose it is"
            }
            _ => "The phone is enrolled, and the multi-phone sync credential is in force",
        });
        let cause = "The app was installed again, and its former installation must not keep what it held";
        self.history(subject, &child.retirement, |_, _| cause);
        match child.state {
            PhoneCredentialState::Issued { issued_at, .. } => {
                let cause = "The credential is on the phone, and its number is with its ACS user";
                self.fact(issued_at, subject, "issued", cause);
            }
            PhoneCredentialState::Revoked { at, .. } => {
                self.fact(at, subject, "revoked", "Nothing is left of the credential");
            }
            _ => {}
        }
    }

    fn cause_of_end(&self, at: Timestamp) -> &'static str {
        if !self.phone.is_registered() && self.phone.occurred_at <= at {
            "The phone was deactivated, and it holds no credential any more"
        } else {
            "The person was deleted or the phone was deactivated, and it holds no credential any more"
        }
    }

    /// As far as the records still tell.
    fn cause_of_withdrawal(&self, child: &PhoneCredential, at: Timestamp) -> &'static str {
        let parent = self.aggregate.credential(child.parent_acs_credential_id).map(|found| &found.record);
        if !self.phone.is_registered() && self.phone.occurred_at <= at {
            "The phone was deactivated: the access control system must lose the number first, and then the phone the credential"
        } else if !is_person_wanted(self.aggregate) {
            "The person was deleted: the access control system must lose the number first, and then the phone the credential"
        } else if parent.is_none_or(|parent| parent.deletion.is_some()) {
            "The multi-phone sync credential was deleted: the access control system must lose the number first"
        } else {
            "The credential was not to be on the phone then: its multi-phone sync credential was out of force, or the phone had left its endpoint"
        }
    }

    fn history(&mut self, subject: Subject, effort: &Effort, cause: impl Fn(&Self, &Entry) -> &'static str) {
        self.forgotten = self.forgotten.saturating_add(effort.history.dropped());
        for (index, entry) in effort.history.entries().iter().enumerate() {
            let mut event = TimelineEvent {
                at: entry.at,
                subject,
                step: "",
                cause: cause(self, entry),
                attempt: None,
                outcome: "seen",
                message: None,
            };
            match &entry.what {
                What::Did { deed, attempt, outcome } => {
                    event.step = step_of(*deed);
                    event.attempt = Some(*attempt);
                    let is_held = effort.attempt == *attempt && !effort.is_free(self.now);
                    (event.outcome, event.message) = told(outcome, effort.history.message_of(index), is_held);
                }
                What::Saw(seen) => (event.step, event.cause) = sight(*seen),
                What::Met { code, message } => {
                    (event.step, event.outcome) = ("wait", "failed");
                    event.message = Some(format!("{message} {}", code.advice()));
                }
            }
            self.events.push(event);
        }
    }

    /// What the state itself tells; not again, where the history tells of the same moment.
    fn fact(&mut self, at: Timestamp, subject: Subject, step: &'static str, cause: &'static str) {
        let is_told = |event: &TimelineEvent| event.at == at && event.subject == subject && event.step == step;
        if !self.events.iter().any(is_told) {
            self.events.push(TimelineEvent {
                at,
                subject,
                step,
                cause,
                attempt: None,
                outcome: "known",
                message: None,
            });
        }
    }
}

const fn step_of(deed: Deed) -> &'static str {
    match deed {
        Deed::EnsureUser => "ensure_user",
        Deed::Invite => "invite",
        Deed::Issue => "issue",
        Deed::Import => "import",
        Deed::Withdraw => "withdraw",
        Deed::Retire => "retire",
        Deed::EndEnrollment => "end_enrollment",
        Deed::RemoveEndpoint => "remove_endpoint",
    }
}

fn told(outcome: &Outcome, message: Option<&str>, is_held: bool) -> (&'static str, Option<String>) {
    match outcome {
        Outcome::Unanswered if is_held => ("under_way", None),
        Outcome::Unanswered => {
            let message = "Its outcome was never recorded; the next attempt looks first whether it worked.";
            ("unanswered", Some(message.to_owned()))
        }
        Outcome::Worked => ("worked", None),
        Outcome::Failed { code, .. } => {
            let words = message.filter(|words| !words.is_empty()).unwrap_or("It failed.");
            ("failed", Some(format!("{words} ({code}) {}", code.advice())))
        }
        Outcome::Postponed { until } => ("postponed", Some(format!("It was not tried, and put off until {until}."))),
    }
}

const fn sight(seen: Seen) -> (&'static str, &'static str) {
    match seen {
        Seen::Redeemed => ("enrolled", "The phone redeemed its invitation"),
        Seen::RedeemedByUnknown => (
            "redeemed",
            "The invitation was redeemed; which endpoint of the credential manager came from it is not known yet",
        ),
        Seen::InvitationEnded => ("invitation_ended", "The invitation ended, and the phone had not redeemed it"),
        Seen::OnPhone => ("on_phone", "The credential manager brought the credential to the phone"),
        Seen::RevokedThere => ("revoked_there", "Somebody revoked the credential at the credential manager"),
        Seen::EndpointGone => ("endpoint_gone", "The credential manager does not know the phone any more"),
    }
}
