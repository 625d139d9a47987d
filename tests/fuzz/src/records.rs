//! What is in the table in the beginning: one person in our workspace, with everything that a person may have, a few who have nothing, and
//! somebody in another workspace.

use std::{cell::Cell, sync::LazyLock, time::Duration};

use fobless::{
    api_key::hash_api_key,
    domain::{
        acs::AcsSystemKind,
        client_session::ClientSession,
        client_session_token::ClientSessionPlace,
        effort::Effort,
        enrollment::{Enrollment, EnrollmentState},
        event_types::EventTypes,
        ids::{
            AcsCredentialId, ClientSessionId, DeviceId, EndpointId, InstallationId, InvitationId, RemoteCredentialId, RemoteUserId,
            UserIdentityId, WebhookId,
        },
        phone::{Phone, Presence},
        phone_credential::{PhoneCredential, PhoneCredentialState},
        phone_metadata::PhoneMetadata,
        secret::Secret,
        user_identity::UserIdentity,
        webhook::{Webhook, WebhookUrl},
        workspace::Workspace,
    },
    store::{ApiKey, Record, RemoteUserLink, Store},
};
use fobless_simulation::records::Names;
use uuid::Uuid;

use crate::{
    secrets::{API_KEY, INVITATION_CODE, WEBHOOK_SECRET},
    table::NOW,
};

/// What people of the other workspace are called. No answer to our key may show it.
pub(crate) const STRANGER: &str = "Somebody of another workspace";

/// Opens the other workspace.
pub(crate) const OTHER_API_KEY: &str = "seam_fuzzing2_0123456789abcdefghijklmnopqrstuv";

/// What the credential manager calls our person.
pub(crate) const REMOTE_USER: &str = "42";

/// Who is who in our workspace.
pub(crate) static OURS: LazyLock<Names> = LazyLock::new(|| names(0x1000));
static THEIRS: LazyLock<Names> = LazyLock::new(|| names(0x2000));

fn names(first: u128) -> Names {
    let last = Cell::new(first);
    Names::of(|| {
        last.set(last.get() + 1);
        uuid(last.get())
    })
}

/// An id that is readable in a corpus.
fn uuid(number: u128) -> Uuid {
    Uuid::from_u128(0x018c_f8b0_0000_7000_8000_0000_0000_0000 | number)
}

/// The token of our person's client session.
pub(crate) fn session_token() -> Secret {
    place(0).token([7; 32])
}

fn place(number: u128) -> ClientSessionPlace {
    ClientSessionPlace {
        workspace_id: OURS.owner.workspace_id,
        user_identity_id: OURS.owner.user_identity_id,
        client_session_id: ClientSessionId::new(uuid(0x60 + number)),
    }
}

fn session(number: u128) -> ClientSession {
    ClientSession {
        workspace_id: OURS.owner.workspace_id,
        client_session_id: place(number).client_session_id,
        user_identity_id: OURS.owner.user_identity_id,
        user_identifier_key: Some(format!("jane-{number}")),
        token: place(number).token([7; 32]),
        created_at: NOW,
        expires_at: NOW.plus(Duration::from_hours(1)),
        revoked_at: None,
        deletion: None,
    }
}

/// Writes it all.
pub(crate) async fn plant(store: &Store) {
    let (ours, parent) = (&*OURS, AcsCredentialId::new(uuid(0x31)));
    common(store, ours, API_KEY, "Jane Doe").await;
    for number in 0..3 {
        let nobody = UserIdentityId::new(uuid(0x40 + number));
        put(store, person(ours, nobody, "John Doe")).await;
    }
    let workspace = Workspace {
        workspace_id: ours.owner.workspace_id,
        name: "Ours".to_owned(),
        is_sandbox: true,
        created_at: NOW,
    };
    put(store, workspace).await;
    put(store, ours.parent(parent, 0, ours.acs_users[0], NOW)).await;
    let mut automation = ours.automation(NOW);
    automation.remote_user_id = Some(RemoteUserId::new(REMOTE_USER));
    put(store, automation).await;
    let link = RemoteUserLink {
        acs_system_id: ours.manager,
        remote_user_id: RemoteUserId::new(REMOTE_USER),
        workspace_id: ours.owner.workspace_id,
        user_identity_id: ours.owner.user_identity_id,
        enrollment_automation_id: ours.automation_id(),
    };
    put(store, link).await;
    for (number, state) in [(0, invited()), (1, active())] {
        put(store, phone(number)).await;
        put(store, enrollment(number, state)).await;
    }
    put(store, child(parent)).await;
    for number in 0..2 {
        put(store, session(number)).await;
    }
    let webhook = Webhook::new(
        ours.owner.workspace_id,
        WebhookId::new(uuid(0x32)),
        WebhookUrl::new("https://receiver.example/hook"),
        EventTypes::All,
        Secret::new(WEBHOOK_SECRET),
        NOW,
    );
    put(store, webhook).await;

    common(store, &THEIRS, OTHER_API_KEY, STRANGER).await;
    for number in 0..3 {
        let stranger = UserIdentityId::new(uuid(0x50 + number));
        put(store, person(&THEIRS, stranger, STRANGER)).await;
    }
}

/// A key, a person, two systems, a pool and two ACS users.
async fn common(store: &Store, names: &Names, key: &str, full_name: &str) {
    let workspace = names.owner.workspace_id;
    put(store, ApiKey::new(hash_api_key(key), workspace, "fuzzing", NOW)).await;
    put(store, person(names, names.owner.user_identity_id, full_name)).await;
    for (system, kind) in [(names.manager, AcsSystemKind::HidOrigo), (names.doors, AcsSystemKind::Ledger)] {
        let mut system = names.system(system, kind, NOW);
        full_name.clone_into(&mut system.name);
        put(store, system).await;
    }
    put(store, names.pool(0, NOW)).await;
    for acs_user in names.acs_users {
        let mut acs_user = names.acs_user(acs_user, NOW);
        full_name.clone_into(&mut acs_user.full_name);
        put(store, acs_user).await;
    }
}

async fn put<R: Record + std::fmt::Debug>(store: &Store, record: R) {
    store.insert(record).await.unwrap();
}

fn person(names: &Names, id: UserIdentityId, full_name: &str) -> UserIdentity {
    UserIdentity {
        user_identity_id: id,
        full_name: Some(full_name.to_owned()),
        ..names.identity(NOW)
    }
}

fn phone(number: usize) -> Phone {
    Phone {
        workspace_id: OURS.owner.workspace_id,
        user_identity_id: OURS.owner.user_identity_id,
        device_id: device(number),
        installation_id: Some(installation(number)),
        metadata: PhoneMetadata {
            display_name: Some(format!("Jane's phone {number}")),
            ..PhoneMetadata::default()
        },
        presence: Presence::Registered,
        occurred_at: NOW.minus(Duration::from_mins(10)),
        registered_at: Some(NOW.minus(Duration::from_mins(10))),
        created_at: NOW,
        is_listed: true,
        told: Some(Presence::Registered),
    }
}

fn installation(number: usize) -> InstallationId {
    Names::installation(number)
}

fn device(number: usize) -> DeviceId {
    OURS.device(number)
}

fn enrollment(number: usize, state: EnrollmentState) -> Enrollment {
    let owner = OURS.owner;
    Enrollment {
        invitations: 1,
        state,
        ..Enrollment::begun(
            owner.workspace_id,
            owner.user_identity_id,
            device(number),
            OURS.automation_id(),
            NOW,
        )
    }
}

fn invited() -> EnrollmentState {
    EnrollmentState::Invited {
        invitation_id: InvitationId::new("101"),
        invitation_code: Secret::new(INVITATION_CODE),
        invited_at: NOW,
        expires_at: NOW.plus(Duration::from_hours(24)),
        next_read_at: NOW.plus(Duration::from_mins(1)),
        hints_before: 0,
    }
}

fn active() -> EnrollmentState {
    EnrollmentState::Active {
        endpoint_id: EndpointId::new("9"),
        invitation_id: InvitationId::new("100"),
        enrolled_at: NOW,
    }
}

/// The second phone's credential.
fn child(parent: AcsCredentialId) -> PhoneCredential {
    let whole = OURS.parent(parent, 0, OURS.acs_users[0], NOW);
    PhoneCredential {
        workspace_id: whole.workspace_id,
        user_identity_id: whole.user_identity_id,
        acs_credential_id: AcsCredentialId::of_phone(parent, OURS.automation_id(), device(1)),
        parent_acs_credential_id: parent,
        device_id: device(1),
        enrollment_automation_id: OURS.automation_id(),
        endpoint_id: EndpointId::new("9"),
        acs_user_id: OURS.acs_users[0],
        acs_system_id: OURS.doors,
        connected_account_id: whole.connected_account_id,
        acs_credential_pool_id: None,
        allocation: None,
        allocations: 0,
        is_left_revoked: false,
        former: Vec::new(),
        retirement: Effort::default(),
        created_at: NOW,
        state: PhoneCredentialState::Issued {
            remote_id: RemoteCredentialId::new("5"),
            card_number: "56".to_owned(),
            issued_at: NOW,
        },
        effort: Effort::default(),
    }
}
