//! `acs_user`.

use fobless::domain::{
    acs::{AcsSystem, AcsSystemKind, AcsUser},
    deletion::Deletable,
    ids::{AcsSystemId, AcsUserId, ConnectedAccountId, UserIdentityId, WorkspaceId},
    user_identity::UserIdentity,
};
use serde::Serialize;

use super::notices::{BEING_DELETED, Notices};

/// A person inside an access control system.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(crate) struct AcsUserObject {
    #[cfg_attr(test, schema(value_type = uuid::Uuid))]
    pub(crate) acs_user_id: AcsUserId,
    #[cfg_attr(test, schema(value_type = uuid::Uuid))]
    acs_system_id: AcsSystemId,
    #[cfg_attr(test, schema(value_type = uuid::Uuid))]
    connected_account_id: ConnectedAccountId,
    #[cfg_attr(test, schema(value_type = uuid::Uuid))]
    workspace_id: WorkspaceId,
    display_name: String,
    pub(crate) full_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) email_address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) phone_number: Option<String>,
    #[serde(flatten)]
    identity: Option<LinkedIdentity>,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_type_display_name: Option<&'static str>,
    is_managed: bool,
    is_suspended: bool,
    #[cfg_attr(test, schema(format = DateTime))]
    last_successful_sync_at: Option<String>,
    #[cfg_attr(test, schema(format = DateTime))]
    created_at: String,
    #[serde(flatten)]
    notices: Notices,
}

/// Who the person is, repeated for those who look at the ACS user only.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
#[expect(clippy::struct_field_names, reason = "the names are those of the wire")]
struct LinkedIdentity {
    #[cfg_attr(test, schema(value_type = uuid::Uuid))]
    user_identity_id: UserIdentityId,
    user_identity_full_name: Option<String>,
    user_identity_email_address: Option<String>,
    user_identity_phone_number: Option<String>,
}

impl AcsUserObject {
    /// `system` and `identity` are the ones that the ACS user is in and belongs to.
    pub(crate) fn of(user: &AcsUser, system: Option<&AcsSystem>, identity: Option<&UserIdentity>) -> Self {
        let is_in_hid_origo = system.is_some_and(|system| system.kind == AcsSystemKind::HidOrigo);
        let linked = |user_identity_id| LinkedIdentity {
            user_identity_id,
            user_identity_full_name: identity.and_then(|identity| identity.full_name.clone()),
            user_identity_email_address: identity.and_then(|identity| identity.email_address.clone()),
            user_identity_phone_number: identity.and_then(|identity| identity.phone_number.clone()),
        };
        Self {
            acs_user_id: user.acs_user_id,
            acs_system_id: user.acs_system_id,
            connected_account_id: user.connected_account_id,
            workspace_id: user.workspace_id,
            display_name: user.full_name.clone(),
            full_name: user.full_name.clone(),
            email_address: user.email_address.clone(),
            phone_number: user.phone_number.clone(),
            identity: user.user_identity_id.map(linked),
            external_type: is_in_hid_origo.then_some("hid_credential_manager_user"),
            external_type_display_name: is_in_hid_origo.then_some("HID Origo User"),
            is_managed: true,
            is_suspended: user.suspended_at.is_some(),
            last_successful_sync_at: None,
            created_at: user.created_at.to_string(),
            notices: notices(user, identity),
        }
    }
}

/// An ACS user goes with its person.
fn notices(user: &AcsUser, identity: Option<&UserIdentity>) -> Notices {
    let mut notices = Notices::default();
    if let Some(deletion) = user.deletion().or(identity.and_then(Deletable::deletion)) {
        notices.warn(BEING_DELETED, "The ACS user is being deleted", deletion.requested_at);
    }
    notices
}
