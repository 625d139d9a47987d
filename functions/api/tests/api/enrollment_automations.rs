//! Enrollment automations: launched once, found, deleted, launched anew.

use fobless::domain::{
    acs::AcsUser,
    enrollment_automation::{EnrollmentAutomation, RemoteUserPolicy},
    failure::{Failure, FailureCode},
    ids::AcsUserId,
};
use fobless::store::PartitionOwner;
use serde_json::{Value, json};

use crate::{
    harness::World,
    records::{self, ACS_SYSTEM, CREDENTIAL_MANAGER, IDENTITY, UNKNOWN, WORKSPACE, id},
};

const LAUNCH: &str = "/user_identities/enrollment_automations/launch";
const GET: &str = "/user_identities/enrollment_automations/get?enrollment_automation_id=";
const DELETE: &str = "/user_identities/enrollment_automations/delete?enrollment_automation_id=";

async fn stored(world: &World, automation: &str) -> EnrollmentAutomation {
    let owner = PartitionOwner {
        workspace_id: records::workspace(),
        user_identity_id: id(IDENTITY),
    };
    world
        .store
        .get(owner.automation(id(automation)))
        .await
        .expect("the table answers")
        .expect("it is there")
        .record
}

#[tokio::test]
async fn launching_answers_as_the_guide_shows() {
    let world = World::prepared().await;
    let body = world.post(LAUNCH, &records::launch()).await.ok();
    let automation = &body["enrollment_automation"];
    let automation_id = automation["enrollment_automation_id"].clone();
    let expected = json!({
        "user_identity_id": IDENTITY,
        "enrollment_automation_id": automation_id,
        "acs_credential_provisioning_automation_id": automation_id,
        "credential_manager_acs_system_id": CREDENTIAL_MANAGER,
        "is_running": true,
        "workspace_id": WORKSPACE,
        "created_at": "2024-01-11T10:42:25.848Z"
    });
    for (key, value) in expected.as_object().unwrap() {
        assert_eq!(&automation[key], value, "{key}");
    }
    assert_eq!(body["ok"], true);
    let stored = stored(&world, automation_id.as_str().unwrap()).await;
    assert_eq!(stored.user_policy, RemoteUserPolicy::CreateOrAdopt);
    assert_eq!(stored.acs_credential_pool_id, Some(id(records::POOL)));
}

#[tokio::test]
async fn two_fields_are_enough_to_launch() {
    let world = World::prepared().await;
    let body = json!({"user_identity_id": IDENTITY, "credential_manager_acs_system_id": CREDENTIAL_MANAGER});
    assert_eq!(world.post(LAUNCH, &body).await.ok()["enrollment_automation"]["is_running"], true);
}

#[tokio::test]
async fn launching_twice_answers_with_the_same_automation() {
    let world = World::prepared().await;
    let first = world.post(LAUNCH, &records::launch()).await.ok();
    world.pass_seconds(60);
    assert_eq!(world.post(LAUNCH, &records::launch()).await.ok(), first);
}

#[tokio::test]
async fn many_launches_at_once_make_one_automation() {
    let world = World::prepared().await;
    let launch = records::launch();
    let replies = futures_util::future::join_all((0..10).map(|_| world.post(LAUNCH, &launch))).await;
    let mut bodies: Vec<Value> = replies.into_iter().map(crate::harness::Reply::ok).collect();
    bodies.dedup();
    assert_eq!(bodies.len(), 1);
}

#[tokio::test]
async fn a_deleted_automation_is_not_shown_and_deleting_it_again_is_fine() {
    let world = World::prepared().await;
    let automation = world.launch().await;
    world.get(&format!("{GET}{automation}")).await.ok();
    for _ in 0..2 {
        assert_eq!(world.delete(&format!("{DELETE}{automation}")).await.ok(), json!({"ok": true}));
    }
    assert_eq!(
        world.get(&format!("{GET}{automation}")).await.refused_as(),
        (404, "enrollment_automation_not_found")
    );
    let list = json!({"user_identity_id": IDENTITY});
    assert_eq!(
        world.post("/user_identities/enrollment_automations/list", &list).await.ok()["enrollment_automations"],
        json!([])
    );
    assert_eq!(stored(&world, &automation).await.deleted_at, Some(world.now()));
}

#[tokio::test]
async fn a_deleted_automation_can_be_launched_anew() {
    let world = World::prepared().await;
    let automation = world.launch().await;
    world.delete(&format!("{DELETE}{automation}")).await.ok();
    world.pass_seconds(60);
    let again = json!({"user_identity_id": IDENTITY, "credential_manager_acs_system_id": CREDENTIAL_MANAGER});
    let body = world.post(LAUNCH, &again).await.ok();
    assert_eq!(body["enrollment_automation"]["enrollment_automation_id"], automation);
    assert_eq!(body["enrollment_automation"]["created_at"], "2024-01-11T10:43:25.848Z");
    assert_eq!(stored(&world, &automation).await.acs_credential_pool_id, None);
}

#[tokio::test]
async fn what_a_launch_refers_to_must_exist_and_fit() {
    let world = World::prepared().await;
    let cases = [
        ("user_identity_id", UNKNOWN, "user_identity_not_found"),
        ("credential_manager_acs_system_id", UNKNOWN, "acs_system_not_found"),
        ("credential_manager_acs_system_id", ACS_SYSTEM, "invalid_input"),
        ("acs_credential_pool_id", UNKNOWN, "acs_credential_pool_not_found"),
    ];
    for (field, value, kind) in cases {
        let mut launch = records::launch();
        launch[field] = json!(value);
        assert_eq!(world.post(LAUNCH, &launch).await.refused_as(), (400, kind), "{field}");
    }
}

#[tokio::test]
async fn an_existing_user_of_the_credential_manager_excludes_making_one() {
    let world = World::prepared().await;
    let mut launch = records::launch();
    launch["credential_manager_acs_user_id"] = json!(UNKNOWN);
    let reply = world.post(LAUNCH, &launch).await;
    assert_eq!(reply.refused_as(), (400, "invalid_input"));
    assert!(
        !reply.body["error"]["validation_errors"]["credential_manager_acs_user_id"]["_errors"]
            .as_array()
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn with_an_existing_user_the_automation_only_adopts() {
    let world = World::prepared().await;
    let user = AcsUser {
        acs_user_id: AcsUserId::generate(),
        acs_system_id: id(CREDENTIAL_MANAGER),
        ..records::acs_user()
    };
    world.put(user.clone()).await;
    let mut launch = records::launch();
    launch["create_credential_manager_user"] = json!(false);
    launch["credential_manager_acs_user_id"] = json!(user.acs_user_id);
    let body = world.post(LAUNCH, &launch).await.ok();
    let automation = body["enrollment_automation"]["enrollment_automation_id"].as_str().unwrap();
    assert_eq!(stored(&world, automation).await.user_policy, RemoteUserPolicy::AdoptOnly);
    launch["credential_manager_acs_user_id"] = json!(records::ACS_USER);
    assert_eq!(world.post(LAUNCH, &launch).await.refused_as(), (400, "invalid_input"));
}

#[tokio::test]
async fn trouble_that_needs_a_person_is_an_error_and_other_trouble_a_warning() {
    let world = World::prepared().await;
    let automation = world.launch().await;
    let owner = PartitionOwner {
        workspace_id: records::workspace(),
        user_identity_id: id(IDENTITY),
    };
    let seen = world
        .store
        .get::<EnrollmentAutomation>(owner.automation(id(&automation)))
        .await
        .unwrap()
        .unwrap();
    let failure = |code| {
        Some(Failure {
            code,
            message: "told".to_owned(),
            at: records::at(0),
        })
    };
    let failed = |automation: &mut EnrollmentAutomation| {
        automation.ensure_user.last_failure = failure(FailureCode::CredentialManagerUserConflict);
        automation.read.last_failure = failure(FailureCode::CredentialManagerBusy);
        true
    };
    world.store.amend(seen, failed).await.unwrap();
    let body = world.get(&format!("{GET}{automation}")).await.ok();
    let created_at = records::at(0).to_string();
    assert_eq!(
        body["enrollment_automation"]["errors"],
        json!([{"error_code": "credential_manager_user_conflict", "message": "told", "created_at": created_at}])
    );
    assert_eq!(
        body["enrollment_automation"]["warnings"],
        json!([{"warning_code": "credential_manager_busy", "message": "told", "created_at": created_at}])
    );
}
