//! Systems that are made, changed and deleted through the API, and which credential managers go with which system.

use serde_json::{Value, json};

use crate::{
    harness::World,
    records::{self, ACS_SYSTEM, CREDENTIAL_MANAGER, IDENTITY, UNKNOWN},
};

const CREATE: &str = "/acs/systems/create";
const UPDATE: &str = "/acs/systems/update";
const DELETE: &str = "/acs/systems/delete";
const COMPATIBLE: &str = "/acs/systems/list_compatible_credential_manager_acs_systems";

async fn created(world: &World, creation: Value) -> Value {
    world.post(CREATE, &creation).await.ok()["acs_system"].clone()
}

fn id_of(system: &Value) -> String {
    system["acs_system_id"].as_str().expect("an id").to_owned()
}

async fn shown(world: &World, id: &str) -> Value {
    world.get(&format!("/acs/systems/get?acs_system_id={id}")).await.ok()["acs_system"].clone()
}

async fn listed(world: &World, path: &str) -> Vec<String> {
    let body = world.get(path).await.ok();
    body["acs_systems"].as_array().expect("a list").iter().map(id_of).collect()
}

#[tokio::test]
async fn a_system_that_was_made_is_shown_and_takes_people() {
    let world = World::prepared().await;
    let creation = json!({"name": "Garage", "kind": "ledger", "location": {"time_zone": "Europe/Berlin"}});
    let system = created(&world, creation).await;
    assert_eq!(system["name"], "Garage");
    assert_eq!(system["is_credential_manager"], false);
    assert_eq!(system["location"], json!({"time_zone": "Europe/Berlin"}));
    let id = id_of(&system);
    assert_eq!(shown(&world, &id).await, system);
    assert!(listed(&world, "/acs/systems/list").await.contains(&id));
    let user = json!({"acs_system_id": id, "full_name": "Jane", "user_identity_id": IDENTITY});
    assert_eq!(world.post("/acs/users/create", &user).await.ok()["acs_user"]["acs_system_id"], id);
}

#[tokio::test]
async fn a_credential_manager_comes_with_a_pool_for_each_part_number() {
    let world = World::prepared().await;
    let creation = json!({"name": "HID", "kind": "hid_origo", "part_numbers": ["CRD_1", " CRD_2", "CRD_1"]});
    let id = id_of(&created(&world, creation).await);
    let pools = async || {
        let body = world.get(&format!("/acs/credential_pools/list?acs_system_id={id}")).await.ok();
        let pools = body["acs_credential_pools"].as_array().unwrap().clone();
        let mut names: Vec<String> = pools.iter().map(|pool| pool["display_name"].as_str().unwrap().to_owned()).collect();
        names.sort();
        names
    };
    assert_eq!(pools().await, ["CRD_1", "CRD_2"]);
    let more = json!({"acs_system_id": id, "part_numbers": ["CRD_2", "CRD_3"]});
    world.patch(UPDATE, &more).await.ok();
    assert_eq!(pools().await, ["CRD_1", "CRD_2", "CRD_3"]);
    let launch = json!({"user_identity_id": IDENTITY, "credential_manager_acs_system_id": id});
    world.post("/user_identities/enrollment_automations/launch", &launch).await.ok();
}

#[tokio::test]
async fn only_what_a_change_names_changes() {
    let world = World::prepared().await;
    let creation = json!({"name": "Garage", "kind": "bridge", "location": {"time_zone": "Europe/Berlin"}});
    let id = id_of(&created(&world, creation).await);
    world.post(UPDATE, &json!({"acs_system_id": id, "name": "Car park"})).await.ok();
    let system = shown(&world, &id).await;
    assert_eq!(
        (&system["name"], &system["location"]["time_zone"]),
        (&json!("Car park"), &json!("Europe/Berlin"))
    );
    world
        .post(UPDATE, &json!({"acs_system_id": id, "location": {"time_zone": null}}))
        .await
        .ok();
    let system = shown(&world, &id).await;
    assert_eq!(
        (&system["name"], &system["location"]["time_zone"]),
        (&json!("Car park"), &json!(null))
    );
}

#[tokio::test]
async fn a_deleted_system_takes_nothing_new_and_leaves_what_it_has() {
    let world = World::prepared().await;
    let automation = world.launch().await;
    let credential = world.create_credential().await;
    for id in [ACS_SYSTEM, CREDENTIAL_MANAGER] {
        world.delete(&format!("{DELETE}?acs_system_id={id}")).await.ok();
        world.post(DELETE, &json!({"acs_system_id": id})).await.ok();
        let gone = world.get(&format!("/acs/systems/get?acs_system_id={id}")).await;
        assert_eq!(gone.refused_as(), (404, "acs_system_not_found"));
        let update = json!({"acs_system_id": id, "name": "Again"});
        assert_eq!(world.post(UPDATE, &update).await.refused_as(), (404, "acs_system_not_found"));
    }
    assert_eq!(listed(&world, "/acs/systems/list").await, [""; 0]);
    let pools = format!("/acs/credential_pools/list?acs_system_id={CREDENTIAL_MANAGER}");
    assert_eq!(world.get(&pools).await.ok()["acs_credential_pools"], json!([]));
    let user = json!({"acs_system_id": ACS_SYSTEM, "full_name": "Jane"});
    let refused = [
        ("/acs/users/create", user),
        ("/user_identities/enrollment_automations/launch", records::launch()),
        ("/acs/credentials/create", records::creation()),
    ];
    for (path, body) in refused {
        assert_eq!(world.post(path, &body).await.refused_as(), (400, "acs_system_not_found"), "{path}");
    }
    let kept = [
        format!("/user_identities/enrollment_automations/get?enrollment_automation_id={automation}"),
        format!("/acs/credentials/get?acs_credential_id={credential}"),
    ];
    for path in kept {
        world.get(&path).await.ok();
    }
}

#[tokio::test]
async fn every_credential_manager_goes_with_every_access_control_system() {
    let world = World::prepared().await;
    let path = format!("{COMPATIBLE}?acs_system_id={ACS_SYSTEM}");
    assert_eq!(listed(&world, &path).await, [CREDENTIAL_MANAGER]);
    let of_manager = format!("{COMPATIBLE}?acs_system_id={CREDENTIAL_MANAGER}");
    assert_eq!(listed(&world, &of_manager).await, [""; 0]);
    let unknown = world.get(&format!("{COMPATIBLE}?acs_system_id={UNKNOWN}")).await;
    assert_eq!(unknown.refused_as(), (404, "acs_system_not_found"));
}

#[tokio::test]
async fn what_is_wrong_with_a_system_is_told() {
    let world = World::prepared().await;
    let cases = [
        (CREATE, json!({}), "2 Input Errors: name is required, kind is required"),
        (
            CREATE,
            json!({"name": "Garage", "kind": "visionline"}),
            "Invalid enum value. Expected 'hid_origo' | 'ledger' | 'bridge' for \"kind\"",
        ),
        (
            CREATE,
            json!({"name": "Garage", "kind": "ledger", "part_numbers": ["CRD_1"]}),
            "Only a credential manager has credential pools for \"part_numbers\"",
        ),
        (
            CREATE,
            json!({"name": "Garage", "kind": "hid_origo", "part_numbers": [" "]}),
            "String must contain at least 1 character(s) for \"part_numbers\"",
        ),
        (
            CREATE,
            json!({"name": "Garage", "kind": "ledger", "location": {"time_zone": "half past nine"}}),
            "Invalid time zone (expected a name such as Europe/Berlin) for \"location.time_zone\"",
        ),
        (
            UPDATE,
            json!({"acs_system_id": ACS_SYSTEM, "part_numbers": ["CRD_1"]}),
            "Only a credential manager has credential pools for \"part_numbers\"",
        ),
    ];
    for (path, body, message) in cases {
        assert_eq!(world.post(path, &body).await.refusal(), (400, "invalid_input", message), "{body}");
    }
    let unknown = world.post(UPDATE, &json!({"acs_system_id": UNKNOWN})).await;
    assert_eq!(unknown.refused_as(), (404, "acs_system_not_found"));
}

#[tokio::test]
async fn an_automation_is_launched_under_its_older_name_too() {
    let world = World::prepared().await;
    let path = "/acs/credential_provisioning_automations/launch";
    let older = world.post(path, &records::launch()).await.ok()["acs_credential_provisioning_automation"].clone();
    assert_eq!(older["acs_credential_provisioning_automation_id"], world.launch().await);
    assert_eq!(older["credential_manager_acs_system_id"], CREDENTIAL_MANAGER);
    assert_eq!(older["user_identity_id"], IDENTITY);
}
