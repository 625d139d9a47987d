//! The webhooks that are sent: registrations of one person's phones, signed, as a Function URL hands them on.

use std::time::{SystemTime, UNIX_EPOCH};

use fobless::{
    domain::time::Timestamp,
    webhook::{HeaderFamily, MessageId, SigningKey},
};
use serde_json::json;

use crate::table::PERSON;

/// What signs them.
pub(crate) const SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// A body is filled up to this many bytes.
const BODY: usize = 1024;

/// The registration of a phone, as a Lambda event.
pub(crate) fn registration(phone: u32) -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now = Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX));
    let body = |filling: usize| {
        json!({
            "event_id": format!("018d0000-0000-7000-8000-{phone:012}"),
            "event_type": "phone.registered",
            "user_identity_id": PERSON,
            "custom_sdk_installation_id": format!("installation-{phone:06}"),
            "occurred_at": now.to_string(),
            "device_manufacturer": "Maker",
            "device_model": "Model",
            "filling": "x".repeat(filling),
        })
        .to_string()
    };
    let body = body(BODY.saturating_sub(body(0).len()));
    let id: MessageId = format!("msg_{phone:06}").parse().expect("an id");
    let key = SigningKey::parse(SECRET).expect("a secret");
    let signed = key.headers(HeaderFamily::Standard, &id, now, body.as_bytes());
    let headers: Vec<(&str, String)> = signed.into_iter().collect();
    request("/webhooks/phones", &headers, &body)
}

/// A request to a Function URL or an HTTP API, as a Lambda event of format 2.0.
pub(crate) fn request(path: &str, more_headers: &[(&str, String)], body: &str) -> String {
    const HOST: &str = "abcdefghijklmnop.lambda-url.us-east-1.on.aws";
    let mut headers = json!({"content-type": "application/json", "host": HOST, "user-agent": "Svix-Webhooks/1.0"});
    for (name, value) in more_headers {
        headers[name] = json!(value);
    }
    json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": headers,
        "requestContext": {
            "accountId": "anonymous",
            "apiId": "abcdefghijklmnop",
            "domainName": HOST,
            "domainPrefix": "abcdefghijklmnop",
            "http": {
                "method": "POST",
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "Svix-Webhooks/1.0"
            },
            "requestId": "018d0000-0000-4000-8000-000000000001",
            "routeKey": "$default",
            "stage": "$default",
            "time": "09/Jan/2024:05:45:33 +0000",
            "timeEpoch": 1_704_779_133_068_i64
        },
        "body": body,
        "isBase64Encoded": false
    })
    .to_string()
}
