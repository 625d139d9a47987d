//! Single updates against a table that is in the middle of a transaction.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    DueItem, FactOutcome, HintOutcome, Key, PartitionOwner, PhoneFact, PhoneFactKind, Store, StoreError, UserHints, connect,
    single_update::jittered,
};
use crate::{
    aws::AwsAddress,
    credential_manager::hid_origo::scripted::{Script, Scripted},
    domain::{
        ids::{
            AcsSystemId, DeviceId, EndpointId, EnrollmentAutomationId, InstallationId, InvitationId, RemoteUserId, UserIdentityId,
            WorkspaceId,
        },
        time::Timestamp,
    },
};

const NOW: Timestamp = Timestamp::from_millis(1_704_779_133_068);
/// One try and the repeats.
const TRIES: usize = 5;

pub(super) fn refused_with(error: &str) -> Script {
    let kind = format!("com.amazonaws.dynamodb.v20120810#{error}");
    Script::json(400, &json!({"__type": kind, "message": "The item is busy"}))
}

pub(super) fn in_a_transaction() -> Script {
    refused_with("TransactionConflictException")
}

pub(super) fn good() -> Script {
    Script::json(200, &json!({}))
}

pub(super) async fn table(scripts: impl IntoIterator<Item = Script>) -> (Store, Scripted) {
    let server = Scripted::start(scripts).await;
    let address = AwsAddress::stand_in(server.url.clone());
    (Store::new(connect(&address).unwrap(), "fobless-test"), server)
}

fn updates(server: &Scripted) -> Vec<Value> {
    let is_update = |target: Option<&str>| target.is_some_and(|target| target.ends_with(".UpdateItem"));
    let requests = server.requests().into_iter();
    requests
        .filter(|request| is_update(request.header("x-amz-target")))
        .map(|request| request.json())
        .collect()
}

fn deactivation() -> PhoneFact {
    let (workspace_id, user_identity_id) = (WorkspaceId::generate(), UserIdentityId::generate());
    PhoneFact {
        owner: PartitionOwner {
            workspace_id,
            user_identity_id,
        },
        device_id: DeviceId::of_installation(workspace_id, user_identity_id, &InstallationId::new("iphone")),
        occurred_at: NOW,
        kind: PhoneFactKind::Deactivated,
    }
}

#[tokio::test]
async fn a_fact_that_meets_a_transaction_is_recorded_all_the_same() {
    let (store, server) = table([in_a_transaction(), in_a_transaction(), good()]).await;
    let outcome = store.record_phone_fact(&deactivation(), NOW).await.unwrap();
    assert!(matches!(outcome, FactOutcome::Recorded(_)), "{outcome:?}");
    let updates = updates(&server);
    assert_eq!(updates.len(), 3);
    assert!(updates.iter().all(|update| *update == updates[0]));
}

#[tokio::test]
async fn a_transaction_that_does_not_end_is_a_failure_and_not_a_known_fact() {
    let (store, server) = table(std::iter::repeat_with(in_a_transaction).take(2 * TRIES)).await;
    let failed = store.record_phone_fact(&deactivation(), NOW).await;
    assert!(matches!(failed, Err(StoreError::Unavailable(_))), "{failed:?}");
    assert_eq!(updates(&server).len(), TRIES);
}

#[tokio::test]
async fn what_the_transaction_left_decides_whether_a_fact_is_news() {
    let (store, server) = table([in_a_transaction(), refused_with("ConditionalCheckFailedException")]).await;
    assert_eq!(
        store.record_phone_fact(&deactivation(), NOW).await.unwrap(),
        FactOutcome::AlreadyKnown
    );
    assert_eq!(updates(&server).len(), 2);
}

/// Whose the credential manager's user is, as it is read.
fn link(system: AcsSystemId, user: &RemoteUserId) -> Script {
    let text = |text: String| json!({"S": text});
    let key = Key::remote_user(system, user);
    let item = json!({"Item": {
        "pk": text(key.partition), "sk": text(key.item), "version": {"N": "1"},
        "acs_system_id": text(system.to_string()), "remote_user_id": text(user.as_str().to_owned()),
        "workspace_id": text(WorkspaceId::generate().to_string()), "user_identity_id": text(UserIdentityId::generate().to_string()),
        "enrollment_automation_id": text(EnrollmentAutomationId::generate().to_string()),
    }});
    Script::json(200, &item)
}

#[tokio::test]
async fn where_many_names_wait_to_be_looked_at_the_news_counts_and_its_names_are_left_out() {
    let (system, user) = (AcsSystemId::generate(), RemoteUserId::new("42"));
    let full = refused_with("ConditionalCheckFailedException");
    let (store, server) = table([link(system, &user), full, link(system, &user), good()]).await;
    let hints = UserHints {
        enrollment: 1,
        pairings: vec![(EndpointId::new("7"), InvitationId::new("8"))],
        ..UserHints::default()
    };
    let outcome = store.record_hints(system, &user, &hints).await.unwrap();
    assert!(matches!(outcome, HintOutcome::Recorded(_)), "{outcome:?}");
    let updates = updates(&server);
    let part = |index: usize, name: &str| updates[index][name].as_str().unwrap().to_owned();
    assert!(part(0, "ConditionExpression").contains("size(hints.pairings) < :most_pairings"));
    assert!(part(0, "UpdateExpression").contains("hints.pairings"));
    assert_eq!(part(1, "ConditionExpression"), "attribute_exists(pk)");
    assert!(!part(1, "UpdateExpression").contains("hints.pairings"));
    assert!(part(1, "UpdateExpression").contains("hints.enrollment + :enrollment"));
}

#[tokio::test]
async fn hints_that_meet_a_transaction_are_recorded_all_the_same() {
    let (system, user) = (AcsSystemId::generate(), RemoteUserId::new("42"));
    let (store, server) = table([link(system, &user), in_a_transaction(), good()]).await;
    let hints = UserHints {
        credential: 1,
        ..UserHints::default()
    };
    let outcome = store.record_hints(system, &user, &hints).await.unwrap();
    assert!(matches!(outcome, HintOutcome::Recorded(_)), "{outcome:?}");
    assert_eq!(updates(&server).len(), 2);
}

#[tokio::test]
async fn a_touch_that_meets_a_transaction_wakes_the_issuer_all_the_same() {
    let (store, server) = table([in_a_transaction(), good()]).await;
    let fact = deactivation();
    let key: Key = fact.owner.phone(fact.device_id);
    let due = DueItem { key, due_at: NOW };
    assert!(store.touch(&due, NOW).await.unwrap());
    assert_eq!(updates(&server).len(), 2);
}

#[test]
fn who_waited_for_the_same_transaction_comes_back_between_half_of_the_pause_and_all_of_it() {
    let pause = Duration::from_secs(100);
    let pauses: Vec<Duration> = (0..1_000).map(|_| jittered(pause)).collect();
    let (shortest, longest) = (pauses.iter().min().unwrap(), pauses.iter().max().unwrap());
    assert!(
        (Duration::from_secs(50)..Duration::from_secs(55)).contains(shortest),
        "{shortest:?}"
    );
    assert!((Duration::from_secs(95)..=pause).contains(longest), "{longest:?}");
}
