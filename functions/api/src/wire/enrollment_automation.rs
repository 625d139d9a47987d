//! `enrollment_automation`.

use fobless::domain::{
    enrollment_automation::EnrollmentAutomation,
    ids::{AcsCredentialPoolId, AcsSystemId, EnrollmentAutomationId, UserIdentityId, WorkspaceId},
};
use serde::Serialize;

use super::notices::Notices;

/// An enrollment automation.
#[derive(Debug, Serialize)]
pub(crate) struct EnrollmentAutomationObject {
    enrollment_automation_id: EnrollmentAutomationId,
    /// The automation's id under its older name.
    acs_credential_provisioning_automation_id: EnrollmentAutomationId,
    user_identity_id: UserIdentityId,
    credential_manager_acs_system_id: AcsSystemId,
    #[serde(skip_serializing_if = "Option::is_none")]
    acs_credential_pool_id: Option<AcsCredentialPoolId>,
    is_running: bool,
    workspace_id: WorkspaceId,
    created_at: String,
    #[serde(flatten)]
    notices: Notices,
}

/// The same in its older form.
#[derive(Debug, Serialize)]
pub(crate) struct CredentialProvisioningAutomationObject {
    acs_credential_provisioning_automation_id: EnrollmentAutomationId,
    user_identity_id: UserIdentityId,
    credential_manager_acs_system_id: AcsSystemId,
    workspace_id: WorkspaceId,
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
