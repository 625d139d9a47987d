//! What a record of the stream asks of the sender.

use fobless::{store::WebhookWork, stream_batch::StreamRecord};

/// What there may be to do; `None`: nothing. Our own writes of deliveries and webhooks leave records too, but whoever wrote them has set
/// the time at which there is more to do, and then the sweeper touches them. A record without a key is nothing to this function: the
/// issuer, which gets the same ones, marks it.
pub(crate) fn concerns(record: StreamRecord<'_>) -> Option<WebhookWork> {
    let (partition, item) = record.key()?;
    let work = WebhookWork::of_key(partition, item)?;
    let is_asked = match work {
        WebhookWork::Tell { .. } => record.may_be_an_insert(),
        WebhookWork::Attempt { .. } | WebhookWork::Review { .. } => record.may_be_a_touch() && !record.changed_nothing(),
    };
    is_asked.then_some(work)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const WORKSPACE: &str = "398d80b7-3f96-47c2-b85a-6f8ba21d07be";
    const ID: &str = "018cf8b0-0f58-7000-8000-000000000001";

    fn record(name: &str, partition: &str, item: &str, versions: Option<(u8, u8)>) -> Value {
        let image = |version: u8, due_at: u8| json!({"version": {"N": version.to_string()}, "due_at": {"N": due_at.to_string()}});
        let mut change = json!({"Keys": {"pk": {"S": partition}, "sk": {"S": item}}});
        if let Some((old, new)) = versions {
            change["OldImage"] = image(old, 1);
            change["NewImage"] = image(new, 2);
        }
        json!({"eventName": name, "dynamodb": change})
    }

    #[test]
    fn new_events_and_touches_ask_for_something_and_our_own_writes_do_not() {
        let (events, delivery) = (format!("EVENTS#{WORKSPACE}#2024-01-11"), format!("DELIVERY#{ID}#{ID}"));
        let (workspace, webhook) = (format!("WORKSPACE#{WORKSPACE}"), format!("WEBHOOK#{ID}"));
        let table = [
            (record("INSERT", &events, ID, None), true),
            (record("REMOVE", &events, ID, None), false),
            (record("MODIFY", &delivery, "DELIVERY", Some((3, 3))), true),
            (record("MODIFY", &delivery, "DELIVERY", Some((3, 4))), false),
            (record("MODIFY", &workspace, &webhook, Some((3, 3))), true),
            (record("MODIFY", &workspace, &webhook, Some((3, 4))), false),
            (record("MODIFY", &workspace, "ACS_SYSTEM#1", Some((3, 3))), false),
            (record("INSERT", "USER#1", "IDENTITY", None), false),
            (json!({"dynamodb": 7}), false),
            (json!(null), false),
        ];
        for (record, asks) in table {
            assert_eq!(concerns(StreamRecord::new(&record)).is_some(), asks, "{record}");
        }
    }
}
