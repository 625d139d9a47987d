//! Items as the cases write them: plain JSON.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::Value;

use crate::difference::Difference;

/// An item as the SDK has it.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// An item, or the values of an expression.
pub(crate) fn item(plain: Value) -> Item {
    serde_dynamo::aws_sdk_dynamodb_1::to_item(plain).expect("JSON has a form in DynamoDB")
}

/// The values of an expression; none at all where it has none.
pub(crate) fn values(plain: Value) -> Option<Item> {
    Some(item(plain)).filter(|values| !values.is_empty())
}

/// An item as plain JSON.
pub(crate) fn plain(item: Item) -> Result<Value, Difference> {
    serde_dynamo::aws_sdk_dynamodb_1::from_item(item).map_err(|error| Difference::new(format!("an item that can't be read: {error}")))
}
