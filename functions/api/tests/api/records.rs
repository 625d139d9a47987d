//! What the examples name, as records and as requests.

use std::str::FromStr;

use fobless::{
    domain::{
        acs::{AcsCredentialPool, AcsSystem, AcsSystemKind, AcsUser},
        deletion::Deletion,
        effort::Effort,
        enrollment::{Enrollment, EnrollmentState},
        ids::{
            AcsCredentialId, ConnectedAccountId, DeviceId, EndpointId, EnrollmentAutomationId, InstallationId, InvitationId,
            RemoteCredentialId, RemotePoolId, UserIdentityId, WorkspaceId,
        },
        phone::{Phone, Presence},
        phone_credential::{PhoneCredential, PhoneCredentialState},
        phone_metadata::PhoneMetadata,
        secret::Secret,
        time::Timestamp,
        user_identity::UserIdentity,
    },
    store::PartitionOwner,
};
use serde_json::{Value, json};

pub(crate) const WORKSPACE: &str = "398d80b7-3f96-47c2-b85a-6f8ba21d07be";
pub(crate) const IDENTITY: &str = "5c945ab5-c75e-4bcb-8e5f-9410061c401f";
pub(crate) const CREDENTIAL_MANAGER: &str = "6737e186-8d54-48ce-a7da-a0be4d252172";
pub(crate) const POOL: &str = "3fa85f64-5717-4562-b3fc-2c963f66afa6";
pub(crate) const ACS_SYSTEM: &str = "8aaa5fa0-9381-4463-a0ed-85f9c1fbcef4";
pub(crate) const ACS_USER: &str = "4d223973-0874-4831-8630-bfcb29e6bce0";
pub(crate) const CONNECTED_ACCOUNT: &str = "1b9a3e0d-443f-4063-b619-4ca7e2a97751";
/// Nobody's.
pub(crate) const UNKNOWN: &str = "00000000-0000-4000-8000-000000000000";

pub(crate) const CODE: &str = "BQ4E-PXAD-2J5P-7KXX";

pub(crate) fn id<T: FromStr>(text: &str) -> T {
    text.parse().ok().expect("an id")
}

pub(crate) fn workspace() -> WorkspaceId {
    id(WORKSPACE)
}

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_millis(1_704_900_000_000 + second * 1000)
}

/// Somebody asked for the deletion, and everything is undone.
pub(crate) fn gone() -> Deletion {
    Deletion {
        requested_at: at(60),
        gone_at: Some(at(61)),
    }
}

/// Where everything about the person is.
pub(crate) fn owner() -> PartitionOwner {
    PartitionOwner {
        workspace_id: workspace(),
        user_identity_id: id(IDENTITY),
    }
}

pub(crate) fn launch() -> Value {
    json!({
        "user_identity_id": IDENTITY,
        "credential_manager_acs_system_id": CREDENTIAL_MANAGER,
        "acs_credential_pool_id": POOL,
        "create_credential_manager_user": true
    })
}

pub(crate) fn creation() -> Value {
    json!({
        "acs_user_id": ACS_USER,
        "is_multi_phone_sync_credential": true,
        "card_format": "rfid48",
        "facility_code": "9",
        "access_method": "mobile_key"
    })
}

pub(crate) fn identity() -> UserIdentity {
    UserIdentity {
        workspace_id: workspace(),
        user_identity_id: id(IDENTITY),
        user_identity_key: None,
        email_address: Some("jane@example.com".to_owned()),
        phone_number: None,
        full_name: Some("Jane Doe".to_owned()),
        created_at: at(0),
        deletion: None,
    }
}

pub(crate) fn credential_manager() -> AcsSystem {
    system(CREDENTIAL_MANAGER, AcsSystemKind::HidOrigo)
}

pub(crate) fn access_control_system() -> AcsSystem {
    system(ACS_SYSTEM, AcsSystemKind::Ledger)
}

pub(crate) fn system(acs_system: &str, kind: AcsSystemKind) -> AcsSystem {
    AcsSystem {
        workspace_id: workspace(),
        acs_system_id: id(acs_system),
        connected_account_id: id::<ConnectedAccountId>(CONNECTED_ACCOUNT),
        name: "Main Office".to_owned(),
        kind,
        time_zone: None,
        created_at: at(0),
        deletion: None,
    }
}

pub(crate) fn pool() -> AcsCredentialPool {
    AcsCredentialPool {
        workspace_id: workspace(),
        acs_credential_pool_id: id(POOL),
        acs_system_id: id(CREDENTIAL_MANAGER),
        display_name: "Office".to_owned(),
        remote_id: RemotePoolId::new("CRD633ZZ-TST00001"),
        created_at: at(0),
        level: None,
    }
}

pub(crate) fn acs_user() -> AcsUser {
    AcsUser {
        workspace_id: workspace(),
        acs_user_id: id(ACS_USER),
        acs_system_id: id(ACS_SYSTEM),
        connected_account_id: id(CONNECTED_ACCOUNT),
        user_identity_id: Some(id(IDENTITY)),
        full_name: "Jane Doe".to_owned(),
        email_address: None,
        phone_number: None,
        suspended_at: None,
        created_at: at(0),
        deletion: None,
    }
}

pub(crate) fn phone(installation: &str) -> Phone {
    let installation = InstallationId::new(installation);
    let user_identity_id: UserIdentityId = id(IDENTITY);
    Phone {
        workspace_id: workspace(),
        user_identity_id,
        device_id: DeviceId::of_installation(workspace(), user_identity_id, &installation),
        metadata: PhoneMetadata {
            display_name: Some(format!("Jane's {}", installation.as_str())),
            ..PhoneMetadata::default()
        },
        installation_id: Some(installation),
        presence: Presence::Registered,
        occurred_at: at(10),
        registered_at: None,
        created_at: at(10),
        is_listed: true,
        told: None,
    }
}

pub(crate) fn enrollment(phone: &Phone, automation: &str, state: EnrollmentState) -> Enrollment {
    let automation = id::<EnrollmentAutomationId>(automation);
    Enrollment {
        invitations: 1,
        state,
        ..Enrollment::begun(workspace(), phone.user_identity_id, phone.device_id, automation, at(20))
    }
}

pub(crate) fn invited() -> EnrollmentState {
    EnrollmentState::Invited {
        invitation_id: InvitationId::new("7"),
        invitation_code: Secret::new(CODE),
        invited_at: at(20),
        expires_at: at(3600),
        next_read_at: at(40),
        hints_before: 0,
    }
}

pub(crate) fn active() -> EnrollmentState {
    EnrollmentState::Active {
        endpoint_id: EndpointId::new("66"),
        invitation_id: InvitationId::new("7"),
        enrolled_at: at(30),
    }
}

pub(crate) fn child(phone: &Phone, automation: &str, parent: &str, state: PhoneCredentialState) -> PhoneCredential {
    let (automation, parent) = (id(automation), id(parent));
    PhoneCredential {
        workspace_id: workspace(),
        user_identity_id: phone.user_identity_id,
        acs_credential_id: AcsCredentialId::of_phone(parent, automation, phone.device_id),
        parent_acs_credential_id: parent,
        device_id: phone.device_id,
        enrollment_automation_id: automation,
        endpoint_id: EndpointId::new("66"),
        acs_user_id: id(ACS_USER),
        acs_system_id: id(ACS_SYSTEM),
        connected_account_id: id(CONNECTED_ACCOUNT),
        acs_credential_pool_id: Some(id(POOL)),
        allocation: None,
        allocations: 0,
        is_left_revoked: false,
        former: Vec::new(),
        retirement: Effort::default(),
        created_at: at(40),
        state,
        effort: Effort::default(),
    }
}

pub(crate) fn issued(card_number: &str) -> PhoneCredentialState {
    PhoneCredentialState::Issued {
        remote_id: RemoteCredentialId::new("99"),
        card_number: card_number.to_owned(),
        issued_at: at(50),
    }
}
