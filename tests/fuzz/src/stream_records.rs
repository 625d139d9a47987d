//! A batch of the table's stream in which anything stands, and the same in the table. Each record is worked on, or what it is about is left
//! alone and marked; none is ever sent again, for it would hold up all that come behind it.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use fobless::{
    credential_manager::CredentialManager,
    reconcile::Reconciler,
    store::{PartitionOwner, Unusable},
    stream_batch::{StreamRecord, records},
    webhook_delivery::{Sender, WebhookTargets},
};
use serde_json::{Map, Value, json};

use crate::{
    far_side::{Answers, adapter},
    log,
    records::OURS,
    secrets,
    table::{TABLE, Table, at_once, clock, with_table},
};

/// As long as a function has.
const TIME: Duration = Duration::from_mins(1);

/// Takes a batch through the door, as Lambda would bring it.
pub fn check(data: &[u8]) {
    let Ok(batch) = serde_json::from_slice::<Value>(data) else { return };
    with_table(|table| {
        let written: Vec<Value> = records(&batch).into_iter().filter_map(|record| write(table, record)).collect();
        let done = json!({ "batchItemFailures": [] });
        assert_eq!(log::without_secrets(|| issue(table, &batch)), done, "the issuer");
        assert_eq!(log::without_secrets(|| send(table, &batch)), done, "the sender of webhooks");
        let marks = at_once(table.store.unusable()).unwrap();
        for mark in &marks {
            secrets::assert_none_in(&mark.reason);
        }
        for record in records(&batch) {
            assert_is_worked_on_or_marked(table, record, &marks, &written);
        }
    });
}

/// Puts what a record shows into the table, as whoever caused the record has. Answers what is there now.
fn write(table: &Table, record: StreamRecord<'_>) -> Option<Value> {
    let (partition, item) = record.key()?;
    let mut image: Map<String, Value> = record.new_image()?.as_object()?.clone();
    image.insert("pk".to_owned(), json!({ "S": partition }));
    image.insert("sk".to_owned(), json!({ "S": item }));
    let image = Value::Object(image);
    table.database.put(TABLE, &image).then_some(image)
}

/// The credential issuer, whose credential manager is not to be reached.
fn issue(table: &Table, batch: &Value) -> Value {
    let hid: Arc<dyn CredentialManager> = Arc::new(adapter(&Answers::new(Vec::new())));
    let managers = BTreeMap::from([(OURS.manager, hid)]);
    let state = credential_issuer::State {
        reconciler: Reconciler::over(table.store.clone(), clock(), managers, BTreeMap::new()),
        clock: clock(),
    };
    at_once(credential_issuer::handle_batch(&state, batch, TIME))
}

/// The sender of webhooks, which has no time to call anybody.
fn send(table: &Table, batch: &Value) -> Value {
    let state = webhook_sender::State {
        sender: Sender::new(table.store.clone(), clock(), WebhookTargets::Public).unwrap(),
        clock: clock(),
    };
    at_once(webhook_sender::handle_batch(&state, batch, Duration::ZERO))
}

fn assert_is_worked_on_or_marked(table: &Table, record: StreamRecord<'_>, marks: &[Unusable], written: &[Value]) {
    let is_marked = |name: &str| marks.iter().any(|mark| mark.name == name);
    let Some((partition, _)) = record.key() else {
        let number = record.sequence_number().unwrap_or("without a number");
        let cut: String = format!("STREAM_RECORD#{number}").chars().take(200).collect();
        assert!(
            marks.iter().any(|mark| mark.name.starts_with(&cut)),
            "{number:?} is not marked: {marks:?}"
        );
        return;
    };
    let Some(owner) = PartitionOwner::of_partition(partition) else {
        return;
    };
    if record.changed_nothing() {
        return;
    }
    if let Err(error) = at_once(table.store.load(owner)) {
        assert!(error.is_about_an_item() && is_marked(&owner.partition()), "{error}: {marks:?}");
        // Left alone as it is.
        let items = table.database.items(TABLE);
        let of_this = written.iter().filter(|item| item["pk"]["S"] == json!(partition));
        for item in of_this {
            assert!(
                items.iter().any(|kept| kept["sk"] == item["sk"] && kept["pk"] == item["pk"]),
                "{item} is gone"
            );
        }
    }
}
