//! Updates that do not read first: what a webhook's one write stands on.

use aws_sdk_dynamodb::types::ReturnValue;
use serde_json::{Value, json};

use crate::{
    case::cases,
    difference::{Outcome, refused, same},
    item::plain,
    table::{Table, with_key},
};

cases! { updates:
    an_update_of_nothing_makes_an_item_with_its_key,
    an_update_leaves_the_other_attributes_alone,
    what_is_set_only_once_keeps_its_first_value,
    what_is_added_counts_from_nothing,
    sums_and_differences_are_exact,
    a_sum_with_what_is_not_there_is_refused,
    a_sum_with_a_text_is_refused,
    a_place_in_a_map_is_set_and_nothing_beside_it,
    a_place_in_a_map_that_is_not_there_is_refused,
    everything_is_computed_from_the_item_as_it_was,
    what_is_removed_is_gone_and_need_not_have_been_there,
    lists_are_appended_to_set_and_shortened,
    a_value_may_be_as_it_is_unless_it_is_missing,
    two_changes_of_one_place_are_refused,
    a_change_of_the_key_is_refused,
    the_item_is_shown_before_or_after_to_whoever_asks,
    an_update_of_nothing_at_all_touches_nothing,
}

const INVALID: &str = "ValidationException";

async fn an_update_of_nothing_makes_an_item_with_its_key(table: Table) -> Outcome {
    table
        .update("a", "SET n = :n ADD version :one", json!({":n": 5, ":one": 1}))
        .send()
        .await?;
    let found = table.found("a").await?.map(plain).transpose()?;
    same("what is there", &found, &Some(with_key("a", json!({"n": 5, "version": 1}))))
}

async fn an_update_leaves_the_other_attributes_alone(table: Table) -> Outcome {
    table.put("a", json!({"kept": {"deep": [1, null]}, "n": 1})).send().await?;
    table.update("a", "SET n = :n", json!({":n": 2})).send().await?;
    same(
        "what is there",
        &table.attributes("a").await?,
        &json!({"kept": {"deep": [1, null]}, "n": 2}),
    )
}

async fn what_is_set_only_once_keeps_its_first_value(table: Table) -> Outcome {
    let update = |now: u32| table.update("a", "SET since = if_not_exists(since, :now), seen_at = :now", json!({":now": now}));
    update(1).send().await?;
    update(2).send().await?;
    same("what is there", &table.attributes("a").await?, &json!({"since": 1, "seen_at": 2}))
}

async fn what_is_added_counts_from_nothing(table: Table) -> Outcome {
    let update = |more: i32| table.update("a", "ADD version :more", json!({":more": more}));
    update(1).send().await?;
    update(1).send().await?;
    update(-5).send().await?;
    same("what is there", &table.attributes("a").await?, &json!({"version": -3}))
}

async fn sums_and_differences_are_exact(table: Table) -> Outcome {
    table.put("a", json!({"hints": {"enrollment": 2, "credential": 7}})).send().await?;
    let sums = "SET hints.enrollment = hints.enrollment + :e, hints.credential = hints.credential - :c, fresh = :e + :c";
    table.update("a", sums, json!({":e": 0.1, ":c": 0.2})).send().await?;
    let found = table.attributes("a").await?;
    same(
        "what is there",
        &found,
        &json!({"hints": {"enrollment": 2.1, "credential": 6.8}, "fresh": 0.3}),
    )
}

async fn a_sum_with_what_is_not_there_is_refused(table: Table) -> Outcome {
    table.put("a", json!({"hints": {}})).send().await?;
    let update = table.update("a", "SET hints.n = hints.n + :n", json!({":n": 1}));
    refused("a sum", INVALID, update.send().await)?;
    let from_nothing = table.update("a", "SET n = if_not_exists(n, :zero) + :n", json!({":n": 1, ":zero": 0}));
    from_nothing.send().await?;
    same("what is there", &table.attributes("a").await?, &json!({"hints": {}, "n": 1}))
}

async fn a_sum_with_a_text_is_refused(table: Table) -> Outcome {
    table.put("a", json!({"n": "text"})).send().await?;
    refused("a sum", INVALID, table.update("a", "SET n = n + :n", json!({":n": 1})).send().await)?;
    refused(
        "what is added",
        INVALID,
        table.update("a", "ADD n :n", json!({":n": 1})).send().await,
    )?;
    same("what is there", &table.attributes("a").await?, &json!({"n": "text"}))
}

async fn a_place_in_a_map_is_set_and_nothing_beside_it(table: Table) -> Outcome {
    table.put("a", json!({"hints": {"pairings": {"e1": "i1"}, "n": 1}})).send().await?;
    let update = table.update("a", "SET hints.pairings.#e = :i", json!({":i": "i2"}));
    // Names may hold what expressions may not.
    update.expression_attribute_names("#e", "e.2-[x]").send().await?;
    let found = table.attributes("a").await?;
    same(
        "what is there",
        &found,
        &json!({"hints": {"pairings": {"e1": "i1", "e.2-[x]": "i2"}, "n": 1}}),
    )
}

async fn a_place_in_a_map_that_is_not_there_is_refused(table: Table) -> Outcome {
    let update = |sort: &str| table.update(sort, "SET hints.pairings.e = :i", json!({":i": "i"}));
    refused("where no item is", INVALID, update("nothing").send().await)?;
    table.put("a", json!({"hints": {}})).send().await?;
    refused("where no map is", INVALID, update("a").send().await)?;
    table.put("a", json!({"hints": {"pairings": 1}})).send().await?;
    refused("where a number is", INVALID, update("a").send().await)?;
    same("what was made", &table.attributes("nothing").await?, &Value::Null)
}

async fn everything_is_computed_from_the_item_as_it_was(table: Table) -> Outcome {
    table.put("a", json!({"one": 1, "two": 2})).send().await?;
    table
        .update("a", "SET one = two, two = one, three = one + two REMOVE four", json!({}))
        .send()
        .await?;
    same(
        "what is there",
        &table.attributes("a").await?,
        &json!({"one": 2, "two": 1, "three": 3}),
    )
}

async fn what_is_removed_is_gone_and_need_not_have_been_there(table: Table) -> Outcome {
    table.put("a", json!({"n": 1, "tree": {"x": 1, "y": 2}, "kept": 3})).send().await?;
    table.update("a", "REMOVE n, tree.x, absent", json!({})).send().await?;
    same(
        "what is there",
        &table.attributes("a").await?,
        &json!({"tree": {"y": 2}, "kept": 3}),
    )
}

async fn lists_are_appended_to_set_and_shortened(table: Table) -> Outcome {
    table.put("a", json!({"series": ["x", "y", "z"]})).send().await?;
    table
        .update("a", "SET series[1] = :v REMOVE series[0]", json!({":v": "Y"}))
        .send()
        .await?;
    same("after a removal", &table.attributes("a").await?, &json!({"series": ["Y", "z"]}))?;
    table.update("a", "SET series[9] = :v", json!({":v": "end"})).send().await?;
    same(
        "after one beyond the end",
        &table.attributes("a").await?,
        &json!({"series": ["Y", "z", "end"]}),
    )?;
    let appended = table.update("a", "SET series = list_append(:first, series)", json!({":first": ["new"]}));
    appended.send().await?;
    same(
        "after an append",
        &table.attributes("a").await?,
        &json!({"series": ["new", "Y", "z", "end"]}),
    )
}

async fn a_value_may_be_as_it_is_unless_it_is_missing(table: Table) -> Outcome {
    table.put("a", json!({"one": {"deep": 1}})).send().await?;
    table.update("a", "SET same_again = one.deep", json!({})).send().await?;
    same(
        "what is there",
        &table.attributes("a").await?,
        &json!({"one": {"deep": 1}, "same_again": 1}),
    )?;
    refused(
        "a copy of nothing",
        INVALID,
        table.update("a", "SET same_again = absent", json!({})).send().await,
    )
    .map(drop)
}

async fn two_changes_of_one_place_are_refused(table: Table) -> Outcome {
    table.put("a", json!({"tree": {"x": 1}})).send().await?;
    for expression in ["SET tree = :v, tree.x = :v", "SET tree.x = :v REMOVE tree.x", "SET n = :v ADD n :v"] {
        refused(expression, INVALID, table.update("a", expression, json!({":v": 1})).send().await)?;
    }
    Ok(())
}

async fn a_change_of_the_key_is_refused(table: Table) -> Outcome {
    for expression in ["SET sk = :v", "REMOVE pk"] {
        let with = if expression.contains(":v") { json!({":v": "b"}) } else { json!({}) };
        refused(expression, INVALID, table.update("a", expression, with).send().await)?;
    }
    Ok(())
}

async fn the_item_is_shown_before_or_after_to_whoever_asks(table: Table) -> Outcome {
    table.put("a", json!({"n": 1})).send().await?;
    let update = |shown| {
        table
            .update("a", "SET n = n + :one", json!({":one": 1}))
            .return_values(shown)
            .send()
    };
    let shown = update(ReturnValue::AllNew).await?.attributes.map(plain).transpose()?;
    same("after", &shown, &Some(with_key("a", json!({"n": 2}))))?;
    let shown = update(ReturnValue::AllOld).await?.attributes.map(plain).transpose()?;
    same("before", &shown, &Some(with_key("a", json!({"n": 2}))))?;
    let shown = update(ReturnValue::None).await?.attributes;
    same("nothing", &shown, &None)?;
    let put = table.put("a", json!({})).return_values(ReturnValue::AllOld).send().await?;
    same(
        "what a put replaced",
        &put.attributes.map(plain).transpose()?,
        &Some(with_key("a", json!({"n": 4}))),
    )?;
    let delete = table.delete("a").return_values(ReturnValue::AllOld).send().await?;
    same(
        "what was deleted",
        &delete.attributes.map(plain).transpose()?,
        &Some(with_key("a", json!({}))),
    )
}

async fn an_update_of_nothing_at_all_touches_nothing(table: Table) -> Outcome {
    let update = |sort: &str| {
        let update = table.update(sort, "SET n = :n", json!({}));
        update.set_update_expression(None)
    };
    table.put("a", json!({"n": 1})).send().await?;
    update("a").send().await?;
    update("b").send().await?;
    same("what was there", &table.attributes("a").await?, &json!({"n": 1}))?;
    same("what was not", &table.attributes("b").await?, &json!({}))
}
