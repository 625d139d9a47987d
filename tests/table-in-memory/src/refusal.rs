//! What a request is refused with, as DynamoDB words it.

use serde_json::{Value, json};

use crate::attribute::Item;

/// A refusal.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) code: &'static str,
    message: String,
    more: Value,
}

impl Refusal {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            more: json!({}),
        }
    }

    pub(crate) fn validation(message: impl Into<String>) -> Self {
        Self::new("ValidationException", message)
    }

    pub(crate) fn no_such_table() -> Self {
        Self::new("ResourceNotFoundException", "Requested resource not found")
    }

    pub(crate) fn table_exists() -> Self {
        Self::new("ResourceInUseException", "Table already exists")
    }

    pub(crate) fn unknown_operation() -> Self {
        Self::new("UnknownOperationException", "the table in memory does not know this operation")
    }

    pub(crate) fn throttled() -> Self {
        Self::new("ThrottlingException", "Rate exceeded")
    }

    pub(crate) fn in_a_transaction() -> Self {
        Self::new("TransactionConflictException", "Transaction is ongoing for the item")
    }

    pub(crate) fn token_used_otherwise() -> Self {
        Self::new(
            "IdempotentParameterMismatchException",
            "The client token was used with another request",
        )
    }

    /// A condition did not hold; `shown` is the item as it is, where the request wants to see it.
    pub(crate) fn condition(shown: Option<Item>) -> Self {
        Self {
            more: shown.map_or_else(|| json!({}), |item| json!({ "Item": item })),
            ..Self::new("ConditionalCheckFailedException", "The conditional request failed")
        }
    }

    /// A transaction was cancelled: a reason for each of its parts, `None` for those that were fine.
    pub(crate) fn cancelled(reasons: &[Option<Self>]) -> Self {
        let reasons: Vec<Value> = reasons.iter().map(|refusal| reason(refusal.as_ref())).collect();
        Self {
            more: json!({ "CancellationReasons": reasons }),
            ..Self::new("TransactionCanceledException", "Transaction cancelled, see the reasons")
        }
    }

    pub(crate) fn body(&self) -> Value {
        let mut body = self.more.clone();
        body["__type"] = format!("com.amazonaws.dynamodb.v20120810#{}", self.code).into();
        body["message"] = self.message.clone().into();
        body
    }
}

fn reason(refusal: Option<&Refusal>) -> Value {
    let Some(refusal) = refusal else {
        return json!({ "Code": "None" });
    };
    let mut reason = refusal.more.clone();
    reason["Code"] = refusal.code.trim_end_matches("Exception").trim_end_matches("Error").into();
    if refusal.code == "ValidationException" {
        reason["Code"] = "ValidationError".into();
    }
    reason["Message"] = refusal.message.clone().into();
    reason
}
