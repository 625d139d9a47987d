//! The records that a case begins with and that its wishes write.

use std::time::Duration;

use fobless::{
    domain::{
        acs::{AcsCredentialPool, AcsSystem, AcsSystemKind, AcsUser},
        effort::Effort,
        enrollment_automation::{EnrollmentAutomation, Hints, RemoteUserPolicy},
        ids::{
            AcsCredentialId, AcsCredentialPoolId, AcsSystemId, AcsUserId, ConnectedAccountId, DeviceId, EnrollmentAutomationId,
            InstallationId, RemotePoolId, UserIdentityId, WorkspaceId,
        },
        multi_phone_sync_credential::{MultiPhoneSyncCredential, WhenInvalidated},
        time::Timestamp,
        user_identity::UserIdentity,
    },
    store::PartitionOwner,
};
use uuid::Uuid;

/// Who is who in a case.
#[derive(Clone, Copy, Debug)]
pub struct Names {
    /// The person.
    pub owner: PartitionOwner,
    /// The credential manager.
    pub manager: AcsSystemId,
    /// The access control system.
    pub doors: AcsSystemId,
    /// The person's two ACS users.
    pub acs_users: [AcsUserId; 2],
    account: ConnectedAccountId,
}

impl Names {
    /// A person whom nobody else has.
    #[must_use]
    pub fn generated() -> Self {
        Self::of(Uuid::now_v7)
    }

    /// A person with ids that `next` gives, one after the other.
    #[must_use]
    pub fn of(next: impl Fn() -> Uuid) -> Self {
        Self {
            owner: PartitionOwner {
                workspace_id: WorkspaceId::new(next()),
                user_identity_id: UserIdentityId::new(next()),
            },
            manager: AcsSystemId::new(next()),
            doors: AcsSystemId::new(next()),
            acs_users: [AcsUserId::new(next()), AcsUserId::new(next())],
            account: ConnectedAccountId::new(next()),
        }
    }

    /// Another person of the same workspace, whom the same systems know.
    #[must_use]
    pub fn another_person(&self, number: usize) -> Self {
        let id = |kind: u128| Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0000 | kind << 32 | number as u128);
        Self {
            owner: PartitionOwner {
                workspace_id: self.owner.workspace_id,
                user_identity_id: UserIdentityId::new(id(1)),
            },
            acs_users: [AcsUserId::new(id(2)), AcsUserId::new(id(3))],
            ..*self
        }
    }

    /// The id of the person's automation.
    #[must_use]
    pub fn automation_id(&self) -> EnrollmentAutomationId {
        EnrollmentAutomationId::of(self.owner.workspace_id, self.owner.user_identity_id, self.manager)
    }

    /// What the app calls its installation on a phone.
    #[must_use]
    pub fn installation(phone: usize) -> InstallationId {
        InstallationId::new(format!("phone-{phone}"))
    }

    /// The id of a phone.
    #[must_use]
    pub fn device(&self, phone: usize) -> DeviceId {
        DeviceId::of_installation(self.owner.workspace_id, self.owner.user_identity_id, &Self::installation(phone))
    }

    /// The person, at the beginning.
    #[must_use]
    pub fn identity(&self, now: Timestamp) -> UserIdentity {
        UserIdentity {
            workspace_id: self.owner.workspace_id,
            user_identity_id: self.owner.user_identity_id,
            user_identity_key: None,
            email_address: None,
            phone_number: None,
            full_name: Some("Jane Doe".to_owned()),
            created_at: now,
            deletion: None,
        }
    }

    /// A system, at the beginning.
    #[must_use]
    pub fn system(&self, id: AcsSystemId, kind: AcsSystemKind, now: Timestamp) -> AcsSystem {
        AcsSystem {
            workspace_id: self.owner.workspace_id,
            acs_system_id: id,
            connected_account_id: self.account,
            name: "Garage".to_owned(),
            kind,
            time_zone: None,
            created_at: now,
            deletion: None,
        }
    }

    /// The pool of a parent's slot. What the far side calls it is the facility code that its credentials carry.
    #[must_use]
    pub fn pool(&self, slot: usize, now: Timestamp) -> AcsCredentialPool {
        AcsCredentialPool {
            workspace_id: self.owner.workspace_id,
            acs_credential_pool_id: AcsCredentialPoolId::new(Uuid::from_u128(u128::try_from(slot).unwrap())),
            acs_system_id: self.manager,
            display_name: format!("Pool {slot}"),
            remote_id: Self::remote_pool(slot),
            created_at: now,
            level: None,
        }
    }

    /// What the far side calls the pool of a slot.
    #[must_use]
    pub fn remote_pool(slot: usize) -> RemotePoolId {
        RemotePoolId::new(Self::facility_code(slot))
    }

    fn facility_code(slot: usize) -> String {
        format!("{}", 101 + slot)
    }

    /// An ACS user, at the beginning.
    #[must_use]
    pub fn acs_user(&self, id: AcsUserId, now: Timestamp) -> AcsUser {
        AcsUser {
            workspace_id: self.owner.workspace_id,
            acs_user_id: id,
            acs_system_id: self.doors,
            connected_account_id: self.account,
            user_identity_id: Some(self.owner.user_identity_id),
            full_name: "Jane Doe".to_owned(),
            email_address: None,
            phone_number: None,
            suspended_at: None,
            created_at: now,
            deletion: None,
        }
    }

    /// The automation, when it is launched.
    #[must_use]
    pub fn automation(&self, now: Timestamp) -> EnrollmentAutomation {
        EnrollmentAutomation {
            workspace_id: self.owner.workspace_id,
            user_identity_id: self.owner.user_identity_id,
            enrollment_automation_id: self.automation_id(),
            credential_manager_acs_system_id: self.manager,
            acs_credential_pool_id: None,
            user_policy: RemoteUserPolicy::CreateOrAdopt,
            created_at: now,
            deleted_at: None,
            remote_user_id: None,
            ensure_user: Effort::default(),
            read: Effort::default(),
            hints: Hints::default(),
            review_at: now.plus(Duration::from_hours(24)),
        }
    }

    /// A parent, when it is made.
    #[must_use]
    pub fn parent(&self, id: AcsCredentialId, slot: usize, holder: AcsUserId, now: Timestamp) -> MultiPhoneSyncCredential {
        MultiPhoneSyncCredential {
            workspace_id: self.owner.workspace_id,
            user_identity_id: self.owner.user_identity_id,
            acs_credential_id: id,
            acs_user_id: Some(holder),
            acs_system_id: self.doors,
            connected_account_id: self.account,
            credential_manager_acs_system_id: None,
            card_format: None,
            facility_code: Some(Self::facility_code(slot)),
            starts_at: None,
            ends_at: None,
            next_change_at: None,
            created_at: now,
            when_invalidated: WhenInvalidated::Reissue,
            deletion: None,
        }
    }
}
