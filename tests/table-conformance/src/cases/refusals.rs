//! What is refused, and as what: the store tells a refusal that no repeat can mend from one that a repeat may.

use serde_json::{Value, json};

use crate::{
    case::cases,
    difference::{Outcome, refused, same},
    item::item,
    table::Table,
};

cases! { refusals:
    a_table_that_is_not_there_is_refused,
    a_key_is_given_whole_and_nothing_beside_it,
    a_word_that_is_reserved_must_stand_behind_a_placeholder,
    a_placeholder_that_nothing_uses_is_refused,
    a_placeholder_that_is_not_defined_is_refused,
    an_expression_that_can_not_be_read_is_refused,
    a_condition_without_an_operator_is_refused,
    a_type_has_the_functions_that_suit_it,
}

const INVALID: &str = "ValidationException";

async fn a_table_that_is_not_there_is_refused(table: Table) -> Outcome {
    let (code, other) = ("ResourceNotFoundException", "fobless-elsewhere");
    refused("a get", code, table.get("a").table_name(other).send().await)?;
    refused("a put", code, table.put("a", json!({})).table_name(other).send().await)?;
    refused(
        "an update",
        code,
        table.update("a", "SET n = :n", json!({":n": 1})).table_name(other).send().await,
    )?;
    refused("a deletion", code, table.delete("a").table_name(other).send().await)?;
    let query = table.query("pk = :pk", json!({":pk": "p"})).table_name(other);
    refused("a query", code, query.send().await).map(drop)
}

async fn a_key_is_given_whole_and_nothing_beside_it(table: Table) -> Outcome {
    for key in [json!({"pk": "p"}), json!({"pk": "p", "sk": "a", "more": "x"}), json!({"sk": "a"})] {
        let key = Some(item(key));
        refused("a get", INVALID, table.get("a").set_key(key.clone()).send().await)?;
        refused("a deletion", INVALID, table.delete("a").set_key(key.clone()).send().await)?;
        let update = table.update("a", "SET n = :n", json!({":n": 1})).set_key(key);
        refused("an update", INVALID, update.send().await)?;
    }
    for half in [json!({"pk": "p"}), json!({"sk": "a"})] {
        refused("a put", INVALID, table.put_item(item(half)).send().await)?;
    }
    Ok(())
}

async fn a_word_that_is_reserved_must_stand_behind_a_placeholder(table: Table) -> Outcome {
    for word in ["name", "Status", "TTL", "value", "user"] {
        let set = table.update("a", &format!("SET {word} = :v"), json!({":v": 1}));
        refused(&format!("SET {word}"), INVALID, set.send().await)?;
        let put = table.put_if("a", json!({}), &format!("{word} = :v"), json!({":v": 1}));
        refused(&format!("{word} ="), INVALID, put.send().await)?;
    }
    let set = table
        .update("a", "SET tree.#n = :v", json!({":v": 1}))
        .expression_attribute_names("#n", "name");
    table.put("a", json!({"tree": {}})).send().await?;
    set.send().await?;
    refused(
        "SET tree.name",
        INVALID,
        table.update("a", "SET tree.name = :v", json!({":v": 1})).send().await,
    )?;
    same("what is there", &table.attributes("a").await?, &json!({"tree": {"name": 1}}))
}

async fn a_placeholder_that_nothing_uses_is_refused(table: Table) -> Outcome {
    let value = table.update("a", "SET n = :n", json!({":n": 1, ":more": 2}));
    refused("a value", INVALID, value.send().await)?;
    let name = table
        .update("a", "SET n = :n", json!({":n": 1}))
        .expression_attribute_names("#more", "x");
    refused("a name", INVALID, name.send().await)?;
    let query = table.query("pk = :pk", json!({":pk": "p", ":more": 1}));
    refused("a value of a query", INVALID, query.send().await).map(drop)
}

async fn a_placeholder_that_is_not_defined_is_refused(table: Table) -> Outcome {
    refused("a value", INVALID, table.update("a", "SET n = :n", json!({})).send().await)?;
    refused("a name", INVALID, table.update("a", "SET #n = :n", json!({":n": 1})).send().await)?;
    same("what is there", &table.attributes("a").await?, &Value::Null)
}

async fn an_expression_that_can_not_be_read_is_refused(table: Table) -> Outcome {
    for update in [
        "",
        "SET",
        "SET n",
        "SET n = :n,",
        "SET n = :n SET m = :n",
        "n = :n",
        "SET n == :n",
        "SET n = :n + :n + :n",
        "SET n = unknown(:n)",
    ] {
        let with = if update.contains(":n") { json!({":n": 1}) } else { json!({}) };
        refused(&format!("{update:?}"), INVALID, table.update("a", update, with).send().await)?;
    }
    for condition in [
        "",
        "n =",
        "(n = :n",
        "n = :n)",
        "n = :n AND",
        "attribute_exists()",
        "attribute_exists(n",
        "unknown(n, :n)",
    ] {
        let with = if condition.contains(":n") { json!({":n": 1}) } else { json!({}) };
        refused(
            &format!("{condition:?}"),
            INVALID,
            table.put_if("a", json!({}), condition, with).send().await,
        )?;
    }
    same("what is there", &table.attributes("a").await?, &Value::Null)
}

async fn a_condition_without_an_operator_is_refused(table: Table) -> Outcome {
    refused(
        "an attribute alone",
        INVALID,
        table.put("a", json!({})).condition_expression("n").send().await,
    )?;
    let put = table.put_if("a", json!({}), "size(n)", json!({}));
    refused("a size alone", INVALID, put.send().await).map(drop)
}

async fn a_type_has_the_functions_that_suit_it(table: Table) -> Outcome {
    let beginning = table.put_if("a", json!({}), "begins_with(s, :v)", json!({":v": 1}));
    refused("a number as a beginning", INVALID, beginning.send().await)?;
    let added = table.update("a", "ADD n :v", json!({":v": "text"}));
    refused("a text that is added", INVALID, added.send().await)?;
    let appended = table.update("a", "SET l = list_append(:v, :v)", json!({":v": 1}));
    refused("a number that is appended", INVALID, appended.send().await)?;
    let between = table.put_if("a", json!({}), "n BETWEEN :two AND :one", json!({":one": 1, ":two": 2}));
    refused("a range whose ends are the wrong way round", INVALID, between.send().await).map(drop)
}
