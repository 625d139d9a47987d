//! Fetching an access token. HID allows fifty such calls in five minutes for the whole organization, so nobody but the holder
//! of the shared token asks for one.

use std::{sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use http::{HeaderValue, header::ACCEPT, header::CONTENT_TYPE};
use reqwest::Client;
use serde_json::Value;

use super::{
    Clock,
    classify::{self, Effect},
    http::read,
    json,
    line::Line,
    percent, safe_text,
    settings::{Config, Settings, SettingsError},
};
use crate::{
    credential_manager::{CallError, CallResult, FreshToken, TokenEndpoint},
    domain::secret::Secret,
};

/// HID's limits count over windows of five minutes, and a refusal doesn't say how much of one is left.
const WINDOW: Duration = Duration::from_mins(5);

/// HID's tokens live for an hour; that is assumed of one that doesn't say.
const USUAL_LIFE: Duration = Duration::from_hours(1);

/// HID Origo's token endpoint for one organization.
pub struct HidOrigoTokenEndpoint {
    client: Client,
    line: Arc<dyn Line>,
    config: Config,
    clock: Clock,
}

impl HidOrigoTokenEndpoint {
    /// An endpoint for the organization and the account of `settings`.
    pub fn new(settings: &Settings, client: Client, clock: Clock) -> Result<Self, SettingsError> {
        Ok(Self {
            line: Arc::new(client.clone()),
            client,
            config: Config::parse(settings)?,
            clock,
        })
    }

    /// The same, but what it sends goes over `line`.
    #[must_use]
    pub fn over(self, line: Arc<dyn Line>) -> Self {
        Self { line, ..self }
    }

    async fn fetch_token(&self) -> CallResult<FreshToken> {
        let form = format!(
            "client_id={}&client_secret={}&grant_type=client_credentials",
            percent::encode(&self.config.client_id),
            percent::encode(self.config.client_secret.expose())
        );
        let request = self
            .client
            .post(self.config.token_url.clone())
            .timeout(self.config.request_timeout)
            .header("Application-ID", self.config.application_id.clone())
            .header("Application-Version", self.config.application_version.clone())
            .header(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"))
            .header(ACCEPT, HeaderValue::from_static("application/json"))
            .body(form)
            .build();
        let lost = |error: reqwest::Error| classify::no_status(&error, Effect::Reads);
        let response = self.line.send(request.map_err(lost)?).await.map_err(lost)?;
        let status = response.status();
        let body = read(response).await;
        if status.is_success() {
            let body = body.map_err(|unread| Effect::Reads.lost(unread.0))?;
            return parse(&body).ok_or_else(|| Effect::Reads.lost("HID's reply holds no access token"));
        }
        let detail = body
            .ok()
            .and_then(|body| safe_text::of_error_body(&body, &[&self.config.client_secret]));
        Err(match status.as_u16() {
            // As everywhere at HID, this is "too fast".
            403 => CallError::RateLimited {
                until: (self.clock)().plus(WINDOW),
            },
            408 | 425 | 429 | 500.. => Effect::Reads.lost(classify::describe(status, detail)),
            // 400 and 401: the account or its password. 404: the organization or the base URL. None of them mends itself.
            _ => CallError::Misconfigured(classify::describe(status, detail)),
        })
    }
}

impl TokenEndpoint for HidOrigoTokenEndpoint {
    /// A lost reply is no more than transient here: a token that nobody has does no harm.
    fn fetch(&self) -> BoxFuture<'_, CallResult<FreshToken>> {
        Box::pin(self.fetch_token())
    }
}

fn parse(body: &[u8]) -> Option<FreshToken> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let token = Secret::new(json::text(&body, "access_token")?);
    let seconds = json::text_or_number(&body, "expires_in").and_then(|seconds| seconds.parse().ok());
    Some(FreshToken {
        token,
        expires_in: seconds.map_or(USUAL_LIFE, Duration::from_secs),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::credential_manager::hid_origo::scripted::{NOW, Script, Scripted, settings};

    async fn fetch(script: Script) -> (CallResult<FreshToken>, Scripted) {
        let hid = Scripted::start([script]).await;
        let client = super::super::http_client(settings(&hid).timeouts()).unwrap();
        let endpoint = HidOrigoTokenEndpoint::new(&settings(&hid), client, std::sync::Arc::new(|| NOW)).unwrap();
        (endpoint.fetch().await, hid)
    }

    #[tokio::test]
    async fn a_token_is_asked_for_with_an_encoded_form() {
        let (token, hid) = fetch(Script::json(200, &json!({ "access_token": "new", "expires_in": 3600 }))).await;
        let token = token.unwrap();
        assert_eq!((token.token.expose(), token.expires_in), ("new", Duration::from_hours(1)));
        let asked = hid.only_request();
        assert_eq!(asked.line, "POST /authentication/customer/1000042/token");
        assert_eq!(asked.header("content-type"), Some("application/x-www-form-urlencoded"));
        assert_eq!(
            asked.body,
            "client_id=1000042-OSRV1&client_secret=h%26u%20sh&grant_type=client_credentials"
        );
    }

    #[tokio::test]
    async fn a_redirect_is_not_followed_and_a_reply_is_not_read_beyond_a_mebibyte() {
        let elsewhere = Scripted::start([Script::json(200, &json!({ "access_token": "new" }))]).await;
        let head = format!(
            "HTTP/1.1 307 X\r\nlocation: {}/\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
            elsewhere.url
        );
        let (token, _) = fetch(Script::Raw(head.into_bytes())).await;
        assert_eq!(token.unwrap_err(), CallError::Misconfigured("status 307".to_owned()));
        assert!(elsewhere.requests().is_empty());
        let padded = json!({ "access_token": "new", "padding": "x".repeat(1024 * 1024) });
        let (token, _) = fetch(Script::json(200, &padded)).await;
        assert_eq!(token.unwrap_err(), CallError::Transient("HID's reply is too large".to_owned()));
    }

    #[tokio::test]
    async fn the_life_of_a_token_may_be_text_or_missing() {
        let (token, _) = fetch(Script::json(200, &json!({ "access_token": "new", "expires_in": "60" }))).await;
        assert_eq!(token.unwrap().expires_in, Duration::from_mins(1));
        let (token, _) = fetch(Script::json(200, &json!({ "access_token": "new" }))).await;
        assert_eq!(token.unwrap().expires_in, USUAL_LIFE);
    }

    #[tokio::test]
    async fn each_refusal_has_its_class_and_does_not_quote_the_secret() {
        let refusal = json!({ "message": "h&u sh is wrong" });
        for status in [400, 401, 404] {
            let (token, _) = fetch(Script::json(status, &refusal)).await;
            assert_eq!(
                token.unwrap_err(),
                CallError::Misconfigured(format!("status {status}: **** is wrong"))
            );
        }
        let (token, _) = fetch(Script::json(403, &refusal)).await;
        assert_eq!(token.unwrap_err(), CallError::RateLimited { until: NOW.plus(WINDOW) });
        for script in [
            Script::json(503, &refusal),
            Script::json(200, &json!({})),
            Script::Hang,
            Script::HangUp,
        ] {
            let (token, _) = fetch(script).await;
            assert!(matches!(token, Err(CallError::Transient(_))), "{token:?}");
        }
    }
}
