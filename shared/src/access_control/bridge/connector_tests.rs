//! The bridge against a connector on this machine, which does as it is told.

use std::collections::BTreeSet;

use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::json;
use tokio::net::TcpListener;

use super::{Bridge, UnusableAddress, UnusableBridge};
use crate::{
    access_control::{AccessControl, AccessControlError, AccessControlResult, CardNumber},
    clock::Clock,
    credential_manager::hid_origo::scripted::{Request, Script, Scripted},
    domain::{
        ids::{AcsCredentialId, AcsSystemId, AcsUserId, WorkspaceId},
        secret::Secret,
        time::Timestamp,
    },
    webhook::{ActiveKey, UnverifiedWebhook, VerificationKey},
};

/// The time in all tests.
pub(super) const NOW: Timestamp = Timestamp::from_millis(1_704_779_133_068);

const SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// A number of which all is known.
pub(crate) fn number() -> CardNumber {
    CardNumber {
        workspace_id: "11111111-1111-4111-8111-111111111111".parse::<WorkspaceId>().unwrap(),
        acs_system_id: "22222222-2222-4222-8222-222222222222".parse::<AcsSystemId>().unwrap(),
        acs_user_id: "33333333-3333-4333-8333-333333333333".parse::<AcsUserId>().unwrap(),
        acs_credential_id: "44444444-4444-4444-8444-444444444444".parse::<AcsCredentialId>().unwrap(),
        generation: 1,
        card_number: "56".to_owned(),
        card_format: Some("10301".to_owned()),
        facility_code: Some("101".to_owned()),
        starts_at: Some(Timestamp::from_millis(1_704_067_200_000)),
        ends_at: Some(Timestamp::from_millis(1_735_689_600_000)),
    }
}

fn bridge(url: &str, timeout_seconds: Option<u64>) -> Result<Bridge, UnusableBridge> {
    Bridge::new(Clock::of(|| NOW), url, &Secret::new(SECRET), timeout_seconds)
}

/// A bridge to a connector that answers so.
async fn connected(scripts: impl IntoIterator<Item = Script>) -> (Bridge, Scripted) {
    let connector = Scripted::start(scripts).await;
    let bridge = bridge(&format!("{}/fobless?tenant=1", connector.url), Some(1)).unwrap();
    (bridge, connector)
}

async fn import_answered(script: Script) -> AccessControlResult<()> {
    let (bridge, connector) = connected([script]).await;
    let outcome = bridge.import(&number()).await;
    assert_eq!(connector.requests().len(), 1, "nothing is repeated");
    outcome
}

fn key_of(request: &Request) -> String {
    request.header("idempotency-key").unwrap().to_owned()
}

#[tokio::test]
async fn each_verb_is_one_post_that_says_what_to_do_with_which_number() {
    let (bridge, connector) = connected([Script::status(200), Script::status(201), Script::status(204)]).await;
    bridge.import(&number()).await.unwrap();
    bridge.allocate(&number()).await.unwrap();
    bridge.remove(&number()).await.unwrap();
    let requests = connector.requests();
    let data = json!({
        "workspace_id": "11111111-1111-4111-8111-111111111111",
        "acs_system_id": "22222222-2222-4222-8222-222222222222",
        "acs_user_id": "33333333-3333-4333-8333-333333333333",
        "acs_credential_id": "44444444-4444-4444-8444-444444444444",
        "card_number": "56",
        "card_format": "10301",
        "facility_code": "101",
        "starts_at": "2024-01-01T00:00:00.000Z",
        "ends_at": "2025-01-01T00:00:00.000Z",
    });
    for (request, verb) in requests.iter().zip(["import", "allocate", "remove"]) {
        assert_eq!(request.line, "POST /fobless?tenant=1");
        assert_eq!(request.header("content-type"), Some("application/json"));
        let told = json!({ "type": format!("acs_credential.{verb}"), "timestamp": "2024-01-09T05:45:33.068Z", "data": data });
        assert_eq!(request.json(), told);
    }
    assert_eq!(requests.iter().map(key_of).collect::<BTreeSet<_>>().len(), 3, "a key for each verb");
}

#[tokio::test]
async fn a_connector_can_verify_the_request_as_a_standard_webhook() {
    let (bridge, connector) = connected([Script::status(200)]).await;
    bridge.allocate(&number()).await.unwrap();
    let request = connector.only_request();
    let header = |(name, value): &(String, String)| (HeaderName::try_from(name).unwrap(), HeaderValue::try_from(value).unwrap());
    let headers: HeaderMap = request.headers.iter().map(header).collect();
    let keys = [ActiveKey {
        workspace_id: number().workspace_id,
        key: VerificationKey::parse(SECRET).unwrap(),
    }];
    let verified = UnverifiedWebhook::new(&headers, request.body.as_bytes())
        .verify(&keys, NOW)
        .unwrap();
    assert_eq!(verified.message_id().as_str(), key_of(&request));
    assert_eq!(verified.sent_at(), Timestamp::from_millis(1_704_779_133_000));
    let forged = request.body.replace("\"56\"", "\"57\"");
    assert!(UnverifiedWebhook::new(&headers, forged.as_bytes()).verify(&keys, NOW).is_err());
}

#[tokio::test]
async fn a_repeat_has_the_same_key_and_another_generation_has_another() {
    let (bridge, connector) = connected([Script::status(503), Script::status(200), Script::status(200)]).await;
    assert!(bridge.import(&number()).await.is_err());
    bridge.import(&number()).await.unwrap();
    bridge.import(&CardNumber { generation: 2, ..number() }).await.unwrap();
    let keys: Vec<String> = connector.requests().iter().map(key_of).collect();
    assert_eq!(keys[0], keys[1]);
    assert_ne!(keys[1], keys[2]);
}

#[tokio::test]
async fn done_and_done_already_are_the_same() {
    for status in [200, 201, 202, 204, 299, 409] {
        assert_eq!(import_answered(Script::status(status)).await, Ok(()), "{status}");
    }
    let cut_short = Script::Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{".to_vec());
    assert_eq!(import_answered(cut_short).await, Ok(()), "the status says it all");
}

#[tokio::test]
async fn what_may_work_later_is_to_be_asked_again() {
    for status in [408, 425, 429, 500, 502, 503, 504, 599] {
        let told = AccessControlError::Unavailable(format!("status {status}: busy"));
        let script = Script::json(status, &json!({ "message": "busy" }));
        assert_eq!(import_answered(script).await, Err(told));
    }
    for lost in [Script::HangUp, Script::Hang, Script::Raw(b"garbage\r\n\r\n".to_vec())] {
        assert!(matches!(import_answered(lost).await, Err(AccessControlError::Unavailable(_))));
    }
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let outcome = bridge(&format!("http://{free}"), None).unwrap().remove(&number()).await;
    let told = "no connection to the connector".to_owned();
    assert_eq!(outcome, Err(AccessControlError::Unavailable(told)));
}

#[tokio::test]
async fn what_the_connector_will_never_do_is_refused_in_its_words() {
    for status in [400, 401, 403, 404, 405, 410, 412, 415, 422] {
        let told = AccessControlError::Refused(format!("status {status}: no such ACS user"));
        let script = Script::json(status, &json!({ "detail": "no such ACS user", "other": "not shown" }));
        assert_eq!(import_answered(script).await, Err(told));
    }
    let page = Script::Reply(404, b"<html>secrets</html>".to_vec());
    assert_eq!(
        import_answered(page).await,
        Err(AccessControlError::Refused("status 404".to_owned()))
    );
}

#[tokio::test]
async fn a_redirect_is_refused_and_not_followed() {
    let elsewhere = Scripted::start([Script::status(200)]).await;
    for status in [301, 302, 303, 307, 308] {
        let head = format!(
            "HTTP/1.1 {status} X\r\nlocation: {}/\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
            elsewhere.url
        );
        let told = AccessControlError::Refused(format!("status {status}"));
        assert_eq!(import_answered(Script::Raw(head.into_bytes())).await, Err(told));
    }
    assert!(elsewhere.requests().is_empty());
}

#[tokio::test]
async fn an_answer_is_not_read_beyond_64_kibibytes() {
    let of = |size: usize| {
        let bare = json!({ "message": "no", "padding": "" }).to_string();
        let padding = format!("\"{}\"", "x".repeat(size - bare.len()));
        Script::Reply(400, bare.replace("\"\"", &padding).into_bytes())
    };
    let refused = |told: &str| Err(AccessControlError::Refused(told.to_owned()));
    assert_eq!(import_answered(of(64 * 1024)).await, refused("status 400: no"));
    assert_eq!(import_answered(of(64 * 1024 + 1)).await, refused("status 400"));
}

#[tokio::test]
async fn a_connector_that_quotes_the_secret_does_not_get_it_into_an_error() {
    // As short as a secret may be, and with a character at which words end.
    let secret = "whsec_AAEC/wQFBgcICQoLDA0ODw==";
    let script = Script::json(400, &json!({ "error": format!("{secret} or {}", &secret[6..28]) }));
    let connector = Scripted::start([script]).await;
    let bridge = Bridge::new(Clock::of(|| NOW), &connector.url, &Secret::new(secret), None).unwrap();
    let told = bridge.import(&number()).await.unwrap_err().to_string();
    assert_eq!(told, "the access control system refused: status 400: whsec_****== or ****");
}

#[test]
fn settings_that_cannot_work_are_refused_at_once_and_named() {
    let complaint = |url: &str, secret: &str, timeout| {
        let outcome = Bridge::new(Clock::of(|| NOW), url, &Secret::new(secret), timeout);
        outcome.err().map(|error| error.to_string()).unwrap_or_default()
    };
    assert_eq!(complaint("https://doors.example", SECRET, Some(15)), "");
    let plain = complaint("http://doors.example", SECRET, None);
    assert_eq!(plain, format!("`url` {}", UnusableAddress::PlainHttp));
    assert!(complaint("https://doors.example", "whsec_AAEC", None).starts_with("`secret`: "));
    assert!(complaint("https://doors.example", "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=", None).starts_with("`secret`: "));
    for timeout in [0, 16, u64::MAX] {
        assert_eq!(
            complaint("https://doors.example", SECRET, Some(timeout)),
            "`timeout_seconds` must be from 1 to 15"
        );
    }
}

#[test]
fn debug_shows_neither_the_secret_nor_the_query() {
    let shown = format!("{:?}", bridge("https://doors.example/x?code=abc", None).unwrap());
    assert_eq!(shown, "Bridge { host: Some(\"doors.example\"), .. }");
}
