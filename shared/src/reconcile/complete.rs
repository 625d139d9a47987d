//! Completes deletions: nothing hangs any more on what was to be deleted, so it is gone. Its record stays for a while, for clients
//! that repeat their request.

use super::step::{Progress, StepContext, settle};
use crate::{
    domain::{
        aggregate::Versioned,
        deletion::Deletable,
        enrollment_automation::EnrollmentAutomation,
        ids::{AcsCredentialId, AcsUserId, EnrollmentAutomationId},
        time::Timestamp,
        user_identity::UserIdentity,
    },
    store::{Record, StoreError},
};

impl StepContext<'_> {
    pub(super) async fn complete_credential(&self, parent: AcsCredentialId) -> Result<Progress, StoreError> {
        self.complete(self.aggregate.credential(parent), |_| {}).await
    }

    pub(super) async fn complete_acs_user(&self, user: AcsUserId) -> Result<Progress, StoreError> {
        self.complete(self.aggregate.acs_user(user), |_| {}).await
    }

    pub(super) async fn complete_identity(&self) -> Result<Progress, StoreError> {
        tracing::info!("everything below the user identity is undone");
        // The record stays, who it was does not.
        let forget = |identity: &mut UserIdentity| {
            identity.user_identity_key = None;
            identity.email_address = None;
            identity.phone_number = None;
            identity.full_name = None;
        };
        self.complete(self.aggregate.identity.as_ref(), forget).await
    }

    /// What hangs on a deleted thing is undone also where nobody asked for that alone, hence the request.
    async fn complete<R: Record + Deletable>(
        &self,
        seen: Option<&Versioned<R>>,
        forget: impl FnOnce(&mut R) + Send,
    ) -> Result<Progress, StoreError> {
        let Some(seen) = seen else {
            return Ok(Progress::LostToAnother);
        };
        let now = self.now();
        let mut record = seen.record.clone();
        record.request_deletion(now);
        record.complete_deletion(now);
        forget(&mut record);
        // Over what was seen only: whoever wrote it meanwhile may have taken it out of the deletion.
        settle(self.store.replace(record, seen).await.map(Some))
    }

    /// The automation of a person who is being deleted. Nobody looks after it any more.
    pub(super) async fn end_automation(&self, automation: EnrollmentAutomationId) -> Result<Progress, StoreError> {
        let Some(seen) = self.automation(automation).cloned() else {
            return Ok(Progress::LostToAnother);
        };
        let now = self.now();
        let end = |automation: &mut EnrollmentAutomation| {
            let was_running = automation.is_running();
            automation.deleted_at.get_or_insert(now);
            automation.review_at = Timestamp::MAX;
            was_running
        };
        settle(self.store.amend(seen, end).await)
    }
}
