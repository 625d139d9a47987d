//! The table before anything is measured: phones that are registered, listed and told of, of people without an enrollment automation,
//! so that nothing is left to do about them.

use std::{path::Path, time::Duration};

use fobless::{
    domain::{
        ids::{DeviceId, InstallationId, UserIdentityId},
        limits::PHONES_PER_USER,
        phone::{Phone, Presence},
        phone_metadata::PhoneMetadata,
        time::Timestamp,
    },
    store::PartitionOwner,
};
use fobless_local::seed;
use fobless_tests::{Crowd, Stack};
use serde_json::json;

/// Bit by bit, so that not all of the items are in memory at once.
const PEOPLE_AT_ONCE: usize = 2_000;

const LOOK_EVERY: Duration = Duration::from_millis(500);
/// After so many looks without progress the stream is worked off.
const LOOKS_WITHOUT_PROGRESS: usize = 6;

/// Puts so many phones into the table, and waits until the issuer has looked at all of them.
pub(crate) async fn fill(stack: &Stack, phones: usize) {
    let owner = person(stack, "Somebody in the table").await;
    let mut ids = vec![owner.user_identity_id.to_string()];
    let store = stack.store();
    for number in 0..PHONES_PER_USER {
        let phone = settled_phone(owner, &format!("in-the-table-{number}"), Presence::Registered, stack.now());
        ids.push(phone.device_id.to_string());
        store.insert(phone).await.unwrap();
    }
    settle(stack).await;
    let crowd = Crowd::of(&stack.ready().dynamodb, &owner.partition(), ids).await;
    let missing = phones.div_ceil(PHONES_PER_USER) - 1;
    for step in (0..missing).step_by(PEOPLE_AT_ONCE) {
        crowd.add((missing - step).min(PEOPLE_AT_ONCE)).await;
    }
    settle(stack).await;
}

/// So many people without a phone and without an enrollment automation.
pub(crate) async fn newcomers(stack: &Stack, count: usize) -> Vec<UserIdentityId> {
    let owner = person(stack, "Somebody new").await;
    let ids = vec![owner.user_identity_id.to_string()];
    let crowd = Crowd::of(&stack.ready().dynamodb, &owner.partition(), ids).await;
    let newcomers = crowd.add(count).await;
    settle(stack).await;
    newcomers.into_iter().map(|ids| ids[0].parse().unwrap()).collect()
}

/// A phone of which everything is told.
pub(crate) fn settled_phone(owner: PartitionOwner, installation: &str, presence: Presence, at: Timestamp) -> Phone {
    let installation_id = InstallationId::new(installation);
    Phone {
        workspace_id: owner.workspace_id,
        user_identity_id: owner.user_identity_id,
        device_id: DeviceId::of_installation(owner.workspace_id, owner.user_identity_id, &installation_id),
        installation_id: Some(installation_id),
        metadata: PhoneMetadata::default(),
        presence,
        occurred_at: at,
        registered_at: Some(at),
        created_at: at,
        is_listed: true,
        told: Some(presence),
    }
}

/// Waits until everything that was written has been brought to the functions.
pub(crate) async fn settle(stack: &Stack) {
    let checkpoint = Path::new(&stack.ready().data_dir).join("stream-checkpoint.json");
    let (mut last, mut looks) = (Vec::new(), 0);
    while looks < LOOKS_WITHOUT_PROGRESS {
        tokio::time::sleep(LOOK_EVERY).await;
        let reached = std::fs::read(&checkpoint).unwrap_or_default();
        looks = if reached == last && !reached.is_empty() { looks + 1 } else { 0 };
        last = reached;
    }
}

async fn person(stack: &Stack, name: &str) -> PartitionOwner {
    let made = stack.api("/user_identities/create", &json!({"full_name": name})).await.unwrap();
    PartitionOwner {
        workspace_id: seed::WORKSPACE,
        user_identity_id: made["user_identity"]["user_identity_id"].as_str().unwrap().parse().unwrap(),
    }
}
