//! A phone: one app installation of a user identity, as its webhooks told of it.

use serde::{Deserialize, Serialize};

use super::{
    ids::{DeviceId, InstallationId, UserIdentityId, WorkspaceId},
    phone_metadata::PhoneMetadata,
    time::Timestamp,
};

/// A phone. Everything but `is_listed` and `told` is what the newest event said; only events write it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phone {
    /// The tenant.
    pub workspace_id: WorkspaceId,
    /// Whose phone it is.
    pub user_identity_id: UserIdentityId,
    /// The phone's id, computed from the installation.
    pub device_id: DeviceId,
    /// The app's own name for its installation; absent when only a deactivation by device id was ever seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub installation_id: Option<InstallationId>,
    /// What phone it is.
    #[serde(default)]
    pub metadata: PhoneMetadata,
    /// Whether the newest event registered it or deactivated it.
    pub presence: Presence,
    /// When the newest event happened at its source. Older events change nothing.
    pub occurred_at: Timestamp,
    /// When the newest registration happened at its source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registered_at: Option<Timestamp>,
    /// When it was first heard of.
    pub created_at: Timestamp,
    /// Whether it can be found by its id alone. The webhook writes once and no more, so the issuer lists the phone.
    #[serde(default)]
    pub is_listed: bool,
    /// What was told of it last, as an event of ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<Presence>,
}

/// Whether a phone is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// In use: it is to have everything that its person wants.
    Registered,
    /// Lost, sold or signed out: it is to have nothing.
    Deactivated,
}

impl Phone {
    /// Whether it is in use.
    #[must_use]
    pub fn is_registered(&self) -> bool {
        self.presence == Presence::Registered
    }
}
