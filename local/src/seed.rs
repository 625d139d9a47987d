//! What is there from the start: one workspace, a sandbox, with a person, a credential manager and its pool, an access control system in which
//! the person is known, and the API key. The ids are those of Seam's guide, so that its requests work as they are printed there.

use fobless::{
    domain::{
        acs::{AcsCredentialPool, AcsSystem, AcsSystemKind, AcsUser},
        ids::{AcsCredentialPoolId, AcsSystemId, AcsUserId, ConnectedAccountId, RemotePoolId, UserIdentityId, WorkspaceId},
        time::Timestamp,
        user_identity::UserIdentity,
        workspace::Workspace,
    },
    store::{ApiKey, Collection, Record, Store, TransactionError, WriteError},
};
use uuid::uuid;

/// The workspace.
pub const WORKSPACE: WorkspaceId = WorkspaceId::new(uuid!("398d80b7-3f96-47c2-b85a-6f8ba21d07be"));
/// The person.
pub const USER_IDENTITY: UserIdentityId = UserIdentityId::new(uuid!("5c945ab5-c75e-4bcb-8e5f-9410061c401f"));
/// The credential manager, HID Origo.
pub const CREDENTIAL_MANAGER: AcsSystemId = AcsSystemId::new(uuid!("6737e186-8d54-48ce-a7da-a0be4d252172"));
/// The pool that its credentials are drawn from.
pub const CREDENTIAL_POOL: AcsCredentialPoolId = AcsCredentialPoolId::new(uuid!("3fa85f64-5717-4562-b3fc-2c963f66afa6"));
/// The access control system.
pub const ACS_SYSTEM: AcsSystemId = AcsSystemId::new(uuid!("8aaa5fa0-9381-4463-a0ed-85f9c1fbcef4"));
/// The person in the access control system.
pub const ACS_USER: AcsUserId = AcsUserId::new(uuid!("4d223973-0874-4831-8630-bfcb29e6bce0"));

/// An access control system behind a connector, with `--connector`.
pub const BRIDGED_ACS_SYSTEM: AcsSystemId = AcsSystemId::new(uuid!("0b1c7a52-6d4e-4f0e-9a57-2f6c1d8e3b0a"));

const CREDENTIAL_MANAGER_ACCOUNT: ConnectedAccountId = ConnectedAccountId::new(uuid!("0b1c7a52-6d4e-4f0e-9a57-2f6c1d8e3b01"));
const ACS_ACCOUNT: ConnectedAccountId = ConnectedAccountId::new(uuid!("0b1c7a52-6d4e-4f0e-9a57-2f6c1d8e3b02"));

/// The pool's name at HID Origo.
pub(crate) const PART_NUMBER: &str = "MID-SUB-CRD_FTPN_0001";
/// What the guide's request asks for, so the pool has it.
pub(crate) const FACILITY_CODE: &str = "9";
/// As [`FACILITY_CODE`].
pub(crate) const CARD_FORMAT: &str = "rfid48";

const FULL_NAME: &str = "Jane Doe";
const EMAIL_ADDRESS: &str = "jane@example.com";

/// Writes what is not there yet. What a user changed since stays changed.
pub(crate) async fn plant(store: &Store, api_key_hash: String, now: Timestamp) -> Result<(), WriteError> {
    insert(store, workspace(now)).await?;
    insert(store, ApiKey::new(api_key_hash, WORKSPACE, "local", now)).await?;
    insert(store, credential_manager(now)).await?;
    insert(store, pool(now)).await?;
    insert(store, acs_system(now)).await?;
    create(store, &user_identity(now)).await?;
    // An ACS user may have moved to somebody else, or to nobody.
    match store.find(Collection::AcsUsers, WORKSPACE, ACS_USER.uuid()).await? {
        Some(_) => Ok(()),
        None => create(store, &acs_user(now)).await,
    }
}

/// Writes the access control system behind a connector.
pub(crate) async fn plant_bridged(store: &Store, now: Timestamp) -> Result<(), WriteError> {
    let system = AcsSystem {
        acs_system_id: BRIDGED_ACS_SYSTEM,
        name: "Behind a connector".to_owned(),
        kind: AcsSystemKind::Bridge,
        ..acs_system(now)
    };
    insert(store, system).await
}

async fn insert(store: &Store, record: impl Record) -> Result<(), WriteError> {
    match store.insert(record).await {
        Ok(_) | Err(WriteError::Conflict) => Ok(()),
        Err(error) => Err(error),
    }
}

/// A record with what only it may have, so that it can be found by it.
async fn create(store: &Store, record: &impl Record) -> Result<(), WriteError> {
    match store.transaction().create(record)?.write().await {
        Ok(()) | Err(TransactionError::Conflict | TransactionError::Taken(_)) => Ok(()),
        Err(TransactionError::Store(error)) => Err(error.into()),
    }
}

fn workspace(created_at: Timestamp) -> Workspace {
    Workspace {
        workspace_id: WORKSPACE,
        name: "Local".to_owned(),
        is_sandbox: true,
        created_at,
    }
}

fn credential_manager(created_at: Timestamp) -> AcsSystem {
    AcsSystem {
        workspace_id: WORKSPACE,
        acs_system_id: CREDENTIAL_MANAGER,
        connected_account_id: CREDENTIAL_MANAGER_ACCOUNT,
        name: "HID Origo".to_owned(),
        kind: AcsSystemKind::HidOrigo,
        time_zone: None,
        created_at,
        deletion: None,
    }
}

fn pool(created_at: Timestamp) -> AcsCredentialPool {
    AcsCredentialPool {
        workspace_id: WORKSPACE,
        acs_credential_pool_id: CREDENTIAL_POOL,
        acs_system_id: CREDENTIAL_MANAGER,
        display_name: "Mobile credentials".to_owned(),
        remote_id: RemotePoolId::new(PART_NUMBER),
        created_at,
        level: None,
    }
}

fn acs_system(created_at: Timestamp) -> AcsSystem {
    AcsSystem {
        workspace_id: WORKSPACE,
        acs_system_id: ACS_SYSTEM,
        connected_account_id: ACS_ACCOUNT,
        name: "Head office".to_owned(),
        kind: AcsSystemKind::Ledger,
        time_zone: None,
        created_at,
        deletion: None,
    }
}

fn user_identity(created_at: Timestamp) -> UserIdentity {
    UserIdentity {
        workspace_id: WORKSPACE,
        user_identity_id: USER_IDENTITY,
        user_identity_key: None,
        email_address: Some(EMAIL_ADDRESS.to_owned()),
        phone_number: None,
        full_name: Some(FULL_NAME.to_owned()),
        created_at,
        deletion: None,
    }
}

fn acs_user(created_at: Timestamp) -> AcsUser {
    AcsUser {
        workspace_id: WORKSPACE,
        acs_user_id: ACS_USER,
        acs_system_id: ACS_SYSTEM,
        connected_account_id: ACS_ACCOUNT,
        user_identity_id: Some(USER_IDENTITY),
        full_name: FULL_NAME.to_owned(),
        email_address: Some(EMAIL_ADDRESS.to_owned()),
        phone_number: None,
        suspended_at: None,
        created_at,
        deletion: None,
    }
}
