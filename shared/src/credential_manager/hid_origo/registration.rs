//! Asking HID to call back. A callback goes with a filter, which names the statuses to be told of.

use serde_json::{Value, json};

use super::{
    call::{Call, Service},
    http::Http,
    json::{self, Unreadable},
};
use crate::credential_manager::{CallError, CallResult, Callback, Priority};

/// Registers the callback unless one with its URL is registered already.
///
/// HID never shows the secret of a callback again, so one whose secret has changed can't be told from one that hasn't: to
/// rotate a secret, register a URL that differs, and accept both secrets meanwhile.
///
/// Each of the calls keeps the secret out of its error text: only the last one tells it to HID, but one that was told it the time before may
/// quote it in a refusal of the others.
pub(super) async fn ensure(http: &Http, callback: &Callback) -> CallResult<()> {
    if is_registered(http, callback).await? {
        return Ok(());
    }
    let filter = create_filter(http, callback).await?;
    // HID puts the secret into the header as it is; there is no signature.
    let body = json!({
        "url": callback.url, "filterId": filter, "httpHeader": callback.header, "secret": callback.secret.expose(),
    });
    let call = Call::post(Service::Callbacks, "/callback", body, Priority::Poll)
        .about("the callbacks")
        .hiding(callback.secret.clone());
    http.send(&call).await
}

/// The statuses that change what Fobless knows. What only echoes our own calls is left out.
///
/// Not established: whether HID takes each of them as a value of a filter, and what it calls a revoked or failed credential
/// and an endpoint that is gone. Those are found by looking.
fn statuses() -> [&'static str; 5] {
    [
        "ENDPOINT_ACTIVE",
        "INVITATION_ACKNOWLEDGED",
        "INVITATION_EXPIRED",
        "CREDENTIAL_ISSUED",
        "USER_DELETED",
    ]
}

async fn create_filter(http: &Http, callback: &Callback) -> CallResult<String> {
    let body = json!({ "filterSet": statuses() });
    let call = Call::post(Service::Events, "/events/filter", body, Priority::Poll)
        .about("the event filters")
        .hiding(callback.secret.clone());
    let reply = http.send_for_json(&call).await?;
    ["filterId", "id"]
        .iter()
        .find_map(|key| json::id(&reply, key))
        .ok_or_else(|| call.unreadable(Unreadable("the id of the filter")))
}

async fn is_registered(http: &Http, callback: &Callback) -> CallResult<bool> {
    let call = Call::get(Service::Callbacks, "/callback", Priority::Poll)
        .about("the callbacks")
        .hiding(callback.secret.clone());
    let reply = match http.send_for_optional_json(&call).await {
        Ok(Some(reply)) => reply,
        Ok(None) | Err(CallError::NotFound(_)) => return Ok(false),
        Err(error) => return Err(error),
    };
    let callbacks = listed(&reply).ok_or_else(|| call.unreadable(Unreadable("the list of callbacks")))?;
    Ok(callbacks.iter().any(|listed| json::text(listed, "url") == Some(&callback.url)))
}

/// Not established: the shape of the list. It is an array, a single callback, or the one array inside of an object. Anything
/// else is no answer; taken for "none" it would add a callback each time.
fn listed(reply: &Value) -> Option<&[Value]> {
    match reply {
        Value::Array(callbacks) => Some(callbacks),
        Value::Object(members) if members.contains_key("url") => Some(std::slice::from_ref(reply)),
        Value::Object(members) => {
            let mut arrays = members.values().filter_map(Value::as_array);
            arrays.next().filter(|_| arrays.next().is_none()).map(Vec::as_slice)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        credential_manager::{
            CredentialManager,
            hid_origo::scripted::{Bench, Script},
        },
        domain::secret::Secret,
    };

    fn callback() -> Callback {
        Callback {
            url: "https://us.example/hook".to_owned(),
            header: "X-Fobless".to_owned(),
            secret: Secret::new("hush"),
        }
    }

    async fn ensure_answered_by(scripts: impl IntoIterator<Item = Script>) -> (CallResult<()>, Bench) {
        let bench = Bench::start(scripts).await;
        (bench.adapter.ensure_callback(&callback()).await, bench)
    }

    #[tokio::test]
    async fn a_callback_is_registered_with_a_filter() {
        for none in [
            Script::json(200, &json!([{ "url": "https://us.example/hook2" }])),
            Script::status(404),
            Script::status(204),
        ] {
            let made = [
                none,
                Script::json(201, &json!({ "filterId": 77 })),
                Script::json(201, &json!({ "id": 1 })),
            ];
            let (answer, bench) = ensure_answered_by(made).await;
            assert_eq!(answer, Ok(()));
            let asked = bench.hid.requests();
            assert_eq!(asked[0].line, "GET /organization/1000042/callback");
            assert_eq!(asked[1].line, "POST /organization/1000042/events/filter");
            assert_eq!(asked[1].header("content-type"), Some("application/json"));
            assert!(asked[1].json()["filterSet"].as_array().unwrap().contains(&json!("ENDPOINT_ACTIVE")));
            assert_eq!(asked[2].line, "POST /organization/1000042/callback");
            let expected = json!({ "url": "https://us.example/hook", "filterId": "77", "httpHeader": "X-Fobless", "secret": "hush" });
            assert_eq!(asked[2].json(), expected);
        }
    }

    #[tokio::test]
    async fn a_callback_that_is_registered_is_kept() {
        let ours = json!({ "url": "https://us.example/hook" });
        for list in [json!([ours]), ours.clone(), json!({ "responseHeader": {}, "callbacks": [ours] })] {
            let (answer, bench) = ensure_answered_by([Script::json(200, &list)]).await;
            assert_eq!((answer, bench.hid.requests().len()), (Ok(()), 1));
        }
    }

    #[tokio::test]
    async fn a_list_that_cannot_be_read_registers_nothing() {
        for odd in [json!("none"), json!({ "a": [], "b": [] }), json!({})] {
            let (answer, bench) = ensure_answered_by([Script::json(200, &odd)]).await;
            assert!(matches!(answer, Err(CallError::Transient(_))));
            assert_eq!(bench.hid.requests().len(), 1);
        }
    }

    #[tokio::test]
    async fn the_secret_of_a_callback_is_not_quoted() {
        for answered in 0..=2 {
            let mut scripts = vec![Script::status(404), Script::json(201, &json!({ "filterId": "f-1" }))];
            scripts.truncate(answered);
            scripts.push(Script::json(400, &json!({ "message": "hush is too short" })));
            let (answer, _) = ensure_answered_by(scripts).await;
            assert_eq!(answer, Err(CallError::Rejected("status 400: **** is too short".to_owned())));
        }
    }
}
