//! What conditions compare: attributes that may not be there, values of any type, places within them.

use serde_json::{Value, json};

use crate::{
    case::cases,
    difference::{Outcome, same},
    table::Table,
};

cases! { comparisons:
    what_is_not_there_is_only_ever_different,
    an_item_that_is_not_there_has_no_attributes,
    values_of_two_types_are_different_and_have_no_order,
    texts_have_the_order_of_their_bytes,
    and_binds_tighter_than_or_and_not_tighter_still,
    what_stands_in_a_map_or_a_list_can_be_asked_for,
    maps_lists_and_texts_have_a_size,
    ranges_choices_beginnings_and_parts_can_be_asked_for,
    two_attributes_can_be_compared,
    maps_are_equal_whatever_the_order_of_their_names,
}

/// Each condition, and whether it holds for the item.
async fn hold(table: &Table, sort: &str, with: Value, conditions: &[(&str, bool)]) -> Outcome {
    for (condition, holds) in conditions {
        let names = [":a", ":b", ":c"].into_iter().filter(|name| condition.contains(name));
        let used: serde_json::Map<String, Value> = names.map(|name| (name.to_owned(), with[name].clone())).collect();
        same(condition, &table.holds(sort, condition, Value::Object(used)).await?, holds)?;
    }
    Ok(())
}

async fn what_is_not_there_is_only_ever_different(table: Table) -> Outcome {
    table.put("a", json!({"present": 1})).send().await?;
    let with = json!({":a": 1, ":b": 2});
    hold(
        &table,
        "a",
        with,
        &[
            ("absent = :a", false),
            ("absent < :a", false),
            ("absent <= :a", false),
            ("absent > :a", false),
            ("absent >= :a", false),
            ("absent <> :a", true),
            ("NOT absent = :a", true),
            ("NOT absent < :a", true),
            ("absent BETWEEN :a AND :b", false),
            ("size(absent) < :a", false),
            ("absent.deeper = :a", false),
            ("present.deeper = :a", false),
            ("attribute_exists(absent)", false),
            ("attribute_not_exists(absent)", true),
            ("attribute_exists(present)", true),
        ],
    )
    .await
}

async fn an_item_that_is_not_there_has_no_attributes(table: Table) -> Outcome {
    let with = json!({":a": 1});
    hold(
        &table,
        "nothing",
        with,
        &[
            ("attribute_not_exists(pk)", true),
            ("attribute_exists(pk)", false),
            ("n <> :a", true),
            ("n = :a", false),
            ("NOT attribute_exists(deletion.gone_at)", true),
        ],
    )
    .await
}

async fn values_of_two_types_are_different_and_have_no_order(table: Table) -> Outcome {
    table.put("a", json!({"n": 5, "s": "5", "t": true, "nothing": null})).send().await?;
    let with = json!({":a": "5", ":b": 5, ":c": true});
    hold(
        &table,
        "a",
        with,
        &[
            ("n = :a", false),
            ("n <> :a", true),
            ("n < :a", false),
            ("n >= :a", false),
            ("s >= :b", false),
            ("s = :a AND n = :b AND t = :c", true),
            ("nothing = :c", false),
        ],
    )
    .await
}

async fn texts_have_the_order_of_their_bytes(table: Table) -> Outcome {
    table
        .put(
            "a",
            json!({"capital": "Z", "small": "a", "accented": "é", "far": "\u{ffee}", "beyond": "😀", "stub": "a"}),
        )
        .send()
        .await?;
    let with = json!({":a": "z", ":b": "a1"});
    hold(
        &table,
        "a",
        with,
        &[
            ("capital < small", true),
            ("accented > :a", true),
            // UTF-16 would have them the other way round.
            ("far < beyond", true),
            ("stub < :b", true),
        ],
    )
    .await
}

async fn and_binds_tighter_than_or_and_not_tighter_still(table: Table) -> Outcome {
    table.put("a", json!({"one": 1, "zero": 0})).send().await?;
    let with = json!({":a": 1});
    hold(
        &table,
        "a",
        with,
        &[
            ("one = :a OR one = :a AND zero = :a", true),
            ("(one = :a OR one = :a) AND zero = :a", false),
            ("NOT zero = :a AND zero = :a", false),
            ("NOT (zero = :a AND zero = :a)", true),
            ("NOT zero = :a OR zero = :a", true),
            ("not zero = :a and one = :a", true),
        ],
    )
    .await
}

async fn what_stands_in_a_map_or_a_list_can_be_asked_for(table: Table) -> Outcome {
    table
        .put("a", json!({"deletion": {"requested_at": 1}, "series": [1, {"deep": "x"}]}))
        .send()
        .await?;
    let with = json!({":a": 1, ":b": "x"});
    hold(
        &table,
        "a",
        with,
        &[
            ("attribute_exists(deletion.requested_at)", true),
            ("attribute_exists(deletion.gone_at)", false),
            ("deletion.requested_at = :a", true),
            ("series[0] = :a", true),
            ("series[1].deep = :b", true),
            ("attribute_exists(series[2])", false),
        ],
    )
    .await
}

async fn maps_lists_and_texts_have_a_size(table: Table) -> Outcome {
    table.put("a", json!({"hints": {"pairings": {"e1": "i1", "e2": "i2"}}, "series": [1, 2, 3], "letters": "abc", "accented": "Zoë", "emptied": {}})).send().await?;
    let with = json!({":a": 2, ":b": 3, ":c": 0});
    hold(
        &table,
        "a",
        with,
        &[
            ("size(hints.pairings) < :b", true),
            ("size(hints.pairings) < :a", false),
            ("size(hints.pairings) = :a", true),
            ("size(series) = :b", true),
            ("size(letters) = :b", true),
            ("size(accented) = :b", true),
            ("size(emptied) = :c", true),
        ],
    )
    .await
}

async fn ranges_choices_beginnings_and_parts_can_be_asked_for(table: Table) -> Outcome {
    table.put("a", json!({"n": 2, "s": "abc", "series": [1, "x"]})).send().await?;
    let with = json!({":a": 2, ":b": 3, ":c": "ab"});
    hold(
        &table,
        "a",
        with,
        &[
            ("n BETWEEN :a AND :b", true),
            ("n IN (:b, :a)", true),
            ("n IN (:b)", false),
            ("begins_with(s, :c)", true),
            ("contains(s, :c)", true),
            ("contains(series, :c)", false),
        ],
    )
    .await
}

async fn two_attributes_can_be_compared(table: Table) -> Outcome {
    table.put("a", json!({"one": 1, "two": 2, "uno": 1})).send().await?;
    let expected = [
        ("one < two", true),
        ("one = uno", true),
        ("two <= one", false),
        ("one <> absent", true),
    ];
    hold(&table, "a", json!({}), &expected).await
}

async fn maps_are_equal_whatever_the_order_of_their_names(table: Table) -> Outcome {
    table.put("a", json!({"tree": {"x": 1, "y": [1, {"z": null}]}})).send().await?;
    let same_map = json!({":a": {"y": [1, {"z": null}], "x": 1}});
    let other_map = json!({":a": {"y": [{"z": null}, 1], "x": 1}});
    hold(&table, "a", same_map, &[("tree = :a", true), ("tree <> :a", false)]).await?;
    hold(&table, "a", other_map, &[("tree = :a", false)]).await
}
