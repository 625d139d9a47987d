//! `acs_credential_pool`.

use fobless::domain::{
    acs::AcsCredentialPool,
    ids::{AcsCredentialPoolId, AcsSystemId, WorkspaceId},
};
use serde::Serialize;

/// A credential pool.
#[derive(Debug, Serialize)]
pub(crate) struct AcsCredentialPoolObject {
    acs_credential_pool_id: AcsCredentialPoolId,
    acs_system_id: AcsSystemId,
    display_name: String,
    external_type: &'static str,
    external_type_display_name: &'static str,
    workspace_id: WorkspaceId,
    created_at: String,
}

impl AcsCredentialPoolObject {
    pub(crate) fn of(pool: &AcsCredentialPool) -> Self {
        Self {
            acs_credential_pool_id: pool.acs_credential_pool_id,
            acs_system_id: pool.acs_system_id,
            display_name: pool.display_name.clone(),
            external_type: "hid_part_number",
            external_type_display_name: "HID Part Number",
            workspace_id: pool.workspace_id,
            created_at: pool.created_at.to_string(),
        }
    }
}
