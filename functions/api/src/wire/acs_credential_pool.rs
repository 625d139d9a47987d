//! `acs_credential_pool`.

use fobless::domain::{
    acs::AcsCredentialPool,
    failure::FailureCode,
    ids::{AcsCredentialPoolId, AcsSystemId, WorkspaceId},
    pool_level::{PoolShortage, shortage},
};
use serde::Serialize;

use super::notices::Notices;

/// The code of the warning that a pool will be empty soon.
const CREDENTIAL_POOL_LOW: &str = "credential_pool_low";

/// A credential pool.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(crate) struct AcsCredentialPoolObject {
    #[cfg_attr(test, schema(value_type = uuid::Uuid))]
    acs_credential_pool_id: AcsCredentialPoolId,
    #[cfg_attr(test, schema(value_type = uuid::Uuid))]
    acs_system_id: AcsSystemId,
    display_name: String,
    external_type: &'static str,
    external_type_display_name: &'static str,
    #[cfg_attr(test, schema(value_type = uuid::Uuid))]
    workspace_id: WorkspaceId,
    #[cfg_attr(test, schema(format = DateTime))]
    created_at: String,
    /// An extension: how many credentials were left when the issuer last looked; absent while nobody counted them.
    #[serde(skip_serializing_if = "Option::is_none")]
    available: Option<u64>,
    /// An extension: when the issuer last looked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(format = DateTime))]
    level_read_at: Option<String>,
    #[serde(flatten)]
    notices: Notices,
}

impl AcsCredentialPoolObject {
    pub(crate) fn of(pool: &AcsCredentialPool) -> Self {
        let level = pool.level.as_ref();
        Self {
            acs_credential_pool_id: pool.acs_credential_pool_id,
            acs_system_id: pool.acs_system_id,
            display_name: pool.display_name.clone(),
            external_type: "hid_part_number",
            external_type_display_name: "HID Part Number",
            workspace_id: pool.workspace_id,
            created_at: pool.created_at.to_string(),
            available: level.and_then(|level| level.available),
            level_read_at: level.map(|level| level.read_at.to_string()),
            notices: notices(pool),
        }
    }
}

fn notices(pool: &AcsCredentialPool) -> Notices {
    let mut notices = Notices::default();
    let Some(level) = &pool.level else { return notices };
    match shortage(Some(level)) {
        Some(PoolShortage::Exhausted) => notices.blame(
            &FailureCode::CredentialPoolExhausted.to_string(),
            "The credential pool is empty: phones wait until it is filled",
            level.read_at,
        ),
        Some(PoolShortage::Low) => notices.warn(CREDENTIAL_POOL_LOW, "The credential pool is nearly empty", level.read_at),
        None => {}
    }
    notices
}
