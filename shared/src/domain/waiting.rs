//! What a phone waits for now, in sentences that an operator can act on.

use super::{
    aggregate::Aggregate,
    effort::Effort,
    enrollment::{Enrollment, EnrollmentState},
    enrollment_automation::EnrollmentAutomation,
    ids::AcsCredentialId,
    multi_phone_sync_credential::MultiPhoneSyncCredential,
    out_of_force::why_none_is_in_force,
    phone::Phone,
    phone_credential::{PhoneCredential, PhoneCredentialState},
    time::Timestamp,
    wishes::{is_allocated_as_wished, is_enrolling, is_phone_wanted, is_told_the_period, is_wished_anywhere, wished_parents},
};

/// What `phone` waits for; never empty.
pub(super) fn waiting_for(aggregate: &Aggregate, phone: &Phone, now: Timestamp) -> Vec<String> {
    let mut waits = Waits {
        aggregate,
        phone,
        now,
        sentences: Vec::new(),
    };
    if is_phone_wanted(aggregate, phone) {
        waits.service();
    } else {
        waits.clearance();
    }
    waits.removals();
    if waits.sentences.is_empty() {
        waits.sentences.push(waits.nothing());
    }
    waits.sentences
}

struct Waits<'a> {
    aggregate: &'a Aggregate,
    phone: &'a Phone,
    now: Timestamp,
    sentences: Vec<String>,
}

impl<'a> Waits<'a> {
    fn say(&mut self, sentence: impl Into<String>) {
        self.sentences.push(sentence.into());
    }

    fn enrollments(&self) -> impl Iterator<Item = &'a Enrollment> + use<'a> {
        let device = self.phone.device_id;
        let all = self.aggregate.enrollments.iter().map(|found| &found.record);
        all.filter(move |enrollment| enrollment.device_id == device)
    }

    fn children(&self) -> impl Iterator<Item = &'a PhoneCredential> + use<'a> {
        let device = self.phone.device_id;
        let all = self.aggregate.phone_credentials.iter().map(|found| &found.record);
        all.filter(move |child| child.device_id == device)
    }

    fn nothing(&self) -> String {
        let is_held = |child: &&PhoneCredential| matches!(child.state, PhoneCredentialState::Issued { .. });
        match self.children().filter(is_held).count() {
            0 => "Nothing: the phone holds no credentials, and is to hold none.".to_owned(),
            1 => "Nothing: the phone holds 1 credential.".to_owned(),
            count => format!("Nothing: the phone holds {count} credentials."),
        }
    }

    /// Endpoints that the phone left for another one.
    fn removals(&mut self) {
        for enrollment in self.enrollments().filter(|enrollment| !enrollment.abandoned_endpoints.is_empty()) {
            let how = how_far(&enrollment.removal, self.now);
            self.say(format!(
                "An endpoint that the phone had before has to be removed at the credential manager, once nothing is on it. {how}"
            ));
        }
    }

    /// The phone is gone, or its person is: everything is taken away.
    fn clearance(&mut self) {
        for child in self.children().filter(|child| !child.is_all_gone()) {
            self.withdrawal(child);
        }
        for enrollment in self.enrollments() {
            if !matches!(enrollment.state, EnrollmentState::Deactivated { .. }) {
                let how = how_far(&enrollment.effort, self.now);
                self.say(format!("The phone's enrollment has to end, after its credentials are gone. {how}"));
            }
        }
    }

    fn withdrawal(&mut self, child: &PhoneCredential) {
        let id = child.acs_credential_id;
        if matches!(child.state, PhoneCredentialState::Revoked { .. }) {
            self.retirement(child);
            return;
        }
        let how = how_far(&child.effort, self.now);
        let what = match child.state {
            PhoneCredentialState::Revoking { is_off_phone: true, .. } => {
                "is off the phone; the access control system must still lose its number."
            }
            _ => "has to be taken away: first its number from the access control system, then the credential from the phone.",
        };
        self.say(format!("Credential {id} {what} {how}"));
    }

    fn retirement(&mut self, child: &PhoneCredential) {
        if !child.former.is_empty() {
            let how = how_far(&child.retirement, self.now);
            let id = child.acs_credential_id;
            self.say(format!(
                "Credential {id} has to leave an installation that the phone had before. {how}"
            ));
        }
    }

    fn service(&mut self) {
        let automations = || self.aggregate.automations.iter().map(|found| &found.record);
        if !automations().any(|automation| is_enrolling(self.aggregate, automation)) {
            let is_enrolled = self
                .enrollments()
                .any(|found| matches!(found.state, EnrollmentState::Active { .. }));
            if !is_enrolled {
                self.say("No enrollment automation is running for the person: launch one.");
            }
        }
        for automation in self.aggregate.automations.iter().map(|found| &found.record) {
            self.enrollment(automation);
        }
        for child in self.children() {
            if !is_wished_anywhere(self.aggregate, child, self.now) && !child.is_all_gone() {
                self.withdrawal(child);
            }
        }
    }

    fn enrollment(&mut self, automation: &EnrollmentAutomation) {
        let is_enrolling = is_enrolling(self.aggregate, automation);
        let found = self.aggregate.enrollment(automation.enrollment_automation_id, self.phone.device_id);
        let Some(enrollment) = found.map(|found| &found.record) else {
            if is_enrolling {
                self.invitation(automation, &Effort::default());
            }
            return;
        };
        match &enrollment.state {
            EnrollmentState::Pending | EnrollmentState::Deactivated { .. } | EnrollmentState::Failed if is_enrolling => {
                self.invitation(automation, &enrollment.effort);
            }
            EnrollmentState::Invited { expires_at, .. } => {
                let trouble = trouble(&enrollment.effort);
                self.say(format!(
                    "The phone has to redeem its invitation code; the code works until {expires_at}.{trouble}"
                ));
                self.look(automation);
            }
            EnrollmentState::Active { .. } => {
                self.renewal(enrollment);
                self.issues(automation);
            }
            EnrollmentState::Deactivating { .. } => {
                let how = how_far(&enrollment.effort, self.now);
                self.say(format!(
                    "The phone's former enrollment has to end before it is invited again. {how}"
                ));
            }
            EnrollmentState::Pending | EnrollmentState::Deactivated { .. } | EnrollmentState::Failed => {}
        }
    }

    fn invitation(&mut self, automation: &EnrollmentAutomation, effort: &Effort) {
        if automation.remote_user_id.is_none() {
            let how = how_far(&automation.ensure_user, self.now);
            self.say(format!(
                "The credential manager has to know the person before the phone is invited. {how}"
            ));
        } else {
            let how = how_far(effort, self.now);
            self.say(format!("The credential manager has to invite the phone. {how}"));
        }
    }

    fn renewal(&mut self, enrollment: &Enrollment) {
        if let Some(renewal) = &enrollment.renewal {
            let until = renewal.expires_at;
            self.say(format!(
                "The phone registered anew: if its app was installed again, it has to redeem its new code, which works until {until}; else it keeps what it holds."
            ));
        } else if enrollment.effort.last_failure.is_some() {
            let how = how_far(&enrollment.effort, self.now);
            self.say(format!("The phone registered anew, and has to be invited again. {how}"));
        }
    }

    fn look(&mut self, automation: &EnrollmentAutomation) {
        if automation.read.last_failure.is_some() {
            let how = how_far(&automation.read, self.now);
            self.say(format!("What the credential manager shows has to be read. {how}"));
        }
    }

    fn issues(&mut self, automation: &EnrollmentAutomation) {
        let parents: Vec<&MultiPhoneSyncCredential> = wished_parents(self.aggregate, automation, self.now).collect();
        if parents.is_empty() {
            let why = why_none_is_in_force(self.aggregate, automation, self.now);
            self.say(format!("No multi-phone sync credential is in force: {why}"));
        }
        for parent in parents {
            let id = AcsCredentialId::of_phone(parent.acs_credential_id, automation.enrollment_automation_id, self.phone.device_id);
            match self.aggregate.phone_credential(id) {
                None => self.say(format!(
                    "A credential of multi-phone sync credential {} has to be issued. It is due now.",
                    parent.acs_credential_id
                )),
                Some(child) => self.credential(automation, &child.record),
            }
        }
    }

    /// A credential that is wished.
    fn credential(&mut self, automation: &EnrollmentAutomation, child: &PhoneCredential) {
        let (id, how) = (child.acs_credential_id, how_far(&child.effort, self.now));
        match &child.state {
            PhoneCredentialState::Pending | PhoneCredentialState::Revoked { .. } | PhoneCredentialState::Failed => {
                self.say(format!("Credential {id} has to be issued. {how}"));
            }
            PhoneCredentialState::Issuing { since, .. } => {
                self.say(format!(
                    "The credential manager has been bringing credential {id} to the phone since {since}; the app has to be opened on the phone."
                ));
                self.look(automation);
            }
            PhoneCredentialState::Importing { since, .. } => self.say(format!(
                "Credential {id} has been on the phone since {since}, and opens no door until the access control system has its number. {how}"
            )),
            PhoneCredentialState::Revoking { .. } => {
                self.say(format!("Credential {id} has to be taken away completely before it is issued again. {how}"));
            }
            PhoneCredentialState::Issued { .. } => {
                let parent = self.aggregate.credential(child.parent_acs_credential_id);
                if parent.is_some_and(|parent| !is_allocated_as_wished(&parent.record, child)) {
                    self.say(format!("The number of credential {id} has to move to another ACS user. {how}"));
                }
                if parent.is_some_and(|parent| !is_told_the_period(&parent.record, child)) {
                    self.say(format!("The access control system has to be told from when until when credential {id} counts. {how}"));
                }
                self.retirement(child);
            }
        }
    }
}

/// How far an effort has come: who is at it, or why and until when it waits, and what to do about that.
fn how_far(effort: &Effort, now: Timestamp) -> String {
    if let Some(until) = effort.lease_until.filter(|until| *until > now) {
        return format!(
            "Attempt {} is under way; if nothing comes of it, it is taken up again at {until}.",
            effort.attempt
        );
    }
    let trouble = trouble(effort);
    let again = match effort.not_before {
        Some(Timestamp::MAX) => "It is not tried again before somebody acts.".to_owned(),
        Some(until) if until > now => format!("It is tried again at {until}."),
        _ => "It is due now.".to_owned(),
    };
    format!("{again}{trouble}")
}

/// The last failure, and what to do about it.
fn trouble(effort: &Effort) -> String {
    effort.last_failure.as_ref().map_or_else(String::new, |failure| {
        format!(" It failed at {}: {} {}", failure.at, failure.message, failure.code.advice())
    })
}
