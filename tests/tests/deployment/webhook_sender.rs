//! The sender of webhooks, as it is deployed.

use std::time::Duration;

use fobless::{
    config::setting,
    domain::{
        ids::{EventId, WebhookId, WorkspaceId},
        retry,
    },
    store::{DEFINITION, Key},
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::template::{at, function, leading_keys, list, matches, statements, text};

const NAME: &str = "WebhookSenderFunction";
const ROLE: &str = "WebhookSenderRole";
const WORKSPACE: WorkspaceId = WorkspaceId::new(Uuid::from_u128(1));

fn mapping() -> Value {
    at(&function(NAME), "Events.TableStream.Properties").clone()
}

fn webhook() -> Key {
    Key::webhook(WORKSPACE, WebhookId::new(Uuid::from_u128(2)))
}

fn delivery() -> Key {
    Key::webhook_delivery(WebhookId::new(Uuid::from_u128(2)), EventId::new(Uuid::from_u128(3)))
}

fn events_partition() -> String {
    format!("EVENTS#{WORKSPACE}#2024-01-11")
}

#[test]
fn it_is_dead_before_its_lease_runs_out_and_lives_longer_than_what_it_begins() {
    let timeout = function(NAME)["Timeout"].as_u64().map(Duration::from_secs).expect("a number");
    assert!(timeout < retry::LEASE, "{timeout:?}");
    let slowest_attempt = Duration::from_secs(15);
    assert!(
        timeout > webhook_sender::USUAL_TIME + slowest_attempt + Duration::from_secs(10),
        "{timeout:?}"
    );
}

#[test]
fn it_reads_the_stream_like_the_issuer_but_with_as_many_batches_at_once_as_there_may_be() {
    let (sender, issuer) = (mapping(), function("CredentialIssuerFunction"));
    let issuer = at(&issuer, "Events.TableStream.Properties");
    for property in [
        "Stream",
        "StartingPosition",
        "BatchSize",
        "FunctionResponseTypes",
        "BisectBatchOnFunctionError",
        "MaximumRetryAttempts",
        "MaximumRecordAgeInSeconds",
        "DestinationConfig",
    ] {
        assert_eq!(sender[property], issuer[property], "{property}");
    }
    assert_eq!(sender["ParallelizationFactor"], 10);
    let statements = statements(ROLE);
    let send = statements
        .iter()
        .find(|statement| statement["Action"] == "sqs:SendMessage")
        .expect("it may send");
    assert_eq!(send["Resource"], json!({"!GetAtt": "FailedRecords.Arn"}));
}

/// Whether a filter lets a record pass, as far as the filters here go: values, prefixes, and that something is there.
fn passes(pattern: &Value, record: &Value) -> bool {
    match pattern {
        Value::Object(fields) => fields.iter().all(|(name, pattern)| passes(pattern, &record[name])),
        Value::Array(options) => options.iter().any(|option| match option {
            Value::Object(rule) if rule.contains_key("prefix") => {
                record.as_str().is_some_and(|value| value.starts_with(text(&rule["prefix"])))
            }
            Value::Object(rule) => rule["exists"] == json!(!record.is_null()),
            value => value == record,
        }),
        other => panic!("{other} is no filter"),
    }
}

#[test]
fn the_stream_filters_let_through_what_concerns_it_and_nothing_else() {
    let mapping = mapping();
    let patterns: Vec<Value> = list(at(&mapping, "FilterCriteria.Filters"))
        .iter()
        .map(|filter| serde_json::from_str(text(&filter["Pattern"])).expect("a filter is JSON"))
        .collect();
    let due = json!({"due_at": {"N": "1"}});
    let (partition, item) = DEFINITION.key;
    let record = |name: &str, key: &Key, image: &Value| json!({"eventName": name, "dynamodb": {"Keys": {partition: {"S": key.partition}, item: {"S": key.item}}, "NewImage": image}});
    let event = Key {
        partition: events_partition(),
        item: Uuid::from_u128(3).to_string(),
    };
    let system = Key::acs_system(WORKSPACE, "6737e186-8d54-48ce-a7da-a0be4d252172".parse().expect("an id"));
    let table = [
        (record("INSERT", &event, &json!({})), true),
        (record("REMOVE", &event, &json!({})), false),
        // Only the sweeper's touch concerns it, not its own first write and not what settles a delivery.
        (record("INSERT", &delivery(), &due), false),
        (record("MODIFY", &delivery(), &due), true),
        (record("MODIFY", &delivery(), &json!({})), false),
        (record("MODIFY", &webhook(), &due), true),
        (record("INSERT", &webhook(), &due), false),
        (record("MODIFY", &system, &due), false),
        (record("MODIFY", &crate::owner().identity(), &due), false),
    ];
    for (record, lets_through) in table {
        let let_through = patterns.iter().any(|pattern| passes(pattern, &record));
        assert_eq!(let_through, lets_through, "{record}");
    }
}

#[test]
fn it_sees_and_writes_what_it_sends_and_neither_people_nor_keys_nor_tokens() {
    let system = "6737e186-8d54-48ce-a7da-a0be4d252172".parse().expect("an id");
    let hidden = [crate::owner().partition(), Key::token(system).partition, Key::api_key("").partition];
    for action in ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem"] {
        let allowed = leading_keys(ROLE, action, "ForAllValues:StringLike");
        let may = |key: &str| allowed.iter().any(|pattern| matches(pattern, key));
        for needed in [webhook().partition, delivery().partition, events_partition()] {
            assert!(may(&needed), "{action} on {needed}");
        }
        for key in &hidden {
            assert!(!may(key), "{action} on {key}");
        }
    }
    let of_the_api = leading_keys("ApiRole", "dynamodb:PutItem", "ForAllValues:StringNotLike");
    assert!(!of_the_api.iter().any(|pattern| matches(pattern, &webhook().partition)));
}

#[test]
fn nothing_deployed_sends_webhooks_to_addresses_that_are_not_public() {
    assert!(!include_str!("../../../template.yaml").contains(setting::LOCAL_WEBHOOK_TARGETS));
}
