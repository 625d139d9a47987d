//! The multi-phone sync credential: the parent. Configuration and shared card details, no card number of its own.

use serde::{Deserialize, Serialize};

use super::{
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
    /// To whom the children's numbers are allocated.
    pub acs_user_id: AcsUserId,
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
}

impl MultiPhoneSyncCredential {
    /// Whether it is to be on phones at `now`.
    #[must_use]
    pub fn is_in_force(&self, now: Timestamp) -> bool {
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
