//! Pages of a listing: what a client asks for, and what it is told about the next one. Listings are in the order of ids, which is
//! the order of creation where ids are drawn.

use serde::Serialize;
use uuid::Uuid;

use crate::{cursor::Cursor, fields::Fields, problem::Problem};

const MOST_PER_PAGE: u16 = 1000;
const USUAL_PER_PAGE: u16 = 500;

/// Which page is asked for.
#[derive(Clone, Debug)]
pub(crate) struct PageRequest {
    /// At most so many.
    pub(crate) limit: usize,
    /// Behind this id; `None`: from the beginning.
    pub(crate) after: Option<Uuid>,
    fingerprint: String,
}

/// One page.
#[derive(Clone, Debug)]
pub(crate) struct Page<T> {
    /// What is on it.
    pub(crate) items: Vec<T>,
    /// Where the next one begins; `None`: this is the last.
    pub(crate) next: Option<Uuid>,
}

/// What the client is told about the next page.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(crate) struct Pagination {
    has_next_page: bool,
    next_page_cursor: Option<String>,
    next_page_url: Option<String>,
}

impl PageRequest {
    /// Reads `limit` and `page_cursor` of a listing. A cursor leads on in its own listing only.
    pub(crate) fn read(fields: &Fields<'_>, listing: &str) -> Self {
        let fingerprint = fields.fingerprint(listing);
        let cursor = fields.parsed("page_cursor", "Invalid page cursor", Cursor::decode);
        if cursor.as_ref().is_some_and(|cursor| cursor.fingerprint != fingerprint) {
            fields.refuse(Problem::mismatched_page());
        }
        let limit = fields.whole_number("limit", 1, MOST_PER_PAGE).unwrap_or(USUAL_PER_PAGE);
        Self {
            limit: usize::from(limit),
            after: cursor.map(|cursor| cursor.position),
            fingerprint,
        }
    }

    /// The page of `all`, which is the whole listing.
    pub(crate) fn cut<T>(&self, mut all: Vec<(Uuid, T)>) -> Page<T> {
        all.sort_by_key(|(id, _)| *id);
        all.retain(|(id, _)| self.after.is_none_or(|after| *id > after));
        let next = (all.len() > self.limit)
            .then(|| all.get(self.limit.saturating_sub(1)).map(|(id, _)| *id))
            .flatten();
        Page {
            items: all.into_iter().take(self.limit).map(|(_, item)| item).collect(),
            next,
        }
    }

    /// What to tell about the page after one that ends at `next`.
    pub(crate) fn pagination(&self, next: Option<Uuid>) -> Pagination {
        let cursor = next.map(|position| {
            Cursor {
                fingerprint: self.fingerprint.clone(),
                position,
            }
            .encode()
        });
        Pagination {
            has_next_page: cursor.is_some(),
            next_page_cursor: cursor,
            next_page_url: None,
        }
    }
}
