//! The API keys seen lately, so that not each request reads the table for its key.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use fobless::domain::{ids::WorkspaceId, time::Timestamp};

/// How long a key is believed; a revoked one works at most so long.
const BELIEVED: Duration = Duration::from_mins(1);
/// How many keys are kept. Only valid ones get in, so a stranger can't fill it.
const MOST_KEYS: usize = 1000;

/// Hash of a key -> its workspace, and until when that is believed.
#[derive(Debug, Default)]
pub(crate) struct KeyCache(Mutex<HashMap<String, (WorkspaceId, Timestamp)>>);

impl KeyCache {
    /// The workspace of a key that was seen less than a minute ago.
    pub(crate) fn get(&self, hash: &str, now: Timestamp) -> Option<WorkspaceId> {
        self.entries()
            .get(hash)
            .filter(|(_, until)| now < *until)
            .map(|(workspace, _)| *workspace)
    }

    /// Keeps a key that the table knows.
    pub(crate) fn put(&self, hash: &str, workspace: WorkspaceId, now: Timestamp) {
        let mut entries = self.entries();
        if entries.len() >= MOST_KEYS {
            entries.retain(|_, (_, until)| now < *until);
        }
        if entries.len() >= MOST_KEYS {
            entries.clear();
        }
        entries.insert(hash.to_owned(), (workspace, now.plus(BELIEVED)));
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<String, (WorkspaceId, Timestamp)>> {
        // No code panics while it holds the lock, and a map that it left would still be whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_millis(second * 1000)
    }

    #[test]
    fn a_key_is_believed_for_a_minute() {
        let cache = KeyCache::default();
        let workspace = WorkspaceId::generate();
        cache.put("hash", workspace, at(0));
        assert_eq!(cache.get("hash", at(59)), Some(workspace));
        assert_eq!(cache.get("hash", at(60)), None);
        assert_eq!(cache.get("other", at(0)), None);
    }

    #[test]
    fn the_cache_does_not_grow_without_bound() {
        let cache = KeyCache::default();
        for n in 0..MOST_KEYS * 3 {
            cache.put(&n.to_string(), WorkspaceId::generate(), at(0));
        }
        assert!(cache.entries().len() <= MOST_KEYS);
    }
}
