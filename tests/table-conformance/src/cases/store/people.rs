//! The people and things that the cases write, and the time at which they do.

use std::time::Duration;

use fobless::{
    clock::Clock,
    domain::{
        acs::AcsUser,
        effort::Effort,
        enrollment_automation::{EnrollmentAutomation, Hints, RemoteUserPolicy},
        ids::{
            AcsSystemId, AcsUserId, ConnectedAccountId, DeviceId, EnrollmentAutomationId, InstallationId, RemoteUserId, UserIdentityId,
            WorkspaceId,
        },
        phone_metadata::PhoneMetadata,
        time::Timestamp,
        user_identity::UserIdentity,
    },
    store::{PartitionOwner, PhoneFact, PhoneFactKind, RemoteUserLink, Store},
};
use uuid::Uuid;

use crate::table::Table;

/// The time of every case.
pub(super) const NOW: Timestamp = Timestamp::from_millis(1_704_969_745_848);
pub(super) const WORKSPACE: WorkspaceId = WorkspaceId::new(Uuid::from_u128(1));
pub(super) const SYSTEM: AcsSystemId = AcsSystemId::new(Uuid::from_u128(2));
pub(super) const JANE: PartitionOwner = PartitionOwner {
    workspace_id: WORKSPACE,
    user_identity_id: UserIdentityId::new(Uuid::from_u128(3)),
};
pub(super) const JOHN: PartitionOwner = PartitionOwner {
    workspace_id: WORKSPACE,
    user_identity_id: UserIdentityId::new(Uuid::from_u128(4)),
};

/// The store, whose clock stands still.
pub(super) fn store(table: &Table) -> Store {
    store_at(table, NOW)
}

pub(super) fn store_at(table: &Table, now: Timestamp) -> Store {
    table.store().with_clock(Clock::of(move || now))
}

pub(super) fn after(seconds: u64) -> Timestamp {
    NOW.plus(Duration::from_secs(seconds))
}

pub(super) fn before(seconds: u64) -> Timestamp {
    NOW.minus(Duration::from_secs(seconds))
}

pub(super) fn identity(owner: PartitionOwner, email_address: Option<&str>) -> UserIdentity {
    UserIdentity {
        workspace_id: owner.workspace_id,
        user_identity_id: owner.user_identity_id,
        user_identity_key: None,
        email_address: email_address.map(str::to_owned),
        phone_number: None,
        full_name: None,
        created_at: NOW,
        deletion: None,
    }
}

pub(super) fn acs_user(n: u128, owner: Option<PartitionOwner>) -> AcsUser {
    AcsUser {
        workspace_id: WORKSPACE,
        acs_user_id: AcsUserId::new(Uuid::from_u128(n)),
        acs_system_id: SYSTEM,
        connected_account_id: ConnectedAccountId::new(Uuid::from_u128(5)),
        user_identity_id: owner.map(|owner| owner.user_identity_id),
        full_name: format!("ACS user {n}"),
        email_address: None,
        phone_number: None,
        suspended_at: None,
        created_at: NOW,
        deletion: None,
    }
}

pub(super) fn automation(owner: PartitionOwner, review_at: Timestamp) -> EnrollmentAutomation {
    EnrollmentAutomation {
        workspace_id: owner.workspace_id,
        user_identity_id: owner.user_identity_id,
        enrollment_automation_id: EnrollmentAutomationId::of(owner.workspace_id, owner.user_identity_id, SYSTEM),
        credential_manager_acs_system_id: SYSTEM,
        acs_credential_pool_id: None,
        user_policy: RemoteUserPolicy::CreateOrAdopt,
        created_at: NOW,
        deleted_at: None,
        remote_user_id: Some(remote_user()),
        ensure_user: Effort::default(),
        read: Effort::default(),
        hints: Hints::default(),
        review_at,
    }
}

pub(super) fn remote_user() -> RemoteUserId {
    RemoteUserId::new("42")
}

/// What leads from the credential manager's user to the automation.
pub(super) fn link(automation: &EnrollmentAutomation) -> RemoteUserLink {
    RemoteUserLink {
        acs_system_id: SYSTEM,
        remote_user_id: remote_user(),
        workspace_id: automation.workspace_id,
        user_identity_id: automation.user_identity_id,
        enrollment_automation_id: automation.enrollment_automation_id,
    }
}

pub(super) fn installation() -> InstallationId {
    InstallationId::new("janes-phone")
}

pub(super) fn device() -> DeviceId {
    DeviceId::of_installation(JANE.workspace_id, JANE.user_identity_id, &installation())
}

/// Jane's phone is in use.
pub(super) fn registered(occurred_at: Timestamp) -> PhoneFact {
    let metadata = PhoneMetadata {
        model: Some("iPhone 17".to_owned()),
        ..PhoneMetadata::default()
    };
    PhoneFact {
        owner: JANE,
        device_id: device(),
        occurred_at,
        kind: PhoneFactKind::Registered {
            installation_id: installation(),
            metadata,
        },
    }
}

/// Jane's phone is lost.
pub(super) fn deactivated(occurred_at: Timestamp) -> PhoneFact {
    PhoneFact {
        kind: PhoneFactKind::Deactivated,
        ..registered(occurred_at)
    }
}
