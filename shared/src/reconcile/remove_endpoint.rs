//! Removes an endpoint that a phone left for another one, since its app was installed again, or that it made as it was let go.

use super::{
    attempt::{Attempt, Setback},
    step::{Progress, StepContext, settle, write_claim},
};
use crate::{
    domain::{
        enrollment::Enrollment,
        history::Deed,
        ids::{DeviceId, EndpointId, EnrollmentAutomationId},
        plan_removals::endpoint_to_remove,
    },
    store::StoreError,
};

impl StepContext<'_> {
    pub(super) async fn remove_endpoint(&self, automation: EnrollmentAutomationId, device: DeviceId) -> Result<Progress, StoreError> {
        let Some(seen) = self.aggregate.enrollment(automation, device) else {
            return Ok(Progress::LostToAnother);
        };
        let Some(endpoint) = endpoint_to_remove(self.aggregate, &seen.record).cloned() else {
            return Ok(Progress::LostToAnother);
        };
        let mut record = seen.record.clone();
        let mut attempt = Attempt::claim(&mut record.removal, Deed::RemoveEndpoint, self.now());
        // One that is gone counts as removed, so a repeat does no harm and nothing has to be looked for before it.
        attempt.nothing_is_unknown();
        let Some(claimed) = write_claim(self.store, record, Some(seen)).await? else {
            return Ok(Progress::LostToAnother);
        };
        let removed = self.remove(&claimed.record, &endpoint).await;
        match &removed {
            Ok(()) => tracing::info!(phone.id = %device, "the endpoint that the phone had before takes no room"),
            Err(setback) => {
                tracing::warn!(phone.id = %device, setback = ?setback, "the endpoint that the phone had before could not be removed");
            }
        }
        let (now, chance) = (self.now(), self.chance());
        let record_outcome = |enrollment: &mut Enrollment| {
            if !attempt.holds(&enrollment.removal) {
                return false;
            }
            match &removed {
                Ok(()) => {
                    enrollment.abandoned_endpoints.retain(|kept| *kept != endpoint);
                    enrollment.believed_endpoints.remove(&endpoint);
                    enrollment.removal.succeed();
                }
                Err(setback) => attempt.set_back(&mut enrollment.removal, setback, now, chance),
            }
            true
        };
        settle(self.store.amend(claimed, record_outcome).await)
    }

    async fn remove(&self, enrollment: &Enrollment, endpoint: &EndpointId) -> Result<(), Setback> {
        let Some(automation) = self.automation(enrollment.enrollment_automation_id) else {
            return Ok(());
        };
        if self.is_its_own(&automation.record, enrollment, endpoint).await? {
            self.manager(&automation.record)?.remove_endpoint(endpoint).await?;
        }
        Ok(())
    }
}
