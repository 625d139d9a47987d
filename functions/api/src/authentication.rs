//! Who asks: an API key in `Authorization: Bearer seam_...` opens one workspace. Whatever is wrong with it, the answer is the same.

use std::fmt::Write;

use fobless::{
    domain::{ids::WorkspaceId, time::Timestamp},
    store::{ApiKey, Key},
};
use http::{HeaderMap, header::AUTHORIZATION};
use sha2::{Digest, Sha256};

use crate::{endpoint::Server, problem::Problem};

/// Clients refuse keys that begin otherwise, so no valid key does.
const KEY_PREFIX: &str = "seam_";
/// Longer text is no key, and not worth hashing.
const LONGEST_KEY: usize = 256;

/// The hash under which an API key is kept: SHA-256 of its text, in hex. Keys are long and random, so a slow hash would gain
/// nothing.
#[must_use]
pub fn hash_api_key(key: &str) -> String {
    hex_sha256(key)
}

/// SHA-256 in hex.
pub(crate) fn hex_sha256(text: &str) -> String {
    Sha256::digest(text).iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// The workspace that the request may work in.
pub(crate) async fn authenticate(server: &Server, headers: &HeaderMap, now: Timestamp) -> Result<WorkspaceId, Problem> {
    let key = bearer(headers).ok_or_else(Problem::unauthorized)?;
    let workspace = workspace_of(server, &hash_api_key(key), now)
        .await?
        .ok_or_else(Problem::unauthorized)?;
    match header(headers, "seam-workspace") {
        Some(asked) if asked.parse() != Ok(workspace) => Err(Problem::workspace_not_found()),
        _ => Ok(workspace),
    }
}

async fn workspace_of(server: &Server, hash: &str, now: Timestamp) -> Result<Option<WorkspaceId>, Problem> {
    if let Some(known) = server.keys.get(hash, now) {
        return Ok(Some(known));
    }
    let found = server.state.store.get::<ApiKey>(Key::api_key(hash)).await?;
    Ok(found.map(|found| {
        server.keys.put(hash, found.record.workspace_id, now);
        found.record.workspace_id
    }))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, key) = header(headers, AUTHORIZATION.as_str())?.split_once(' ')?;
    let key = key.trim();
    (scheme.eq_ignore_ascii_case("bearer") && key.starts_with(KEY_PREFIX) && key.len() <= LONGEST_KEY).then_some(key)
}

/// A header's text. Some clients send every header they know, empty where they have nothing to say: empty counts as absent.
fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim).filter(|text| !text.is_empty())
}
