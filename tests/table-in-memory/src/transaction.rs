//! Transactions: everything or nothing, with a reason for each part that stood in the way.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{
    attribute::{Item, size},
    capacity,
    database::known,
    refusal::Refusal,
    request::text,
    table::Table,
    write::Write,
};

/// The most parts of a transaction.
const MOST_PARTS: usize = 100;
/// The most bytes of all its items together.
const LARGEST: usize = 4 * 1024 * 1024;
/// What its parts may say.
const OF_PARTS: [&str; 8] = [
    "TableName",
    "Item",
    "Key",
    "UpdateExpression",
    "ConditionExpression",
    "ExpressionAttributeNames",
    "ExpressionAttributeValues",
    "ReturnValuesOnConditionCheckFailure",
];

/// What it consists of.
pub(crate) fn parts(body: &Value) -> Result<&[Value], Refusal> {
    let parts = body["TransactItems"].as_array().map(Vec::as_slice).unwrap_or_default();
    if parts.is_empty() || parts.len() > MOST_PARTS {
        return Err(Refusal::validation("TransactItems must have 1 to 100 members"));
    }
    Ok(parts)
}

/// Does all of it. Answers the write units that it costs.
pub(crate) fn write(table: &mut Table, body: &mut Value, conditions_count: bool, seconds: i64) -> Result<u32, Refusal> {
    parts(body)?;
    let token = text(body, "ClientRequestToken").map(|token| (token.to_owned(), body["TransactItems"].clone()));
    if let Some(asked) = token.as_ref().and_then(|(token, _)| table.tokens.get(token)) {
        return if *asked == body["TransactItems"] {
            Ok(0)
        } else {
            Err(Refusal::token_used_otherwise())
        };
    }
    let parts = body["TransactItems"].as_array_mut().into_iter().flatten();
    let writes = parts.map(|part| write_of(part, table)).collect::<Result<Vec<Write>, _>>()?;
    let mut keys = BTreeSet::new();
    if !writes.iter().all(|write| keys.insert(Value::Object(write.key.clone()).to_string())) {
        return Err(Refusal::validation(
            "Transaction request cannot include multiple operations on one item",
        ));
    }
    let of_what: Vec<(Item, bool)> = writes.iter().map(|write| (write.key.clone(), write.is_a_check())).collect();
    let outcomes = writes.into_iter().map(|write| write.outcome(table, conditions_count));
    let outcomes: Vec<Result<Option<Item>, Refusal>> = outcomes.collect();
    if outcomes.iter().any(Result::is_err) {
        let reasons: Vec<Option<Refusal>> = outcomes.into_iter().map(Result::err).collect();
        return Err(Refusal::cancelled(&reasons));
    }
    let outcomes = outcomes.into_iter().collect::<Result<Vec<_>, _>>()?;
    if outcomes.iter().flatten().map(size).sum::<usize>() > LARGEST {
        return Err(Refusal::validation("The items of a transaction can have 4 MB together"));
    }
    let mut units = 0;
    for ((key, is_a_check), outcome) in of_what.iter().zip(outcomes) {
        // What is only looked at costs as much as if it were written.
        units += 2 * if *is_a_check {
            capacity::of_write(outcome.as_ref().map_or(0, size))
        } else {
            table.put(key, outcome, seconds)
        };
    }
    table.tokens.extend(token);
    Ok(units)
}

/// Somebody else's transaction is in the way of each part.
pub(crate) fn busy(body: &Value) -> Refusal {
    let parts = body["TransactItems"].as_array().map_or(0, Vec::len);
    Refusal::cancelled(&vec![Some(Refusal::in_a_transaction()); parts])
}

fn write_of(part: &mut Value, table: &Table) -> Result<Write, Refusal> {
    let part = part.as_object_mut().filter(|part| part.len() == 1);
    let (kind, body) = part.and_then(|part| part.iter_mut().next()).ok_or_else(malformed)?;
    known(body, &OF_PARTS)?;
    match kind.as_str() {
        "Put" => Write::put(body, &table.definition),
        "Update" => Write::update(body, &table.definition),
        "Delete" => Write::delete(body, &table.definition),
        "ConditionCheck" => Write::check(body, &table.definition),
        _ => Err(malformed()),
    }
}

fn malformed() -> Refusal {
    Refusal::validation("TransactItems can only contain one of Check, Put, Update or Delete")
}
