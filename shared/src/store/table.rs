//! What the table looks like. The one definition that `cargo dev` and the tests create it from, and that a test compares with
//! template.yaml.

use super::item::attribute;

pub(super) const BY_ID_INDEX: &str = "by_id";
pub(super) const DUE_INDEX: &str = "due";

/// The key attributes and their types: `S` text, `N` number.
pub const ATTRIBUTES: &[(&str, &str)] = &[
    (attribute::PARTITION, "S"),
    (attribute::ITEM, "S"),
    (attribute::COLLECTION, "S"),
    (attribute::COLLECTION_ID, "S"),
    (attribute::DUE_SHARD, "S"),
    (attribute::DUE_AT, "N"),
];

/// A table: its key and its indexes.
#[derive(Clone, Copy, Debug)]
pub struct TableDefinition {
    /// Partition key and sort key.
    pub key: (&'static str, &'static str),
    /// What the stream shows of a write.
    pub stream_view: &'static str,
    /// The global indexes. They hold keys only, so that a write that moves no key costs them nothing.
    pub indexes: &'static [IndexDefinition],
}

/// A global index.
#[derive(Clone, Copy, Debug)]
pub struct IndexDefinition {
    /// Its name.
    pub name: &'static str,
    /// Partition key and sort key.
    pub key: (&'static str, &'static str),
}

/// The table.
pub const DEFINITION: TableDefinition = TableDefinition {
    key: (attribute::PARTITION, attribute::ITEM),
    stream_view: "NEW_AND_OLD_IMAGES",
    indexes: &[
        IndexDefinition {
            name: BY_ID_INDEX,
            key: (attribute::COLLECTION, attribute::COLLECTION_ID),
        },
        IndexDefinition {
            name: DUE_INDEX,
            key: (attribute::DUE_SHARD, attribute::DUE_AT),
        },
    ],
};

impl TableDefinition {
    /// The body of the `CreateTable` request for a table of this name.
    #[must_use]
    pub fn create_request(&self, table: &str) -> serde_json::Value {
        let schema = |(partition, sort): (&str, &str)| {
            serde_json::json!([
                {"AttributeName": partition, "KeyType": "HASH"},
                {"AttributeName": sort, "KeyType": "RANGE"}
            ])
        };
        let attributes: Vec<_> = ATTRIBUTES
            .iter()
            .map(|(name, kind)| serde_json::json!({"AttributeName": name, "AttributeType": kind}))
            .collect();
        let indexes: Vec<_> = self
            .indexes
            .iter()
            .map(|index| {
                serde_json::json!({
                    "IndexName": index.name,
                    "KeySchema": schema(index.key),
                    "Projection": {"ProjectionType": "KEYS_ONLY"}
                })
            })
            .collect();
        serde_json::json!({
            "TableName": table,
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": attributes,
            "KeySchema": schema(self.key),
            "GlobalSecondaryIndexes": indexes,
            "StreamSpecification": {"StreamEnabled": true, "StreamViewType": self.stream_view}
        })
    }
}
