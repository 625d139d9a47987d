//! The multi-phone sync credential: the parent. Configuration and shared card details, no card number of its own.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    allocation::Period,
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

/// How far the clocks of two functions may be from each other.
const CLOCK_DIFFERENCE: Duration = Duration::from_mins(5);

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

    /// Its time, as access control systems are told.
    #[must_use]
    pub const fn period(&self) -> Period {
        Period {
            starts_at: self.starts_at,
            ends_at: self.ends_at,
        }
    }

    /// Whether children are issued through `credential_manager`.
    #[must_use]
    pub fn is_issued_by(&self, credential_manager: AcsSystemId) -> bool {
        self.credential_manager_acs_system_id
            .is_none_or(|wanted| wanted == credential_manager)
    }

    /// The next moment after `now` at which being in force changes, or is to be looked at once more: whoever looked at the first moment may have
    /// a clock that is behind that of whoever thought it past.
    #[must_use]
    pub fn next_change(&self, now: Timestamp) -> Option<Timestamp> {
        let changes = [self.starts_at, self.ends_at].into_iter().flatten();
        changes
            .flat_map(|change| [change, change.plus(CLOCK_DIFFERENCE)])
            .filter(|&moment| moment > now)
            .min()
    }
}

#[cfg(test)]
mod tests {
    use super::super::scene::{Scene, at};

    #[test]
    fn a_change_is_looked_at_when_it_comes_and_once_more_by_whoever_has_a_slower_clock() {
        let scene = Scene::default().parent(|parent| {
            parent.starts_at = Some(at(1_000));
            parent.ends_at = Some(at(2_000));
        });
        let parent = &scene.aggregate.credentials[0].record;
        for (now, next) in [
            (900, Some(1_000)),
            (1_000, Some(1_300)),
            (1_300, Some(2_000)),
            (2_000, Some(2_300)),
            (2_300, None),
        ] {
            assert_eq!(parent.next_change(at(now)), next.map(at), "{now}");
        }
    }
}
