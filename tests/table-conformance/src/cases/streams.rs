//! The stream: what wakes the issuer and the sender of webhooks.

use serde_json::{Value, json};

use super::transactions::{check, fresh, over, transaction, without};
use crate::{
    case::cases,
    difference::{Difference, Outcome, same, so},
    table::Table,
};

cases! { streams:
    each_kind_of_change_has_its_name,
    a_record_shows_the_item_before_and_after,
    the_changes_of_an_item_come_in_their_order,
    a_write_that_changes_nothing_leaves_no_record,
    a_write_that_is_refused_leaves_no_record,
    a_deletion_of_nothing_leaves_no_record,
    a_transaction_leaves_a_record_for_each_item_that_it_changed,
    a_touch_is_told_though_the_contents_stay,
    the_same_transaction_twice_is_told_once,
}

/// The records, each as its kind and the item's sort key.
async fn told(table: &Table) -> Result<Vec<String>, Difference> {
    let records = table.stream().await?;
    let name = |record: &Value| {
        let kind = record["eventName"].as_str().unwrap_or("no name").to_owned();
        format!("{kind} {}", record["dynamodb"]["Keys"]["sk"]["S"].as_str().unwrap_or("no key"))
    };
    Ok(records.iter().map(name).collect())
}

fn texts(told: &[&str]) -> Vec<String> {
    told.iter().map(|&text| text.to_owned()).collect()
}

async fn each_kind_of_change_has_its_name(table: Table) -> Outcome {
    table.put("a", json!({"n": 1})).send().await?;
    table.put("a", json!({"n": 2})).send().await?;
    table.update("a", "SET n = :n", json!({":n": 3})).send().await?;
    table.delete("a").send().await?;
    table.update("b", "SET n = :n", json!({":n": 1})).send().await?;
    let expected = texts(&["INSERT a", "MODIFY a", "MODIFY a", "REMOVE a", "INSERT b"]);
    same("what is told", &told(&table).await?, &expected)
}

async fn a_record_shows_the_item_before_and_after(table: Table) -> Outcome {
    table.put("a", json!({"n": 1, "deep": {"list": [null, true, "x"]}})).send().await?;
    table.update("a", "SET n = :n", json!({":n": 2})).send().await?;
    table.delete("a").send().await?;
    let records = table.stream().await?;
    let key = json!({"pk": {"S": "p"}, "sk": {"S": "a"}});
    let image = |n: &str| {
        let list = json!({"L": [{"NULL": true}, {"BOOL": true}, {"S": "x"}]});
        json!({"pk": {"S": "p"}, "sk": {"S": "a"}, "n": {"N": n}, "deep": {"M": {"list": list}}})
    };
    let shown: Vec<[Value; 3]> = records
        .iter()
        .map(|record| ["Keys", "OldImage", "NewImage"].map(|part| record["dynamodb"][part].clone()))
        .collect();
    let expected = vec![
        [key.clone(), Value::Null, image("1")],
        [key.clone(), image("1"), image("2")],
        [key, image("2"), Value::Null],
    ];
    same("what is shown", &shown, &expected)?;
    let is_of_both = |record: &Value| record["dynamodb"]["StreamViewType"] == "NEW_AND_OLD_IMAGES";
    so("each record says that it shows both", records.iter().all(is_of_both))
}

async fn the_changes_of_an_item_come_in_their_order(table: Table) -> Outcome {
    for n in 1..=20 {
        table
            .update(if n % 2 == 0 { "even" } else { "odd" }, "SET n = :n", json!({":n": n}))
            .send()
            .await?;
    }
    let records = table.stream().await?;
    let number = |record: &Value| record["dynamodb"]["NewImage"]["n"]["N"].as_str().and_then(|text| text.parse().ok());
    let of = |name: &str| -> Vec<u32> {
        let of_item = records.iter().filter(|record| record["dynamodb"]["Keys"]["sk"]["S"] == name);
        of_item.filter_map(number).collect()
    };
    same("the even ones", &of("even"), &(1..=10).map(|half| half * 2).collect())?;
    same("the odd ones", &of("odd"), &(0..10).map(|half| half * 2 + 1).collect())?;
    let place = |record: &Value| {
        record["dynamodb"]["SequenceNumber"]
            .as_str()
            .and_then(|text| text.parse::<u128>().ok())
    };
    let places: Vec<Option<u128>> = records.iter().map(place).collect();
    so(
        "each has a number, and they rise",
        places.iter().all(Option::is_some) && places.is_sorted_by(|one, next| one < next),
    )
}

async fn a_write_that_changes_nothing_leaves_no_record(table: Table) -> Outcome {
    table.put("a", json!({"n": 1})).send().await?;
    table.put("a", json!({"n": 1})).send().await?;
    table.update("a", "SET n = :n", json!({":n": 1})).send().await?;
    same("what is told", &told(&table).await?, &texts(&["INSERT a"]))
}

async fn a_write_that_is_refused_leaves_no_record(table: Table) -> Outcome {
    table.put("a", json!({"version": 1})).send().await?;
    let never = ("version = :v", json!({":v": 7}));
    let _ = table.put_if("a", json!({"version": 8}), never.0, never.1.clone()).send().await;
    let _ = table.delete_if("a", never.0, never.1).send().await;
    let _ = transaction(&table, vec![fresh(&table, "b", json!({})), over(&table, "a", 7)])
        .send()
        .await;
    same("what is told", &told(&table).await?, &texts(&["INSERT a"]))
}

async fn a_deletion_of_nothing_leaves_no_record(table: Table) -> Outcome {
    table.delete("a").send().await?;
    same("what is told", &told(&table).await?, &texts(&[]))
}

async fn a_transaction_leaves_a_record_for_each_item_that_it_changed(table: Table) -> Outcome {
    table.put("here", json!({"version": 1})).send().await?;
    table.put("kept", json!({"version": 1})).send().await?;
    let parts = vec![
        fresh(&table, "there", json!({"version": 2})),
        without(&table, "here", 1),
        check(&table, "kept", "version = :v", json!({":v": 1})),
    ];
    transaction(&table, parts).send().await?;
    let mut told = told(&table).await?.split_off(2);
    told.sort();
    same("what is told", &told, &texts(&["INSERT there", "REMOVE here"]))
}

async fn a_touch_is_told_though_the_contents_stay(table: Table) -> Outcome {
    table.put("a", json!({"due_shard": "DUE#0", "due_at": 1})).send().await?;
    table.update("a", "SET due_at = :t", json!({":t": 2})).send().await?;
    same("what is told", &told(&table).await?, &texts(&["INSERT a", "MODIFY a"]))
}

async fn the_same_transaction_twice_is_told_once(table: Table) -> Outcome {
    let request = transaction(&table, vec![fresh(&table, "a", json!({})), fresh(&table, "b", json!({}))]);
    request.clone().send().await?;
    request.send().await?;
    let mut told = told(&table).await?;
    told.sort();
    same("what is told", &told, &texts(&["INSERT a", "INSERT b"]))
}
