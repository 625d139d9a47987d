//! `POST /users/.search`: SCIM search, as far as clients of HID use it.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;

use crate::failure::Failure;
use crate::origo::Origo;
use crate::records::{User, UserStatus};
use crate::scim;
use crate::world::World;

/// Said to be the limit since July 2026, by one secondary source.
const MAX_PAGE: usize = 25;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SearchBody {
    filter: Option<String>,
    sort_by: Option<String>,
    sort_order: Option<String>,
    #[serde(default = "first")]
    start_index: usize,
    count: Option<usize>,
}

/// One `attribute eq "value"` of a filter.
#[derive(Debug, PartialEq, Eq)]
enum Term {
    ExternalId(String),
    Email(String),
    Status(String),
}

fn first() -> usize {
    1
}

/// Answers one page. `startIndex` counts from 1, and 0 passes for 1.
pub(crate) async fn search(State(origo): State<Arc<Origo>>, body: Bytes) -> Result<Response, Failure> {
    let wanted: SearchBody = scim::parse(&body)?;
    let terms = wanted.filter.as_deref().map(parse_filter).transpose()?.unwrap_or_default();
    origo.act(|world| {
        let mut hits = world.find_users(&terms);
        if wanted.sort_by.as_deref().is_some_and(|attribute| attribute.ends_with("familyName")) {
            hits.sort_by(|one, other| one.family_name.cmp(&other.family_name));
        }
        if wanted.sort_order.as_deref() == Some("descending") {
            hits.reverse();
        }
        let start = wanted.start_index.max(1);
        let count = wanted.count.unwrap_or(MAX_PAGE).min(MAX_PAGE);
        let page: Vec<Value> = hits
            .iter()
            .skip(start - 1)
            .take(count)
            .map(|user| world.user_hit_json(user))
            .collect();
        Ok(scim::reply(StatusCode::OK, &scim::list(&page, hits.len(), start)))
    })
}

impl World {
    fn find_users(&self, terms: &[Term]) -> Vec<&User> {
        let indexed = terms.iter().find_map(|term| match term {
            Term::ExternalId(value) => Some(
                self.index
                    .users_by_external_id
                    .get(value)
                    .map(|ids| ids.iter().copied().collect())
                    .unwrap_or_default(),
            ),
            Term::Email(value) => Some(self.index.user_by_email.get(&value.to_lowercase()).copied().into_iter().collect()),
            Term::Status(_) => None,
        });
        let matches = |user: &&User| user.status != UserStatus::Deleted && terms.iter().all(|term| term.matches(user));
        match indexed {
            Some(ids) => {
                let ids: Vec<i64> = ids;
                ids.iter().filter_map(|id| self.users.get(id)).filter(matches).collect()
            }
            None => self.users.values().filter(matches).collect(),
        }
    }
}

impl Term {
    fn matches(&self, user: &User) -> bool {
        match self {
            Self::ExternalId(value) => user.external_id.as_ref() == Some(value),
            Self::Email(value) => user.emails.iter().any(|email| email.to_lowercase() == value.to_lowercase()),
            Self::Status(value) => user.status.name() == value,
        }
    }
}

/// Reads `attribute eq "value" and attribute eq "value" ...`; HID's clients use nothing else.
fn parse_filter(filter: &str) -> Result<Vec<Term>, Failure> {
    let unclear = || Failure::bad_request("the filter is not understood");
    let mut terms = Vec::new();
    let mut rest = filter.trim();
    loop {
        let (attribute, after) = rest.split_once(' ').ok_or_else(unclear)?;
        let after = after.trim_start().strip_prefix("eq ").ok_or_else(unclear)?;
        let (value, after) = quoted(after.trim_start()).ok_or_else(unclear)?;
        terms.push(match attribute {
            "externalId" => Term::ExternalId(value),
            "emails" | "emails.value" => Term::Email(value),
            "status" => Term::Status(value),
            _ => return Err(unclear()),
        });
        rest = after.trim_start();
        if rest.is_empty() {
            return Ok(terms);
        }
        rest = rest.strip_prefix("and ").ok_or_else(unclear)?.trim_start();
    }
}

/// The text in quotation marks that `input` begins with, and what follows it. A backslash takes the next character as it is.
fn quoted(input: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut characters = input.strip_prefix('"')?.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((value, &input[at + 2..])),
            '\\' => value.push(characters.next()?.1),
            _ => value.push(character),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_of_real_clients_are_understood() {
        assert_eq!(
            parse_filter(r#"externalId eq "our-stable-id" and status eq "ACTIVE""#).unwrap(),
            [Term::ExternalId("our-stable-id".to_owned()), Term::Status("ACTIVE".to_owned())]
        );
        assert_eq!(
            parse_filter(r#"emails eq "a\"b\\c@x""#).unwrap(),
            [Term::Email(r#"a"b\c@x"#.to_owned())]
        );
    }

    #[test]
    fn anything_else_is_refused() {
        for filter in [
            "",
            "externalId",
            "externalId eq x",
            r#"externalId eq "x"#,
            r#"nickname eq "x""#,
            r#"emails eq "x" or status eq "y""#,
        ] {
            assert!(parse_filter(filter).is_err(), "{filter}");
        }
    }
}
