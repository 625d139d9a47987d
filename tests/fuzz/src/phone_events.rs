//! The body of a phone's event, well signed: whoever holds the key may be wrong about all else. An event is taken or refused by its class,
//! means the same however it is written, and changes nothing when it comes again.

use std::collections::BTreeMap;

use bytes::Bytes;
use fobless::{
    domain::{
        ids::WorkspaceId,
        phone_metadata::{DeviceType, PhoneMetadata},
        time::Timestamp,
    },
    secrets::Cached,
    telemetry::Telemetry,
    webhook::{ActiveKey, HeaderFamily, PhoneEvent, PhoneReference, SigningKey, UnverifiedWebhook, VerificationKey},
};
use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode};
use phone_webhook::{State, handle};
use serde_json::{Map, Value, json};

use crate::{
    log,
    records::OURS,
    secrets::WEBHOOK_SECRET,
    table::{NOW, TABLE, Table, at_once, clock, with_table},
};

/// Takes a body through the door.
pub fn check(body: &[u8]) {
    let event = parse(body);
    let status = with_table(|table| {
        let status = deliver(table, body);
        let after = table.database.items(TABLE);
        assert_eq!(deliver(table, body), status, "the second time");
        assert_eq!(table.database.items(TABLE), after, "the second time changes nothing");
        status
    });
    let expected: &[u16] = match &event {
        None => &[400],
        Some(PhoneEvent::NotOurs { .. }) => &[204],
        Some(PhoneEvent::Registered { .. } | PhoneEvent::Deactivated { .. }) => &[200, 422],
    };
    assert!(expected.contains(&status.as_u16()), "{status} for {event:?}");
    if let Some(event) = event {
        for shape in [flat(&event), enveloped(&event)] {
            assert_eq!(parse(shape.to_string().as_bytes()).as_ref(), Some(&event), "written as {shape}");
        }
    }
}

fn deliver(table: &Table, body: &[u8]) -> StatusCode {
    let state = State {
        store: table.store.clone(),
        clock: clock(),
        keys: Cached::fixed(keys()),
        callbacks: Cached::fixed(BTreeMap::new()),
        telemetry: Telemetry::nowhere(),
    };
    let mut request = Request::post("/webhooks/phones").body(Some(Bytes::copy_from_slice(body))).unwrap();
    *request.headers_mut() = signed(body);
    log::without_secrets(|| at_once(handle(&state, request))).status()
}

fn keys() -> Vec<ActiveKey> {
    vec![ActiveKey {
        workspace_id: OURS.owner.workspace_id,
        key: VerificationKey::parse(WEBHOOK_SECRET).unwrap(),
    }]
}

fn signed(body: &[u8]) -> HeaderMap {
    let key = SigningKey::parse(WEBHOOK_SECRET).unwrap();
    let headers = key.headers(HeaderFamily::Svix, &"msg_1".parse().unwrap(), NOW, body);
    headers
        .into_iter()
        .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::try_from(value).unwrap()))
        .collect()
}

fn parse(body: &[u8]) -> Option<PhoneEvent> {
    let headers = signed(body);
    let verified = UnverifiedWebhook::new(&headers, body).verify(&keys(), NOW).unwrap();
    PhoneEvent::parse(&verified, NOW).ok()
}

/// The event as Seam writes it.
fn flat(event: &PhoneEvent) -> Value {
    let (event_type, fields) = written(event);
    let mut all = fields;
    all.insert("event_type".to_owned(), json!(event_type));
    Value::Object(all)
}

/// The event as Standard Webhooks writes it.
fn enveloped(event: &PhoneEvent) -> Value {
    let (event_type, mut data) = written(event);
    let timestamp = data.remove("occurred_at");
    json!({ "type": event_type, "timestamp": timestamp, "data": data })
}

fn written(event: &PhoneEvent) -> (&str, Map<String, Value>) {
    let (event_type, fields) = match event {
        PhoneEvent::NotOurs { event_type } => (event_type.as_str(), json!({})),
        PhoneEvent::Registered {
            user_identity_id,
            installation_id,
            metadata,
            occurred_at,
            workspace_id,
        } => {
            let mut fields = json!({ "user_identity_id": user_identity_id, "custom_sdk_installation_id": installation_id });
            describe(&mut fields, metadata);
            (("phone.registered"), dated(fields, *occurred_at, *workspace_id))
        }
        PhoneEvent::Deactivated {
            phone,
            occurred_at,
            workspace_id,
        } => {
            let fields = match phone {
                PhoneReference::ByInstallation {
                    user_identity_id,
                    installation_id,
                } => json!({ "user_identity_id": user_identity_id, "custom_sdk_installation_id": installation_id }),
                PhoneReference::ByDevice {
                    device_id,
                    user_identity_id,
                } => json!({ "user_identity_id": user_identity_id, "device_id": device_id }),
            };
            ("phone.deactivated", dated(fields, *occurred_at, *workspace_id))
        }
    };
    let Value::Object(fields) = fields else {
        unreachable!("an object was made")
    };
    (event_type, fields)
}

fn dated(mut fields: Value, occurred_at: Timestamp, workspace: Option<WorkspaceId>) -> Value {
    fields["occurred_at"] = json!(occurred_at.to_string());
    fields["workspace_id"] = json!(workspace);
    fields
}

fn describe(fields: &mut Value, metadata: &PhoneMetadata) {
    let device_type = metadata.device_type.map(|device_type| match device_type {
        DeviceType::IosPhone => "ios_phone",
        DeviceType::AndroidPhone => "android_phone",
    });
    let texts = [
        ("device_type", device_type),
        ("display_name", metadata.display_name.as_deref()),
        ("manufacturer", metadata.manufacturer.as_deref()),
        ("model", metadata.model.as_deref()),
        ("os_version", metadata.os_version.as_deref()),
    ];
    fields["phone_metadata"] = texts.into_iter().map(|(name, text)| (name.to_owned(), json!(text))).collect();
}
