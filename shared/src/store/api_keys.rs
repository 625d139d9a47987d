//! API keys. A key is found by the hash of its text, which is all that is kept of it, and listed by its id.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    Store,
    error::{StoreError, WriteError},
    item::Record,
    keys::{Collection, Key, Listing},
};
use crate::domain::{
    aggregate::Versioned,
    happenings::Tells,
    ids::{ApiKeyId, WorkspaceId},
    time::Timestamp,
};

/// How many keys are read at once.
const KEYS_AT_ONCE: u16 = 200;
/// How exactly the last use is known: a write per hour and key, and not one per request.
const USE_NOTED_EVERY: Duration = Duration::from_hours(1);

/// An API key: only its hash is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "StoredApiKey")]
pub struct ApiKey {
    /// The key's id, by which people speak of it.
    pub api_key_id: ApiKeyId,
    /// SHA-256 of the key's text, in hex.
    pub key_hash: String,
    /// The tenant that it opens.
    pub workspace_id: WorkspaceId,
    /// What it is for, for people.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Since when it opens nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
    /// When it was last used, to the hour.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<Timestamp>,
}

/// As older versions wrote it, too: their keys have no id.
#[derive(Deserialize)]
struct StoredApiKey {
    api_key_id: Option<ApiKeyId>,
    key_hash: String,
    workspace_id: WorkspaceId,
    name: String,
    created_at: Timestamp,
    revoked_at: Option<Timestamp>,
    last_used_at: Option<Timestamp>,
}

impl From<StoredApiKey> for ApiKey {
    fn from(stored: StoredApiKey) -> Self {
        Self {
            api_key_id: stored.api_key_id.unwrap_or_else(|| ApiKeyId::of_hash(&stored.key_hash)),
            key_hash: stored.key_hash,
            workspace_id: stored.workspace_id,
            name: stored.name,
            created_at: stored.created_at,
            revoked_at: stored.revoked_at,
            last_used_at: stored.last_used_at,
        }
    }
}

impl ApiKey {
    /// A new key.
    #[must_use]
    pub fn new(key_hash: String, workspace_id: WorkspaceId, name: &str, now: Timestamp) -> Self {
        Self {
            api_key_id: ApiKeyId::generate(),
            key_hash,
            workspace_id,
            name: name.to_owned(),
            created_at: now,
            revoked_at: None,
            last_used_at: None,
        }
    }

    /// Whether it opens anything.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.revoked_at.is_none()
    }
}

impl Tells for ApiKey {}

impl Record for ApiKey {
    fn key(&self) -> Key {
        Key::api_key(&self.key_hash)
    }

    fn listing(&self) -> Option<Listing> {
        Some(Listing::new(Collection::ApiKeys, self.workspace_id, self.api_key_id.uuid()))
    }
}

impl Store {
    /// The keys of a workspace, oldest first.
    pub async fn api_keys(&self, workspace: WorkspaceId) -> Result<Vec<ApiKey>, StoreError> {
        let mut keys = Vec::new();
        let mut start = None;
        loop {
            let page = self.list(Collection::ApiKeys, workspace, start, KEYS_AT_ONCE).await?;
            keys.extend(page.records);
            start = page.next;
            if start.is_none() {
                return Ok(keys);
            }
        }
    }

    /// Revokes a key of a workspace. Answers it as it is then; `None`: there is none. Twice is fine.
    pub async fn revoke_api_key(&self, workspace: WorkspaceId, id: ApiKeyId, now: Timestamp) -> Result<Option<ApiKey>, WriteError> {
        let Some(key) = self.find(Collection::ApiKeys, workspace, id.uuid()).await? else {
            return Ok(None);
        };
        let Some(found) = self.get::<ApiKey>(key).await? else {
            return Ok(None);
        };
        let seen = found.record.clone();
        let revoked = self.amend(found, |key| {
            let is_news = key.is_open();
            key.revoked_at.get_or_insert(now);
            is_news
        });
        Ok(Some(revoked.await?.map_or(seen, |written| written.record)))
    }

    /// Notes that a key was used, unless that was noted within the hour. Who writes the key meanwhile, to revoke it say, goes first.
    pub async fn note_use(&self, found: &Versioned<ApiKey>, now: Timestamp) -> Result<(), WriteError> {
        let noted = found.record.last_used_at;
        if noted.is_some_and(|noted| now.since(noted) < USE_NOTED_EVERY) {
            return Ok(());
        }
        let used = ApiKey {
            last_used_at: Some(now),
            ..found.record.clone()
        };
        self.replace(used, found).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_key_that_was_made_before_keys_had_ids_has_a_steady_one() {
        let old = json!({
            "key_hash": "00ff", "workspace_id": "398d80b7-3f96-47c2-b85a-6f8ba21d07be", "name": "old", "created_at": 7, "version": 1
        });
        let read = || serde_json::from_value::<ApiKey>(old.clone()).unwrap();
        assert_eq!(read(), read());
        assert!(read().is_open());
        let written: ApiKey = serde_json::from_value(serde_json::to_value(read()).unwrap()).unwrap();
        assert_eq!(written, read());
    }
}
