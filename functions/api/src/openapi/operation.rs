//! One endpoint as an OpenAPI operation for each of its methods.

use http::Method;
use serde_json::{Map, Value, json};

use super::{
    endpoints::Documented,
    parameters::{self, Parameters},
};
use crate::{authentication::Access, endpoint::Endpoint};

/// The path item of an endpoint.
pub(super) fn path_item(endpoint: &Endpoint, parameters: &Parameters, documented: &Documented) -> Value {
    let methods = endpoint.methods().map(|method| {
        let name = method.as_str().to_lowercase();
        (name, operation(endpoint, &method, parameters, documented))
    });
    Value::Object(methods.collect())
}

fn operation(endpoint: &Endpoint, method: &Method, parameters: &Parameters, documented: &Documented) -> Value {
    let mut operation = json!({
        "operationId": operation_id(endpoint.path, method),
        "tags": [tag(endpoint.path)],
        "summary": documented.summary,
        "security": securities(endpoint.access()),
        "responses": responses(documented),
    });
    if matches!(*method, Method::GET | Method::DELETE) {
        operation["parameters"] = query(parameters);
        if parameters.alternatives.len() > 1 {
            // A query string has no way to say that one of several sets of parameters is needed.
            operation["x-required-one-of"] = json!(parameters.alternatives);
        }
    } else {
        let is_needed = parameters.alternatives.iter().all(|set| !set.is_empty());
        operation["requestBody"] = json!({
            "required": is_needed,
            "content": {"application/json": {"schema": parameters.body()}},
        });
    }
    operation
}

/// Who may ask: one of these.
fn securities(access: Access) -> Value {
    match access {
        Access::Key => json!([{"api_key": []}]),
        Access::KeyOrSession => json!([{"api_key": []}, {"client_session": []}]),
        Access::Session => json!([{"client_session": []}]),
    }
}

fn query(parameters: &Parameters) -> Value {
    let needed = parameters.always_needed();
    let all = parameters.outermost().map(|(name, mut schema)| {
        if needed.contains(name) {
            schema = parameters::needed(schema);
        }
        let description = schema.as_object_mut().and_then(|schema| schema.remove("description"));
        json!({
            "name": name,
            "in": "query",
            "required": needed.contains(name),
            "description": description,
            "schema": schema,
        })
    });
    all.collect()
}

fn responses(documented: &Documented) -> Value {
    let request_id = json!({"seam-request-id": {
        "description": "Names the request in our log.",
        "schema": {"type": "string", "format": "uuid"},
    }});
    let good = json!({
        "description": "It is done.",
        "headers": request_id,
        "content": {"application/json": {"schema": documented.answer.schema()}},
    });
    let bad = json!({"$ref": "#/components/responses/refusal"});
    let mut responses = Map::from_iter([("200".to_owned(), good)]);
    for status in ["400", "401", "403", "404", "405", "413", "500"] {
        responses.insert(status.to_owned(), bad.clone());
    }
    Value::Object(responses)
}

/// `/acs/users/list` by GET is `acs_users_list_get`.
fn operation_id(path: &str, method: &Method) -> String {
    format!("{}_{}", path.trim_matches('/').replace('/', "_"), method.as_str().to_lowercase())
}

/// `/acs/users/list` is one of `/acs/users`.
fn tag(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(resource, _)| resource)
}
