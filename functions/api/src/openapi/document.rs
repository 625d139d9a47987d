//! The whole document.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{
    answers::schemas,
    endpoints::{assert_all_exist, documented},
    operation::path_item,
    parameters::Parameters,
};
use crate::routes;

pub(super) async fn document() -> Value {
    let mut paths = Map::new();
    let mut described: BTreeSet<&str> = BTreeSet::new();
    for endpoint in routes::authenticated() {
        let documented = documented(endpoint.path);
        let parameters = Parameters::of(&endpoint).await;
        let known = paths.insert(endpoint.path.to_owned(), path_item(&endpoint, &parameters, &documented));
        assert!(known.is_none(), "{} is there twice", endpoint.path);
        described.insert(endpoint.path);
    }
    assert_all_exist(&described);
    paths.insert(
        "/health".to_owned(),
        open(
            "health",
            "Whether the function answers",
            &json!({"$ref": "#/components/schemas/done"}),
        ),
    );
    paths.insert(
        "/openapi.json".to_owned(),
        open("openapi_document", "This document", &json!({"type": "object"})),
    );
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Fobless",
            "description": "The management API, in Seam's wire format.",
            "version": env!("CARGO_PKG_VERSION"),
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "schemas": components(),
            "responses": {"refusal": {
                "description": "It is refused, or could not be done; `error.type` is stable for programs.",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/refusal"}}},
            }},
            "securitySchemes": {
                "api_key": {"type": "http", "scheme": "bearer", "description": "The API key of a workspace, `seam_...`."},
                "client_session": {"type": "http", "scheme": "bearer", "description": "The token of one person's client session, `seam_cst...`."},
            },
        },
    })
}

fn components() -> Value {
    let mut schemas = schemas();
    schemas.insert(
        "done".to_owned(),
        json!({"type": "object", "properties": {"ok": {"const": true}}, "required": ["ok"]}),
    );
    schemas.insert(
        "refusal".to_owned(),
        json!({
            "type": "object",
            "properties": {
                "ok": {"const": false},
                "error": {
                    "type": "object",
                    "properties": {
                        "type": {"type": "string", "description": "Stable, for programs."},
                        "message": {"type": "string", "description": "For people."},
                        "validation_errors": {"type": "object", "description": "What is wrong with which parameter, nested as they are."},
                    },
                    "required": ["type", "message"],
                },
            },
            "required": ["ok", "error"],
        }),
    );
    Value::Object(schemas)
}

/// What anybody may ask.
fn open(operation_id: &str, summary: &str, schema: &Value) -> Value {
    json!({"get": {
        "operationId": operation_id,
        "summary": summary,
        "security": [],
        "responses": {"200": {
            "description": "It is done.",
            "content": {"application/json": {"schema": schema}},
        }},
    }})
}
