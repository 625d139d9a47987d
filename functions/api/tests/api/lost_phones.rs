//! A phone in the wrong hands has its client session still: that brings no phone into use again.

use fobless::{
    domain::{
        ids::InstallationId,
        phone::{Phone, Presence},
    },
    store::{FactOutcome, PhoneFact, PhoneFactKind},
};
use serde_json::json;

use crate::{
    harness::World,
    phone_sessions::{GET_OR_CREATE, start, started, stored},
    records::{self, IDENTITY},
    sessions::App,
};

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

#[tokio::test]
async fn the_session_on_a_lost_phone_deactivates_no_phone_but_may_repeat_that_it_is_out_of_use() {
    let world = World::prepared().await;
    let (lost, kept) = (App::logged_in(&world).await, App::logged_in(&world).await);
    world.pass_seconds(60);
    let device = started(&lost, "lost").await["device_id"].clone();
    let other = started(&kept, "kept").await["device_id"].clone();
    world.pass_seconds(60);
    kept.post("/phones/deactivate", &json!({"device_id": device})).await.ok();
    world.pass_seconds(60);
    let reply = lost.post("/phones/deactivate", &json!({"device_id": other})).await;
    assert_eq!(reply.refused_as(), (403, "phone_deactivated"));
    assert_eq!(stored(&world, "kept").await.presence, Presence::Registered);
    lost.post("/phones/deactivate", &json!({"device_id": device})).await.ok();
}

#[tokio::test]
async fn the_session_on_a_lost_phone_learns_no_other_phones_invitation_code() {
    let world = World::prepared().await;
    let automation = world.launch().await;
    let lost = App::logged_in(&world).await;
    world.pass_seconds(60);
    let device = started(&lost, "lost").await["device_id"].clone();
    started(&lost, "kept").await;
    let phone = stored(&world, "kept").await;
    world.put(records::enrollment(&phone, &automation, records::invited())).await;
    assert!(started(&lost, "kept").await.to_string().contains(records::CODE));
    world.pass_seconds(60);
    lost.post("/phones/deactivate", &json!({"device_id": device})).await.ok();
    let shown = started(&lost, "kept").await;
    assert_eq!(
        shown["provider_sessions"][0]["phone_registration"]["provider_state"]["status"],
        "invited"
    );
    assert!(!shown.to_string().contains(records::CODE), "{shown}");
}

#[tokio::test]
async fn a_refused_login_takes_no_key_from_the_session_on_a_lost_phone() {
    let world = World::prepared().await;
    let wish = json!({"user_identity_id": IDENTITY, "user_identifier_key": "jane"});
    let made = world.post("/client_sessions/get_or_create", &wish).await.ok();
    let before = App::with(&world, made["client_session"].clone());
    world.pass_seconds(60);
    let device = started(&before, "lost").await["device_id"].clone();
    world.pass_seconds(60);
    before.post("/phones/deactivate", &json!({"device_id": device})).await.ok();
    world.pass_seconds(60);
    for refused in [
        json!({"user_identifier_key": "jane"}),
        json!({"user_identifier_key": "jane", "user_identity_id": records::UNKNOWN}),
    ] {
        let reply = world.post("/client_sessions/get_or_create", &refused).await;
        assert_eq!(reply.refused_as(), (400, "invalid_input"), "{refused}");
    }
    let found = world
        .post("/client_sessions/get", &json!({"user_identifier_key": "jane"}))
        .await
        .ok();
    assert_eq!(found["client_session"], made["client_session"]);
}
