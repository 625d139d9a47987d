//! `kill -9` in the middle, and again, and again: every phone still gets exactly one credential.

mod books;
mod faults;
mod fifty;
mod people;
mod post;
mod story;

use std::{collections::BTreeSet, time::Duration};

use fobless::domain::{
    ids::{AcsCredentialId, DeviceId},
    phone_metadata::PhoneMetadata,
};
use fobless_local::walk::Client;
use serde_json::json;

use crate::process::Place;

/// A step that was under way is taken over when its lease of 90 s has run out; a second one may wait behind it.
const PATIENCE: Duration = Duration::from_mins(5);

async fn register(client: &Client, names: &[&str], phones: &mut Vec<DeviceId>) {
    for name in names {
        phones.push(client.register_phone(name, PhoneMetadata::default()).await.unwrap());
    }
}

/// Every phone that shows a code redeems it. One that was redeemed a moment before the kill is refused; that is fine.
async fn redeem_what_is_there(client: &Client, redeemed: &mut BTreeSet<String>) {
    for phone in client.phones().await.unwrap() {
        if let Some(code) = phone.invitation_code()
            && redeemed.insert(code.expose().to_owned())
        {
            client.redeem(code, "Maker", "Model").await.unwrap();
        }
    }
}

/// Waits until every phone has its credential, and compares with the far side's ledger: nothing lost, nothing twice.
async fn assert_one_credential_each(client: &Client, parent: AcsCredentialId, phones: &[DeviceId], redeemed: &mut BTreeSet<String>) {
    let look = async || {
        redeem_what_is_there(client, redeemed).await;
        let children = client.children(parent).await?;
        Ok((children.iter().filter(|child| child.is_issued).count() == phones.len()).then_some(children))
    };
    let children = client.wait_for("all credentials", PATIENCE, look).await.unwrap();
    assert_eq!(children.len(), phones.len());
    let ledger = client.ledger().await.unwrap();
    assert_eq!(ledger.users.len(), 1, "one person at the far side");
    assert_eq!(
        ledger.credentials.len(),
        phones.len(),
        "none was issued twice: {:#?}",
        ledger.credentials
    );
    for phone in phones {
        let child = children
            .iter()
            .find(|child| child.device_id == *phone)
            .expect("a child for each phone");
        let held: Vec<_> = ledger
            .credentials
            .iter()
            .filter(|held| held.container_id.to_string() == child.endpoint_id())
            .collect();
        assert_eq!(held.len(), 1, "{held:#?}");
        assert_eq!(Some(&held[0].card_number), child.card_number.as_ref());
    }
}

#[tokio::test]
async fn killed_again_and_again_every_phone_still_gets_exactly_one_credential() {
    let place = Place::new("kill");
    let mut phones = Vec::new();
    let mut redeemed = BTreeSet::new();

    let running = place.start();
    running.client.launch_automation().await.unwrap();
    let parent = running.client.create_credential().await.unwrap();
    register(&running.client, &["a", "b"], &mut phones).await;
    running.kill();

    // Each later: before the invitation, at it, at the redemption, at the issue, at its record.
    for (name, delay) in [("c", 4), ("d", 12), ("e", 25)] {
        let running = place.start();
        register(&running.client, &[name], &mut phones).await;
        redeem_what_is_there(&running.client, &mut redeemed).await;
        tokio::time::sleep(Duration::from_millis(delay)).await;
        running.kill();
    }

    let running = place.start();
    assert_one_credential_each(&running.client, parent, &phones, &mut redeemed).await;
    assert_eq!(running.terminate(), Some(0));
}

#[tokio::test]
async fn killed_in_the_middle_of_a_call_the_step_is_taken_over_once_its_lease_has_run_out() {
    let place = Place::new("kill-in-call");
    let mut phones = Vec::new();
    let mut redeemed = BTreeSet::new();

    let running = place.start();
    let client = &running.client;
    client.launch_automation().await.unwrap();
    let parent = client.create_credential().await.unwrap();
    register(client, &["issued"], &mut phones).await;
    let look = async || {
        Ok(client
            .phones()
            .await?
            .iter()
            .any(|phone| phone.invitation_code().is_some())
            .then_some(()))
    };
    client.wait_for("a code", PATIENCE, look).await.unwrap();
    // From here on every invitation and every issue takes longer than this process lives.
    let slow = |route: &str| json!({"route": route, "kind": "delay", "value": 60_000});
    let faults = json!([
        slow("POST /users/{id}/invitation"),
        slow("POST /credential-container/{id}/credential")
    ]);
    client.faults(&faults).await.unwrap();
    register(client, &["invited"], &mut phones).await;
    redeem_what_is_there(client, &mut redeemed).await;
    let look = async || {
        let calls = client.ledger().await?.calls;
        let both = ["POST /users/{id}/invitation", "POST /credential-container/{id}/credential"];
        let are_under_way = calls.get(both[0]) == Some(&2) && calls.get(both[1]) == Some(&1);
        Ok(are_under_way.then_some(()))
    };
    client.wait_for("both calls to be under way", PATIENCE, look).await.unwrap();
    running.kill();

    let running = place.start();
    assert_one_credential_each(&running.client, parent, &phones, &mut redeemed).await;
}
