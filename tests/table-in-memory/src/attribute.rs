//! Attribute values, kept as the wire has them: `{"S": "text"}`. How they are checked, compared and measured.

use std::cmp::Ordering;

use serde_json::{Map, Value, json};

use crate::{number::Number, refusal::Refusal};

/// An item, or a map within one.
pub(crate) type Item = Map<String, Value>;

/// The type and the content of a value.
pub(crate) fn typed(value: &Value) -> Option<(&str, &Value)> {
    let typed = value.as_object().filter(|typed| typed.len() == 1)?;
    typed.iter().next().map(|(kind, content)| (kind.as_str(), content))
}

pub(crate) fn number(value: &Value) -> Option<Number> {
    match typed(value)? {
        ("N", content) => Number::parse(content.as_str()?),
        _ => None,
    }
}

/// Checks a value that came with a request, and writes its numbers in the one way in which they are kept.
pub(crate) fn normal(value: &Value) -> Result<Value, Refusal> {
    let invalid = || Refusal::validation(format!("this is no attribute value, or of a type that is not known here: {value}"));
    let (kind, content) = typed(value).ok_or_else(invalid)?;
    Ok(match kind {
        "S" if content.is_string() => value.clone(),
        "BOOL" if content.is_boolean() => value.clone(),
        "NULL" if content == &Value::Bool(true) => value.clone(),
        "N" => json!({ "N": number(value).ok_or_else(invalid)?.text() }),
        "M" => json!({ "M": normal_map(content.as_object().ok_or_else(invalid)?)? }),
        "L" => {
            let elements = content.as_array().ok_or_else(invalid)?;
            json!({ "L": elements.iter().map(normal).collect::<Result<Vec<_>, _>>()? })
        }
        "SS" => {
            let mut texts: Vec<&str> = content.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            texts.sort_unstable();
            texts.dedup();
            if texts.is_empty() || Some(texts.len()) != content.as_array().map(Vec::len) {
                return Err(invalid());
            }
            json!({ "SS": texts })
        }
        _ => return Err(invalid()),
    })
}

pub(crate) fn normal_map(map: &Item) -> Result<Item, Refusal> {
    map.iter().map(|(name, value)| Ok((name.clone(), normal(value)?))).collect()
}

/// The order of two values; `None` when they are not of one type that has an order.
pub(crate) fn compare(one: &Value, other: &Value) -> Option<Ordering> {
    match (typed(one)?, typed(other)?) {
        (("S", one), ("S", other)) => Some(one.as_str()?.as_bytes().cmp(other.as_str()?.as_bytes())),
        (("N", _), ("N", _)) => Some(number(one)?.compare(number(other)?)),
        _ => None,
    }
}

/// How many bytes an item counts for, by DynamoDB's rules.
pub(crate) fn size(item: &Item) -> usize {
    item.iter().map(|(name, value)| name.len() + size_of(value)).sum()
}

fn size_of(value: &Value) -> usize {
    match typed(value) {
        Some(("S", text)) => text.as_str().map_or(0, str::len),
        Some(("N", digits)) => digits.as_str().map_or(0, |digits| digits.len().div_ceil(2) + 1),
        Some(("M", map)) => 3 + map.as_object().map_or(0, |map| map.len() + size(map)),
        Some(("L", list)) => 3 + list.as_array().into_iter().flatten().map(|value| 1 + size_of(value)).sum::<usize>(),
        Some(("SS", texts)) => texts.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::len).sum(),
        _ => 1,
    }
}
