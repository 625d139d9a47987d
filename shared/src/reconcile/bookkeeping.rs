//! Steps that call nobody: they only keep our own records findable and their alarm clocks set.

use super::step::{Progress, StepContext, settle};
use crate::{
    domain::{
        effort::Effort,
        enrollment::Enrollment,
        enrollment_automation::EnrollmentAutomation,
        ids::{AcsCredentialId, DeviceId, EnrollmentAutomationId},
        multi_phone_sync_credential::MultiPhoneSyncCredential,
        retry::REVIEW_EVERY,
    },
    store::StoreError,
};

impl StepContext<'_> {
    pub(super) async fn list_phone(&self, device: DeviceId) -> Result<Progress, StoreError> {
        let Some(seen) = self.aggregate.phone(device).cloned() else {
            return Ok(Progress::LostToAnother);
        };
        let written = self.store.amend(seen, |phone| !std::mem::replace(&mut phone.is_listed, true)).await;
        settle(written)
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
        let Some(device) = device else {
            let Some(seen) = self.automation(automation).cloned() else {
                return Ok(Progress::LostToAnother);
            };
            let both = |automation: &mut EnrollmentAutomation| rest(&mut automation.read) | rest(&mut automation.ensure_user);
            return settle(self.store.amend(seen, both).await);
        };
        let Some(seen) = self.aggregate.enrollment(automation, device).cloned() else {
            return Ok(Progress::LostToAnother);
        };
        settle(
            self.store
                .amend(seen, |enrollment: &mut Enrollment| rest(&mut enrollment.effort))
                .await,
        )
    }
}
