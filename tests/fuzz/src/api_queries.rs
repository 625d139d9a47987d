//! Query strings of the API. They are answered or refused in the API's own way, whatever stands in them, and their parameters' order means
//! nothing.

use std::{collections::BTreeSet, fmt::Write as _};

use axum::body::Body;
use http::{Method, Uri};

use crate::{
    answer::{Answer, api, ask, authorized},
    records::STRANGER,
    secrets::API_KEY,
    table::with_table,
};

/// What is as it is in a URL.
const UNSAFE: &[u8] = b"\"<>\\^`{|}#";

/// Takes `/path?query` or `DELETE /path?query` through the door.
pub fn check(data: &[u8]) {
    let (method, target) = match data.strip_prefix(b"DELETE ") {
        Some(target) => (Method::DELETE, target),
        None => (Method::GET, data),
    };
    let Some(target) = target.strip_prefix(b"/") else { return };
    let question = target.iter().position(|byte| *byte == b'?').unwrap_or(target.len());
    let (path, query) = (
        encoded(&target[..question]),
        encoded(target.get(question + 1..).unwrap_or_default()),
    );
    // It is long, and no parameter changes it.
    if path == "openapi.json" {
        return;
    }
    let Some(answer) = answered(&method, &path, &query) else { return };
    let pairs: Vec<&str> = query.split('&').collect();
    if pairs.len() > 1 && are_of_different_names(&pairs) {
        let turned: Vec<&str> = pairs.into_iter().rev().collect();
        assert_eq!(
            answered(&method, &path, &turned.join("&")),
            Some(answer),
            "{path}?{query} the other way round"
        );
    }
}

fn answered(method: &Method, path: &str, query: &str) -> Option<Answer> {
    let target = if query.is_empty() {
        format!("/{path}")
    } else {
        format!("/{path}?{query}")
    };
    // What is no target of a request cannot arrive.
    let uri: Uri = target.parse().ok()?;
    let request = authorized(API_KEY).method(method).uri(uri).body(Body::empty()).unwrap();
    let answer = with_table(|table| ask(&api(table), request));
    if !target.contains(&STRANGER[..8]) {
        answer.assert_is_ours();
    }
    Some(answer)
}

/// Bytes as they may stand in a request's target.
fn encoded(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for &byte in bytes {
        if byte.is_ascii_graphic() && !UNSAFE.contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

/// Whether no two of the pairs can be about one parameter.
fn are_of_different_names(pairs: &[&str]) -> bool {
    let mut seen = BTreeSet::new();
    pairs.iter().all(|pair| {
        let name = pair.split('=').next().unwrap_or_default();
        let name = name.split(['.', '[']).next().unwrap_or_default();
        let is_plain = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        is_plain && seen.insert(name)
    })
}
