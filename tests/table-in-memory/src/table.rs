//! The items of one table, its stream, and what its transactions were called.

use std::{cmp::Ordering, collections::BTreeMap, ops::Bound, sync::Arc};

use serde_json::Value;

use crate::{
    attribute::{Item, compare},
    capacity,
    definition::{Definition, KeySchema},
    index::Indexes,
    stored::Stored,
    stream,
};

/// Partition and sort key of an item, as text.
pub(crate) type Place = (String, String);

/// One table.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(crate) definition: Definition,
    items: BTreeMap<Place, Arc<Stored>>,
    indexes: Indexes,
    stream: Vec<Value>,
    written: u64,
    /// The tokens of transactions, with what was asked for.
    pub(crate) tokens: BTreeMap<String, Value>,
}

impl Table {
    pub(crate) fn new(definition: Definition) -> Self {
        Self {
            definition,
            items: BTreeMap::new(),
            indexes: Indexes::default(),
            stream: Vec::new(),
            written: 0,
            tokens: BTreeMap::new(),
        }
    }

    pub(crate) fn get(&self, key: &Item) -> Option<&Stored> {
        self.items.get(&self.place(key)).map(Arc::as_ref)
    }

    /// Puts an item in its place, or takes it away. Answers the write units that this costs.
    pub(crate) fn put(&mut self, key: &Item, after: Option<Item>, seconds: i64) -> u32 {
        let place = self.place(key);
        let after = after.map(|item| Arc::new(Stored::new(item)));
        let (old, new) = (self.items.get(&place).map(Arc::as_ref), after.as_deref());
        let units = self.units(old, new);
        self.written += 1;
        if self.definition.has_stream {
            self.stream.extend(stream::record(key, old, new, self.written, seconds));
        }
        let items = (old.map(|stored| &**stored), new.map(|stored| &**stored));
        self.indexes.put(&self.definition, &place, items.0, items.1);
        match after {
            Some(item) => self.items.insert(place, item),
            None => self.items.remove(&place),
        };
        units
    }

    /// The stream's records that nobody took yet.
    pub(crate) fn take_stream(&mut self) -> Vec<Value> {
        std::mem::take(&mut self.stream)
    }

    /// Everything behind the item with this key, or everything, in the order of the keys.
    pub(crate) fn behind(&self, start: Option<&Item>) -> Vec<Arc<Stored>> {
        let from = start.map_or(Bound::Unbounded, |start| Bound::Excluded(self.place(start)));
        self.items
            .range((from, Bound::Unbounded))
            .map(|(_, item)| Arc::clone(item))
            .collect()
    }

    pub(crate) fn items(&self) -> impl Iterator<Item = &Item> {
        self.items.values().map(|stored| &***stored)
    }

    /// What the table, or its index, shows of a partition, in the order of the keys.
    pub(crate) fn partition(&self, index: Option<&KeySchema>, key: &Item) -> Vec<Arc<Stored>> {
        let schema = index.unwrap_or(&self.definition.key);
        let mut found: Vec<Arc<Stored>> = match index {
            None => {
                let partition = text(key, &schema.partition.name);
                let from = (partition, String::new());
                let items = self
                    .items
                    .range(from.clone()..)
                    .take_while(|((partition, _), _)| *partition == from.0);
                items.map(|(_, item)| Arc::clone(item)).collect()
            }
            Some(index) => self.indexes.entries(index, key).map(Arc::clone).collect(),
        };
        found.sort_by(|one, other| self.order(schema, one, other));
        found
    }

    /// The order in which a query shows two entries of a partition.
    pub(crate) fn order(&self, schema: &KeySchema, one: &Item, other: &Item) -> Ordering {
        let by = |name: &str| one.get(name).zip(other.get(name)).and_then(|(one, other)| compare(one, other));
        by(&schema.sort.name)
            .unwrap_or(Ordering::Equal)
            .then_with(|| self.place(one).cmp(&self.place(other)))
    }

    fn place(&self, key: &Item) -> Place {
        let schema = &self.definition.key;
        (text(key, &schema.partition.name), text(key, &schema.sort.name))
    }

    /// By the larger of the two states, and once more for each index entry that comes or goes.
    fn units(&self, before: Option<&Stored>, after: Option<&Stored>) -> u32 {
        let size = |item: Option<&Stored>| item.map_or(0, Stored::size);
        let whole = capacity::of_write(size(before).max(size(after)));
        let entries = self.definition.indexes.iter().map(|(_, index)| {
            let [before, after] = [before, after].map(|item| item.and_then(|item| index.values(item)));
            if before == after {
                0
            } else {
                u32::from(before.is_some()) + u32::from(after.is_some())
            }
        });
        whole.saturating_add(entries.sum())
    }
}

/// The content of a text or a number.
pub(crate) fn text(item: &Item, name: &str) -> String {
    let typed = item.get(name).and_then(Value::as_object);
    let content = typed.and_then(|typed| typed.values().next()).and_then(Value::as_str);
    content.unwrap_or_default().to_owned()
}
