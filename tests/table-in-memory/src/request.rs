//! A request as it came: which operation, and with what.

use serde_json::Value;

use crate::{
    attribute::{Item, normalise_map},
    refusal::Refusal,
};

/// A request to the table.
#[derive(Clone, Debug)]
pub struct Request {
    /// `PutItem`, say.
    pub operation: String,
    /// Its JSON.
    pub body: Value,
}

impl Request {
    /// Whether it may change items.
    #[must_use]
    pub fn is_write(&self) -> bool {
        !matches!(self.operation.as_str(), "GetItem" | "Query")
    }

    /// What it is about, without any value that was drawn by chance: for a trace.
    #[must_use]
    pub fn subject(&self) -> String {
        let keys = ["Key", "Item"].iter().filter_map(|name| self.body.get(*name));
        let mut parts: Vec<String> = keys.map(key_text).collect();
        for part in self.body["TransactItems"].as_array().into_iter().flatten() {
            let inner = part.as_object().into_iter().flatten().map(|(_, inner)| inner);
            parts.extend(
                inner
                    .flat_map(|inner| [inner.get("Key"), inner.get("Item")])
                    .flatten()
                    .map(key_text),
            );
        }
        if let Some(of) = self.body.get("ExpressionAttributeValues").filter(|_| self.operation == "Query") {
            parts.push(of.to_string());
        }
        parts.join(" ")
    }
}

/// Keys of events end in chance.
fn key_text(item: &Value) -> String {
    let text = |name: &str| item[name]["S"].as_str().unwrap_or_default().to_owned();
    let partition = text("pk");
    if partition.starts_with("EVENTS#") {
        return "EVENTS".to_owned();
    }
    format!("{partition}/{}", text("sk"))
}

/// A text field.
pub(crate) fn text<'a>(body: &'a Value, name: &str) -> Option<&'a str> {
    body.get(name).and_then(Value::as_str)
}

/// A field with attribute values in it.
pub(crate) fn item(body: &Value, name: &str) -> Result<Item, Refusal> {
    let mut item = body.get(name).and_then(Value::as_object).cloned().ok_or_else(|| missing(name))?;
    normalise_map(&mut item)?;
    Ok(item)
}

/// The same, but it is not there afterwards.
pub(crate) fn take_item(body: &mut Value, name: &str) -> Result<Item, Refusal> {
    let Some(Value::Object(mut item)) = body.get_mut(name).map(Value::take) else {
        return Err(missing(name));
    };
    normalise_map(&mut item)?;
    Ok(item)
}

fn missing(name: &str) -> Refusal {
    Refusal::validation(format!("{name} is missing"))
}
