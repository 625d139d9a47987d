//! Bodies of the API: one request after the other over the same table, so that one may meet what another has made.

use axum::body::Body;
use fobless::store::Store;
use http::{HeaderValue, Method, header::CONTENT_TYPE};

use crate::{
    answer::{api, ask, authorized},
    records::{OURS, STRANGER, session_token},
    secrets::API_KEY,
    table::{at_once, with_table},
};

/// More requests than these are of no more interest.
const MOST_REQUESTS: usize = 6;

/// Takes requests through the door, one per line: `POST /path {"a": 1}`, or `@session POST /path {"a": 1}` with a client session's token.
pub fn check(data: &[u8]) {
    with_table(|table| {
        let api = api(table);
        for line in data.split(|byte| *byte == b'\n').take(MOST_REQUESTS) {
            let (bearer, line) = match line.strip_prefix(b"@session ") {
                Some(line) => (session_token().expose().to_owned(), line),
                None => (API_KEY.to_owned(), line),
            };
            let mut words = line.splitn(3, |byte| *byte == b' ');
            let (Some(method), Some(path), Some(body)) = (words.next(), words.next(), words.next()) else {
                return;
            };
            let Ok(method) = Method::from_bytes(method) else { return };
            let mut request = authorized(&bearer).method(method);
            request = request.header(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            let Ok(request) = request.uri(path).body(Body::from(body.to_vec())) else {
                return;
            };
            if request.uri().path() == "/openapi.json" {
                return;
            }
            let answer = ask(&api, request);
            if !data.windows(8).any(|part| part == &STRANGER.as_bytes()[..8]) {
                answer.assert_is_ours();
            }
        }
        assert_can_be_read(&table.store);
    });
}

/// Whatever was asked for, nothing of it stands in the table that cannot be read again.
fn assert_can_be_read(store: &Store) {
    at_once(async {
        store.load(OURS.owner).await.unwrap();
        store.acs_systems(OURS.owner.workspace_id).await.unwrap();
        store.webhooks(OURS.owner.workspace_id).await.unwrap();
    });
}
