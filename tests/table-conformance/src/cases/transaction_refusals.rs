//! Transactions that can't be: too many parts, too large, two parts over one item.

use serde_json::{Value, json};

use super::transactions::{cancelled, check, codes, fresh, over, part, put, transaction};
use crate::{
    case::cases,
    difference::{Outcome, refused, same},
    table::Table,
};

cases! { transaction_refusals:
    a_hundred_parts_are_written_and_not_one_more,
    a_transaction_of_nothing_is_refused,
    two_parts_over_one_item_are_refused,
    a_transaction_of_more_than_4_megabytes_is_refused,
    an_item_of_more_than_400_kilobytes_is_refused_as_no_attempt_can_help,
    a_spoilt_key_of_an_index_is_refused_as_no_attempt_can_help,
    a_part_for_a_table_that_is_not_there_is_refused,
}

const INVALID: &str = "ValidationException";

async fn a_hundred_parts_are_written_and_not_one_more(table: Table) -> Outcome {
    let parts = |count: usize| (0..count).map(|n| fresh(&table, &format!("{n:03}"), json!({}))).collect();
    refused("101 parts", INVALID, transaction(&table, parts(101)).send().await)?;
    transaction(&table, parts(100)).send().await?;
    let found = table.sorts(table.query("pk = :pk", json!({":pk": "p"}))).await?;
    same("how many there are", &found.len(), &100)
}

async fn a_transaction_of_nothing_is_refused(table: Table) -> Outcome {
    refused("no parts", INVALID, transaction(&table, Vec::new()).send().await).map(drop)
}

async fn two_parts_over_one_item_are_refused(table: Table) -> Outcome {
    let puts = vec![fresh(&table, "a", json!({"n": 1})), fresh(&table, "a", json!({"n": 2}))];
    refused("two puts", INVALID, transaction(&table, puts).send().await)?;
    let looked_at = vec![
        fresh(&table, "a", json!({})),
        check(&table, "a", "attribute_not_exists(pk)", json!({})),
    ];
    refused("a put and a look", INVALID, transaction(&table, looked_at).send().await)?;
    same("what is there", &table.attributes("a").await?, &Value::Null)
}

async fn a_transaction_of_more_than_4_megabytes_is_refused(table: Table) -> Outcome {
    let parts = |count: usize| {
        let large = |n: usize| fresh(&table, &format!("{n:03}"), json!({"text": "x".repeat(400_000)}));
        (0..count).map(large).collect()
    };
    refused("11 large items", INVALID, transaction(&table, parts(11)).send().await)?;
    same("what is there", &table.attributes("000").await?, &Value::Null)?;
    transaction(&table, parts(10)).send().await?;
    Ok(())
}

async fn an_item_of_more_than_400_kilobytes_is_refused_as_no_attempt_can_help(table: Table) -> Outcome {
    let parts = vec![
        fresh(&table, "a", json!({})),
        fresh(&table, "b", json!({"text": "x".repeat(410_000)})),
    ];
    refused("a large item", INVALID, transaction(&table, parts).send().await)?;
    same("what is there", &table.attributes("a").await?, &Value::Null)
}

async fn a_spoilt_key_of_an_index_is_refused_as_no_attempt_can_help(table: Table) -> Outcome {
    let parts = vec![
        fresh(&table, "a", json!({})),
        fresh(&table, "b", json!({"collection": "", "collection_id": "x"})),
    ];
    refused("an empty key", INVALID, transaction(&table, parts).send().await)?;
    same("what is there", &table.attributes("a").await?, &Value::Null)
}

async fn a_part_for_a_table_that_is_not_there_is_refused(table: Table) -> Outcome {
    let elsewhere = put(&table, "a", json!({})).table_name("fobless-elsewhere");
    let request = transaction(&table, vec![part(elsewhere)]);
    refused("its only part", "ResourceNotFoundException", request.send().await)?;
    table.put("present", json!({"version": 1})).send().await?;
    let reasons = cancelled("a good transaction", transaction(&table, vec![over(&table, "present", 2)])).await?;
    same(
        "which is cancelled for another reason",
        &codes(&reasons),
        &vec!["ConditionalCheckFailed"],
    )
}
