//! What HID posts to us, or somebody in its name: a batch of CloudEvents. Without the secret nothing is written; with it, what is written is
//! no more than hints about people whom we know.

use std::collections::BTreeMap;

use bytes::Bytes;
use fobless::{
    config::CallbackSecrets,
    credential_manager::hid_origo::callback::{Hint, parse_batch},
    domain::{ids::RemoteCredentialId, secret::Secret},
    secrets::Cached,
    telemetry::Telemetry,
};
use http::{HeaderValue, Request, StatusCode};
use phone_webhook::{State, handle};
use serde_json::{Value, json};

use crate::{
    log,
    records::{OURS, REMOTE_USER},
    secrets::CALLBACK_SECRETS,
    table::{TABLE, Table, at_once, clock, with_table},
};

const HEADER: &str = "x-callback-secret";

/// Takes a batch through the door. The first byte says what is shown as its secret, and whether what has the right one is believed.
pub fn check(data: &[u8]) {
    let Some((&shown, body)) = data.split_first() else { return };
    let hints = parse_batch(body);
    if let Ok(hints) = &hints {
        check_hints(hints);
    }
    with_table(|table| {
        let before = table.database.items(TABLE);
        let trusted = shown >= 128;
        let (secrets, expected): (Vec<&str>, u16) = match shown % 8 {
            0 => (vec![], 400),
            1 => (vec![CALLBACK_SECRETS[0], CALLBACK_SECRETS[0]], 400),
            2 => (vec!["fuzzing-callback-secret-ne"], 401),
            3 => (vec![""], 401),
            4 => (vec![CALLBACK_SECRETS[1]], if hints.is_ok() { 200 } else { 400 }),
            _ => (vec![CALLBACK_SECRETS[0]], if hints.is_ok() { 200 } else { 400 }),
        };
        assert_eq!(deliver(table, &secrets, trusted, body).as_u16(), expected, "{hints:?}");
        let after = table.database.items(TABLE);
        let is_about_ours = hints.iter().flatten().any(|hint| hint.user.as_str() == REMOTE_USER);
        let changed = changed(&before, &after);
        assert_eq!(changed, usize::from(expected == 200 && is_about_ours), "{hints:?}");
    });
}

/// How many items differ. None is ever added.
fn changed(before: &[Value], after: &[Value]) -> usize {
    assert_eq!(before.len(), after.len());
    before.iter().zip(after).filter(|(before, after)| before != after).count()
}

fn deliver(table: &Table, secrets: &[&str], trusted: bool, body: &[u8]) -> StatusCode {
    let secrets_of_ours = CallbackSecrets {
        header: HEADER.to_owned(),
        secrets: CALLBACK_SECRETS.map(Secret::new).to_vec(),
        trusted,
    };
    let state = State {
        store: table.store.clone(),
        clock: clock(),
        keys: Cached::fixed(Vec::new()),
        callbacks: Cached::fixed(BTreeMap::from([(OURS.manager, secrets_of_ours)])),
        telemetry: Telemetry::nowhere(),
    };
    let path = format!("/webhooks/hid-origo/{}", OURS.manager);
    let mut request = Request::post(path).body(Some(Bytes::copy_from_slice(body))).unwrap();
    for secret in secrets {
        request.headers_mut().append(HEADER, HeaderValue::from_str(secret).unwrap());
    }
    log::without_secrets(|| at_once(handle(&state, request))).status()
}

/// Each hint names somebody who can be named in a URL, and is the same when it is written and read again.
fn check_hints(hints: &[Hint]) {
    for hint in hints {
        let pairing = hint.pairing.as_ref();
        let ids = [
            Some(hint.user.as_str()),
            pairing.map(|pairing| pairing.endpoint.as_str()),
            pairing.map(|pairing| pairing.invitation.as_str()),
            hint.issued.as_ref().map(RemoteCredentialId::as_str),
        ];
        for id in ids.into_iter().flatten() {
            let is_plain = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
            assert!(is_plain && !id.is_empty() && id.len() <= 64 && id != "." && id != "..", "{id:?}");
        }
    }
    let events: Vec<Value> = hints.iter().map(written).collect();
    let read = parse_batch(Value::from(events).to_string().as_bytes());
    assert_eq!(read.as_deref(), Ok(hints));
}

fn written(hint: &Hint) -> Value {
    let (kind, status) = match (&hint.pairing, &hint.issued) {
        (Some(_), _) => ("endpoint", "ENDPOINT_ACTIVE"),
        (None, Some(_)) => ("credential", "CREDENTIAL_ISSUED"),
        (None, None) if hint.acknowledged.is_some() => ("invitation", "INVITATION_ACKNOWLEDGED"),
        (None, None) if hint.is_credential => ("credential", "SOMETHING"),
        (None, None) => ("user", "SOMETHING"),
    };
    let mut data = json!({ "userId": hint.user, "status": status });
    if let Some(pairing) = &hint.pairing {
        data["endpointId"] = json!(pairing.endpoint);
        data["invitationId"] = json!(pairing.invitation);
    }
    if let Some(acknowledged) = &hint.acknowledged {
        data["invitationId"] = json!(acknowledged);
    }
    if let Some(issued) = &hint.issued {
        data["mid"] = json!(issued);
    }
    json!({ "type": format!("com.origo.mi.{kind}"), "id": hint.event_id, "data": data })
}
