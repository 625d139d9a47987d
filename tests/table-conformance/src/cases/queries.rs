//! Queries of a partition: strongly consistent, in the order of the keys, page by page.

use serde_json::{Value, json};

use crate::{
    case::cases,
    difference::{Outcome, refused, same, so},
    item::item,
    table::{Table, key},
};

cases! { queries:
    a_query_shows_its_partition_in_the_order_of_bytes,
    a_query_shows_whole_items_and_what_was_written_last,
    a_beginning_of_the_key_can_be_asked_for,
    a_range_of_keys_has_both_its_ends,
    a_range_whose_ends_are_the_wrong_way_round_is_refused,
    keys_beyond_or_up_to_one_can_be_asked_for,
    the_newest_come_first_when_asked_for,
    pages_have_so_many_items_and_none_is_left_out,
    a_page_that_is_full_says_where_it_ends,
    a_page_ends_at_a_megabyte_and_the_next_goes_on_there,
    a_page_starts_behind_a_key_that_is_gone,
    a_filter_leaves_out_what_was_read,
    a_query_names_its_whole_partition_key,
    a_query_of_no_items_at_all_is_refused,
    an_index_is_never_strongly_consistent,
    an_index_that_is_not_there_is_refused,
}

const INVALID: &str = "ValidationException";
const ALL: &str = "pk = :pk";

fn all() -> Value {
    json!({":pk": "p"})
}

async fn filled(table: &Table, sorts: &[&str]) -> Outcome {
    for sort in sorts {
        table.put(sort, json!({})).send().await?;
    }
    Ok(())
}

fn texts(sorts: &[&str]) -> Vec<String> {
    sorts.iter().map(|&sort| sort.to_owned()).collect()
}

async fn a_query_shows_its_partition_in_the_order_of_bytes(table: Table) -> Outcome {
    filled(&table, &["b", "a#2", "a#10", "B", "é", "a", "\u{1f600}", "\u{ffee}", "~"]).await?;
    table.put_item(item(json!({"pk": "another", "sk": "a"}))).send().await?;
    table.put_item(item(json!({"pk": "p2", "sk": "a"}))).send().await?;
    let found = table.sorts(table.query(ALL, all()).consistent_read(true)).await?;
    same(
        "the order",
        &found,
        &texts(&["B", "a", "a#10", "a#2", "b", "~", "é", "\u{ffee}", "\u{1f600}"]),
    )
}

async fn a_query_shows_whole_items_and_what_was_written_last(table: Table) -> Outcome {
    table.put("a", json!({"n": 1, "deep": {"x": [1]}})).send().await?;
    table.update("a", "SET n = :n", json!({":n": 2})).send().await?;
    table.put("b", json!({})).send().await?;
    table.delete("b").send().await?;
    let found = table.query(ALL, all()).consistent_read(true).send().await?;
    let mut expected = item(key("a"));
    expected.extend(item(json!({"n": 2, "deep": {"x": [1]}})));
    same("what is shown", &found.items.unwrap_or_default(), &vec![expected])?;
    same("how many", &(found.count, found.scanned_count), &(1, 1))
}

async fn a_beginning_of_the_key_can_be_asked_for(table: Table) -> Outcome {
    filled(&table, &["PHONE", "PHONE#1", "PHONE#2", "PHONE_CREDENTIAL#1", "POOL#1"]).await?;
    let with = json!({":pk": "p", ":prefix": "PHONE#"});
    let found = table.sorts(table.query("pk = :pk AND begins_with(sk, :prefix)", with)).await?;
    same("what is shown", &found, &texts(&["PHONE#1", "PHONE#2"]))
}

async fn a_range_of_keys_has_both_its_ends(table: Table) -> Outcome {
    filled(&table, &["a", "b", "c", "d"]).await?;
    let between = |first: &str, last: &str| {
        let with = json!({":pk": "p", ":first": first, ":last": last});
        let query = table.query("#pk = :pk AND #sk BETWEEN :first AND :last", with);
        table.sorts(
            query
                .expression_attribute_names("#pk", "pk")
                .expression_attribute_names("#sk", "sk"),
        )
    };
    same("with both ends", &between("b", "c").await?, &texts(&["b", "c"]))?;
    same("with ends that are not there", &between("aa", "cc").await?, &texts(&["b", "c"]))
}

async fn a_range_whose_ends_are_the_wrong_way_round_is_refused(table: Table) -> Outcome {
    let with = json!({":pk": "p", ":first": "b", ":last": "a"});
    let query = table.query("pk = :pk AND sk BETWEEN :first AND :last", with);
    refused("a query of it", INVALID, query.send().await).map(drop)
}

async fn keys_beyond_or_up_to_one_can_be_asked_for(table: Table) -> Outcome {
    filled(&table, &["a", "b", "c"]).await?;
    for (condition, expected) in [
        ("pk = :pk AND sk > :sk", &["c"][..]),
        ("pk = :pk AND sk >= :sk", &["b", "c"]),
        ("pk = :pk AND sk < :sk", &["a"]),
        ("pk = :pk AND sk <= :sk", &["a", "b"]),
        ("sk = :sk AND pk = :pk", &["b"]),
    ] {
        let found = table.sorts(table.query(condition, json!({":pk": "p", ":sk": "b"}))).await?;
        same(condition, &found, &texts(expected))?;
    }
    Ok(())
}

async fn the_newest_come_first_when_asked_for(table: Table) -> Outcome {
    filled(&table, &["a", "b", "c", "d", "e"]).await?;
    let with = json!({":pk": "p", ":first": "b", ":last": "e"});
    let query = table
        .query("pk = :pk AND sk BETWEEN :first AND :last", with)
        .scan_index_forward(false);
    same("all", &table.sorts(query.clone()).await?, &texts(&["e", "d", "c", "b"]))?;
    same("page by page", &table.sorts(query.limit(1)).await?, &texts(&["e", "d", "c", "b"]))
}

async fn pages_have_so_many_items_and_none_is_left_out(table: Table) -> Outcome {
    filled(&table, &["a", "b", "c", "d", "e"]).await?;
    let query = table.query(ALL, all()).consistent_read(true).limit(2);
    let first = query.clone().send().await?;
    same("the first page", &first.count, &2)?;
    same("where it ends", &first.last_evaluated_key, &Some(item(key("b"))))?;
    same("all pages", &table.sorts(query).await?, &texts(&["a", "b", "c", "d", "e"]))
}

async fn a_page_that_is_full_says_where_it_ends(table: Table) -> Outcome {
    filled(&table, &["a", "b"]).await?;
    let full = table.query(ALL, all()).limit(2).send().await?;
    same("where a full page ends", &full.last_evaluated_key, &Some(item(key("b"))))?;
    let rest = table
        .query(ALL, all())
        .limit(2)
        .set_exclusive_start_key(full.last_evaluated_key)
        .send()
        .await?;
    same("what is behind it", &(rest.count, rest.last_evaluated_key), &(0, None))?;
    let roomy = table.query(ALL, all()).limit(3).send().await?;
    same("where a page with room ends", &roomy.last_evaluated_key, &None)
}

async fn a_page_ends_at_a_megabyte_and_the_next_goes_on_there(table: Table) -> Outcome {
    let sorts = ["a", "b", "c", "d", "e", "f", "g"];
    for sort in sorts {
        table.put(sort, json!({"text": "x".repeat(300_000)})).send().await?;
    }
    for forward in [true, false] {
        let query = table.query(ALL, all()).consistent_read(true).scan_index_forward(forward);
        let first = query.clone().send().await?;
        so("the first page holds about a megabyte", (3..=4).contains(&first.count))?;
        so("and says where it ends", first.last_evaluated_key.is_some())?;
        let mut found = table.sorts(query).await?;
        found.sort();
        same("all pages", &found, &texts(&sorts))?;
    }
    Ok(())
}

async fn a_page_starts_behind_a_key_that_is_gone(table: Table) -> Outcome {
    filled(&table, &["a", "b", "c"]).await?;
    let first = table.query(ALL, all()).limit(2).send().await?;
    table.delete("b").send().await?;
    let rest = table
        .query(ALL, all())
        .set_exclusive_start_key(first.last_evaluated_key)
        .send()
        .await?;
    same("how many are left", &rest.count, &1)
}

async fn a_filter_leaves_out_what_was_read(table: Table) -> Outcome {
    for (sort, n) in [("a", 1), ("b", 2), ("c", 1)] {
        table.put(sort, json!({"n": n})).send().await?;
    }
    let found = table
        .query(ALL, json!({":pk": "p", ":n": 1}))
        .filter_expression("n = :n")
        .limit(2)
        .send()
        .await?;
    same("how many", &(found.count, found.scanned_count), &(1, 2))?;
    same("where it ends", &found.last_evaluated_key, &Some(item(key("b"))))
}

async fn a_query_names_its_whole_partition_key(table: Table) -> Outcome {
    for (condition, with) in [
        ("sk = :v", json!({":v": "a"})),
        ("begins_with(pk, :v)", json!({":v": "a"})),
        ("pk > :v", json!({":v": "a"})),
        ("pk = :v AND n = :v", json!({":v": "a"})),
        ("pk = :v OR pk = :v", json!({":v": "a"})),
        ("pk = :v AND sk <> :v", json!({":v": "a"})),
    ] {
        refused(condition, INVALID, table.query(condition, with).send().await)?;
    }
    Ok(())
}

async fn a_query_of_no_items_at_all_is_refused(table: Table) -> Outcome {
    refused("a page of none", INVALID, table.query(ALL, all()).limit(0).send().await).map(drop)
}

async fn an_index_is_never_strongly_consistent(table: Table) -> Outcome {
    let query = table
        .query("#collection = :c", json!({":c": "c"}))
        .index_name("by_id")
        .expression_attribute_names("#collection", "collection")
        .consistent_read(true);
    refused("a strongly consistent query of an index", INVALID, query.send().await).map(drop)
}

async fn an_index_that_is_not_there_is_refused(table: Table) -> Outcome {
    let query = table
        .query("#collection = :c", json!({":c": "c"}))
        .index_name("by_name")
        .expression_attribute_names("#collection", "collection");
    refused("a query of it", INVALID, query.send().await).map(drop)
}
