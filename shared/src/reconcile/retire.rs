//! Takes away what a phone still holds on an endpoint that it had before: the app was installed again, and the new installation has its
//! own credential by now.

use super::{
    attempt::{Attempt, Setback, both, no_later_than},
    step::{Progress, StepContext, settle, write_claim},
};
use crate::{
    domain::{
        history::Deed,
        ids::AcsCredentialId,
        phone_credential::{FormerCredential, PhoneCredential},
    },
    store::StoreError,
};

impl StepContext<'_> {
    pub(super) async fn retire(&self, credential: AcsCredentialId) -> Result<Progress, StoreError> {
        let Some(seen) = self.aggregate.phone_credential(credential) else {
            return Ok(Progress::LostToAnother);
        };
        let mut record = seen.record.clone();
        record.claim_removal_of_former(self.now());
        let Some(former) = record.former.first().cloned() else {
            return Ok(Progress::LostToAnother);
        };
        let attempt = Attempt::claim(&mut record.retirement, Deed::Retire, self.now());
        let Some(claimed) = write_claim(self.store, record, Some(seen)).await? else {
            return Ok(Progress::LostToAnother);
        };
        // As with every withdrawal, the number goes first, and what fails there does not keep the credential on the phone.
        let removed = self.remove_allocation(&claimed.record, former.allocation.as_ref()).await;
        let revoked = self.revoke_former(&claimed.record, &former).await;
        let done = both(&removed, &revoked);
        match done {
            Ok(()) => tracing::info!(acs_credential.id = %credential, "took the credential away from the phone's former endpoint"),
            Err(setback) => {
                tracing::warn!(acs_credential.id = %credential, setback = ?setback, "the former credential could not be taken away");
            }
        }
        let (now, chance) = (self.now(), self.chance());
        let record_outcome = |child: &mut PhoneCredential| {
            if !attempt.holds(&child.retirement) {
                return false;
            }
            match done {
                Ok(()) => {
                    child.former.retain(|kept| *kept != former);
                    child.retirement.succeed();
                }
                Err(setback) => {
                    attempt.set_back(&mut child.retirement, setback, now, chance);
                    no_later_than(&mut child.retirement, &removed);
                    let kept = child.former.iter_mut().find(|kept| **kept == former);
                    if let Some(allocation) = kept.and_then(|kept| kept.allocation.as_mut()) {
                        allocation.record_removal(now);
                    }
                }
            }
            true
        };
        settle(self.store.amend(claimed, record_outcome).await)
    }

    async fn revoke_former(&self, child: &PhoneCredential, former: &FormerCredential) -> Result<(), Setback> {
        let Some(automation) = self.automation(child.enrollment_automation_id) else {
            return Ok(());
        };
        let manager = self.manager(&automation.record)?;
        let user = automation.record.remote_user_id.as_ref();
        self.revoke_on(manager, user, &former.endpoint_id, &former.remote_id, former.shown_by)
            .await
    }
}
