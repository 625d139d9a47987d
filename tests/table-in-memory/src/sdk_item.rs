//! An item as the SDK has it.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::Value;

use crate::attribute::{Item, typed};

/// The SDK's form of an item.
pub(crate) type SdkItem = HashMap<String, AttributeValue>;

/// Turns an item into the SDK's form; `None` when a value is of a type that is not known here.
pub(crate) fn sdk_item(item: &Item) -> Option<SdkItem> {
    item.iter().map(|(name, value)| Some((name.clone(), sdk_value(value)?))).collect()
}

fn sdk_value(value: &Value) -> Option<AttributeValue> {
    let (kind, content) = typed(value)?;
    let text = || content.as_str().map(str::to_owned);
    let elements = || content.as_array().into_iter().flatten();
    Some(match kind {
        "S" => AttributeValue::S(text()?),
        "N" => AttributeValue::N(text()?),
        "BOOL" => AttributeValue::Bool(content.as_bool()?),
        "NULL" => AttributeValue::Null(content.as_bool()?),
        "M" => AttributeValue::M(sdk_item(content.as_object()?)?),
        "L" => AttributeValue::L(elements().map(sdk_value).collect::<Option<_>>()?),
        "SS" => AttributeValue::Ss(elements().map(|text| text.as_str().map(str::to_owned)).collect::<Option<_>>()?),
        _ => return None,
    })
}
