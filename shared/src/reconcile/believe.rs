//! Takes over what trusted callbacks said, without a call: decision 25.

use super::step::{Progress, StepContext, settle};
use crate::{
    domain::{enrollment_automation::EnrollmentAutomation, ids::EnrollmentAutomationId, trusted_news::believe},
    store::StoreError,
};

impl StepContext<'_> {
    pub(super) async fn believe(&self, automation: EnrollmentAutomationId) -> Result<Progress, StoreError> {
        let Some(seen) = self.automation(automation).cloned() else {
            return Ok(Progress::LostToAnother);
        };
        let now = self.now();
        let belief = believe(self.aggregate, &seen.record, now);
        tracing::info!(
            enrollments = belief.observation.enrollments.len(),
            credentials = belief.observation.phone_credentials.len(),
            doubted = belief.doubted.len(),
            "believed what callbacks said"
        );
        // The news go last: after a crash or a lost write they are weighed again, and found known.
        if !self.write_changes(belief.observation.clone()).await? {
            return Ok(Progress::LostToAnother);
        }
        let settle_news = |record: &mut EnrollmentAutomation| belief.settle(record, now);
        settle(self.store.amend(seen, settle_news).await)
    }
}
