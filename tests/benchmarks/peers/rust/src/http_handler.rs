use std::collections::HashMap;

use aws_sdk_dynamodb::{types::AttributeValue, Client};
use chrono::Utc;
use lambda_http::{http::StatusCode, tracing, Body, Error, Request, Response};
use standardwebhooks::Webhook;
use uuid::{uuid, Uuid};

use crate::event::{Event, Registration};

const NAMESPACE: Uuid = uuid!("6f0b1e55-7d0c-4c53-9a33-6a1f2f70c0de");

const UPDATE: &str = "SET workspace_id = :workspace, user_identity_id = :user, device_id = :device, presence = :presence, \
    occurred_at = :occurred_at, created_at = if_not_exists(created_at, :now), installation_id = :installation, \
    metadata = :metadata, registered_at = :occurred_at ADD #version :one";

// The newest event wins, whatever order they come in; a repeat changes nothing.
const CONDITION: &str = "(attribute_not_exists(pk) OR occurred_at < :occurred_at) \
    AND (attribute_not_exists(registered_at) OR registered_at < :occurred_at)";

pub struct State {
    pub dynamodb: Client,
    pub table_name: String,
    pub webhook: Webhook,
    pub workspace_id: Uuid,
}

pub async fn function_handler(state: &State, request: Request) -> Result<Response<Body>, Error> {
    if let Err(error) = state.webhook.verify(request.body(), request.headers()) {
        tracing::warn!(%error, "refused a phone webhook");
        return answer(StatusCode::UNAUTHORIZED, r#"{"ok":false,"error":{"type":"unauthorized"}}"#);
    }

    let registration = match Event::parse(request.body(), Utc::now()) {
        Ok(Event::Registered(registration)) => registration,
        Ok(Event::NotOurs) => return answer(StatusCode::NO_CONTENT, ""),
        Err(error) => {
            tracing::warn!(%error, "refused a phone webhook");
            return answer(StatusCode::BAD_REQUEST, r#"{"ok":false,"error":{"type":"malformed"}}"#);
        }
    };

    match record(state, registration).await {
        Ok(true) => answer(StatusCode::OK, r#"{"ok":true}"#),
        Ok(false) => {
            tracing::warn!("refused a phone webhook: the user identity is not known");
            answer(
                StatusCode::UNPROCESSABLE_ENTITY,
                r#"{"ok":false,"error":{"type":"user_identity_not_found"}}"#,
            )
        }
        Err(error) => {
            tracing::error!(%error, "a phone webhook could not be recorded");
            answer(StatusCode::SERVICE_UNAVAILABLE, r#"{"ok":false,"error":{"type":"unavailable"}}"#)
        }
    }
}

/// Writes the phone. `false`: there is no such person.
async fn record(state: &State, registration: Registration) -> Result<bool, Error> {
    let workspace_id = state.workspace_id;
    let user_identity_id = registration.user_identity_id;
    if registration.workspace_id.is_some_and(|named| named != workspace_id) {
        return Ok(false);
    }

    let partition = format!("USER#{workspace_id}#{user_identity_id}");
    let person = state
        .dynamodb
        .get_item()
        .table_name(&state.table_name)
        .key("pk", AttributeValue::S(partition.clone()))
        .key("sk", AttributeValue::S("IDENTITY".into()))
        .consistent_read(true)
        .send()
        .await?;
    if person.item.is_none() {
        return Ok(false);
    }

    let installation_id = registration.installation_id;
    let name = format!("device/{workspace_id}/{user_identity_id}/{installation_id}");
    let device_id = Uuid::new_v5(&NAMESPACE, name.as_bytes());
    let metadata: HashMap<_, _> = registration
        .metadata
        .into_iter()
        .map(|(name, text)| (name.to_owned(), AttributeValue::S(text)))
        .collect();

    let written = state
        .dynamodb
        .update_item()
        .table_name(&state.table_name)
        .key("pk", AttributeValue::S(partition))
        .key("sk", AttributeValue::S(format!("PHONE#{device_id}")))
        .update_expression(UPDATE)
        .condition_expression(CONDITION)
        .expression_attribute_names("#version", "version")
        .expression_attribute_values(":workspace", AttributeValue::S(workspace_id.to_string()))
        .expression_attribute_values(":user", AttributeValue::S(user_identity_id.to_string()))
        .expression_attribute_values(":device", AttributeValue::S(device_id.to_string()))
        .expression_attribute_values(":presence", AttributeValue::S("registered".into()))
        .expression_attribute_values(
            ":occurred_at",
            AttributeValue::N(registration.occurred_at.timestamp_millis().to_string()),
        )
        .expression_attribute_values(":now", AttributeValue::N(Utc::now().timestamp_millis().to_string()))
        .expression_attribute_values(":installation", AttributeValue::S(installation_id))
        .expression_attribute_values(":metadata", AttributeValue::M(metadata))
        .expression_attribute_values(":one", AttributeValue::N("1".into()))
        .send()
        .await;

    let is_new = match written {
        Ok(_) => true,
        Err(error) => match error.into_service_error() {
            error if error.is_conditional_check_failed_exception() => false,
            error => return Err(error.into()),
        },
    };
    tracing::info!(phone.id = %device_id, is_new, "took a phone webhook");
    Ok(true)
}

fn answer(status: StatusCode, body: &'static str) -> Result<Response<Body>, Error> {
    let response = Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .body(body.into())?;
    Ok(response)
}
