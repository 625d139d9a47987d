//! Conditional writes of whole records, each together with the events that the change means.

use aws_sdk_dynamodb::{
    error::SdkError,
    operation::transact_write_items::TransactWriteItemsError,
    types::{AttributeValue, Put, TransactWriteItem},
};
use uuid::Uuid;

use super::{
    Store,
    error::{StoreError, WriteError, condition},
    item::{Item, Record, attribute, from_item, key_attributes, key_of, to_item},
    keys::Key,
    single_update::is_in_a_transaction,
    transaction::{Refusal, failure},
};
use crate::domain::aggregate::Versioned;

/// How often an amendment is tried again when others write the same item meanwhile.
pub(super) const AMEND_TRIES: u32 = 8;
/// The version of an item that was not there before.
pub(super) const FIRST_VERSION: u64 = 1;

/// An item, to be written where none is, or over one version of it.
#[derive(Clone, Debug)]
pub(super) struct ConditionalPut {
    item: Item,
    replaces: Option<u64>,
}

impl Store {
    /// Reads one record, strongly consistent.
    pub async fn get<R: Record>(&self, key: Key) -> Result<Option<Versioned<R>>, StoreError> {
        let request = self.client.get_item().table_name(&self.table).consistent_read(true);
        let answer = Box::pin(request.set_key(Some(key_attributes(key))).send()).await?;
        answer.item.map(from_item).transpose()
    }

    /// Writes a record that is not there yet. [`WriteError::Conflict`] when there is one.
    pub async fn insert<R: Record>(&self, record: R) -> Result<Versioned<R>, WriteError> {
        self.write(record, None).await
    }

    /// Writes `record` over the one that was read as `seen`. [`WriteError::Conflict`] when somebody wrote it since.
    pub async fn replace<R: Record>(&self, record: R, seen: &Versioned<R>) -> Result<Versioned<R>, WriteError> {
        self.write(record, Some(seen)).await
    }

    /// Changes a record that was read as `seen`. When somebody wrote it since, it is read again and `change` is asked again;
    /// it answers whether there is still something to write. `None`: there was not, or the record is gone.
    pub async fn amend<R: Record>(
        &self,
        seen: Versioned<R>,
        mut change: impl FnMut(&mut R) -> bool + Send,
    ) -> Result<Option<Versioned<R>>, WriteError> {
        let mut current = seen;
        for _ in 0..AMEND_TRIES {
            let mut record = current.record.clone();
            if !change(&mut record) {
                return Ok(None);
            }
            match self.replace(record, &current).await {
                Err(WriteError::Conflict) => match self.get(current.record.key()).await? {
                    Some(newer) => current = newer,
                    None => return Ok(None),
                },
                written => return written.map(Some),
            }
        }
        Err(WriteError::Conflict)
    }

    async fn write<R: Record>(&self, record: R, seen: Option<&Versioned<R>>) -> Result<Versioned<R>, WriteError> {
        let version = seen.map_or(FIRST_VERSION, |seen| seen.version.saturating_add(1));
        let put = ConditionalPut::new(to_item(&record, version)?, seen.map(|seen| seen.version));
        let events = self.events_of(seen.map(|seen| &seen.record), &record)?;
        if events.is_empty() {
            // In a transaction the same would cost twice as much.
            self.put_alone(put).await?;
        } else {
            let events = events.into_iter().map(|event| ConditionalPut::new(event, None));
            let all = std::iter::once(put).chain(events).map(|put| put.within(&self.table));
            let sent = self.transact(all.collect::<Result<_, _>>()?).await;
            sent.map_err(|error| match Refusal::of(&error) {
                Some(_) => WriteError::Conflict,
                None => WriteError::Store(failure(error)),
            })?;
        }
        Ok(Versioned { record, version })
    }

    pub(super) async fn put_alone(&self, put: ConditionalPut) -> Result<(), WriteError> {
        let request = self.client.put_item().table_name(&self.table).set_item(Some(put.item));
        let request = match put.replaces {
            None => request
                .condition_expression("attribute_not_exists(#pk)")
                .expression_attribute_names("#pk", attribute::PARTITION),
            Some(version) => request
                .condition_expression("#version = :seen")
                .expression_attribute_names("#version", attribute::VERSION)
                .expression_attribute_values(":seen", AttributeValue::N(version.to_string())),
        };
        match Box::pin(request.send()).await {
            Ok(_) => Ok(()),
            Err(error) if is_in_a_transaction(&error) => Err(WriteError::Conflict),
            Err(error) => Err(condition(error)),
        }
    }

    /// Whether the very item that was to be made is there. The SDK repeats a request whose answer was lost, and then finds its own first
    /// attempt in the way.
    pub(super) async fn has_made(&self, put: &ConditionalPut) -> Result<bool, StoreError> {
        if put.replaces.is_some() {
            return Ok(false);
        }
        let request = self.client.get_item().table_name(&self.table).consistent_read(true);
        let found = request.set_key(Some(key_attributes(key_of(&put.item)))).send().await?;
        Ok(found.item.as_ref() == Some(&put.item))
    }

    /// Writes everything, or nothing. The token makes the SDK's own repeat of a request whose answer was lost succeed instead of
    /// finding its own first attempt in the way.
    pub(super) async fn transact(&self, puts: Vec<TransactWriteItem>) -> Result<(), SdkError<TransactWriteItemsError>> {
        let request = self.client.transact_write_items().set_transact_items(Some(puts));
        let request = request.client_request_token(Uuid::new_v4().to_string());
        Box::pin(request.send()).await.map(drop)
    }
}

impl ConditionalPut {
    /// `item` goes where none is, or over the version `replaces`.
    pub(super) const fn new(item: Item, replaces: Option<u64>) -> Self {
        Self { item, replaces }
    }

    /// As part of a transaction.
    pub(super) fn within(self, table: &str) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder().table_name(table).set_item(Some(self.item));
        let put = match self.replaces {
            None => put
                .condition_expression("attribute_not_exists(#pk)")
                .expression_attribute_names("#pk", attribute::PARTITION),
            Some(version) => put
                .condition_expression("#version = :seen")
                .expression_attribute_names("#version", attribute::VERSION)
                .expression_attribute_values(":seen", AttributeValue::N(version.to_string())),
        };
        Ok(TransactWriteItem::builder().put(put.build()?).build())
    }
}
