//! What endpoints answer, and the objects in it.

use serde_json::{Map, Value, json};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};

use crate::{
    page::Pagination,
    wire::{
        acs_credential::AcsCredentialObject,
        acs_credential_pool::AcsCredentialPoolObject,
        acs_system::AcsSystemObject,
        acs_user::AcsUserObject,
        client_session::ClientSessionObject,
        enrollment_automation::{CredentialProvisioningAutomationObject, EnrollmentAutomationObject},
        phone::PhoneObject,
        phone_session::{HeldCredential, PhoneSessionObject},
        phone_timeline::PhoneTimelineObject,
        user_identity::UserIdentityObject,
        webhook::WebhookObject,
    },
};

/// What stands beside `ok`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answers {
    /// Nothing.
    Done,
    /// An object.
    One(&'static str, &'static str),
    /// A list of objects.
    Many(&'static str, &'static str),
    /// A list of objects, page by page.
    Pages(&'static str, &'static str),
}

use Answers::{Done, Many, One, Pages};

impl Answers {
    /// The schema of a good answer.
    pub(super) fn schema(self) -> Value {
        let reference = |object: &str| json!({"$ref": format!("#/components/schemas/{object}")});
        let of =
            |key: &str, value: Value| json!({"type": "object", "properties": {"ok": {"const": true}, key: value}, "required": ["ok", key]});
        match self {
            Done => reference("done"),
            One(key, object) => of(key, reference(object)),
            Many(key, object) => of(key, json!({"type": "array", "items": reference(object)})),
            Pages(key, object) => {
                let mut answer = of(key, json!({"type": "array", "items": reference(object)}));
                answer["properties"]["pagination"] = reference("pagination");
                answer["required"] = json!(["ok", key, "pagination"]);
                answer
            }
        }
    }
}

/// The objects that are answered, by their names on the wire.
pub(super) fn schemas() -> Map<String, Value> {
    let mut all = Map::new();
    add::<AcsCredentialObject>(&mut all, "acs_credential");
    add::<AcsCredentialPoolObject>(&mut all, "acs_credential_pool");
    add::<AcsSystemObject>(&mut all, "acs_system");
    add::<AcsUserObject>(&mut all, "acs_user");
    add::<CredentialProvisioningAutomationObject>(&mut all, "acs_credential_provisioning_automation");
    add::<ClientSessionObject>(&mut all, "client_session");
    add::<EnrollmentAutomationObject>(&mut all, "enrollment_automation");
    all.insert("event".to_owned(), event());
    add::<HeldCredential>(&mut all, "held_credential");
    add::<Pagination>(&mut all, "pagination");
    add::<PhoneObject>(&mut all, "phone");
    add::<PhoneSessionObject>(&mut all, "phone_session");
    add::<PhoneTimelineObject>(&mut all, "phone_timeline");
    add::<UserIdentityObject>(&mut all, "user_identity");
    add::<WebhookObject>(&mut all, "webhook");
    all
}

/// What all events have. Each type has fields of its own beside these.
fn event() -> Value {
    let id = json!({"type": "string", "format": "uuid"});
    let moment = json!({"type": "string", "format": "date-time"});
    json!({
        "type": "object",
        "properties": {
            "event_id": id,
            "event_type": {"type": "string"},
            "event_description": {"type": "string"},
            "workspace_id": id,
            "user_identity_id": id,
            "created_at": moment,
            "occurred_at": moment,
        },
        "required": ["event_id", "event_type", "workspace_id", "created_at", "occurred_at"],
    })
}

/// Adds an object under its name, and what it is made of under the names that the code has for those.
fn add<T: ToSchema + PartialSchema>(all: &mut Map<String, Value>, name: &str) {
    let mut parts: Vec<(String, RefOr<Schema>)> = Vec::new();
    T::schemas(&mut parts);
    parts.push((name.to_owned(), T::schema()));
    for (name, schema) in parts {
        let mut schema = serde_json::to_value(schema).unwrap();
        loosen(&mut schema);
        let known = all.insert(name.clone(), schema.clone());
        assert!(known.is_none_or(|known| known == schema), "two objects are called {name}");
    }
}

/// A part of an object that may be missing as a whole is described as one of null, which an object can't be.
fn loosen(schema: &mut Value) {
    let parts = schema.get_mut("allOf").and_then(Value::as_array_mut);
    for part in parts.into_iter().flatten() {
        if let Some(Value::Array(mut ways)) = part.as_object_mut().and_then(|part| part.remove("oneOf")) {
            ways.retain(|way| *way != json!({"type": "null"}));
            ways.push(json!({"description": "Or none of these."}));
            part["anyOf"] = Value::Array(ways);
        }
    }
}
