//! Steps that call nobody: they only keep our own records findable and their alarm clocks set.

use super::{
    step::{Progress, StepContext, settle, write_claim},
    withdraw::left_revoked,
};
use crate::{
    domain::{
        effort::Effort,
        enrollment::{Enrollment, EnrollmentState},
        enrollment_automation::EnrollmentAutomation,
        failure::{Failure, FailureCode},
        ids::{AcsCredentialId, DeviceId, EnrollmentAutomationId},
        limits::{CREDENTIALS_PER_PHONE, PHONES_PER_USER},
        multi_phone_sync_credential::MultiPhoneSyncCredential,
        phone::{Phone, Presence},
        phone_credential::PhoneCredentialState,
        retry::REVIEW_EVERY,
        time::Timestamp,
        wishes::is_to_stay_revoked,
    },
    store::StoreError,
};

impl StepContext<'_> {
    /// The phone becomes findable by its id alone, and what is news of it is told, both in one write.
    pub(super) async fn announce(&self, device: DeviceId, told: Option<Presence>) -> Result<Progress, StoreError> {
        let Some(seen) = self.aggregate.phone(device).cloned() else {
            return Ok(Progress::LostToAnother);
        };
        // Another event may come in between: then what to tell is planned anew.
        let (presence, version) = (seen.record.presence, seen.version);
        let announce = |phone: &mut Phone| {
            let before = (phone.is_listed, phone.told);
            phone.is_listed = true;
            if phone.presence == presence {
                phone.told = told.or(phone.told);
            }
            before != (phone.is_listed, phone.told)
        };
        tracing::debug!(phone.id = %device, item.version = version, "telling of the phone");
        settle(self.store.amend(seen, announce).await)
    }

    /// Nothing is to be done for it: there is no room at the credential manager, or somebody revoked it there and it is to be left so. The record says
    /// which; what lacks room waits for it.
    pub(super) async fn park(
        &self,
        automation: EnrollmentAutomationId,
        device: DeviceId,
        parent: Option<AcsCredentialId>,
    ) -> Result<Progress, StoreError> {
        match parent {
            None => self.park_enrollment(automation, device).await,
            Some(parent) => self.park_credential(automation, device, parent).await,
        }
    }

    async fn park_enrollment(&self, automation: EnrollmentAutomationId, device: DeviceId) -> Result<Progress, StoreError> {
        let seen = self.aggregate.enrollment(automation, device);
        let now = self.now();
        let mut record = seen.map_or_else(|| self.new_enrollment(automation, device, now), |seen| seen.record.clone());
        record.state = EnrollmentState::Failed;
        let message = format!(
            "The person has {PHONES_PER_USER} phones with the credential manager, and it allows no more. Deactivate one of them; this one is then served by itself."
        );
        record
            .effort
            .fail_untried(None, no_room(FailureCode::PhoneLimitReached, message, now), Timestamp::MAX);
        Ok(progress(write_claim(self.store, record, seen).await?.is_some()))
    }

    async fn park_credential(
        &self,
        automation: EnrollmentAutomationId,
        device: DeviceId,
        parent: AcsCredentialId,
    ) -> Result<Progress, StoreError> {
        let now = self.now();
        let Some(mut record) = self.child_to_issue(automation, device, parent, now) else {
            return Ok(Progress::LostToAnother);
        };
        let seen = self.aggregate.phone_credential(record.acs_credential_id);
        record.state = PhoneCredentialState::Failed;
        let parent = self.aggregate.credential(parent);
        if seen.is_some_and(|seen| parent.is_some_and(|parent| is_to_stay_revoked(&seen.record, &parent.record))) {
            record.is_left_revoked = true;
            record.effort.fail_untried(None, left_revoked(now), Timestamp::MAX);
            return Ok(progress(write_claim(self.store, record, seen).await?.is_some()));
        }
        let message = format!(
            "The phone holds {CREDENTIALS_PER_PHONE} credentials, and the credential manager allows no more. Delete one of its multi-phone sync credentials; this one is then served by itself."
        );
        record
            .effort
            .fail_untried(None, no_room(FailureCode::CredentialLimitReached, message, now), Timestamp::MAX);
        Ok(progress(write_claim(self.store, record, seen).await?.is_some()))
    }

    pub(super) async fn pass_change(&self, parent: AcsCredentialId) -> Result<Progress, StoreError> {
        let Some(seen) = self.aggregate.credential(parent).cloned() else {
            return Ok(Progress::LostToAnother);
        };
        let now = self.now();
        let pass = |parent: &mut MultiPhoneSyncCredential| {
            let next = parent.next_change(now);
            std::mem::replace(&mut parent.next_change_at, next) != next
        };
        settle(self.store.amend(seen, pass).await)
    }

    pub(super) async fn pass_review(&self, automation: EnrollmentAutomationId) -> Result<Progress, StoreError> {
        let Some(seen) = self.automation(automation).cloned() else {
            return Ok(Progress::LostToAnother);
        };
        let now = self.now();
        let pass = |automation: &mut EnrollmentAutomation| {
            let is_due = automation.review_at <= now;
            if is_due {
                automation.review_at = now.plus(REVIEW_EVERY);
            }
            is_due
        };
        settle(self.store.amend(seen, pass).await)
    }

    /// Takes a try that nothing can follow on off the alarm clock. What is not known of an earlier call stays so.
    pub(super) async fn rest(&self, automation: EnrollmentAutomationId, device: Option<DeviceId>) -> Result<Progress, StoreError> {
        let now = self.now();
        let rest = |effort: &mut Effort| {
            let is_over = effort.due_at().is_some_and(|due| due <= now);
            if is_over {
                effort.lease_until = None;
                effort.not_before = None;
            }
            is_over
        };
        if let Some(device) = device {
            let Some(seen) = self.aggregate.enrollment(automation, device).cloned() else {
                return Ok(Progress::LostToAnother);
            };
            let one = |enrollment: &mut Enrollment| rest(&mut enrollment.effort);
            return settle(self.store.amend(seen, one).await);
        }
        let Some(seen) = self.automation(automation).cloned() else {
            return Ok(Progress::LostToAnother);
        };
        let both = |automation: &mut EnrollmentAutomation| rest(&mut automation.read) | rest(&mut automation.ensure_user);
        settle(self.store.amend(seen, both).await)
    }
}

fn no_room(code: FailureCode, message: String, at: Timestamp) -> Failure {
    Failure { code, message, at }
}

const fn progress(is_written: bool) -> Progress {
    if is_written { Progress::Made } else { Progress::LostToAnother }
}
