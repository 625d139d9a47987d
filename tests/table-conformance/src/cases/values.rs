//! What an attribute may hold, and what a key may.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};

use crate::{
    case::cases,
    difference::{Outcome, refused, same},
    item::item,
    table::{Table, key, with_key},
};

cases! { values:
    texts_maps_and_lists_may_be_empty,
    whatever_json_can_say_comes_back_as_it_was,
    names_of_attributes_may_be_anything,
    a_set_of_texts_is_a_set,
    a_key_may_not_be_empty,
    a_key_must_be_of_its_type,
    a_key_may_not_be_too_long,
    a_key_of_an_index_may_not_be_too_long,
    a_key_of_an_index_must_be_of_its_type_and_not_empty,
    an_update_may_not_spoil_a_key_of_an_index,
}

const INVALID: &str = "ValidationException";

async fn texts_maps_and_lists_may_be_empty(table: Table) -> Outcome {
    let empty = json!({"text": "", "map": {}, "list": [], "deep": {"text": ""}});
    table.put("a", empty.clone()).send().await?;
    same("what is there", &table.attributes("a").await?, &empty)?;
    table
        .update("a", "SET #t = :empty", json!({":empty": ""}))
        .expression_attribute_names("#t", "other")
        .send()
        .await?;
    same("what was set", &table.attributes("a").await?["other"], &json!(""))
}

async fn whatever_json_can_say_comes_back_as_it_was(table: Table) -> Outcome {
    let anything = json!({
        "text": "Zoë \"quoted\" \\ \n \u{1f4f1} \u{7f}", "yes": true, "no": false, "nothing": null, "number": -17,
        "map": {"list": [[], {}, [{"deep": [null, 0, ""]}]], "with space": {"list": []}},
    });
    table.put("a", anything.clone()).send().await?;
    same("what is there", &table.attributes("a").await?, &anything)
}

async fn names_of_attributes_may_be_anything(table: Table) -> Outcome {
    table
        .put("a", json!({"with space": 1, "dotted.name": 2, "Ünïcode": 3, "#x": 4, ":y": 5}))
        .send()
        .await?;
    let update = table
        .update("a", "SET #d = #d + :one", json!({":one": 1}))
        .expression_attribute_names("#d", "dotted.name");
    update.send().await?;
    let found = table.attributes("a").await?;
    same(
        "what is there",
        &found,
        &json!({"with space": 1, "dotted.name": 3, "Ünïcode": 3, "#x": 4, ":y": 5}),
    )
}

async fn a_set_of_texts_is_a_set(table: Table) -> Outcome {
    let set = |texts: &[&str]| {
        let mut item = item(with_key("a", json!({})));
        let texts = texts.iter().map(|&text| text.to_owned()).collect();
        item.insert("set".to_owned(), AttributeValue::Ss(texts));
        table.put_item(item).send()
    };
    set(&["b", "a"]).await?;
    refused("one twice", INVALID, set(&["a", "a"]).await)?;
    refused("an empty set", INVALID, set(&[]).await)?;
    let found = table.found("a").await?.unwrap_or_default();
    let mut texts = found.get("set").and_then(|set| set.as_ss().ok()).cloned().unwrap_or_default();
    texts.sort();
    same("what is there", &texts, &vec!["a".to_owned(), "b".to_owned()])
}

async fn a_key_may_not_be_empty(table: Table) -> Outcome {
    for empty in [json!({"pk": "", "sk": "a"}), json!({"pk": "p", "sk": ""})] {
        refused("a put", INVALID, table.put_item(item(empty.clone())).send().await)?;
        let get = table.get("a").set_key(Some(item(empty.clone())));
        refused("a get", INVALID, get.send().await)?;
        let update = table.update("a", "SET n = :n", json!({":n": 1})).set_key(Some(item(empty)));
        refused("an update", INVALID, update.send().await)?;
    }
    Ok(())
}

async fn a_key_must_be_of_its_type(table: Table) -> Outcome {
    refused("a put", INVALID, table.put_item(item(json!({"pk": "p", "sk": 1}))).send().await)?;
    refused(
        "a get",
        INVALID,
        table.get("a").set_key(Some(item(json!({"pk": true, "sk": "a"})))).send().await,
    )?;
    let deleted = table.delete("a").set_key(Some(item(json!({"pk": "p", "sk": null})))).send().await;
    refused("a deletion", INVALID, deleted).map(drop)
}

async fn a_key_may_not_be_too_long(table: Table) -> Outcome {
    let long = |bytes: usize| "x".repeat(bytes);
    table.put_item(item(json!({"pk": long(2048), "sk": long(1024)}))).send().await?;
    let partition = table.put_item(item(json!({"pk": long(2049), "sk": "a"}))).send().await;
    refused("a partition of 2,049 bytes", INVALID, partition)?;
    refused("an item of 1,025 bytes", INVALID, table.put(&long(1025), json!({})).send().await)?;
    // 1,025 bytes, but fewer letters.
    refused(
        "an item of 1,025 bytes in 513 letters",
        INVALID,
        table.put(&format!("{}x", "é".repeat(512)), json!({})).send().await,
    )?;
    let update = table.update(&long(1025), "SET n = :n", json!({":n": 1}));
    refused("an update", INVALID, update.send().await).map(drop)
}

async fn a_key_of_an_index_may_not_be_too_long(table: Table) -> Outcome {
    let long = |bytes: usize| "x".repeat(bytes);
    let listed = |collection: usize, id: usize| {
        table
            .put("a", json!({"collection": long(collection), "collection_id": long(id)}))
            .send()
    };
    listed(2048, 1024).await?;
    refused("a partition of an index of 2,049 bytes", INVALID, listed(2049, 1).await)?;
    refused("what stands in it under 1,025 bytes", INVALID, listed(1, 1025).await).map(drop)
}

async fn a_key_of_an_index_must_be_of_its_type_and_not_empty(table: Table) -> Outcome {
    for (what, attributes) in [
        ("a text for a number", json!({"due_shard": "DUE#0", "due_at": "1"})),
        ("a number for a text", json!({"collection": 1, "collection_id": "x"})),
        ("an empty text", json!({"collection": "", "collection_id": "x"})),
        ("an empty text behind it", json!({"collection": "x", "collection_id": ""})),
        ("one half of the wrong type", json!({"due_at": true})),
        ("nothing at all", json!({"due_at": null})),
    ] {
        refused(what, INVALID, table.put("a", attributes).send().await)?;
    }
    same("what is there", &table.attributes("a").await?, &Value::Null)
}

async fn an_update_may_not_spoil_a_key_of_an_index(table: Table) -> Outcome {
    table.put("a", json!({"due_shard": "DUE#0", "due_at": 1})).send().await?;
    let update = |value: Value| table.update("a", "SET due_at = :v", json!({":v": value}));
    refused("a text for a number", INVALID, update(json!("1")).send().await)?;
    let of_text = table.update("a", "SET collection_id = :v", json!({":v": ""}));
    refused("an empty text", INVALID, of_text.send().await)?;
    update(json!(2)).send().await?;
    let found = table.found("a").await?.unwrap_or_default();
    let mut expected = item(key("a"));
    expected.extend(item(json!({"due_shard": "DUE#0", "due_at": 2})));
    same("what is there", &found, &expected)
}
