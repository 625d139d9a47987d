//! `acs_system`.

use fobless::domain::{
    acs::{AcsSystem, AcsSystemKind},
    ids::{AcsSystemId, ConnectedAccountId, WorkspaceId},
};
use serde::Serialize;

use super::notices::Notices;

/// A picture that needs no other host: a door.
const IMAGE_URL: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24'%3E\
    %3Cpath fill='none' stroke='%23555' stroke-width='2' d='M6 22V2h12v20M3 22h18M14 12h1'/%3E%3C/svg%3E";

/// An access control system.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(crate) struct AcsSystemObject {
    #[cfg_attr(test, schema(value_type = uuid::Uuid))]
    acs_system_id: AcsSystemId,
    name: String,
    #[cfg_attr(test, schema(value_type = uuid::Uuid))]
    workspace_id: WorkspaceId,
    #[cfg_attr(test, schema(value_type = uuid::Uuid))]
    connected_account_id: ConnectedAccountId,
    /// The same under its older name.
    #[cfg_attr(test, schema(value_type = [uuid::Uuid; 1]))]
    connected_account_ids: [ConnectedAccountId; 1],
    is_credential_manager: bool,
    #[cfg_attr(test, schema(value_type = Option<uuid::Uuid>))]
    default_credential_manager_acs_system_id: Option<AcsSystemId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_type_display_name: Option<&'static str>,
    /// `external_type` under its older name.
    #[serde(skip_serializing_if = "Option::is_none")]
    system_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    system_type_display_name: Option<&'static str>,
    /// An extension: which of the kinds it is that `/acs/systems/create` makes.
    #[cfg_attr(test, schema(value_type = String))]
    kind: AcsSystemKind,
    location: Location,
    image_url: &'static str,
    image_alt_text: &'static str,
    #[cfg_attr(test, schema(format = DateTime))]
    created_at: String,
    #[serde(flatten)]
    notices: Notices,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
struct Location {
    time_zone: Option<String>,
}

impl AcsSystemObject {
    pub(crate) fn of(system: &AcsSystem) -> Self {
        let (external_type, display_name) = match system.kind {
            AcsSystemKind::HidOrigo => (Some("hid_credential_manager_organization"), Some("HID Origo")),
            AcsSystemKind::Ledger => (None, None),
            // No type of the wire's own fits what only its connector knows.
            AcsSystemKind::Bridge => (None, Some("Access Control System Bridge")),
        };
        Self {
            acs_system_id: system.acs_system_id,
            name: system.name.clone(),
            workspace_id: system.workspace_id,
            connected_account_id: system.connected_account_id,
            connected_account_ids: [system.connected_account_id],
            is_credential_manager: system.is_credential_manager(),
            default_credential_manager_acs_system_id: None,
            external_type,
            external_type_display_name: display_name,
            system_type: external_type,
            system_type_display_name: display_name,
            kind: system.kind,
            location: Location {
                time_zone: system.time_zone.clone(),
            },
            image_url: IMAGE_URL,
            image_alt_text: "A door",
            created_at: system.created_at.to_string(),
            notices: Notices::default(),
        }
    }
}
