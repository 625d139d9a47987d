//! The phone itself: it registers, learns its code and sees its credentials, with nothing but its client session.

use fobless::domain::{
    deletion::Deletion,
    enrollment::{Enrollment, EnrollmentState},
    phone::{Phone, Presence},
    user_identity::UserIdentity,
};
use serde_json::{Value, json};

use crate::{
    harness::World,
    records::{self, CODE, CREDENTIAL_MANAGER, IDENTITY, WORKSPACE},
    sessions::{App, JOHN, put_john, put_workspace},
};

pub(crate) const GET_OR_CREATE: &str = "/seam/mobile_sdk/v1/phone_sessions/get_or_create";
const CREDENTIALS: &str = "/seam/mobile_sdk/v1/acs/credentials/list";

pub(crate) fn start(installation: &str) -> Value {
    json!({
        "custom_sdk_installation_id": installation, "phone_os": "ios",
        "phone_device_metadata": {"manufacturer": "Apple", "model": "iPhone 17", "os_version": "26"}
    })
}

pub(crate) async fn started(app: &App<'_>, installation: &str) -> Value {
    app.post(GET_OR_CREATE, &start(installation)).await.ok()["phone_session"].clone()
}

pub(crate) async fn stored(world: &World, installation: &str) -> Phone {
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
    assert!(phone.is_listed, "whoever sees its id may use it at once");

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
        assert_eq!(by_key.refused_as(), (401, "invalid_client_session_token"), "{path}");
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
