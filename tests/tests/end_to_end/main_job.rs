//! The main job: a phone registers and gets its credential, once, whatever comes first and however often.

use fobless::{clock::Clock, domain::time::Timestamp};
use fobless_local::{SystemOptions, loopback_client, seed};
use fobless_tests::{RawWebhook, Stack, event_body};

#[tokio::test]
async fn phones_that_come_after_the_credential_was_configured_get_it() {
    let stack = Stack::start().await;
    stack.launch_automation().await.unwrap();
    let parent = stack.create_credential().await.unwrap();
    let phones = [stack.register("one").await, stack.register("two").await];
    for phone in phones {
        stack.redeem_code_of(phone).await;
    }
    stack.assert_one_credential_each(parent, &phones).await;
}

#[tokio::test]
async fn a_phone_registered_before_the_credential_gets_it_when_it_is_created() {
    let stack = Stack::start().await;
    stack.launch_automation().await.unwrap();
    let phones = [stack.register("one").await, stack.register("two").await];
    for phone in phones {
        stack.redeem_code_of(phone).await;
    }
    let parent = stack.create_credential().await.unwrap();
    stack.assert_one_credential_each(parent, &phones).await;
}

#[tokio::test]
async fn phones_registered_before_the_automation_was_launched_are_enrolled_by_it() {
    let stack = Stack::start().await;
    let phones = [stack.register("one").await, stack.register("two").await];
    let parent = stack.create_credential().await.unwrap();
    stack.launch_automation().await.unwrap();
    for phone in phones {
        stack.redeem_code_of(phone).await;
    }
    stack.assert_one_credential_each(parent, &phones).await;
}

#[tokio::test]
async fn each_phone_costs_one_invitation_one_issue_and_two_reads() {
    let stack = Stack::start().await;
    stack.launch_automation().await.unwrap();
    let parent = stack.create_credential().await.unwrap();
    let phone = stack.register("one").await;
    stack.redeem_code_of(phone).await;
    stack.assert_one_credential_each(parent, &[phone]).await;
    let calls = stack.ledger().await.unwrap().calls;
    assert_eq!(calls["POST /users/{id}/invitation"], 1, "{calls:?}");
    assert_eq!(calls["POST /credential-container/{id}/credential"], 1, "{calls:?}");
    assert_eq!(calls["GET /users/{id}"], 2, "{calls:?}");
}

#[tokio::test]
async fn webhooks_delivered_three_times_in_any_order_issue_once_per_phone() {
    let options = SystemOptions {
        hid_rate_limit: 3_000,
        ..SystemOptions::default()
    };
    let stack = Stack::start_with(options).await;
    stack.launch_automation().await.unwrap();
    let parent = stack.create_credential().await.unwrap();

    let http = loopback_client(std::time::Duration::from_secs(10)).unwrap();
    let url = format!("{}/webhooks/phones", stack.ready().api);
    let now = Clock::system().now();
    let names = ["one", "two", "three"];
    let registered_at = |index: usize| Timestamp::from_millis(now.millis() - 60_000 + i64::try_from(index).unwrap());
    // Before each registration the phone was deactivated once: the older event must not win, whenever it comes.
    let deliveries: Vec<RawWebhook> = names
        .iter()
        .enumerate()
        .flat_map(|(index, name)| {
            let event = |kind, at| event_body(kind, seed::USER_IDENTITY, name, at).to_string();
            let registered = event("phone.registered", registered_at(index));
            let former = event("phone.deactivated", Timestamp::from_millis(registered_at(index).millis() - 1_000));
            [(registered, "r"), (former, "d")]
                .map(|(body, kind)| RawWebhook::signed(&stack.ready().webhook_secret, &format!("msg_{kind}_{name}"), now, body))
        })
        .flat_map(|webhook| [webhook.clone(), webhook.clone(), webhook])
        .collect();
    let mut order: Vec<usize> = (0..deliveries.len()).collect();
    // A fixed permutation that mixes phones, kinds and repeats: 7 and 18 have no common divisor.
    order.sort_by_key(|index| index * 7 % deliveries.len());
    for index in order {
        assert_eq!(deliveries[index].send(&http, &url).await, 200);
    }
    let phones = names.map(|name| {
        fobless::domain::ids::DeviceId::of_installation(
            seed::WORKSPACE,
            seed::USER_IDENTITY,
            &fobless::domain::ids::InstallationId::new(name),
        )
    });
    for phone in phones {
        stack.redeem_code_of(phone).await;
    }
    // And all of them once more, late.
    for delivery in &deliveries {
        assert_eq!(delivery.send(&http, &url).await, 200);
    }
    stack.assert_one_credential_each(parent, &phones).await;
    let calls = stack.ledger().await.unwrap().calls;
    assert_eq!(calls["POST /credential-container/{id}/credential"], 3, "{calls:?}");
    assert_eq!(calls["POST /users/{id}/invitation"], 3, "{calls:?}");
}

#[tokio::test]
async fn several_people_get_their_own_credentials() {
    let stack = Stack::start_with(SystemOptions {
        hid_rate_limit: 3_000,
        ..SystemOptions::default()
    })
    .await;
    let mut people = Vec::new();
    for name in ["ann", "bob", "cleo"] {
        let person = stack.another_person(name).await;
        person.launch_automation().await.unwrap();
        let parent = person.create_credential().await.unwrap();
        let device = person
            .register_phone("one", fobless::domain::phone_metadata::PhoneMetadata::default())
            .await
            .unwrap();
        people.push((person, parent, device));
    }
    for (person, parent, device) in &people {
        let look = async || Ok(person.phone(*device).await?.and_then(|phone| phone.invitation_code().cloned()));
        let code = person.wait_for("a code", std::time::Duration::from_secs(20), look).await.unwrap();
        person.redeem(&code, "Maker", "Model").await.unwrap();
        let look = async || Ok(person.children(*parent).await?.into_iter().find(|child| child.is_issued));
        let child = person
            .wait_for("a credential", std::time::Duration::from_secs(20), look)
            .await
            .unwrap();
        assert_eq!(child.device_id, *device);
    }
    assert_eq!(stack.ledger().await.unwrap().credentials.len(), 3);
}

#[tokio::test]
async fn a_lost_phone_loses_its_credential_and_the_others_keep_theirs() {
    let stack = Stack::start().await;
    stack.launch_automation().await.unwrap();
    let parent = stack.create_credential().await.unwrap();
    let (lost, kept) = (stack.register("lost").await, stack.register("kept").await);
    stack.redeem_code_of(lost).await;
    stack.redeem_code_of(kept).await;
    stack.assert_one_credential_each(parent, &[lost, kept]).await;

    stack.deactivate_phone("lost").await.unwrap();
    let look = async || Ok((stack.children(parent).await?.len() == 1).then_some(()));
    stack
        .wait_for("one credential to be gone", fobless_tests::PATIENCE, look)
        .await
        .unwrap();
    let left = stack.children(parent).await.unwrap();
    assert_eq!((left[0].device_id, left[0].is_issued), (kept, true));
    let look = async || {
        Ok((stack
            .ledger()
            .await?
            .credentials
            .iter()
            .filter(|credential| credential.is_live())
            .count()
            == 1)
            .then_some(()))
    };
    stack
        .wait_for("one live credential at the far side", fobless_tests::PATIENCE, look)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_second_launch_is_the_same_automation() {
    let stack = Stack::start().await;
    let first = stack.launch_automation().await.unwrap();
    assert_eq!(stack.launch_automation().await.unwrap(), first);
    stack.register("one").await;
    let look = async || Ok((stack.ledger().await?.invitations.len() == 1).then_some(()));
    stack.wait_for("an invitation", fobless_tests::PATIENCE, look).await.unwrap();
    assert_eq!(stack.ledger().await.unwrap().users.len(), 1);
}
