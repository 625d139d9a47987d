//! Access control systems, the people inside them, and the pools that credentials are drawn from.

use serde::{Deserialize, Serialize};

use super::{
    deletion::Deletion,
    ids::{AcsCredentialPoolId, AcsSystemId, AcsUserId, ConnectedAccountId, RemotePoolId, UserIdentityId, WorkspaceId},
    time::Timestamp,
};

/// An access control system. A credential manager is one too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcsSystem {
    /// The tenant.
    pub workspace_id: WorkspaceId,
    /// The system's id.
    pub acs_system_id: AcsSystemId,
    /// The account through which it is connected.
    pub connected_account_id: ConnectedAccountId,
    /// What people call it.
    pub name: String,
    /// What it is.
    pub kind: AcsSystemKind,
    /// The time zone of the place whose doors it opens, as the IANA names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Whether it was deleted. What hangs on it already goes on as before, so the record itself stays for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion: Option<Deletion>,
}

impl AcsSystem {
    /// Whether it enrols phones and issues credentials.
    #[must_use]
    pub const fn is_credential_manager(&self) -> bool {
        matches!(self.kind, AcsSystemKind::HidOrigo)
    }
}

/// What an access control system is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AcsSystemKind {
    /// A HID Origo organization: a credential manager.
    HidOrigo,
    /// An access control system whose people and card numbers Fobless keeps itself.
    Ledger,
    /// An access control system behind a connector of the customer's own, which is told what to do by signed requests.
    Bridge,
}

/// The person inside an access control system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcsUser {
    /// The tenant.
    pub workspace_id: WorkspaceId,
    /// The ACS user's id.
    pub acs_user_id: AcsUserId,
    /// The system that the ACS user is in.
    pub acs_system_id: AcsSystemId,
    /// The account through which that system is connected.
    pub connected_account_id: ConnectedAccountId,
    /// Who it is. Without one the ACS user can't hold mobile credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_identity_id: Option<UserIdentityId>,
    /// The full name.
    pub full_name: String,
    /// The e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email_address: Option<String>,
    /// The phone number, E.164.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
    /// Since when the ACS user may open nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspended_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// How far its deletion has come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion: Option<Deletion>,
}

/// Where a credential manager draws credentials from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcsCredentialPool {
    /// The tenant.
    pub workspace_id: WorkspaceId,
    /// The pool's id.
    pub acs_credential_pool_id: AcsCredentialPoolId,
    /// The credential manager whose pool it is.
    pub acs_system_id: AcsSystemId,
    /// What people call it.
    pub display_name: String,
    /// What the credential manager calls it.
    pub remote_id: RemotePoolId,
    /// When it was made.
    pub created_at: Timestamp,
    /// What the credential manager said of it when it was last asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<KnownPoolLevel>,
}

impl AcsCredentialPool {
    /// The pool that the credential manager `system` calls `name`. A name is one pool, however often it is made.
    #[must_use]
    pub fn named(system: &AcsSystem, name: &str, now: Timestamp) -> Self {
        let remote_id = RemotePoolId::new(name.trim());
        Self {
            workspace_id: system.workspace_id,
            acs_credential_pool_id: AcsCredentialPoolId::of(system.acs_system_id, &remote_id),
            acs_system_id: system.acs_system_id,
            display_name: name.trim().to_owned(),
            remote_id,
            created_at: now,
            level: None,
        }
    }
}

/// The level of a pool at some moment. Shared by all instances, so that each does not ask for itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownPoolLevel {
    /// When it was read.
    pub read_at: Timestamp,
    /// Credentials left, where the credential manager counts them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub available: Option<u64>,
    /// The facility code that its credentials carry, where it is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facility_code: Option<String>,
    /// Their card format, where it is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card_format: Option<String>,
}
