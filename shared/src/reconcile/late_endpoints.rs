//! Endpoints of phones that were lost after they had redeemed their code and before anybody here saw it: no record names them, and each
//! takes the room of another phone of its person.

use super::{attempt::Setback, read::EVENTS_MARGIN, step::StepContext};
use crate::{
    credential_manager::{CallError, CredentialManager, Priority},
    domain::{
        enrollment::Enrollment,
        enrollment_automation::EnrollmentAutomation,
        failure::FailureCode,
        ids::{EndpointId, InvitationId, RemoteUserId},
        pairing::{LateEndpoints, late_endpoints},
        retry::{Pace, has_looked_enough},
    },
};

impl StepContext<'_> {
    /// The endpoints that came from `invitations` of an enrollment that ends.
    pub(super) async fn late_endpoints(
        &self,
        manager: &dyn CredentialManager,
        automation: &EnrollmentAutomation,
        user: &RemoteUserId,
        enrollment: &Enrollment,
        invitations: &[InvitationId],
    ) -> Result<LateEndpoints, Setback> {
        let Some(view) = manager.read_user(user, Priority::Revoke).await? else {
            return Ok(LateEndpoints::default());
        };
        // Loaded anew: another phone of this person may have been given its endpoint a moment ago.
        let aggregate = self.store.load(self.owner).await.map_err(CallError::from)?;
        let hinted = aggregate
            .automation(automation.enrollment_automation_id)
            .map(|found| found.record.hints.pairings.clone());
        let mut named: Vec<(EndpointId, InvitationId)> = hinted.into_iter().flatten().collect();
        let mut late = late_endpoints(&aggregate, automation, invitations, &named, &view);
        if !late.missing.is_empty() {
            let made = view.invitations.iter().filter(|shown| invitations.contains(&shown.id));
            let since = made.filter_map(|shown| shown.created_at).min().unwrap_or(enrollment.created_at);
            match manager.pairings(user, since.minus(EVENTS_MARGIN)).await {
                Ok(pairings) => named.extend(pairings.into_iter().map(|pairing| (pairing.endpoint, pairing.invitation))),
                Err(error) => tracing::warn!("the credential manager's events could not be read: {error}"),
            }
            late = late_endpoints(&aggregate, automation, invitations, &named, &view);
        }
        if late.missing.is_empty() {
            return Ok(late);
        }
        if !has_looked_enough(&enrollment.effort) {
            let message = "The phone redeemed its invitation; which endpoint came from it is not known yet.";
            return Err(Setback::because(FailureCode::EndpointNotIdentified, Pace::Quick, message));
        }
        tracing::warn!(phone.id = %enrollment.device_id, "which endpoint the phone is can't be told, so it takes room until it is named");
        Ok(late)
    }
}
