//! A Function URL, for requests that `cargo lambda watch` does not hand on as AWS does: it keeps the last of a header that is given twice, drops
//! one that is no text, and takes no body that is not UTF-8. The function is then invoked with the event that AWS would make of the request.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use reqwest::Url;
use serde_json::{Map, Value, json};

use crate::raw::RawWebhook;

/// Whether the emulator would hand it on as something else.
pub(crate) fn is_needed_for(webhook: &RawWebhook) -> bool {
    let mut names: Vec<&str> = webhook.headers.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    let is_given_twice = names.windows(2).any(|pair| pair[0] == pair[1]);
    is_given_twice || !webhook.headers.iter().all(|(_, value)| value.is_ascii()) || str::from_utf8(&webhook.body).is_err()
}

/// Invokes the webhook function with the request to `url`. Answers the status.
pub(crate) async fn hand_on(webhook: &RawWebhook, http: &reqwest::Client, url: &str) -> u16 {
    let url: Url = url.parse().expect("a URL of the test");
    let invocations = url.join("/2015-03-31/functions/phone-webhook/invocations").expect("a URL");
    let event = event(webhook, url.path()).to_string();
    let answer = http.post(invocations).body(event).send().await.expect("an answer");
    let answer: Value = serde_json::from_slice(&answer.bytes().await.expect("a body")).expect("a function answers JSON");
    let status = answer["statusCode"].as_u64().and_then(|status| u16::try_from(status).ok());
    status.unwrap_or_else(|| panic!("the function answered {answer}"))
}

/// Payload format 2.0: <https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html>. Values of one header are joined by commas, and a body
/// that is no text is in base64.
fn event(webhook: &RawWebhook, path: &str) -> Value {
    let mut headers = Map::new();
    for (name, value) in &webhook.headers {
        // Each byte as the character of Latin-1, as HTTP once had it: an event is JSON, and has no other bytes.
        let value: String = value.iter().copied().map(char::from).collect();
        let joined = headers.get(name).and_then(Value::as_str).map(|first| format!("{first},{value}"));
        headers.insert(name.clone(), joined.unwrap_or(value).into());
    }
    let text = str::from_utf8(&webhook.body);
    json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": headers,
        "requestContext": {"http": {"method": "POST", "path": path}, "stage": "$default"},
        "body": text.map_or_else(|_| BASE64_STANDARD.encode(&webhook.body), str::to_owned),
        "isBase64Encoded": text.is_err(),
    })
}
