//! The multi-phone sync credential: the parent. Configuration and shared card details, no card number of its own.

use serde::{Deserialize, Serialize};

use super::{
    deletion::Deletion,
    ids::{AcsCredentialId, AcsSystemId, AcsUserId, ConnectedAccountId, UserIdentityId, WorkspaceId},
    time::Timestamp,
};

/// The parent of one credential per phone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MultiPhoneSyncCredential {
    /// The tenant.
    pub workspace_id: WorkspaceId,
    /// Whose phones get a child.
    pub user_identity_id: UserIdentityId,
    /// The credential's id.
    pub acs_credential_id: AcsCredentialId,
    /// To whom the children's numbers are allocated; absent: to nobody, so there are no children.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acs_user_id: Option<AcsUserId>,
    /// In which system.
    pub acs_system_id: AcsSystemId,
    /// The account through which that system is connected.
    pub connected_account_id: ConnectedAccountId,
    /// Which credential manager issues; absent: each one that has an automation for the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential_manager_acs_system_id: Option<AcsSystemId>,
    /// The card format that all children share.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card_format: Option<String>,
    /// The facility code that all children share.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facility_code: Option<String>,
    /// From when on it opens doors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<Timestamp>,
    /// Until when it opens doors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Timestamp>,
    /// When it comes into force or goes out of it next. The issuer moves it on once that moment has passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_change_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// What becomes of a child that somebody revokes at the credential manager.
    #[serde(default)]
    pub when_invalidated: WhenInvalidated,
    /// How far its deletion has come: its children go first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion: Option<Deletion>,
}

/// What becomes of a phone's credential that somebody else revoked at the credential manager.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhenInvalidated {
    /// It is issued again: what is wished for stands here, not at the credential manager.
    #[default]
    Reissue,
    /// It stays revoked and says so, until somebody changes this setting: whoever revoked it there meant it.
    Mark,
}

impl MultiPhoneSyncCredential {
    /// Whether `now` is within its time. Whether it is to be on phones depends on more, see `wishes`.
    #[must_use]
    pub fn is_within_its_time(&self, now: Timestamp) -> bool {
        self.starts_at.is_none_or(|start| start <= now) && self.ends_at.is_none_or(|end| now < end)
    }

    /// Whether children are issued through `credential_manager`.
    #[must_use]
    pub fn is_issued_by(&self, credential_manager: AcsSystemId) -> bool {
        self.credential_manager_acs_system_id
            .is_none_or(|wanted| wanted == credential_manager)
    }

    /// The next moment at which being in force changes, after `now`.
    #[must_use]
    pub fn next_change(&self, now: Timestamp) -> Option<Timestamp> {
        [self.starts_at, self.ends_at]
            .into_iter()
            .flatten()
            .filter(|&moment| moment > now)
            .min()
    }
}
