//! The text that leads from one page to the next, and what clients may make of it. One that we would not have written is refused; one that we
//! would have written leads to rows of the workspace that asks, behind the place that it names.

use axum::{Router, body::Body};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{StatusCode, header::CONTENT_TYPE};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    answer::{Answer, api, ask, authorized},
    records::OTHER_API_KEY,
    secrets::API_KEY,
    table::with_table,
};

/// Listings that have pages, what stands on them, and the id that they are in the order of.
const LISTINGS: [(&str, &str, &str); 5] = [
    ("/user_identities/list", "user_identities", "user_identity_id"),
    ("/acs/users/list", "acs_users", "acs_user_id"),
    ("/acs/credentials/list", "acs_credentials", "acs_credential_id"),
    ("/phones/list", "phones", "device_id"),
    ("/client_sessions/list", "client_sessions", "client_session_id"),
];

/// Takes a cursor through the door. The first byte names the listing, the second says where the cursor comes from.
pub fn check(data: &[u8]) {
    let [listing, origin, rest @ ..] = data else { return };
    let (path, rows, id) = LISTINGS[usize::from(*listing) % LISTINGS.len()];
    with_table(|table| {
        let api = api(table);
        let ours = first_cursor(&api, API_KEY, path);
        let asked = match origin % 3 {
            // Anybody's own.
            0 => String::from_utf8_lossy(rest).into_owned(),
            // Ours, altered.
            1 => altered(&ours, rest),
            // Another workspace's, altered.
            _ => altered(&first_cursor(&api, OTHER_API_KEY, path), rest),
        };
        let answer = page(&api, API_KEY, path, Some(&asked));
        answer.assert_is_ours();
        if answer.status == StatusCode::OK {
            let place = place_of(&asked).expect("nothing but a cursor as we write it is taken");
            assert_eq!(
                Some(&place.0),
                place_of(&ours).map(|place| place.0).as_ref(),
                "it is of this listing"
            );
            let shown = answer.body[rows].as_array().unwrap();
            assert!(
                shown.len() <= 1 && shown.iter().all(|row| id_of(row, id) > place.1),
                "{place:?} {shown:?}"
            );
        } else {
            let kind = answer.body["error"]["type"].as_str().unwrap_or_default();
            assert!(["invalid_input", "mismatched_page_parameters"].contains(&kind), "{answer:?}");
        }
    });
}

fn page(api: &Router, key: &str, path: &str, cursor: Option<&str>) -> Answer {
    let body = json!({ "limit": 1, "page_cursor": cursor });
    let request = authorized(key).method("POST").uri(path).header(CONTENT_TYPE, "application/json");
    ask(api, request.body(Body::from(body.to_string())).unwrap())
}

/// Where a listing's second page begins; one that no listing has, where there is none.
fn first_cursor(api: &Router, key: &str, path: &str) -> String {
    let cursor = page(api, key, path, None).body["pagination"]["next_page_cursor"].take();
    cursor.as_str().unwrap_or("none").to_owned()
}

/// The cursor with some of its letters changed: pairs of a place and what to change.
fn altered(cursor: &str, changes: &[u8]) -> String {
    let mut letters = cursor.as_bytes().to_vec();
    for change in changes.chunks_exact(2) {
        let place = usize::from(change[0]) % letters.len();
        letters[place] ^= change[1] & 0x7f;
    }
    String::from_utf8(letters).unwrap_or_default()
}

/// What a cursor says, if it is written as we write it: base64 of a list of the listing's fingerprint and an id, in one way only.
fn place_of(cursor: &str) -> Option<(String, Uuid)> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    let (fingerprint, id) = text.strip_prefix("[\"")?.strip_suffix("\"]")?.split_once("\",\"")?;
    let is_plain = id.len() == 36
        && id
            .bytes()
            .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte) || byte == b'-');
    Some((fingerprint.to_owned(), id.parse().ok().filter(|_| is_plain)?))
}

fn id_of(row: &Value, name: &str) -> Uuid {
    row[name].as_str().unwrap().parse().unwrap()
}
