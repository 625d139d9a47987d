//! What HID answers, in any shape and in any order: each call comes to a result or to an error that says what to do, asks no more than is
//! sane, and shows nothing that is secret.

use std::{fmt::Debug, sync::LazyLock};

use fobless::{
    credential_manager::{CallError, Callback, CredentialManager, Person, Priority, TokenEndpoint},
    domain::{
        ids::{EndpointId, InvitationId, RemoteCredentialId, RemotePoolId, RemoteUserId, UserIdentityId},
        secret::Secret,
        time::Timestamp,
    },
};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    far_side::{Answer, Answers, adapter, token_endpoint},
    log,
    records::REMOTE_USER,
    secrets::{self, ACCESS_TOKEN, CALLBACK_SECRETS, CLIENT_SECRET, INVITATION_CODE},
    table::at_once,
};

/// What the answers' first bytes stand for.
const STATUSES: [u16; 20] = [
    200, 201, 202, 204, 206, 301, 307, 400, 401, 403, 404, 405, 408, 409, 410, 412, 415, 429, 500, 503,
];

/// Under these names HID shows secrets, or texts that may quote one.
const TELLING: [&str; 4] = ["invitationCode", "access_token", "detail", "message"];

static PERSON: LazyLock<Person> = LazyLock::new(|| Person {
    external_id: UserIdentityId::new(Uuid::from_u128(1)),
    full_name: Some("Jane Doe".to_owned()),
    email_address: Some("jane@example.com".to_owned()),
});

/// Takes answers through the door. The first byte names the call; behind it stand the answers, with a zero between: a byte for the status,
/// then the body.
pub fn check(data: &[u8]) {
    let Some((&call, data)) = data.split_first() else { return };
    let replies: Vec<Answer> = data.split(|byte| *byte == 0).filter_map(answer).collect();
    let quotable = replies.iter().all(|(_, body)| is_quotable(call, body));
    let answers = Answers::new(replies);
    let told = if quotable {
        log::without_secrets(|| at_once(made(call, &answers)))
    } else {
        at_once(made(call, &answers))
    };
    assert!(answers.asked() <= most_calls(call), "{} calls", answers.asked());
    if quotable {
        secrets::assert_none_in(&told);
    }
}

/// How many calls a thing may take, however many HID gives reason for: pages, what is on them, and each again with another token.
const fn most_calls(call: u8) -> usize {
    match call % 14 {
        1 | 2 => 2 * (1 + 25),
        11 => 2 * 2 * (10 + 200),
        12 => 2 * 3,
        _ => 2,
    }
}

fn answer(bytes: &[u8]) -> Option<Answer> {
    let (status, body) = bytes.split_first()?;
    Some((STATUSES[usize::from(*status) % STATUSES.len()], body.to_vec()))
}

/// Makes a call, and answers all that could be shown of what came of it.
async fn made(call: u8, answers: &std::sync::Arc<Answers>) -> String {
    let hid = adapter(answers);
    let user = RemoteUserId::new(REMOTE_USER);
    let pool = RemotePoolId::new("MID-SUB-CRD_1");
    match call % 14 {
        0 => told(hid.create_user(&PERSON).await),
        1 => told(hid.find_user(PERSON.external_id).await),
        2 => told(hid.find_user_by_email(&PERSON).await),
        3 => told(hid.read_user(&user, Priority::Poll).await),
        4 => {
            let made = hid.invite(&user).await;
            if let Ok(invitation) = &made {
                assert!(invitation.code.as_ref().is_some_and(|code| !code.expose().is_empty()));
            }
            told(made)
        }
        5 => told(hid.cancel_invitation(&InvitationId::new("101")).await),
        6 => told(hid.remove_endpoint(&EndpointId::new("9")).await),
        7 => told(hid.issue(&EndpointId::new("9"), Some(&pool)).await),
        8 => told(hid.issue(&EndpointId::new("9"), None).await),
        9 => told(hid.revoke(&RemoteCredentialId::new("5")).await),
        10 => told(hid.pairings(&user, Timestamp::from_millis(0)).await),
        11 => {
            let first = hid.pool_level(&pool).await;
            // The second look remembers what the first one learned.
            told(first) + &told(hid.pool_level(&pool).await)
        }
        12 => {
            let callback = Callback {
                url: "https://us.example/hook".to_owned(),
                header: "x-callback-secret".to_owned(),
                secret: Secret::new(CALLBACK_SECRETS[0]),
            };
            told(hid.ensure_callback(&callback).await)
        }
        _ => told(token_endpoint(answers).fetch().await),
    }
}

/// What is shown of a result: by its error to an operator, by its `Debug` to whoever debugs.
fn told<T: Debug>(result: Result<T, CallError>) -> String {
    match result {
        Ok(done) => format!("{done:?}"),
        Err(error) => format!("{error} {error:?}"),
    }
}

/// Whether secrets stand only where HID would put them, and only those that it was told. If one stands in the place of an id or of a phone's
/// model, it is shown as that.
fn is_quotable(call: u8, body: &[u8]) -> bool {
    let is_told = |secret: &str| match call % 14 {
        12 => [CALLBACK_SECRETS[0], ACCESS_TOKEN, CLIENT_SECRET, INVITATION_CODE].contains(&secret),
        13 => [CLIENT_SECRET, INVITATION_CODE].contains(&secret),
        _ => [ACCESS_TOKEN, CLIENT_SECRET, INVITATION_CODE].contains(&secret),
    };
    let names_others = |text: &str| secrets::ALL.iter().any(|secret| !is_told(secret) && text.contains(secret));
    match serde_json::from_slice::<Value>(body) {
        // Written again, so that nothing is hidden behind an escape.
        Ok(body) => !names_others(&body.to_string()) && has_secrets_only_where_told(&body, false),
        Err(_) => !names_others(&String::from_utf8_lossy(body)),
    }
}

fn has_secrets_only_where_told(value: &Value, is_telling: bool) -> bool {
    match value {
        Value::String(text) => is_telling || !secrets::stands_in(text),
        Value::Array(values) => values.iter().all(|value| has_secrets_only_where_told(value, is_telling)),
        Value::Object(fields) => fields
            .iter()
            .all(|(name, value)| !secrets::stands_in(name) && has_secrets_only_where_told(value, TELLING.contains(&name.as_str()))),
        _ => true,
    }
}
