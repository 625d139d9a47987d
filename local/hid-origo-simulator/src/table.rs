//! Records of one kind by id, which remember what changed since they were last written to the data file.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

/// Records of one kind by id.
pub(crate) struct Table<K, T> {
    kind: &'static str,
    rows: BTreeMap<K, T>,
    changed: BTreeSet<K>,
}

/// A record as the data file keeps it; without a document it is to be removed.
pub(crate) struct Change {
    pub(crate) kind: &'static str,
    pub(crate) id: String,
    pub(crate) document: Option<String>,
}

impl<K: Ord + Clone + ToString, T> Table<K, T> {
    pub(crate) fn new(kind: &'static str) -> Self {
        Self {
            kind,
            rows: BTreeMap::new(),
            changed: BTreeSet::new(),
        }
    }

    pub(crate) fn kind(&self) -> &'static str {
        self.kind
    }

    pub(crate) fn get(&self, id: &K) -> Option<&T> {
        self.rows.get(id)
    }

    /// The record to be changed: it will be written.
    pub(crate) fn get_mut(&mut self, id: &K) -> Option<&mut T> {
        let row = self.rows.get_mut(id)?;
        self.changed.insert(id.clone());
        Some(row)
    }

    pub(crate) fn insert(&mut self, id: K, row: T) {
        self.changed.insert(id.clone());
        self.rows.insert(id, row);
    }

    /// Takes in a record that the data file has, which therefore needs not be written.
    pub(crate) fn restore(&mut self, id: K, row: T) {
        self.rows.insert(id, row);
    }

    pub(crate) fn remove(&mut self, id: &K) -> Option<T> {
        let row = self.rows.remove(id)?;
        self.changed.insert(id.clone());
        Some(row)
    }

    pub(crate) fn values(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.rows.values()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, &T)> {
        self.rows.iter()
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn last_id(&self) -> Option<&K> {
        self.rows.last_key_value().map(|(id, _)| id)
    }

    /// Adds what is not yet written to `changes`.
    pub(crate) fn collect_changes(&self, changes: &mut Vec<Change>) -> Result<(), serde_json::Error>
    where
        T: Serialize,
    {
        for id in &self.changed {
            let document = self.rows.get(id).map(serde_json::to_string).transpose()?;
            changes.push(Change {
                kind: self.kind,
                id: id.to_string(),
                document,
            });
        }
        Ok(())
    }

    /// All that was collected is written.
    pub(crate) fn forget_changes(&mut self) {
        self.changed.clear();
    }
}
