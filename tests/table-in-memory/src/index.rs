//! What the indexes of a table show, kept by partition: looking through all items for each query would make thousands of them slow.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    attribute::Item,
    definition::{Definition, KeySchema},
    stored::Stored,
    table::{Place, text},
};

/// The entries of one partition of an index, by the place of their item.
type Entries = BTreeMap<Place, Arc<Stored>>;

/// The entries of all indexes, by the names of the index's two attributes and the content of the first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Indexes(BTreeMap<Partition, Entries>);

type Partition = (String, String, String);

impl Indexes {
    /// An item's entries go, or change, as the item does.
    pub(crate) fn put(&mut self, definition: &Definition, place: &Place, before: Option<&Item>, after: Option<&Item>) {
        for (_, schema) in &definition.indexes {
            if let Some(before) = before.and_then(|item| schema.key_of(item)) {
                let partition = Self::partition(schema, &before);
                if let Some(entries) = self.0.get_mut(&partition) {
                    entries.remove(place);
                    if entries.is_empty() {
                        self.0.remove(&partition);
                    }
                }
            }
            if let Some(entry) = after.and_then(|item| definition.entry(schema, item)) {
                let entries = self.0.entry(Self::partition(schema, &entry)).or_default();
                entries.insert(place.clone(), Arc::new(Stored::new(entry)));
            }
        }
    }

    /// What an index shows of a partition, in no order that means anything.
    pub(crate) fn entries(&self, schema: &KeySchema, key: &Item) -> impl Iterator<Item = &Arc<Stored>> {
        self.0.get(&Self::partition(schema, key)).into_iter().flat_map(BTreeMap::values)
    }

    fn partition(schema: &KeySchema, key: &Item) -> Partition {
        let (first, second) = (&schema.partition.name, &schema.sort.name);
        (first.clone(), second.clone(), text(key, first))
    }
}
