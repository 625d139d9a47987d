//! `enrollment_automation`.

use fobless::domain::{
    enrollment_automation::EnrollmentAutomation,
    ids::{AcsCredentialPoolId, AcsSystemId, EnrollmentAutomationId, UserIdentityId, WorkspaceId},
};
use serde::Serialize;

use super::notices::Notices;

/// An enrollment automation.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(crate) struct EnrollmentAutomationObject {
    #[cfg_attr(test, schema(value_type = uuid::Uuid))]
    enrollment_automation_id: EnrollmentAutomationId,
    /// The automation's id under its older name.
    #[cfg_attr(test, schema(value_type = uuid::Uuid))]
    acs_credential_provisioning_automation_id: EnrollmentAutomationId,
    #[cfg_attr(test, schema(value_type = uuid::Uuid))]
    user_identity_id: UserIdentityId,
    #[cfg_attr(test, schema(value_type = uuid::Uuid))]
    credential_manager_acs_system_id: AcsSystemId,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(value_type = Option<uuid::Uuid>))]
    acs_credential_pool_id: Option<AcsCredentialPoolId>,
    is_running: bool,
    #[cfg_attr(test, schema(value_type = uuid::Uuid))]
    workspace_id: WorkspaceId,
    #[cfg_attr(test, schema(format = DateTime))]
    created_at: String,
    #[serde(flatten)]
    notices: Notices,
}

/// The same in its older form.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(crate) struct CredentialProvisioningAutomationObject {
    #[cfg_attr(test, schema(value_type = uuid::Uuid))]
    acs_credential_provisioning_automation_id: EnrollmentAutomationId,
    #[cfg_attr(test, schema(value_type = uuid::Uuid))]
    user_identity_id: UserIdentityId,
    #[cfg_attr(test, schema(value_type = uuid::Uuid))]
    credential_manager_acs_system_id: AcsSystemId,
    #[cfg_attr(test, schema(value_type = uuid::Uuid))]
    workspace_id: WorkspaceId,
    #[cfg_attr(test, schema(format = DateTime))]
    created_at: String,
}

impl CredentialProvisioningAutomationObject {
    pub(crate) fn of(automation: &EnrollmentAutomation) -> Self {
        Self {
            acs_credential_provisioning_automation_id: automation.enrollment_automation_id,
            user_identity_id: automation.user_identity_id,
            credential_manager_acs_system_id: automation.credential_manager_acs_system_id,
            workspace_id: automation.workspace_id,
            created_at: automation.created_at.to_string(),
        }
    }
}

impl EnrollmentAutomationObject {
    pub(crate) fn of(automation: &EnrollmentAutomation) -> Self {
        Self {
            enrollment_automation_id: automation.enrollment_automation_id,
            acs_credential_provisioning_automation_id: automation.enrollment_automation_id,
            user_identity_id: automation.user_identity_id,
            credential_manager_acs_system_id: automation.credential_manager_acs_system_id,
            acs_credential_pool_id: automation.acs_credential_pool_id,
            is_running: automation.is_running(),
            workspace_id: automation.workspace_id,
            created_at: automation.created_at.to_string(),
            notices: Notices::of([&automation.ensure_user, &automation.read]),
        }
    }
}
