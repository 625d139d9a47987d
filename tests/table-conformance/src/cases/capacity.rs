//! What DynamoDB says that requests cost: what a webhook's one unit and every other figure of cost is read from.

use aws_sdk_dynamodb::types::{ConsumedCapacity, ReturnConsumedCapacity::Total};
use serde_json::json;

use super::transactions::{check, fresh, transaction, without};
use crate::{
    case::cases,
    difference::{Difference, Outcome, same},
    table::Table,
};

cases! { capacity:
    a_write_costs_one_unit_for_each_kilobyte,
    a_write_costs_by_the_larger_of_the_item_before_and_after,
    a_deletion_costs_by_what_it_deletes,
    coming_into_an_index_costs_one_unit_more,
    moving_in_an_index_costs_two_units_more,
    what_an_index_does_not_show_costs_it_nothing,
    leaving_an_index_costs_one_unit_more,
    a_transaction_costs_twice_as_much,
    a_read_costs_one_unit_for_each_4_kilobytes_and_half_of_that_when_it_may_be_old,
    a_query_costs_by_the_sum_of_what_it_reads,
    nobody_is_told_who_does_not_ask,
}

/// The units, as text, since that can be compared.
fn units(consumed: Option<&ConsumedCapacity>) -> Result<String, Difference> {
    let units = consumed.and_then(ConsumedCapacity::capacity_units);
    units
        .map(|units| units.to_string())
        .ok_or_else(|| Difference::new("it does not say what it cost"))
}

macro_rules! cost {
    ($request:expr) => {
        units($request.return_consumed_capacity(Total).send().await?.consumed_capacity())
    };
}

fn costs(what: &str, found: Result<String, Difference>, units: &str) -> Outcome {
    same(what, &found?, &units.to_owned())
}

/// An item of so many bytes under this key of one letter.
fn of_bytes(bytes: usize) -> serde_json::Value {
    json!({"text": "x".repeat(bytes - "pkpska".len() - "text".len())})
}

async fn a_write_costs_one_unit_for_each_kilobyte(table: Table) -> Outcome {
    costs("a small one", cost!(table.put("a", json!({}))), "1")?;
    costs("1,024 bytes", cost!(table.put("b", of_bytes(1024))), "1")?;
    costs("1,025 bytes", cost!(table.put("c", of_bytes(1025))), "2")?;
    costs("10 kilobytes", cost!(table.put("d", of_bytes(10 * 1024))), "10")?;
    costs(
        "an update that makes an item",
        cost!(table.update("e", "SET n = :n", json!({":n": 1}))),
        "1",
    )
}

async fn a_write_costs_by_the_larger_of_the_item_before_and_after(table: Table) -> Outcome {
    table.put("a", of_bytes(3000)).send().await?;
    costs("a small change", cost!(table.update("a", "SET n = :n", json!({":n": 1}))), "3")?;
    costs("a put that makes it smaller", cost!(table.put("a", json!({}))), "3")?;
    costs("one that makes it larger", cost!(table.put("a", of_bytes(2000))), "2")
}

async fn a_deletion_costs_by_what_it_deletes(table: Table) -> Outcome {
    table.put("a", of_bytes(3000)).send().await?;
    costs("a large item", cost!(table.delete("a")), "3")?;
    costs("nothing", cost!(table.delete("a")), "1")
}

async fn coming_into_an_index_costs_one_unit_more(table: Table) -> Outcome {
    let (due, listed) = (
        json!({"due_shard": "DUE#0", "due_at": 1}),
        json!({"collection": "c", "collection_id": "i"}),
    );
    costs("into one", cost!(table.put("a", due)), "2")?;
    costs("into another", cost!(table.put("b", listed)), "2")?;
    let both = json!({"due_shard": "DUE#0", "due_at": 1, "collection": "c", "collection_id": "i"});
    costs("into both", cost!(table.put("c", both)), "3")?;
    table.put("d", json!({"due_shard": "DUE#0"})).send().await?;
    costs("later on", cost!(table.update("d", "SET due_at = :t", json!({":t": 1}))), "2")
}

async fn moving_in_an_index_costs_two_units_more(table: Table) -> Outcome {
    table.put("a", json!({"due_shard": "DUE#0", "due_at": 1})).send().await?;
    costs("an update", cost!(table.update("a", "SET due_at = :t", json!({":t": 2}))), "3")?;
    costs("a put", cost!(table.put("a", json!({"due_shard": "DUE#0", "due_at": 3}))), "3")
}

async fn what_an_index_does_not_show_costs_it_nothing(table: Table) -> Outcome {
    let listed = json!({"collection": "c", "collection_id": "i", "n": 1});
    table.put("a", listed).send().await?;
    costs("an update", cost!(table.update("a", "SET n = :n", json!({":n": 2}))), "1")?;
    costs(
        "a put",
        cost!(table.put("a", json!({"collection": "c", "collection_id": "i", "n": 3}))),
        "1",
    )
}

async fn leaving_an_index_costs_one_unit_more(table: Table) -> Outcome {
    let due = json!({"due_shard": "DUE#0", "due_at": 1});
    for sort in ["a", "b", "c"] {
        table.put(sort, due.clone()).send().await?;
    }
    costs("by an update", cost!(table.update("a", "REMOVE due_at", json!({}))), "2")?;
    costs("by a put", cost!(table.put("b", json!({}))), "2")?;
    costs("by its deletion", cost!(table.delete("c")), "2")
}

async fn a_transaction_costs_twice_as_much(table: Table) -> Outcome {
    table.put("present", json!({"version": 1})).send().await?;
    let cost = async |parts| {
        let answer = transaction(&table, parts).return_consumed_capacity(Total).send().await?;
        units(answer.consumed_capacity().first())
    };
    costs("one part", cost(vec![fresh(&table, "a", json!({}))]).await, "2")?;
    costs(
        "two parts",
        cost(vec![fresh(&table, "b", json!({})), fresh(&table, "c", of_bytes(1500))]).await,
        "6",
    )?;
    costs(
        "a part that only looks",
        cost(vec![check(&table, "a", "attribute_exists(pk)", json!({}))]).await,
        "2",
    )?;
    costs("a deletion", cost(vec![without(&table, "present", 1)]).await, "2")
}

async fn a_read_costs_one_unit_for_each_4_kilobytes_and_half_of_that_when_it_may_be_old(table: Table) -> Outcome {
    table.put("a", of_bytes(4096)).send().await?;
    table.put("b", of_bytes(4097)).send().await?;
    costs("4 kilobytes", cost!(table.get("a")), "1")?;
    costs("more", cost!(table.get("b")), "2")?;
    costs("4 kilobytes that may be old", cost!(table.get("a").consistent_read(false)), "0.5")?;
    costs("nothing", cost!(table.get("c")), "1")
}

async fn a_query_costs_by_the_sum_of_what_it_reads(table: Table) -> Outcome {
    for sort in ["a", "b", "c"] {
        table.put(sort, of_bytes(3000)).send().await?;
    }
    let query = || table.query("pk = :pk", json!({":pk": "p"})).consistent_read(true);
    costs("9,000 bytes", cost!(query()), "3")?;
    costs("what may be old", cost!(query().consistent_read(false)), "1.5")?;
    costs("3,000 bytes", cost!(query().limit(1)), "1")
}

async fn nobody_is_told_who_does_not_ask(table: Table) -> Outcome {
    let put = table.put("a", json!({})).send().await?;
    same("a put", &put.consumed_capacity().cloned(), &None)?;
    let written = transaction(&table, vec![fresh(&table, "b", json!({}))]).send().await?;
    same("a transaction", &written.consumed_capacity().len(), &0)
}
