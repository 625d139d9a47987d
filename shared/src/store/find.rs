//! Finding by id, and listing page by page, through the index `by_id`. The index holds keys only; the records are read from
//! the table, strongly consistent.

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::{StreamExt, TryStreamExt, stream};
use uuid::Uuid;

use super::{
    Store,
    error::StoreError,
    item::{Item, Record, attribute, key_of},
    keys::{Collection, Key},
    table::BY_ID_INDEX,
};
use crate::domain::{aggregate::Versioned, ids::WorkspaceId};

/// How many records of a page are read at once.
const READS_AT_ONCE: usize = 16;

/// Where a page starts: behind this id, or at the beginning.
pub type PageStart = Option<Uuid>;

/// One page of a listing.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// What is on it.
    pub records: Vec<T>,
    /// Where the next one starts; `None`: this is the last.
    pub next: PageStart,
}

impl Store {
    /// The key of the thing with this id.
    ///
    /// The index is eventually consistent: a thing that was made a moment ago may not be in it. Creating answers with the thing
    /// itself, so a client rarely asks that soon; one that does is asked to wait by a second look.
    pub async fn find(&self, collection: Collection, workspace: WorkspaceId, id: Uuid) -> Result<Option<Key>, StoreError> {
        let request = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(BY_ID_INDEX)
            .key_condition_expression("#collection = :collection AND #id = :id")
            .expression_attribute_names("#collection", attribute::COLLECTION)
            .expression_attribute_names("#id", attribute::COLLECTION_ID)
            .expression_attribute_values(":collection", AttributeValue::S(collection.of(workspace)))
            .expression_attribute_values(":id", AttributeValue::S(id.to_string()));
        let answer = request.send().await?;
        Ok(answer.items.unwrap_or_default().first().map(key_of))
    }

    /// One page of a collection, in the order of ids, at most `limit` things.
    pub async fn list<R: Record>(
        &self,
        collection: Collection,
        workspace: WorkspaceId,
        start: PageStart,
        limit: u16,
    ) -> Result<Page<R>, StoreError> {
        let (keys, next) = self.list_keys(collection, workspace, start, limit).await?;
        let reads = stream::iter(keys).map(|key| self.get::<R>(key)).buffered(READS_AT_ONCE);
        let found: Vec<Option<Versioned<R>>> = reads.try_collect().await?;
        Ok(Page {
            records: found.into_iter().flatten().map(|found| found.record).collect(),
            next,
        })
    }

    /// The keys of one page of a collection.
    pub async fn list_keys(
        &self,
        collection: Collection,
        workspace: WorkspaceId,
        start: PageStart,
        limit: u16,
    ) -> Result<(Vec<Key>, PageStart), StoreError> {
        let mut request = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(BY_ID_INDEX)
            .expression_attribute_names("#collection", attribute::COLLECTION)
            .expression_attribute_values(":collection", AttributeValue::S(collection.of(workspace)))
            .limit(i32::from(limit));
        request = match start {
            None => request.key_condition_expression("#collection = :collection"),
            Some(after) => request
                .key_condition_expression("#collection = :collection AND #id > :after")
                .expression_attribute_names("#id", attribute::COLLECTION_ID)
                .expression_attribute_values(":after", AttributeValue::S(after.to_string())),
        };
        let answer = request.send().await?;
        let items = answer.items.unwrap_or_default();
        let id_of = |item: &Item| Uuid::try_parse(item.get(attribute::COLLECTION_ID)?.as_s().ok()?).ok();
        let next = answer.last_evaluated_key.and_then(|_| items.last().and_then(id_of));
        Ok((items.iter().map(key_of).collect(), next))
    }
}
