//! What a connector's answer means. The status says it all; the body may only add why.

use http::StatusCode;
use reqwest::Response;
use serde_json::Value;

use crate::{
    access_control::{AccessControlError, AccessControlResult},
    credential_manager::hid_origo::safe_text,
    domain::secret::Secret,
};

/// The most that is read of an answer. Whoever writes more is not telling us why.
const LARGEST_ANSWER: usize = 64 * 1024;

/// The error of a call that got no answer at all. The texts are ours: those of the HTTP library show the URL.
pub(super) fn none(error: &reqwest::Error) -> AccessControlError {
    if error.is_builder() {
        return AccessControlError::Misconfigured("the request can't be written down; nothing was sent".to_owned());
    }
    let told = if error.is_connect() {
        "no connection to the connector"
    } else if error.is_timeout() {
        "the connector did not answer in time"
    } else {
        "the connection to the connector broke"
    };
    AccessControlError::Unavailable(told.to_owned())
}

/// What the answer says. The body of one that says "done" is not waited for.
pub(super) async fn read(response: Response, secret: &Secret) -> AccessControlResult<()> {
    let status = response.status();
    let class = match status.as_u16() {
        // 409: it is so already. It was told before, or somebody did it by hand.
        200..300 | 409 => return Ok(()),
        // 408, 425, 429: later, says the connector or something before it.
        408 | 425 | 429 | 500.. => AccessControlError::Unavailable,
        // A redirect is not followed: the signature proves who asks, not who may be told.
        _ => AccessControlError::Refused,
    };
    let why = body(response).await.and_then(|body| reason(&body, secret));
    Err(class(describe(status, why)))
}

/// The body, if it is a sane one and came at all.
async fn body(mut response: Response) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.ok()? {
        if body.len() + chunk.len() > LARGEST_ANSWER {
            return None;
        }
        body.extend_from_slice(&chunk);
    }
    Some(body)
}

/// The connector's own words, made fit for logs and for the table. Nothing but JSON is shown: a page of HTML is no reason.
fn reason(body: &[u8], secret: &Secret) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let text = |key| body.get(key).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
    let text = ["message", "detail", "error"].into_iter().find_map(text)?;
    Some(safe_text::safe(text, &[secret]))
}

fn describe(status: StatusCode, why: Option<String>) -> String {
    let status = status.as_u16();
    why.map_or_else(|| format!("status {status}"), |why| format!("status {status}: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason_in(body: &str) -> Option<String> {
        reason(body.as_bytes(), &Secret::new("whsec_hush"))
    }

    #[test]
    fn the_reason_is_the_first_text_of_its_usual_names() {
        assert_eq!(reason_in(r#"{"error":"c","detail":"b","message":" a "}"#).as_deref(), Some("a"));
        assert_eq!(reason_in(r#"{"error":"c","detail":"b","message":" "}"#).as_deref(), Some("b"));
        assert_eq!(reason_in(r#"{"error":"c","detail":{"no":"text"}}"#).as_deref(), Some("c"));
        for none in ["", "<html>no</html>", "[]", "\"no\"", "{}", r#"{"error":{"message":"no"}}"#] {
            assert_eq!(reason_in(none), None, "{none}");
        }
    }

    #[test]
    fn the_reason_is_short_and_shows_no_control_character_and_no_secret() {
        let told = reason_in(r#"{"message":"bad\u0000\r\nsecret whsec_hush"}"#).unwrap();
        assert_eq!(told, "bad   secret ****");
        let long = format!(r#"{{"message":"{}"}}"#, "no ".repeat(1000));
        assert_eq!(reason_in(&long).unwrap().chars().count(), 200);
    }
}
