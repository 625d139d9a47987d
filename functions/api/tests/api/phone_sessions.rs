//! The phone itself: it registers, learns its code and sees its credentials, with nothing but its client session.

use fobless::{
    domain::{
        deletion::Deletion,
        enrollment::{Enrollment, EnrollmentState},
        ids::InstallationId,
        phone::{Phone, Presence},
        user_identity::UserIdentity,
    },
    store::{FactOutcome, PhoneFact, PhoneFactKind},
};
use serde_json::{Value, json};

use crate::{
    harness::World,
    records::{self, CODE, CREDENTIAL_MANAGER, IDENTITY, WORKSPACE},
    sessions::{App, JOHN, put_john, put_workspace},
};

const GET_OR_CREATE: &str = "/seam/mobile_sdk/v1/phone_sessions/get_or_create";
const CREDENTIALS: &str = "/seam/mobile_sdk/v1/acs/credentials/list";

fn start(installation: &str) -> Value {
    json!({
        "custom_sdk_installation_id": installation, "phone_os": "ios",
        "phone_device_metadata": {"manufacturer": "Apple", "model": "iPhone 17", "os_version": "26"}
    })
}

async fn started(app: &App<'_>, installation: &str) -> Value {
    app.post(GET_OR_CREATE, &start(installation)).await.ok()["phone_session"].clone()
}

async fn stored(world: &World, installation: &str) -> Phone {
    world.stored(records::owner().phone(records::phone(installation).device_id)).await
}

#[tokio::test]
async fn an_app_that_starts_registers_its_phone_once() {
    let world = World::prepared().await;
    let app = App::logged_in(&world).await;
    world.pass_seconds(60);
    let registered_at = world.now();
    let session = started(&app, "install-1").await;
    let phone = stored(&world, "install-1").await;
    assert_eq!(session["device_id"], json!(phone.device_id));
    assert_eq!(
        (session["workspace_id"].clone(), session["is_sandbox_workspace"].clone()),
        (json!(WORKSPACE), json!(false))
    );
    assert_eq!(session["user_identity"]["user_identity_id"], IDENTITY);
    assert_eq!(session["provider_sessions"], json!([]));
    assert_eq!((phone.presence, phone.registered_at), (Presence::Registered, Some(registered_at)));
    assert_eq!(phone.metadata.shown_name(), "Apple iPhone 17");
    assert!(!phone.is_listed, "that is the issuer's");

    // Each further start writes nothing: to the issuer it would look like an app that was installed again.
    world.pass_seconds(3600);
    assert_eq!(started(&app, "install-1").await, session);
    assert_eq!(stored(&world, "install-1").await, phone);
    // A later login of the same app neither.
    let later = App::logged_in(&world).await;
    assert_eq!(started(&later, "install-1").await, session);
    assert_eq!(stored(&world, "install-1").await, phone);
}

#[tokio::test]
async fn a_phone_sees_how_far_it_has_come_with_each_credential_manager() {
    let world = World::prepared().await;
    put_workspace(&world, true).await;
    let (automation, parent) = (world.launch().await, world.create_credential().await);
    let app = App::logged_in(&world).await;
    let session = started(&app, "install-1").await;
    assert_eq!(session["is_sandbox_workspace"], true);
    let phone = stored(&world, "install-1").await;
    let entry = session["provider_sessions"][0].clone();
    let registration = entry["phone_registration"].clone();
    assert_eq!(
        registration,
        json!({
            "phone_registration_id": registration["phone_registration_id"], "provider_name": "hid_origo_credential_service",
            "is_being_activated": true,
            "provider_state": {
                "status": "pending", "has_active_endpoint": false, "enrollment_automation_id": automation,
                "acs_system_id": CREDENTIAL_MANAGER
            }
        })
    );
    assert_eq!(entry["acs_credentials"], json!([]));

    world.put(records::enrollment(&phone, &automation, records::invited())).await;
    let entry = started(&app, "install-1").await["provider_sessions"][0].clone();
    let invited = &entry["phone_registration"];
    assert_eq!(invited["phone_registration_id"], registration["phone_registration_id"]);
    assert_eq!(
        (&invited["provider_state"]["status"], &invited["provider_state"]["invitation_code"]),
        (&json!("invited"), &json!(CODE))
    );
    assert_eq!(invited["is_being_activated"], true);

    let key = records::owner().enrollment(records::id(&automation), phone.device_id);
    world
        .change::<Enrollment>(key.clone(), |enrollment| enrollment.state = records::active())
        .await;
    let child = records::child(&phone, &automation, &parent, records::issued("4711"));
    world.put(child.clone()).await;
    let entry = started(&app, "install-1").await["provider_sessions"][0].clone();
    let active = &entry["phone_registration"];
    assert_eq!(active["provider_state"]["status"], "active");
    assert_eq!(active["provider_state"]["invitation_code"], Value::Null);
    assert_eq!(active["is_being_activated"], false);
    let held = &entry["acs_credentials"][0];
    assert_eq!(
        (&held["acs_credential_id"], &held["acs_entrances"]),
        (&json!(child.acs_credential_id), &json!([]))
    );
    assert_eq!((&held["card_number"], &held["is_issued"]), (&json!("4711"), &json!(true)));
    assert_eq!(app.get(CREDENTIALS).await.ok()["acs_credentials"], json!([held]));

    // What is enrolled stays when the automation is deleted, so the phone goes on seeing it, until it ends.
    let delete = json!({"enrollment_automation_id": automation});
    world.post("/user_identities/enrollment_automations/delete", &delete).await.ok();
    assert_eq!(started(&app, "install-1").await["provider_sessions"].as_array().unwrap().len(), 1);
    let ended = EnrollmentState::Deactivated { at: world.now() };
    world.change::<Enrollment>(key, |enrollment| enrollment.state = ended.clone()).await;
    assert_eq!(started(&app, "install-1").await["provider_sessions"], json!([]));
}

#[tokio::test]
async fn a_phone_sees_its_own_credentials_and_no_other_phones() {
    let world = World::prepared().await;
    let (automation, parent) = (world.launch().await, world.create_credential().await);
    let app = App::logged_in(&world).await;
    for (installation, number) in [("one", "1"), ("two", "2")] {
        let phone = records::phone(installation);
        world.put(phone.clone()).await;
        world.put(records::enrollment(&phone, &automation, records::active())).await;
        world
            .put(records::child(&phone, &automation, &parent, records::issued(number)))
            .await;
    }
    let numbers = |credentials: &Value| -> Vec<String> {
        let all = credentials.as_array().unwrap().iter();
        let mut numbers: Vec<String> = all
            .map(|credential| credential["card_number"].as_str().unwrap().to_owned())
            .collect();
        numbers.sort();
        numbers
    };
    let session = started(&app, "two").await;
    assert_eq!(numbers(&session["provider_sessions"][0]["acs_credentials"]), ["2"]);
    // Asked without naming a phone, the session sees those of all its person's phones, as long as they are in use.
    assert_eq!(
        numbers(&app.post(CREDENTIALS, &json!({})).await.ok()["acs_credentials"]),
        ["1", "2"]
    );
    app.post("/phones/deactivate", &json!({"device_id": records::phone("one").device_id}))
        .await
        .ok();
    assert_eq!(numbers(&app.get(CREDENTIALS).await.ok()["acs_credentials"]), ["2"]);
}

#[tokio::test]
async fn a_lost_phone_is_not_brought_back_by_the_session_that_is_on_it() {
    let world = World::prepared().await;
    let thief = App::logged_in(&world).await;
    world.pass_seconds(60);
    let device = started(&thief, "install-1").await["device_id"].clone();
    world.pass_seconds(60);
    world.post("/client_sessions/list", &json!({})).await.ok();
    thief.post("/phones/deactivate", &json!({"device_id": device})).await.ok();
    let deactivated = stored(&world, "install-1").await;
    assert_eq!(deactivated.presence, Presence::Deactivated);
    for _ in 0..2 {
        let reply = thief.post(GET_OR_CREATE, &start("install-1")).await;
        assert_eq!(reply.refused_as(), (403, "phone_deactivated"));
        world.pass_seconds(3600);
    }
    assert_eq!(stored(&world, "install-1").await, deactivated);

    let owner = App::logged_in(&world).await;
    world.pass_seconds(1);
    assert_eq!(started(&owner, "install-1").await["device_id"], device);
    assert_eq!(stored(&world, "install-1").await.registered_at, Some(world.now()));
}

#[tokio::test]
async fn the_session_on_a_lost_phone_registers_no_other_phone_and_other_phones_go_on() {
    let world = World::prepared().await;
    let (lost, kept) = (App::logged_in(&world).await, App::logged_in(&world).await);
    world.pass_seconds(60);
    let device = started(&lost, "lost").await["device_id"].clone();
    started(&kept, "kept").await;
    world.post("/phones/list", &json!({})).await.ok();
    world.pass_seconds(60);
    kept.post("/phones/deactivate", &json!({"device_id": device})).await.ok();
    world.pass_seconds(60);
    let reply = lost.post(GET_OR_CREATE, &start("lost, by another name")).await;
    assert_eq!(reply.refused_as(), (403, "phone_deactivated"));
    started(&kept, "kept").await;
}

#[tokio::test]
async fn who_logs_in_after_a_phone_was_lost_gets_a_session_that_registers_the_next() {
    let world = World::prepared().await;
    for wish in [
        json!({"user_identity_id": IDENTITY, "user_identifier_key": "jane-1"}),
        json!({"user_identity_id": IDENTITY}),
    ] {
        let logged_in = async || {
            let made = world.post("/client_sessions/get_or_create", &wish).await.ok();
            App::with(&world, made["client_session"].clone())
        };
        let before = logged_in().await;
        world.pass_seconds(60);
        let device = started(&before, "lost").await["device_id"].clone();
        started(&before, "kept").await;
        world.pass_seconds(60);
        before.post("/phones/deactivate", &json!({"device_id": device})).await.ok();
        world.pass_seconds(60);

        let after = logged_in().await;
        assert_ne!(after.token, before.token);
        assert_eq!(logged_in().await.token, after.token);
        world.pass_seconds(60);
        started(&after, "next").await;
        // The phone that shared the session has it still.
        started(&before, "kept").await;
        for phone in ["lost", "kept", "next"] {
            let key = records::owner().phone(records::phone(phone).device_id);
            world
                .change::<Phone>(key, |phone| {
                    phone.presence = Presence::Deactivated;
                    phone.occurred_at = records::at(0);
                    phone.registered_at = None;
                })
                .await;
        }
    }
}

#[tokio::test]
async fn a_session_from_the_moment_of_the_deactivation_counts_as_older() {
    let world = World::prepared().await;
    let phone = Phone {
        presence: Presence::Deactivated,
        occurred_at: world.now(),
        ..records::phone("install-1")
    };
    world.put(phone).await;
    let app = App::logged_in(&world).await;
    world.pass_seconds(1);
    let reply = app.post(GET_OR_CREATE, &start("install-1")).await;
    assert_eq!(reply.refused_as(), (403, "phone_deactivated"));
}

#[tokio::test]
async fn the_same_installation_of_another_person_is_another_phone() {
    let world = World::prepared().await;
    put_john(&world).await;
    let automation = world.launch().await;
    let jane = App::logged_in(&world).await;
    started(&jane, "shared-phone").await;
    let phone = stored(&world, "shared-phone").await;
    world.put(records::enrollment(&phone, &automation, records::invited())).await;

    let john = App::of(&world, JOHN).await;
    let session = john.post(GET_OR_CREATE, &start("shared-phone")).await.ok()["phone_session"].clone();
    assert_eq!(session["user_identity"]["user_identity_id"], JOHN);
    assert_ne!(session["device_id"], json!(phone.device_id));
    assert!(!session.to_string().contains(CODE), "{session}");
    assert_eq!(john.get(CREDENTIALS).await.ok()["acs_credentials"], json!([]));
}

#[tokio::test]
async fn only_a_phone_with_a_living_session_is_let_in() {
    let world = World::prepared().await;
    for path in [GET_OR_CREATE, CREDENTIALS] {
        let by_key = world.post(path, &start("install-1")).await;
        assert_eq!(by_key.refused_as(), (400, "invalid_client_session_token"), "{path}");
        let nobody = http::Request::post(path).body(axum::body::Body::empty()).unwrap();
        assert_eq!(world.send(nobody).await.refused_as(), (401, "unauthorized"), "{path}");
    }
    let app = App::logged_in(&world).await;
    let (key, marked) = (records::owner().identity(), Deletion::requested(world.now()));
    world.change::<UserIdentity>(key, |person| person.deletion = Some(marked)).await;
    for path in [GET_OR_CREATE, CREDENTIALS] {
        let reply = app.post(path, &start("install-1")).await;
        assert_eq!(reply.refused_as(), (401, "client_session_not_found"), "{path}");
    }
    let phone = world
        .store
        .get::<Phone>(records::owner().phone(records::phone("install-1").device_id))
        .await;
    assert_eq!(phone.unwrap(), None);
}

#[tokio::test]
async fn what_a_phone_says_of_itself_is_checked() {
    let world = World::prepared().await;
    let app = App::logged_in(&world).await;
    let missing = app.post(GET_OR_CREATE, &json!({})).await;
    let errors = &missing.body["error"]["validation_errors"];
    assert_eq!(errors["custom_sdk_installation_id"]["_errors"], json!(["Required"]));
    assert_eq!(errors["phone_os"]["_errors"], json!(["Required"]));
    for (field, value) in [
        ("custom_sdk_installation_id", json!("")),
        ("custom_sdk_installation_id", json!("x".repeat(129))),
        ("custom_sdk_installation_id", json!("a\u{0}b")),
        ("custom_sdk_installation_id", json!(7)),
        ("phone_os", json!("windows")),
        ("phone_device_metadata", json!("iPhone")),
        ("phone_device_metadata", json!({"model": 7})),
    ] {
        let mut request = start("install-1");
        request[field] = value.clone();
        let reply = app.post(GET_OR_CREATE, &request).await;
        assert_eq!(reply.refused_as(), (400, "invalid_input"), "{field} {value}");
    }
    let bare = json!({"custom_sdk_installation_id": "x".repeat(128), "phone_os": "android"});
    app.post(GET_OR_CREATE, &bare).await.ok();
    assert_eq!(app.get(GET_OR_CREATE).await.refused_as(), (405, "method_not_allowed"));
}

/// A deactivation may come between the look and the write.
#[tokio::test]
async fn the_write_itself_does_not_undo_a_deactivation_that_is_newer_than_the_session() {
    let world = World::prepared().await;
    let deactivated = Phone {
        presence: Presence::Deactivated,
        occurred_at: records::at(100),
        ..records::phone("install-1")
    };
    world.put(deactivated.clone()).await;
    let register = async |installation: &str, logged_in_at: i64| {
        let phone = records::phone(installation);
        let fact = PhoneFact {
            owner: records::owner(),
            device_id: phone.device_id,
            occurred_at: world.now(),
            kind: PhoneFactKind::Registered {
                installation_id: InstallationId::new(installation),
                metadata: phone.metadata,
            },
        };
        let recorded = world
            .store
            .record_phone_fact_in_session(&fact, world.now(), records::at(logged_in_at));
        matches!(recorded.await.unwrap(), FactOutcome::Recorded(_))
    };
    for logged_in_at in [99, 100] {
        assert!(!register("install-1", logged_in_at).await);
    }
    assert_eq!(stored(&world, "install-1").await, deactivated);
    assert!(register("install-1", 101).await && register("install-2", 99).await);
}
