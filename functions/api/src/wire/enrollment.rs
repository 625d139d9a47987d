//! How far a phone has come with one credential manager. The code of an open invitation is shown here and nowhere else: whoever has it
//! can register a phone in the person's name.

use fobless::domain::{
    aggregate::Aggregate,
    enrollment::{Enrollment, EnrollmentState},
    enrollment_automation::EnrollmentAutomation,
    ids::{AcsSystemId, EndpointId, EnrollmentAutomationId},
    phone::Phone,
};
use serde::Serialize;

/// How far the phone has come with one credential manager.
#[derive(Clone, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(crate) struct EnrollmentObject {
    status: &'static str,
    has_active_endpoint: bool,
    #[cfg_attr(test, schema(value_type = uuid::Uuid))]
    enrollment_automation_id: EnrollmentAutomationId,
    #[cfg_attr(test, schema(value_type = uuid::Uuid))]
    acs_system_id: AcsSystemId,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(value_type = Option<String>))]
    endpoint_id: Option<EndpointId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    invitation_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(format = DateTime))]
    invitation_expires_at: Option<String>,
}

impl std::fmt::Debug for EnrollmentObject {
    /// Without the invitation code, which is a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("EnrollmentObject");
        shown
            .field("status", &self.status)
            .field("enrollment_automation_id", &self.enrollment_automation_id)
            .finish_non_exhaustive()
    }
}

impl EnrollmentObject {
    /// `None`: the automation was deleted before it came to this phone.
    pub(crate) fn of(automation: &EnrollmentAutomation, phone: &Phone, aggregate: &Aggregate) -> Option<Self> {
        let id = automation.enrollment_automation_id;
        let enrollment = aggregate.enrollment(id, phone.device_id).map(|found| &found.record);
        if enrollment.is_none() && !automation.is_running() {
            return None;
        }
        let invitation = enrollment.and_then(invitation);
        Some(Self {
            status: enrollment.map_or("pending", |enrollment| status(&enrollment.state)),
            has_active_endpoint: enrollment.is_some_and(|enrollment| matches!(enrollment.state, EnrollmentState::Active { .. })),
            enrollment_automation_id: id,
            acs_system_id: automation.credential_manager_acs_system_id,
            endpoint_id: enrollment.and_then(|enrollment| enrollment.endpoint_id().cloned()),
            invitation_expires_at: invitation.as_ref().map(|(_, expires_at)| expires_at.clone()),
            invitation_code: invitation.map(|(code, _)| code),
        })
    }

    /// The same for who may not know the code.
    pub(crate) fn without_code(self) -> Self {
        Self {
            invitation_code: None,
            ..self
        }
    }

    /// Whether the phone is on its way to become an endpoint.
    pub(crate) fn is_under_way(&self) -> bool {
        matches!(self.status, "pending" | "invited")
    }

    /// Whether nothing is left of it, or soon will be.
    pub(crate) fn is_ending(&self) -> bool {
        matches!(self.status, "deactivating" | "deactivated")
    }
}

/// Code and expiry of the open invitation.
fn invitation(enrollment: &Enrollment) -> Option<(String, String)> {
    match &enrollment.state {
        EnrollmentState::Invited {
            invitation_code,
            expires_at,
            ..
        } => Some((invitation_code.expose().to_owned(), expires_at.to_string())),
        EnrollmentState::Active { .. } => enrollment
            .renewal
            .as_ref()
            .map(|renewal| (renewal.invitation_code.expose().to_owned(), renewal.expires_at.to_string())),
        _ => None,
    }
}

const fn status(state: &EnrollmentState) -> &'static str {
    match state {
        EnrollmentState::Pending => "pending",
        EnrollmentState::Invited { .. } => "invited",
        EnrollmentState::Active { .. } => "active",
        EnrollmentState::Deactivating { .. } => "deactivating",
        EnrollmentState::Deactivated { .. } => "deactivated",
        EnrollmentState::Failed => "failed",
    }
}
