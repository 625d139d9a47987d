//! Every route of the API's own description, with the ids of another workspace: nothing of it is shown, and nothing of it changes.

use std::collections::{BTreeMap, BTreeSet};

use fobless::{
    domain::{
        acs::{AcsSystem, AcsSystemKind, AcsUser},
        client_session::ClientSession,
        enrollment_automation::EnrollmentAutomation,
        ids::{AcsCredentialId, ClientSessionId, EnrollmentAutomationId, WebhookId, WorkspaceId},
        multi_phone_sync_credential::MultiPhoneSyncCredential,
        phone::Phone,
        user_identity::UserIdentity,
        webhook::Webhook,
    },
    store::{Key, PartitionOwner},
};
use futures_util::future::join_all;
use serde_json::{Map, Value, json};

use crate::{
    harness::World,
    records::{self, ACS_SYSTEM, ACS_USER, CREDENTIAL_MANAGER, IDENTITY, POOL, id},
};

const DOCUMENT: &str = include_str!("../../openapi.json");

const ELSEWHERE: &str = "44444444-4444-4444-8444-444444444444";
const STRANGER: &str = "55555555-5555-4555-8555-555555555555";
const STRANGERS_ACS_USER: &str = "66666666-6666-4666-8666-666666666666";
const STRANGE_SYSTEM: &str = "77777777-7777-4777-8777-777777777777";
const STRANGE_MANAGER: &str = "88888888-8888-4888-8888-888888888888";
const STRANGE_ACCOUNT: &str = "99999999-9999-4999-8999-999999999999";
const STRANGE_POOL: &str = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa";

/// Parameters that name what there is not here.
const NOWHERE: [&str; 12] = [
    "access_code_id",
    "access_code_ids",
    "access_grant_id",
    "access_grant_ids",
    "access_method_id",
    "access_method_ids",
    "acs_access_group_id",
    "acs_encoder_id",
    "acs_entrance_id",
    "connect_webview_id",
    "space_id",
    "space_ids",
];

/// What a parameter may name: a thing of this workspace, and one of the other.
struct Ids {
    own: BTreeMap<&'static str, String>,
    foreign: BTreeMap<&'static str, String>,
}

/// Somebody of another workspace, in an ACS system there.
async fn put_stranger(world: &World, workspace_id: WorkspaceId) {
    let system = |acs_system: &str, kind| AcsSystem {
        workspace_id,
        connected_account_id: id(STRANGE_ACCOUNT),
        name: "Elsewhere".to_owned(),
        ..records::system(acs_system, kind)
    };
    world.put(system(STRANGE_SYSTEM, AcsSystemKind::Ledger)).await;
    world.put(system(STRANGE_MANAGER, AcsSystemKind::HidOrigo)).await;
    world
        .put(UserIdentity {
            workspace_id,
            user_identity_id: id(STRANGER),
            ..records::identity()
        })
        .await;
    world
        .put(AcsUser {
            workspace_id,
            acs_user_id: id(STRANGERS_ACS_USER),
            user_identity_id: Some(id(STRANGER)),
            acs_system_id: id(STRANGE_SYSTEM),
            ..records::acs_user()
        })
        .await;
}

/// Somebody of another workspace with one thing of each kind, and somebody of this one.
async fn with_stranger(world: &World) -> Ids {
    let workspace_id: WorkspaceId = id(ELSEWHERE);
    put_stranger(world, workspace_id).await;
    let (own_automation, own_credential) = (world.launch().await, world.create_credential().await);
    let own_phone = records::phone("own");
    world.put(own_phone.clone()).await;
    let phone = Phone {
        workspace_id,
        user_identity_id: id(STRANGER),
        ..records::phone("foreign")
    };
    world.put(phone.clone()).await;
    let automation = EnrollmentAutomationId::of(workspace_id, id(STRANGER), id(STRANGE_MANAGER));
    let own = records::workspace();
    let key = PartitionOwner {
        workspace_id: own,
        user_identity_id: id(IDENTITY),
    };
    world
        .put(EnrollmentAutomation {
            workspace_id,
            user_identity_id: id(STRANGER),
            enrollment_automation_id: automation,
            credential_manager_acs_system_id: id(STRANGE_MANAGER),
            ..world.stored(key.automation(id(&own_automation))).await
        })
        .await;
    let credential = AcsCredentialId::generate();
    world
        .put(MultiPhoneSyncCredential {
            workspace_id,
            user_identity_id: id(STRANGER),
            acs_credential_id: credential,
            acs_user_id: Some(id(STRANGERS_ACS_USER)),
            acs_system_id: id(STRANGE_SYSTEM),
            ..world.stored(key.credential(id(&own_credential))).await
        })
        .await;
    let (own_session, foreign_session) = sessions(world, workspace_id, &key).await;
    let (own_webhook, foreign_webhook) = webhooks(world, workspace_id).await;
    let ids = [
        ("webhook_id", own_webhook, foreign_webhook.to_string()),
        ("client_session_id", own_session, foreign_session.to_string()),
        ("acs_credential_id", own_credential, credential.to_string()),
        ("acs_credential_pool_id", POOL.to_owned(), STRANGE_POOL.to_owned()),
        ("acs_system_id", ACS_SYSTEM.to_owned(), STRANGE_SYSTEM.to_owned()),
        ("acs_system_ids", ACS_SYSTEM.to_owned(), STRANGE_SYSTEM.to_owned()),
        ("acs_user_id", ACS_USER.to_owned(), STRANGERS_ACS_USER.to_owned()),
        (
            "connected_account_id",
            records::CONNECTED_ACCOUNT.to_owned(),
            STRANGE_ACCOUNT.to_owned(),
        ),
        (
            "credential_manager_acs_system_id",
            CREDENTIAL_MANAGER.to_owned(),
            STRANGE_MANAGER.to_owned(),
        ),
        ("credential_manager_acs_user_id", ACS_USER.to_owned(), STRANGERS_ACS_USER.to_owned()),
        ("device_id", own_phone.device_id.to_string(), phone.device_id.to_string()),
        ("device_ids", own_phone.device_id.to_string(), phone.device_id.to_string()),
        ("enrollment_automation_id", own_automation, automation.to_string()),
        (
            "event_id",
            newest_event(world, &own).await,
            newest_event(world, &workspace_id).await,
        ),
        (
            "event_ids",
            newest_event(world, &own).await,
            newest_event(world, &workspace_id).await,
        ),
        ("owner_user_identity_id", IDENTITY.to_owned(), STRANGER.to_owned()),
        ("user_identity_id", IDENTITY.to_owned(), STRANGER.to_owned()),
        ("user_identity_ids", IDENTITY.to_owned(), STRANGER.to_owned()),
    ];
    // What there is in no workspace.
    let nowhere = NOWHERE.map(|name| (name, records::UNKNOWN.to_owned(), records::UNKNOWN.to_owned()));
    let ids = || ids.iter().chain(&nowhere);
    Ids {
        own: ids().map(|(name, own, _)| (*name, own.clone())).collect(),
        foreign: ids().map(|(name, _, foreign)| (*name, foreign.clone())).collect(),
    }
}

/// A client session of this workspace and one of the other.
async fn sessions(world: &World, elsewhere: WorkspaceId, owner: &PartitionOwner) -> (String, ClientSessionId) {
    let session = json!({"user_identity_id": IDENTITY});
    let own = world.post("/client_sessions/create", &session).await.ok()["client_session"]["client_session_id"].clone();
    let own = own.as_str().expect("an id").to_owned();
    let foreign = ClientSessionId::generate();
    world
        .put(ClientSession {
            workspace_id: elsewhere,
            user_identity_id: id(STRANGER),
            client_session_id: foreign,
            ..world.stored(owner.client_session(id(&own))).await
        })
        .await;
    (own, foreign)
}

/// A webhook of this workspace and one of the other.
async fn webhooks(world: &World, elsewhere: WorkspaceId) -> (String, WebhookId) {
    let webhook = json!({"url": "https://example.com/hook"});
    let own = world.post("/webhooks/create", &webhook).await.ok()["webhook"]["webhook_id"].clone();
    let own = own.as_str().expect("an id").to_owned();
    let foreign = WebhookId::generate();
    world
        .put(Webhook {
            workspace_id: elsewhere,
            webhook_id: foreign,
            ..world.stored(Key::webhook(records::workspace(), id(&own))).await
        })
        .await;
    (own, foreign)
}

async fn newest_event(world: &World, workspace: &WorkspaceId) -> String {
    let found = world.store.newest_event(*workspace, |_| true).await.expect("the table answers");
    found.expect("an ACS user was made").event_id.to_string()
}

/// A route as the description has it.
struct Route {
    path: String,
    properties: Map<String, Value>,
    /// The sets of parameters of which one is needed.
    ways: Vec<Vec<String>>,
}

fn routes() -> Vec<Route> {
    let document: Value = serde_json::from_str(DOCUMENT).expect("a document");
    let paths = document["paths"].as_object().expect("paths").clone();
    let described = paths.into_iter().filter_map(|(path, item)| {
        let schema = item["post"]["requestBody"]["content"]["application/json"]["schema"].clone();
        let names = |value: &Value| -> Vec<String> {
            let names = value["required"].as_array().cloned().unwrap_or_default();
            names.iter().filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let ways = match schema["anyOf"].as_array() {
            Some(ways) => ways.iter().map(names).collect(),
            None => vec![names(&schema)],
        };
        let properties = schema["properties"].as_object().cloned()?;
        Some(Route { path, properties, ways })
    });
    described.collect()
}

fn is_id(schema: &Value) -> bool {
    schema["format"] == "uuid" || schema["items"]["format"] == "uuid"
}

/// A value of the kind, for parameters that are no ids.
fn plain(name: &str, schema: &Value) -> Value {
    match (name, schema["type"].as_str().unwrap_or_default()) {
        ("email" | "email_address", _) => json!("new@example.com"),
        ("phone_number", _) => json!("+15557654321"),
        ("url", _) => json!("https://example.com/hook"),
        (_, _) if schema["enum"].is_array() => schema["enum"][0].clone(),
        (_, _) if schema["format"] == "date-time" => json!("2030-01-01T00:00:00.000Z"),
        (_, "boolean") => json!(true),
        (_, "integer") => schema["minimum"].clone(),
        (_, "array") => json!(["2024-01-01T00:00:00.000Z", "2030-01-01T00:00:00.000Z"]),
        _ => json!("something.new"),
    }
}

/// The bodies that name foreign things, and whether all that they name is foreign.
fn bodies(route: &Route, ids: &Ids) -> Vec<(Value, bool)> {
    let value = |name: &String, from: &BTreeMap<&'static str, String>| {
        let schema = &route.properties[name];
        if !is_id(schema) {
            return plain(name, schema);
        }
        let named = from
            .get(name.as_str())
            .unwrap_or_else(|| panic!("{}: no example of {name}", route.path));
        if schema["items"].is_object() {
            json!([named])
        } else {
            json!(named)
        }
    };
    let id_names: Vec<&String> = route
        .properties
        .iter()
        .filter(|(_, schema)| is_id(schema))
        .map(|(name, _)| name)
        .collect();
    let mut bodies = Vec::new();
    for foreign in &id_names {
        // The way that needs it, else any.
        let way = route.ways.iter().find(|way| way.contains(foreign)).or(route.ways.first());
        let names: BTreeSet<&String> = way.into_iter().flatten().chain([*foreign]).collect();
        let only: Map<String, Value> = names
            .iter()
            .map(|name| {
                let from = if name == foreign { &ids.foreign } else { &ids.own };
                ((*name).clone(), value(name, from))
            })
            .collect();
        let all: Map<String, Value> = names.iter().map(|name| ((*name).clone(), value(name, &ids.foreign))).collect();
        bodies.push((Value::Object(only), false));
        bodies.push((Value::Object(all), true));
    }
    bodies
}

/// Whether a good answer shows nothing: it is empty lists.
fn is_empty(body: &Value) -> bool {
    let fields = body.as_object().expect("an object");
    fields.values().filter_map(Value::as_array).all(Vec::is_empty) && fields.values().any(Value::is_array)
}

#[tokio::test]
async fn whatever_route_is_tried_with_foreign_ids_nothing_foreign_is_shown_or_changed() {
    let world = World::prepared().await;
    let ids = with_stranger(&world).await;
    let before = world.items_of(ELSEWHERE);
    assert!(before.len() >= 7, "{}", before.len());
    let mut tried = 0;
    for route in routes() {
        // Together, since the answer that there is no such thing takes a second look.
        let replies = bodies(&route, &ids).into_iter().map(|(body, is_all_foreign)| {
            let (world, ids, path) = (&world, &ids, &route.path);
            async move {
                let reply = world.post(path, &body).await;
                let status = reply.status.as_u16();
                assert!(matches!(status, 200 | 400 | 404), "{path} {body}: {status} {}", reply.body);
                if status == 200 {
                    let shown = reply.body.to_string();
                    for foreign in ids.foreign.values().chain([&ELSEWHERE.to_owned()]) {
                        assert!(!shown.contains(foreign), "{path} {body} shows {foreign}: {shown}");
                    }
                    assert!(!is_all_foreign || is_empty(&reply.body), "{path} {body} answers {shown}");
                }
            }
        });
        tried += join_all(replies).await.len();
    }
    assert!(tried > 80, "{tried}");
    assert_eq!(world.items_of(ELSEWHERE), before);
}
