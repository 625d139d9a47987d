//! Where each record lives, when it is due and how it is listed; and the records that only the machinery needs.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    item::{Record, Subject},
    keys::{Collection, Key, Listing, PartitionOwner},
    unique::{UniqueKey, claims_until_gone},
};
use crate::domain::{
    acs::{AcsCredentialPool, AcsSystem, AcsUser},
    deletion::Deletable,
    enrollment::{Enrollment, EnrollmentState},
    enrollment_automation::EnrollmentAutomation,
    happenings::Tells,
    ids::{AcsSystemId, EnrollmentAutomationId, RemoteUserId, UserIdentityId, WorkspaceId},
    multi_phone_sync_credential::MultiPhoneSyncCredential,
    phone::Phone,
    phone_credential::{PhoneCredential, PhoneCredentialState},
    secret::Secret,
    time::Timestamp,
    user_identity::UserIdentity,
};

macro_rules! owner {
    ($record:expr) => {
        PartitionOwner {
            workspace_id: $record.workspace_id,
            user_identity_id: $record.user_identity_id,
        }
    };
}

/// How long the record of something that is gone is kept: for clients that repeat a delete, and for a look at what was.
pub(super) const TOMBSTONE_LIFE: Duration = Duration::from_hours(30 * 24);

pub(super) fn expires_once_gone(record: &impl Deletable) -> Option<Timestamp> {
    let gone_at = record.deletion().and_then(|deletion| deletion.gone_at);
    gone_at.map(|gone_at| gone_at.plus(TOMBSTONE_LIFE))
}

/// A person who is gone stays on record: what is heard of their phones later must not make them somebody new.
impl Record for UserIdentity {
    fn key(&self) -> Key {
        owner!(self).identity()
    }

    fn listing(&self) -> Option<Listing> {
        Some(Listing::new(
            Collection::UserIdentities,
            self.workspace_id,
            self.user_identity_id.uuid(),
        ))
    }

    fn claims(&self) -> Vec<UniqueKey> {
        claims_until_gone(self, UniqueKey::of_identity)
    }
}

impl Record for AcsUser {
    fn key(&self) -> Key {
        match self.user_identity_id {
            Some(user_identity_id) => PartitionOwner {
                workspace_id: self.workspace_id,
                user_identity_id,
            }
            .acs_user(self.acs_user_id),
            None => Key::unlinked_acs_user(self.workspace_id, self.acs_user_id),
        }
    }

    fn listing(&self) -> Option<Listing> {
        Some(Listing::new(Collection::AcsUsers, self.workspace_id, self.acs_user_id.uuid()))
    }

    fn subject(&self) -> Option<Subject> {
        Some(Subject {
            workspace_id: self.workspace_id,
            user_identity_id: self.user_identity_id,
        })
    }

    fn expires_at(&self) -> Option<Timestamp> {
        expires_once_gone(self)
    }

    fn claims(&self) -> Vec<UniqueKey> {
        claims_until_gone(self, UniqueKey::of_acs_user)
    }
}

impl Tells for AcsSystem {}

impl Record for AcsSystem {
    fn key(&self) -> Key {
        Key::acs_system(self.workspace_id, self.acs_system_id)
    }
}

impl Tells for AcsCredentialPool {}

impl Record for AcsCredentialPool {
    fn key(&self) -> Key {
        Key::pool(self.workspace_id, self.acs_system_id, self.acs_credential_pool_id)
    }
}

impl Record for EnrollmentAutomation {
    fn key(&self) -> Key {
        owner!(self).automation(self.enrollment_automation_id)
    }

    fn due_at(&self) -> Option<Timestamp> {
        // A review that could not be read waits for the next try to read.
        let review_at = self.read.due_at().map_or(self.review_at, |try_at| self.review_at.max(try_at));
        [self.ensure_user.due_at(), self.read.due_at(), Some(review_at)]
            .into_iter()
            .flatten()
            .min()
    }

    fn listing(&self) -> Option<Listing> {
        Some(Listing::new(
            Collection::EnrollmentAutomations,
            self.workspace_id,
            self.enrollment_automation_id.uuid(),
        ))
    }
}

impl Record for MultiPhoneSyncCredential {
    fn key(&self) -> Key {
        owner!(self).credential(self.acs_credential_id)
    }

    fn due_at(&self) -> Option<Timestamp> {
        self.next_change_at
    }

    fn listing(&self) -> Option<Listing> {
        Some(Listing::new(
            Collection::AcsCredentials,
            self.workspace_id,
            self.acs_credential_id.uuid(),
        ))
    }

    fn expires_at(&self) -> Option<Timestamp> {
        expires_once_gone(self)
    }
}

impl Record for Phone {
    fn key(&self) -> Key {
        owner!(self).phone(self.device_id)
    }

    fn listing(&self) -> Option<Listing> {
        self.is_listed
            .then(|| Listing::new(Collection::Phones, self.workspace_id, self.device_id.uuid()))
    }
}

impl Record for Enrollment {
    fn key(&self) -> Key {
        owner!(self).enrollment(self.enrollment_automation_id, self.device_id)
    }

    fn due_at(&self) -> Option<Timestamp> {
        let of_removal = self.removal.due_at().filter(|_| !self.abandoned_endpoints.is_empty());
        let of_state = match self.state {
            EnrollmentState::Invited { next_read_at, .. } => Some(next_read_at),
            _ => [self.effort.touch_at(), self.next_read_at()].into_iter().flatten().min(),
        };
        [of_state, of_removal].into_iter().flatten().min()
    }
}

impl Record for PhoneCredential {
    fn key(&self) -> Key {
        owner!(self).phone_credential(self.acs_credential_id)
    }

    fn due_at(&self) -> Option<Timestamp> {
        let of_state = match self.state {
            PhoneCredentialState::Issuing { next_read_at, .. } => Some(next_read_at),
            _ => self.effort.touch_at(),
        };
        // While the credential on the present endpoint is still to be issued, the former one waits for that.
        let of_former = self.retirement.due_at().filter(|_| self.retires_former());
        [of_state, of_former].into_iter().flatten().min()
    }

    fn listing(&self) -> Option<Listing> {
        Some(Listing::new(
            Collection::AcsCredentials,
            self.workspace_id,
            self.acs_credential_id.uuid(),
        ))
    }

    fn expires_at(&self) -> Option<Timestamp> {
        match self.state {
            // What is left revoked is remembered as long as its parent may say so.
            PhoneCredentialState::Revoked { at, .. } if self.former.is_empty() && !self.is_left_revoked => Some(at.plus(TOMBSTONE_LIFE)),
            _ => None,
        }
    }
}

/// Whose automation a credential manager's user belongs to, so that a callback finds the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoteUserLink {
    /// The credential manager.
    pub acs_system_id: AcsSystemId,
    /// Its user.
    pub remote_user_id: RemoteUserId,
    /// The tenant.
    pub workspace_id: WorkspaceId,
    /// The person.
    pub user_identity_id: UserIdentityId,
    /// The automation.
    pub enrollment_automation_id: EnrollmentAutomationId,
}

impl Tells for RemoteUserLink {}

impl Record for RemoteUserLink {
    fn key(&self) -> Key {
        Key::remote_user(self.acs_system_id, &self.remote_user_id)
    }
}

/// The access token that all instances share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenState {
    /// The credential manager that gave it.
    pub acs_system_id: AcsSystemId,
    /// The token, once there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<Secret>,
    /// When to fetch the next one, some time before this one ends.
    pub renew_at: Timestamp,
    /// When it was fetched, if it was to replace one that was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_refused_at: Option<Timestamp>,
    /// Until when one instance is fetching; the others wait for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fetching_until: Option<Timestamp>,
}

impl Tells for TokenState {}

impl Record for TokenState {
    fn key(&self) -> Key {
        Key::token(self.acs_system_id)
    }
}

/// The calls of the last minutes, which all instances share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallBudgetState {
    /// The credential manager.
    pub acs_system_id: AcsSystemId,
    /// Calls granted per slot of two seconds: (slot number, calls), oldest first.
    #[serde(default, with = "super::calls_per_slot")]
    pub calls: Vec<(i64, u32)>,
    /// Who waits for calls, the most urgent first.
    #[serde(default)]
    pub turns: [CallTurn; 4],
    /// What is known of refusals.
    #[serde(default)]
    pub refusals: Refusals,
    /// The credential manager said that we are too fast: nobody calls before this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused_until: Option<Timestamp>,
}

/// The turns that were given to those who found no room for a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallTurn {
    /// When the last of them comes.
    pub last: Timestamp,
    /// How many were given since nobody waited.
    pub given: u32,
}

impl Default for CallTurn {
    fn default() -> Self {
        Self {
            last: Timestamp::from_millis(0),
            given: 0,
        }
    }
}

/// What is known of the refusals of a credential manager.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusals {
    /// Whether a call ever worked.
    pub has_worked: bool,
    /// Since when every call that was made is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
}

impl Tells for CallBudgetState {}

impl Record for CallBudgetState {
    fn key(&self) -> Key {
        Key::call_budget(self.acs_system_id)
    }
}
