//! An endpoint that a phone has by a trusted callback's word alone (decision 25): what is read before anything is done about it that can't be undone.

use super::{attempt::Setback, step::StepContext};
use crate::{
    credential_manager::{Priority, RemoteUser},
    domain::{
        enrollment::Enrollment,
        enrollment_automation::EnrollmentAutomation,
        failure::FailureCode,
        ids::EndpointId,
        phone_credential::PhoneCredential,
        retry::{Pace, has_looked_enough},
    },
};

impl StepContext<'_> {
    /// Whether an endpoint that the phone left is its own, so that it may be removed: one that is merely believed has to be shown with its person before,
    /// since its id may be somebody else's. A fresh one may be shown later, so it is asked for again.
    pub(super) async fn is_its_own(
        &self,
        automation: &EnrollmentAutomation,
        enrollment: &Enrollment,
        endpoint: &EndpointId,
    ) -> Result<bool, Setback> {
        if !enrollment.merely_believes(endpoint) {
            return Ok(true);
        }
        let Some(user) = &automation.remote_user_id else { return Ok(false) };
        match self.manager(automation)?.read_user(user, Priority::Revoke).await? {
            Some(view) if view.shows(endpoint) => Ok(true),
            Some(_) if !has_looked_enough(&enrollment.removal) => {
                let message = "The credential manager does not show the endpoint yet that its callback told of.";
                Err(Setback::because(FailureCode::EndpointNotIdentified, Pace::Quick, message))
            }
            _ => Ok(false),
        }
    }

    /// Whether the child's endpoint is merely believed.
    pub(super) fn is_merely_believed(&self, child: &PhoneCredential) -> bool {
        let enrollment = self.aggregate.enrollment(child.enrollment_automation_id, child.device_id);
        enrollment.is_some_and(|found| found.record.merely_believes(&child.endpoint_id))
    }

    /// An issue to an endpoint that is merely believed met trouble: nothing more is issued to it before it is shown. A fresh one may be shown a
    /// moment later than it was told of; one that is never shown is not this person's.
    pub(super) fn wait_until_shown(&self, view: &RemoteUser, child: &PhoneCredential) -> Result<(), Setback> {
        if view.shows(&child.endpoint_id) || !self.is_merely_believed(child) {
            return Ok(());
        }
        let enrollment = self.aggregate.enrollment(child.enrollment_automation_id, child.device_id);
        let Some(shown_by) = enrollment.and_then(|found| found.record.shown_by()) else {
            return Ok(());
        };
        Err(if self.now() < shown_by {
            let message = "The credential manager does not show the phone yet, which its callback told of.";
            Setback::because(FailureCode::CredentialManagerBusy, Pace::Quick, message)
        } else {
            let message = "The credential manager does not show the phone that its callback told of; it is invited again.";
            Setback::because(FailureCode::EndpointGone, Pace::Quick, message)
        })
    }
}
