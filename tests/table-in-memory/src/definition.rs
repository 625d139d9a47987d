//! What a table looks like: its key, its indexes, whether it keeps a stream.

use serde_json::Value;

use crate::{
    attribute::{Item, typed},
    refusal::Refusal,
};

/// The most bytes of a partition key, and of a sort key.
const LONGEST_PARTITION: usize = 2048;
const LONGEST_SORT: usize = 1024;

/// Partition key and sort key, with their types.
#[derive(Clone, Debug)]
pub(crate) struct KeySchema {
    pub(crate) partition: KeyAttribute,
    pub(crate) sort: KeyAttribute,
}

/// An attribute of a key.
#[derive(Clone, Debug)]
pub(crate) struct KeyAttribute {
    pub(crate) name: String,
    kind: String,
    longest: usize,
}

/// A table.
#[derive(Clone, Debug)]
pub(crate) struct Definition {
    pub(crate) key: KeySchema,
    pub(crate) indexes: Vec<(String, KeySchema)>,
    pub(crate) has_stream: bool,
}

impl Definition {
    /// Reads a `CreateTable` request. Only what Fobless uses is known: keys of two parts, indexes that hold keys only.
    pub(crate) fn of(request: &Value) -> Option<Self> {
        let attributes = request["AttributeDefinitions"].as_array()?;
        let key = |schema: &Value| {
            let attribute = |kind: &str, longest: usize| {
                let part = schema.as_array()?.iter().find(|part| part["KeyType"] == kind)?;
                let name = part["AttributeName"].as_str()?;
                let defined = attributes.iter().find(|defined| defined["AttributeName"] == name)?;
                Some(KeyAttribute {
                    name: name.to_owned(),
                    kind: defined["AttributeType"].as_str()?.to_owned(),
                    longest,
                })
            };
            Some(KeySchema {
                partition: attribute("HASH", LONGEST_PARTITION)?,
                sort: attribute("RANGE", LONGEST_SORT)?,
            })
        };
        let indexes = request["GlobalSecondaryIndexes"].as_array().map(Vec::as_slice).unwrap_or_default();
        let indexes = indexes.iter().map(|index| {
            let holds_keys_only = index["Projection"]["ProjectionType"] == "KEYS_ONLY";
            let name = index["IndexName"].as_str().filter(|_| holds_keys_only)?;
            Some((name.to_owned(), key(&index["KeySchema"])?))
        });
        Some(Self {
            key: key(&request["KeySchema"])?,
            indexes: indexes.collect::<Option<_>>()?,
            has_stream: request["StreamSpecification"]["StreamEnabled"] == true,
        })
    }

    pub(crate) fn index(&self, name: &str) -> Result<&KeySchema, Refusal> {
        let found = self.indexes.iter().find(|(known, _)| known == name).map(|(_, key)| key);
        found.ok_or_else(|| Refusal::validation(format!("The table does not have the specified index: {name}")))
    }

    /// What an index shows of an item; `None`: the item is not in it.
    pub(crate) fn entry(&self, index: &KeySchema, item: &Item) -> Option<Item> {
        let mut entry = index.key_of(item)?;
        entry.extend(self.key.key_of(item)?);
        Some(entry)
    }

    /// Checks what an item may hold where the keys are.
    pub(crate) fn check(&self, item: &Item) -> Result<(), Refusal> {
        self.key.require(item)?;
        for (_, key) in &self.indexes {
            for attribute in [&key.partition, &key.sort] {
                if item.get(&attribute.name).is_some_and(|value| !attribute.fits(value)) {
                    return Err(Refusal::validation(format!(
                        "Type mismatch for Index Key {}, or it is empty or too long",
                        attribute.name
                    )));
                }
            }
        }
        Ok(())
    }
}

impl KeySchema {
    /// What an item has in the key's two attributes.
    pub(crate) fn values<'a>(&self, item: &'a Item) -> Option<[&'a Value; 2]> {
        Some([item.get(&self.partition.name)?, item.get(&self.sort.name)?])
    }

    /// The key of an item that has one.
    pub(crate) fn key_of(&self, item: &Item) -> Option<Item> {
        let attribute = |attribute: &KeyAttribute| Some((attribute.name.clone(), item.get(&attribute.name)?.clone()));
        Some(Item::from_iter([attribute(&self.partition)?, attribute(&self.sort)?]))
    }

    /// The key of an item that must have one.
    pub(crate) fn require(&self, item: &Item) -> Result<Item, Refusal> {
        let fits = |attribute: &KeyAttribute| item.get(&attribute.name).is_some_and(|value| attribute.fits(value));
        if fits(&self.partition) && fits(&self.sort) {
            self.key_of(item).ok_or_else(wrong_key)
        } else {
            Err(wrong_key())
        }
    }

    pub(crate) fn names(&self, name: &str) -> bool {
        self.partition.name == name || self.sort.name == name
    }
}

impl KeyAttribute {
    fn fits(&self, value: &Value) -> bool {
        let is_of_some_length = |content: &str| (1..=self.longest).contains(&content.len());
        typed(value).is_some_and(|(kind, content)| kind == self.kind && content.as_str().is_some_and(is_of_some_length))
    }
}

fn wrong_key() -> Refusal {
    Refusal::validation("One or more parameter values were invalid: a key is missing, empty, too long or of the wrong type")
}
