//! Transactions: a record, its events and the values that it claims, together or not at all.

use aws_sdk_dynamodb::{
    operation::transact_write_items::{TransactWriteItemsError, builders::TransactWriteItemsFluentBuilder},
    types::{CancellationReason, ConditionCheck, Delete, Put, ReturnValuesOnConditionCheckFailure::AllOld, TransactWriteItem, Update},
};
use serde_json::{Value, json};

use crate::{
    case::cases,
    difference::{Difference, Outcome, refused, same},
    item::{item, plain, values},
    table::{Table, key, with_key},
};

cases! { transactions:
    all_of_a_transaction_happens,
    nothing_of_a_transaction_happens_when_one_part_is_refused,
    each_part_has_its_reason,
    the_item_in_a_parts_way_is_shown_to_whoever_asks,
    a_part_that_only_looks_changes_nothing,
    a_record_moves_in_one_transaction,
    the_same_transaction_twice_happens_once,
    a_token_with_another_transaction_is_refused,
    a_transaction_that_was_refused_may_be_tried_anew,
    conditions_are_judged_before_any_part_is_written,
}

const CANCELLED: &str = "TransactionCanceledException";

pub(super) fn put(table: &Table, sort: &str, attributes: Value) -> aws_sdk_dynamodb::types::builders::PutBuilder {
    Put::builder()
        .table_name(&table.name)
        .set_item(Some(item(with_key(sort, attributes))))
}

/// A put where nothing may be.
pub(super) fn fresh(table: &Table, sort: &str, attributes: Value) -> TransactWriteItem {
    part(put(table, sort, attributes).condition_expression("attribute_not_exists(pk)"))
}

/// A put over a version.
pub(super) fn over(table: &Table, sort: &str, seen: u32) -> TransactWriteItem {
    let put = put(table, sort, json!({"version": seen + 1})).condition_expression("version = :seen");
    part(put.set_expression_attribute_values(values(json!({":seen": seen}))))
}

/// A deletion of a version.
pub(super) fn without(table: &Table, sort: &str, seen: u32) -> TransactWriteItem {
    let delete = Delete::builder().table_name(&table.name).set_key(Some(item(key(sort))));
    let delete = delete.condition_expression("version = :seen");
    let delete = delete.set_expression_attribute_values(values(json!({":seen": seen})));
    TransactWriteItem::builder()
        .delete(delete.build().expect("a key and a table"))
        .build()
}

/// A part that only looks.
pub(super) fn check(table: &Table, sort: &str, condition: &str, with: Value) -> TransactWriteItem {
    let check = ConditionCheck::builder().table_name(&table.name).set_key(Some(item(key(sort))));
    let check = check.condition_expression(condition).set_expression_attribute_values(values(with));
    TransactWriteItem::builder()
        .condition_check(check.build().expect("a key, a table and a condition"))
        .build()
}

pub(super) fn part(put: aws_sdk_dynamodb::types::builders::PutBuilder) -> TransactWriteItem {
    TransactWriteItem::builder().put(put.build().expect("an item and a table")).build()
}

/// With a token of its own for each, as the store sends them.
pub(super) fn transaction(table: &Table, parts: Vec<TransactWriteItem>) -> TransactWriteItemsFluentBuilder {
    let request = table.client.transact_write_items().set_transact_items(Some(parts));
    request.client_request_token(uuid::Uuid::new_v4().to_string())
}

/// The transaction must be cancelled. Answers the reasons.
pub(super) async fn cancelled(what: &str, request: TransactWriteItemsFluentBuilder) -> Result<Vec<CancellationReason>, Difference> {
    match refused(what, CANCELLED, request.send().await)? {
        TransactWriteItemsError::TransactionCanceledException(cancelled) => Ok(cancelled.cancellation_reasons.unwrap_or_default()),
        other => Err(Difference::new(format!("{what}: {other}"))),
    }
}

pub(super) fn codes(reasons: &[CancellationReason]) -> Vec<&str> {
    reasons.iter().map(|reason| reason.code().unwrap_or("None")).collect()
}

async fn all_of_a_transaction_happens(table: Table) -> Outcome {
    table.put("replaced", json!({"version": 1})).send().await?;
    table.put("deleted", json!({"version": 4})).send().await?;
    let update = Update::builder().table_name(&table.name).set_key(Some(item(key("updated"))));
    let update = update
        .update_expression("ADD n :n")
        .set_expression_attribute_values(values(json!({":n": 1})));
    let update = TransactWriteItem::builder()
        .update(update.build().expect("a key, a table and an update"))
        .build();
    let parts = vec![
        fresh(&table, "new", json!({"n": 1})),
        over(&table, "replaced", 1),
        without(&table, "deleted", 4),
        update,
    ];
    transaction(&table, parts).send().await?;
    let mut found = Vec::new();
    for sort in ["new", "replaced", "deleted", "updated"] {
        found.push(table.attributes(sort).await?);
    }
    same(
        "what is there",
        &found,
        &vec![json!({"n": 1}), json!({"version": 2}), Value::Null, json!({"n": 1})],
    )
}

async fn nothing_of_a_transaction_happens_when_one_part_is_refused(table: Table) -> Outcome {
    table.put("present", json!({"version": 1})).send().await?;
    for parts in [
        vec![fresh(&table, "new", json!({})), over(&table, "present", 7)],
        vec![over(&table, "present", 7), fresh(&table, "new", json!({}))],
        vec![fresh(&table, "new", json!({})), without(&table, "present", 7)],
        vec![
            fresh(&table, "new", json!({})),
            over(&table, "present", 1),
            check(&table, "absent", "attribute_exists(pk)", json!({})),
        ],
    ] {
        cancelled("a transaction", transaction(&table, parts)).await?;
        same("what is new", &table.attributes("new").await?, &Value::Null)?;
        same("what was there", &table.attributes("present").await?, &json!({"version": 1}))?;
    }
    Ok(())
}

async fn each_part_has_its_reason(table: Table) -> Outcome {
    table.put("present", json!({"version": 1})).send().await?;
    let parts = vec![
        fresh(&table, "new", json!({})),
        fresh(&table, "present", json!({})),
        check(&table, "absent", "attribute_not_exists(pk)", json!({})),
        without(&table, "absent as well", 1),
    ];
    let reasons = cancelled("a transaction", transaction(&table, parts)).await?;
    same(
        "the reasons",
        &codes(&reasons),
        &vec!["None", "ConditionalCheckFailed", "None", "ConditionalCheckFailed"],
    )
}

async fn the_item_in_a_parts_way_is_shown_to_whoever_asks(table: Table) -> Outcome {
    table.put("present", json!({"n": 1})).send().await?;
    let asking = put(&table, "present", json!({})).condition_expression("attribute_not_exists(pk)");
    let parts = vec![
        part(asking.return_values_on_condition_check_failure(AllOld)),
        fresh(&table, "new", json!({})),
    ];
    let reasons = cancelled("a transaction that asks", transaction(&table, parts)).await?;
    let shown = reasons.first().and_then(|reason| reason.item.clone()).map(plain).transpose()?;
    same("what is shown", &shown, &Some(with_key("present", json!({"n": 1}))))?;
    let unasked = transaction(&table, vec![fresh(&table, "present", json!({}))]);
    let reasons = cancelled("a transaction that does not ask", unasked).await?;
    same("what is shown then", &reasons.first().and_then(|reason| reason.item.clone()), &None)
}

async fn a_part_that_only_looks_changes_nothing(table: Table) -> Outcome {
    table.put("present", json!({"version": 1})).send().await?;
    let parts = vec![
        check(&table, "present", "version = :seen", json!({":seen": 1})),
        check(
            &table,
            "absent",
            "attribute_not_exists(pk) OR attribute_exists(deletion.gone_at) OR holds_until <= :now",
            json!({":now": 1}),
        ),
        fresh(&table, "new", json!({})),
    ];
    transaction(&table, parts).send().await?;
    same("what was there", &table.attributes("present").await?, &json!({"version": 1}))?;
    same("what was not", &table.attributes("absent").await?, &Value::Null)?;
    let changed = vec![
        check(&table, "present", "version = :seen", json!({":seen": 2})),
        fresh(&table, "newer", json!({})),
    ];
    let reasons = cancelled("after a change", transaction(&table, changed)).await?;
    same("the reasons", &codes(&reasons), &vec!["ConditionalCheckFailed", "None"])
}

async fn a_record_moves_in_one_transaction(table: Table) -> Outcome {
    table.put("here", json!({"version": 3})).send().await?;
    let parts = || vec![fresh(&table, "there", json!({"version": 4})), without(&table, "here", 3)];
    transaction(&table, parts()).send().await?;
    same("where it was", &table.attributes("here").await?, &Value::Null)?;
    same("where it is", &table.attributes("there").await?, &json!({"version": 4}))?;
    let reasons = cancelled("the same move again", transaction(&table, parts())).await?;
    same(
        "the reasons",
        &codes(&reasons),
        &vec!["ConditionalCheckFailed", "ConditionalCheckFailed"],
    )
}

async fn the_same_transaction_twice_happens_once(table: Table) -> Outcome {
    table.put("present", json!({"version": 1})).send().await?;
    let request = transaction(&table, vec![fresh(&table, "new", json!({"n": 1})), over(&table, "present", 1)]);
    request.clone().send().await?;
    // Its conditions would not hold any more.
    request.clone().send().await?;
    table.delete("new").send().await?;
    request.send().await?;
    same("what was deleted meanwhile", &table.attributes("new").await?, &Value::Null)?;
    same("what was replaced", &table.attributes("present").await?, &json!({"version": 2}))
}

async fn a_token_with_another_transaction_is_refused(table: Table) -> Outcome {
    let with_token = |parts| transaction(&table, parts).client_request_token("the-same-token");
    with_token(vec![fresh(&table, "a", json!({"n": 1}))]).send().await?;
    let other = with_token(vec![fresh(&table, "b", json!({"n": 1}))]).send().await;
    refused("another item", "IdempotentParameterMismatchException", other)?;
    let changed = with_token(vec![fresh(&table, "a", json!({"n": 2}))]).send().await;
    refused("another content", "IdempotentParameterMismatchException", changed)?;
    same("what is there", &table.attributes("b").await?, &Value::Null)
}

async fn a_transaction_that_was_refused_may_be_tried_anew(table: Table) -> Outcome {
    table.put("present", json!({"version": 2})).send().await?;
    let request = transaction(&table, vec![over(&table, "present", 1), fresh(&table, "new", json!({}))]);
    cancelled("before its time", request.clone()).await?;
    table.put("present", json!({"version": 1})).send().await?;
    request.send().await?;
    same("what is there", &table.attributes("present").await?, &json!({"version": 2}))
}

async fn conditions_are_judged_before_any_part_is_written(table: Table) -> Outcome {
    // A value passes from one to the other, whichever part stands first.
    table.put("holder", json!({"version": 1})).send().await?;
    let parts = vec![
        without(&table, "holder", 1),
        check(&table, "other", "attribute_not_exists(pk)", json!({})),
        fresh(&table, "new", json!({})),
    ];
    transaction(&table, parts).send().await?;
    same("what was there", &table.attributes("holder").await?, &Value::Null)
}
