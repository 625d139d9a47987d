//! The two indexes: who is in them, what they show, and in which order.

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use serde_json::{Value, json};

use crate::{
    case::cases,
    difference::{Difference, Outcome, same},
    item::{item, plain},
    table::{Table, with_key},
};

cases! { indexes:
    only_an_item_with_both_keys_of_an_index_is_in_it,
    an_item_comes_into_an_index_and_leaves_it_with_its_attributes,
    an_item_that_is_deleted_or_replaced_leaves_the_index,
    an_index_shows_keys_and_nothing_else,
    an_index_has_the_order_of_numbers,
    an_item_moves_in_an_index_with_its_key,
    what_is_due_until_a_moment_comes_earliest_first,
    items_with_one_key_are_all_shown,
    a_thing_is_found_by_its_id,
    a_listing_goes_on_behind_an_id,
    a_page_of_an_index_ends_with_the_keys_of_both,
    items_of_one_moment_are_walked_one_page_at_a_time,
}

const SHARD: &str = "DUE#0";

fn due(table: &Table, until: i64) -> QueryFluentBuilder {
    let with = json!({":shard": SHARD, ":until": until});
    table.query("due_shard = :shard AND due_at <= :until", with).index_name("due")
}

async fn put_due(table: &Table, sort: &str, at: i64) -> Outcome {
    table
        .put(sort, json!({"due_shard": SHARD, "due_at": at, "other": "x"}))
        .send()
        .await?;
    Ok(())
}

async fn is_due(table: &Table) -> Result<Vec<String>, Difference> {
    table.sorts(due(table, 1_000_000)).await
}

fn texts(sorts: &[&str]) -> Vec<String> {
    sorts.iter().map(|&sort| sort.to_owned()).collect()
}

async fn only_an_item_with_both_keys_of_an_index_is_in_it(table: Table) -> Outcome {
    put_due(&table, "both", 1).await?;
    table.put("shard only", json!({"due_shard": SHARD})).send().await?;
    table.put("time only", json!({"due_at": 1})).send().await?;
    table.put("neither", json!({})).send().await?;
    table.put("elsewhere", json!({"due_shard": "DUE#1", "due_at": 1})).send().await?;
    same("what is due", &is_due(&table).await?, &texts(&["both"]))
}

async fn an_item_comes_into_an_index_and_leaves_it_with_its_attributes(table: Table) -> Outcome {
    table.put("a", json!({"n": 1})).send().await?;
    same("before", &is_due(&table).await?, &texts(&[]))?;
    table
        .update("a", "SET due_shard = :s, due_at = :t", json!({":s": SHARD, ":t": 5}))
        .send()
        .await?;
    same("with both keys", &is_due(&table).await?, &texts(&["a"]))?;
    table.update("a", "SET n = :n", json!({":n": 2})).send().await?;
    same("after another change", &is_due(&table).await?, &texts(&["a"]))?;
    table.update("a", "REMOVE due_at", json!({})).send().await?;
    same("without one", &is_due(&table).await?, &texts(&[]))?;
    same("what is there", &table.attributes("a").await?, &json!({"n": 2, "due_shard": SHARD}))
}

async fn an_item_that_is_deleted_or_replaced_leaves_the_index(table: Table) -> Outcome {
    for sort in ["deleted", "kept", "replaced"] {
        put_due(&table, sort, 1).await?;
    }
    table.delete("deleted").send().await?;
    table.put("replaced", json!({"n": 1})).send().await?;
    same("what is due", &is_due(&table).await?, &texts(&["kept"]))
}

async fn an_index_shows_keys_and_nothing_else(table: Table) -> Outcome {
    table
        .put("a", json!({"collection": "c", "collection_id": "id", "due_at": 1, "other": "x"}))
        .send()
        .await?;
    let query = table
        .query("#collection = :c", json!({":c": "c"}))
        .index_name("by_id")
        .expression_attribute_names("#collection", "collection");
    let found = query.send().await?.items.unwrap_or_default();
    let found: Vec<Value> = found.into_iter().map(plain).collect::<Result<_, _>>()?;
    same(
        "what is shown",
        &found,
        &vec![with_key("a", json!({"collection": "c", "collection_id": "id"}))],
    )
}

async fn an_index_has_the_order_of_numbers(table: Table) -> Outcome {
    for at in [10, -5, 9, 1_704_969_745_848, 0, 100] {
        put_due(&table, &format!("at {at}"), at).await?;
    }
    let found = table.sorts(due(&table, i64::MAX)).await?;
    same(
        "the order",
        &found,
        &texts(&["at -5", "at 0", "at 9", "at 10", "at 100", "at 1704969745848"]),
    )?;
    let backward = table.sorts(due(&table, 10).scan_index_forward(false)).await?;
    same("backward", &backward, &texts(&["at 10", "at 9", "at 0", "at -5"]))
}

async fn an_item_moves_in_an_index_with_its_key(table: Table) -> Outcome {
    put_due(&table, "a", 1).await?;
    put_due(&table, "b", 2).await?;
    let touch = table
        .update("a", "SET due_at = :rest", json!({":seen": 1, ":rest": 3}))
        .condition_expression("due_at = :seen");
    touch.clone().send().await?;
    same("the order", &is_due(&table).await?, &texts(&["b", "a"]))?;
    crate::difference::refused("the same touch again", "ConditionalCheckFailedException", touch.send().await)?;
    same("the order then", &is_due(&table).await?, &texts(&["b", "a"]))
}

async fn what_is_due_until_a_moment_comes_earliest_first(table: Table) -> Outcome {
    for (sort, at) in [("c", 30), ("a", 10), ("d", 40), ("b", 20)] {
        put_due(&table, sort, at).await?;
    }
    same("until then", &table.sorts(due(&table, 30)).await?, &texts(&["a", "b", "c"]))?;
    let page = due(&table, 30).limit(2).send().await?;
    same("the earliest two", &page.count, &2)
}

async fn items_with_one_key_are_all_shown(table: Table) -> Outcome {
    for sort in ["b", "a", "c"] {
        put_due(&table, sort, 7).await?;
    }
    let mut found = is_due(&table).await?;
    found.sort();
    same("what is due", &found, &texts(&["a", "b", "c"]))
}

async fn a_thing_is_found_by_its_id(table: Table) -> Outcome {
    for (sort, id) in [("a", "1"), ("b", "2")] {
        table.put(sort, json!({"collection": "c", "collection_id": id})).send().await?;
    }
    let query = |id: &str| {
        table
            .query("#collection = :c AND collection_id = :id", json!({":c": "c", ":id": id}))
            .index_name("by_id")
            .expression_attribute_names("#collection", "collection")
    };
    same("one", &table.sorts(query("2")).await?, &texts(&["b"]))?;
    same("none", &table.sorts(query("3")).await?, &texts(&[]))
}

async fn a_listing_goes_on_behind_an_id(table: Table) -> Outcome {
    for (sort, id) in [("z", "1"), ("y", "2"), ("x", "3")] {
        table.put(sort, json!({"collection": "c", "collection_id": id})).send().await?;
    }
    let with = json!({":c": "c", ":after": "1"});
    let query = table
        .query("#collection = :c AND collection_id > :after", with)
        .index_name("by_id")
        .expression_attribute_names("#collection", "collection")
        .limit(1);
    let page = query.clone().send().await?;
    same("a page", &page.count, &1)?;
    same("all pages", &table.sorts(query).await?, &texts(&["y", "x"]))
}

async fn a_page_of_an_index_ends_with_the_keys_of_both(table: Table) -> Outcome {
    put_due(&table, "a", 1).await?;
    put_due(&table, "b", 2).await?;
    let page = due(&table, 9).limit(1).send().await?;
    let end = item(with_key("a", json!({"due_shard": SHARD, "due_at": 1})));
    same("where it ends", &page.last_evaluated_key, &Some(end))
}

async fn items_of_one_moment_are_walked_one_page_at_a_time(table: Table) -> Outcome {
    for sort in ["d", "b", "a", "c"] {
        put_due(&table, sort, 7).await?;
    }
    put_due(&table, "later", 8).await?;
    for forward in [true, false] {
        let mut found = table.sorts(due(&table, 9).limit(1).scan_index_forward(forward)).await?;
        found.sort();
        same("what is due", &found, &texts(&["a", "b", "c", "d", "later"]))?;
    }
    Ok(())
}
