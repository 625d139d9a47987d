//! Attribute values, kept as the wire has them: `{"S": "text"}`. How they are checked, compared and measured.

use std::{cmp::Ordering, collections::BTreeSet};

use serde_json::{Map, Value};

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
fn normalise(value: &mut Value) -> Result<(), Refusal> {
    if let Some(("N", Value::String(digits))) = typed(value)
        && Number::is_kept(digits)
    {
        return Ok(());
    }
    if is_known(value) {
        let typed = value.as_object_mut().and_then(|typed| typed.iter_mut().next());
        match typed.map(|(kind, content)| (kind.as_str(), content)) {
            Some(("N", content)) => {
                let kept = content.as_str().and_then(Number::parse).map(Number::text);
                if let Some(kept) = kept {
                    *content = Value::String(kept);
                }
            }
            Some(("M", Value::Object(map))) => normalise_map(map)?,
            Some(("L", Value::Array(elements))) => elements.iter_mut().try_for_each(normalise)?,
            Some(("SS", Value::Array(texts))) => texts.sort_unstable_by(|one, other| one.as_str().cmp(&other.as_str())),
            _ => {}
        }
        Ok(())
    } else {
        Err(Refusal::validation(format!(
            "this is no attribute value, or of a type that is not known here: {value}"
        )))
    }
}

fn is_known(value: &Value) -> bool {
    match typed(value) {
        Some(("S", content)) => content.is_string(),
        Some(("BOOL", content)) => content.is_boolean(),
        Some(("NULL", content)) => content == &Value::Bool(true),
        Some(("N", _)) => number(value).is_some(),
        Some(("M", content)) => content.is_object(),
        Some(("L", content)) => content.is_array(),
        Some(("SS", content)) => {
            let texts: BTreeSet<&str> = content.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            !texts.is_empty() && Some(texts.len()) == content.as_array().map(Vec::len)
        }
        _ => false,
    }
}

/// Does so with all values of an item.
pub(crate) fn normalise_map(map: &mut Item) -> Result<(), Refusal> {
    map.values_mut().try_for_each(normalise)
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
