//! The one place where a request to HID is sent: budget, token, headers, the single renewal of a refused token, and what the
//! answer means.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use bytes::Bytes;
use http::{
    HeaderValue, StatusCode,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE},
};
use reqwest::{Client, Response};
use serde_json::Value;

use super::{
    call::{Call, Service},
    classify,
    json::Unreadable,
    line::Line,
    safe_text,
    settings::Config,
};
use crate::{
    credential_manager::{CallBudget, CallError, CallResult, Refusal, SharedToken},
    domain::secret::Secret,
};

/// HID refuses the media type when a `charset` is added to it, as most HTTP libraries do by themselves.
const MOBILE_IDENTITIES_JSON: HeaderValue = HeaderValue::from_static("application/vnd.assaabloy.ma.credential-management-2.2+json");
const PLAIN_JSON: HeaderValue = HeaderValue::from_static("application/json");

/// The most that is read of a reply. A person with all the phones that HID allows fits into a tenth of it.
const LARGEST_REPLY: usize = 1024 * 1024;

/// Sends requests for one organization.
pub(super) struct Http {
    client: Client,
    line: Arc<dyn Line>,
    config: Config,
    budget: Arc<dyn CallBudget>,
    token: Arc<dyn SharedToken>,
    answered: [AtomicBool; 3],
}

impl Http {
    pub(super) fn new(client: Client, config: Config, budget: Arc<dyn CallBudget>, token: Arc<dyn SharedToken>) -> Self {
        Self {
            line: Arc::new(client.clone()),
            client,
            config,
            budget,
            token,
            answered: [const { AtomicBool::new(false) }; 3],
        }
    }

    pub(super) fn over(self, line: Arc<dyn Line>) -> Self {
        Self { line, ..self }
    }

    pub(super) fn config(&self) -> &Config {
        &self.config
    }

    /// Makes a call of which the status says it all.
    pub(super) async fn send(&self, call: &Call) -> CallResult<()> {
        self.call(call).await.map(drop)
    }

    /// Makes a call and reads the reply as JSON.
    pub(super) async fn send_for_json(&self, call: &Call) -> CallResult<Value> {
        let body = self.call(call).await?.map_err(|Unread(why)| call.effect.lost(why))?;
        serde_json::from_slice(&body).map_err(|_| call.unreadable(Unreadable("not JSON")))
    }

    /// As [`Self::send_for_json`]; a reply with no body at all is nothing.
    pub(super) async fn send_for_optional_json(&self, call: &Call) -> CallResult<Option<Value>> {
        let body = self.call(call).await?.map_err(|Unread(why)| call.effect.lost(why))?;
        if body.is_empty() {
            return Ok(None);
        }
        serde_json::from_slice(&body)
            .map(Some)
            .map_err(|_| call.unreadable(Unreadable("not JSON")))
    }

    /// Sends the call, and once more with another token when HID refuses the first. The body of a success may still be lost.
    async fn call(&self, call: &Call) -> CallResult<Result<Bytes, Unread>> {
        self.budget.take(call.priority).await?;
        let token = self.token.get(None).await?;
        let (mut status, mut body) = self.send_once(call, &token).await?;
        let mut used = token;
        if status == StatusCode::UNAUTHORIZED {
            used = self.token.get(Some(&used)).await?;
            self.budget.take(call.priority).await?;
            (status, body) = self.send_once(call, &used).await?;
        }
        if status.is_success() {
            self.answered[call.service as usize].store(true, Ordering::Relaxed);
            self.budget.answered().await;
            return Ok(body);
        }
        let secrets: Vec<&Secret> = [&used, &self.config.client_secret].into_iter().chain(&call.secret).collect();
        let detail = body.ok().and_then(|body| safe_text::of_error_body(&body, &secrets));
        Err(self.failure(call, status, detail).await)
    }

    async fn failure(&self, call: &Call, status: StatusCode, detail: Option<String>) -> CallError {
        let has_answered = self.answered[call.service as usize].load(Ordering::Relaxed);
        match status {
            // The token is as new as can be: it is the account that HID doesn't accept.
            StatusCode::UNAUTHORIZED => CallError::Misconfigured(classify::describe(status, detail)),
            StatusCode::FORBIDDEN if classify::is_about_permission(detail.as_deref(), has_answered) => {
                CallError::Misconfigured(classify::describe(status, detail))
            }
            StatusCode::FORBIDDEN => match self.budget.refused(classify::said(detail.as_deref())).await {
                Refusal::TooFast { until } => CallError::RateLimited { until },
                Refusal::NotAllowed => CallError::Misconfigured(classify::describe(status, detail)),
            },
            _ => classify::failure(status, call.effect, &call.subject, detail),
        }
    }

    async fn send_once(&self, call: &Call, token: &Secret) -> CallResult<(StatusCode, Result<Bytes, Unread>)> {
        let mut authorization = HeaderValue::from_str(&format!("Bearer {}", token.expose()))
            .map_err(|_| CallError::Misconfigured("the access token has characters that no header can carry".to_owned()))?;
        authorization.set_sensitive(true);
        let (base, media_type) = match call.service {
            Service::MobileIdentities => (&self.config.mobile_identities, MOBILE_IDENTITIES_JSON),
            Service::Events => (&self.config.events, PLAIN_JSON),
            Service::Callbacks => (&self.config.callbacks, PLAIN_JSON),
        };
        let mut request = self
            .client
            .request(call.method.clone(), format!("{base}{}", call.path))
            .timeout(self.config.request_timeout)
            .header(AUTHORIZATION, authorization)
            .header("Application-ID", self.config.application_id.clone())
            .header("Application-Version", self.config.application_version.clone())
            .header(CONTENT_TYPE, media_type.clone())
            .header(ACCEPT, media_type);
        if let Some(body) = &call.body {
            request = request.body(body.to_string());
        }
        let lost = |error: reqwest::Error| classify::no_status(&error, call.effect);
        let response = self.line.send(request.build().map_err(lost)?).await.map_err(lost)?;
        let status = response.status();
        tracing::debug!(method = %call.method, subject = call.subject, status = status.as_u16(), "HID answered");
        Ok((status, read(response).await))
    }
}

/// Why a reply has no body although it has a status.
pub(super) struct Unread(pub(super) &'static str);

/// Reads a body, but no more than a sane one.
pub(super) async fn read(mut response: Response) -> Result<Bytes, Unread> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| Unread("HID's reply broke off"))? {
        if body.len() + chunk.len() > LARGEST_REPLY {
            return Err(Unread("HID's reply is too large"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.into())
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use serde_json::json;

    use super::*;
    use crate::{
        credential_manager::{
            CredentialManager, Priority, RemoteCredential, RemoteUser,
            hid_origo::scripted::{self, Bench, PATIENCE, PAUSE_ENDS, Script, TestBudget, TestToken},
        },
        domain::ids::{EndpointId, RemoteUserId},
    };

    /// A call that reads.
    async fn read(bench: &Bench) -> CallResult<Option<RemoteUser>> {
        tokio::time::timeout(PATIENCE, bench.adapter.read_user(&RemoteUserId::new("42"), Priority::Poll))
            .await
            .unwrap()
    }

    /// A call that writes.
    async fn issue(bench: &Bench) -> CallResult<RemoteCredential> {
        tokio::time::timeout(PATIENCE, bench.adapter.issue(&EndpointId::new("9"), None))
            .await
            .unwrap()
    }

    fn user() -> Script {
        Script::json(200, &json!({ "id": 42, "status": "ACTIVE" }))
    }

    fn refusal(status: u16, text: &str) -> Script {
        Script::json(status, &json!({ "status": status.to_string(), "detail": text }))
    }

    #[tokio::test]
    async fn every_call_has_exactly_the_headers_that_hid_asks_for() {
        let bench = Bench::start([user(), Script::json(200, &json!({ "id": 5 }))]).await;
        read(&bench).await.unwrap();
        issue(&bench).await.unwrap();
        for request in bench.hid.requests() {
            let media_type = "application/vnd.assaabloy.ma.credential-management-2.2+json";
            assert_eq!(request.header("authorization"), Some("Bearer token-1"));
            assert_eq!(request.header("application-id"), Some("HID-FOBLESS-TEST"));
            assert_eq!(request.header("application-version"), Some("1.2"));
            assert_eq!(request.header("content-type"), Some(media_type));
            assert_eq!(request.header("accept"), Some(media_type));
            let count = |name: &str| request.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name)).count();
            assert_eq!((count("content-type"), count("accept"), count("authorization")), (1, 1, 1));
        }
    }

    #[tokio::test]
    async fn a_refused_token_is_renewed_once_and_both_calls_are_counted() {
        let bench = Bench::start([refusal(401, "expired"), user()]).await;
        assert!(read(&bench).await.unwrap().is_some());
        assert_eq!(bench.token.refused(), ["token-1"]);
        assert_eq!(bench.budget.taken().len(), 2);
        assert_eq!(bench.hid.requests()[1].header("authorization"), Some("Bearer token-2"));
    }

    #[tokio::test]
    async fn a_second_refusal_is_a_matter_of_settings() {
        let bench = Bench::start([refusal(401, "no"), refusal(401, "token-2 is unknown")]).await;
        assert_eq!(
            read(&bench).await,
            Err(CallError::Misconfigured("status 401: **** is unknown".to_owned()))
        );
        assert_eq!(bench.hid.requests().len(), 2);
    }

    #[tokio::test]
    async fn a_403_pauses_everybody_and_asks_for_no_new_token() {
        for script in [
            Script::status(403),
            refusal(403, "Forbidden"),
            Script::Reply(403, b"<html>Forbidden</html>".to_vec()),
        ] {
            let bench = Bench::start([script]).await;
            assert_eq!(issue(&bench).await, Err(CallError::RateLimited { until: PAUSE_ENDS }));
            assert_eq!((bench.budget.refusals(), bench.token.refused().len()), (1, 0));
        }
    }

    #[tokio::test]
    async fn a_403_that_names_a_right_is_a_matter_of_settings_until_something_has_worked() {
        let text = "Application-ID is not approved";
        let bench = Bench::start([refusal(403, text), user(), refusal(403, text)]).await;
        assert_eq!(read(&bench).await, Err(CallError::Misconfigured(format!("status 403: {text}"))));
        assert_eq!(bench.budget.refusals(), 0);
        read(&bench).await.unwrap();
        assert_eq!(read(&bench).await, Err(CallError::RateLimited { until: PAUSE_ENDS }));
    }

    #[tokio::test]
    async fn nothing_is_sent_when_the_budget_is_spent() {
        let bench = Bench::with_calls([refusal(401, "expired")], 1).await;
        assert!(matches!(read(&bench).await, Err(CallError::BudgetSpent { .. })));
        assert!(matches!(read(&bench).await, Err(CallError::BudgetSpent { .. })));
        assert_eq!(bench.hid.requests().len(), 1);
    }

    #[tokio::test]
    async fn a_lost_reply_leaves_a_write_open_and_a_read_to_be_repeated() {
        let cut_short = || Script::Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"id\": 42".to_vec());
        let garbage = || Script::Raw(b"garbage\r\n\r\n".to_vec());
        for lost in [
            || Script::HangUp,
            || Script::Hang,
            cut_short,
            garbage,
            || Script::status(503),
            || Script::status(200),
        ] {
            let bench = Bench::start([lost(), lost()]).await;
            assert!(matches!(issue(&bench).await, Err(CallError::UnknownOutcome(_))));
            assert!(matches!(read(&bench).await, Err(CallError::Transient(_))));
            assert_eq!(bench.hid.requests().len(), 2, "nothing is repeated");
        }
    }

    #[tokio::test]
    async fn without_a_connection_even_a_write_certainly_did_not_happen() {
        let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let settings = scripted::settings_at(&format!("http://{free}"));
        let budget = Arc::new(TestBudget::with_room(9));
        let adapter = scripted::adapter(&settings, &budget, &Arc::new(TestToken::default()));
        let answer = adapter.issue(&EndpointId::new("9"), None).await;
        assert_eq!(answer, Err(CallError::Transient("no connection to HID".to_owned())));
    }

    #[tokio::test]
    async fn a_server_that_does_not_speak_tls_certainly_did_nothing() {
        let bench = Bench::start([]).await;
        let mut settings = scripted::settings(&bench.hid);
        settings.base_urls.mobile_identities = bench.hid.url.replace("http:", "https:");
        settings.connect_timeout_ms = 300;
        let adapter = scripted::adapter(&settings, &bench.budget, &bench.token);
        let answer = tokio::time::timeout(Duration::from_secs(5), adapter.issue(&EndpointId::new("9"), None))
            .await
            .unwrap();
        assert!(matches!(answer, Err(CallError::Transient(_))), "{answer:?}");
    }

    #[tokio::test]
    async fn a_redirect_is_not_followed() {
        let elsewhere = Bench::start([user()]).await;
        let head = format!(
            "HTTP/1.1 307 X\r\nlocation: {}/\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
            elsewhere.hid.url
        );
        let bench = Bench::start([Script::Raw(head.clone().into_bytes()), Script::Raw(head.into_bytes())]).await;
        assert_eq!(read(&bench).await, Err(CallError::Misconfigured("status 307".to_owned())));
        assert!(matches!(issue(&bench).await, Err(CallError::UnknownOutcome(_))));
        assert!(elsewhere.hid.requests().is_empty());
    }

    #[tokio::test]
    async fn a_reply_is_not_read_beyond_a_mebibyte() {
        let of = |size: usize| {
            let body = json!({ "id": 42, "status": "ACTIVE", "padding": "" }).to_string();
            Script::Reply(
                200,
                body.replace("\"\"", &format!("\"{}\"", "x".repeat(size - body.len()))).into_bytes(),
            )
        };
        let bench = Bench::start([of(LARGEST_REPLY), of(LARGEST_REPLY + 1), of(LARGEST_REPLY + 1)]).await;
        assert!(read(&bench).await.unwrap().is_some());
        assert_eq!(read(&bench).await, Err(CallError::Transient("HID's reply is too large".to_owned())));
        assert_eq!(
            issue(&bench).await,
            Err(CallError::UnknownOutcome("HID's reply is too large".to_owned()))
        );
    }

    #[tokio::test]
    async fn error_texts_show_no_code_no_token_and_no_body() {
        let refusal = json!({ "detail": "AAAA-BBBB-CCCC-DDDD with token-1 of h&u sh", "invitationCode": "EEEE-FFFF-GGGG-HHHH" });
        for status in [400, 409, 412, 500] {
            let bench = Bench::start([Script::json(status, &refusal)]).await;
            let told = issue(&bench).await.unwrap_err().to_string();
            assert!(told.ends_with("**** with **** of ****"), "{told}");
        }
    }
}
