//! Creating several records together, with the values that only they may hold: all of it is written, or nothing.

use aws_sdk_dynamodb::{
    error::SdkError,
    operation::transact_write_items::TransactWriteItemsError,
    types::{AttributeValue, CancellationReason, TransactWriteItem},
};

use super::{
    Store,
    error::StoreError,
    item::{Item, Record, attribute, is_holding, key_attributes, to_item},
    unique::{UniqueKey, UniqueKind},
    write::{ConditionalPut, FIRST_VERSION},
};

/// How often a creation is tried again after it met another one, or values whose holders are gone.
const CREATE_TRIES: u32 = 5;

/// Why a creation did not happen.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// Another record holds a value of this kind.
    #[error("another record holds the value: {0:?}")]
    Taken(UniqueKind),
    /// One of the records is there already.
    #[error("one of the records is there already")]
    Exists,
    /// The table could not be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Records to be created together.
#[derive(Debug)]
pub struct Creation<'a> {
    store: &'a Store,
    puts: Vec<NewItem>,
}

#[derive(Clone, Debug)]
struct NewItem {
    item: Item,
    claim: Option<UniqueKey>,
    /// The version of an abandoned claim that this one takes over.
    takes_over: Option<u64>,
}

impl Store {
    /// Begins a creation. Nothing is written before [`Creation::write`].
    #[must_use]
    pub const fn create(&self) -> Creation<'_> {
        Creation {
            store: self,
            puts: Vec::new(),
        }
    }
}

impl Creation<'_> {
    /// Adds a record that must not be there yet, and the events that its creation means.
    pub fn record<R: Record>(mut self, record: &R) -> Result<Self, StoreError> {
        let events = self.store.events_of(None, record)?;
        let items = std::iter::once(to_item(record, FIRST_VERSION)?).chain(events);
        self.puts.extend(items.map(|item| NewItem {
            item,
            claim: None,
            takes_over: None,
        }));
        Ok(self)
    }

    /// Adds values that only one of the new records may hold.
    pub fn claims(mut self, claims: impl IntoIterator<Item = UniqueKey>) -> Result<Self, StoreError> {
        for claim in claims {
            self.puts.push(NewItem {
                item: to_item(&claim, FIRST_VERSION)?,
                claim: Some(claim),
                takes_over: None,
            });
        }
        Ok(self)
    }

    /// Writes everything, or nothing.
    pub async fn write(mut self) -> Result<(), CreateError> {
        for _ in 0..CREATE_TRIES {
            let puts = self
                .puts
                .iter()
                .map(|put| put.request(&self.store.table))
                .collect::<Result<Vec<_>, _>>()?;
            let Err(error) = self.store.transact(puts).await else {
                return Ok(());
            };
            let Some(refused) = refused_conditions(&error) else {
                return Err(StoreError::from(error).into());
            };
            for index in refused {
                let Some(put) = self.puts.get_mut(index) else { continue };
                let Some(claim) = &put.claim else { return Err(CreateError::Exists) };
                put.takes_over = self.store.abandoned(claim).await?;
            }
        }
        Err(StoreError::Unavailable("a creation kept meeting other ones".to_owned()).into())
    }
}

impl Store {
    /// The version of the present claim to the same value if its holder is gone; `None` when there is no claim any more.
    async fn abandoned(&self, claim: &UniqueKey) -> Result<Option<u64>, CreateError> {
        let Some(present) = self.get::<UniqueKey>(claim.key()).await? else {
            return Ok(None);
        };
        let request = self.client.get_item().table_name(&self.table).consistent_read(true);
        let holder = request
            .set_key(Some(key_attributes(present.record.holder())))
            .send()
            .await
            .map_err(StoreError::from)?;
        match holder.item {
            Some(holder) if is_holding(&holder, self.clock.now()) => Err(CreateError::Taken(claim.kind)),
            // A holder whose deletion is complete, or whose time is over, is kept for a while, but holds nothing any more.
            Some(_) | None => Ok(Some(present.version)),
        }
    }
}

impl NewItem {
    fn request(&self, table: &str) -> Result<TransactWriteItem, StoreError> {
        let mut item = self.item.clone();
        if let Some(version) = self.takes_over {
            let next = AttributeValue::N(version.saturating_add(1).to_string());
            item.insert(attribute::VERSION.to_owned(), next);
        }
        ConditionalPut::new(item, self.takes_over).within(table)
    }
}

/// Which conditions did not hold. Empty: another write of the same items was under way. `None`: it is another failure.
pub(super) fn refused_conditions<R>(error: &SdkError<TransactWriteItemsError, R>) -> Option<Vec<usize>> {
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = error.as_service_error()? else {
        return None;
    };
    let codes: Vec<&str> = cancelled
        .cancellation_reasons()
        .iter()
        .filter_map(CancellationReason::code)
        .collect();
    let only_expected = codes
        .iter()
        .all(|code| matches!(*code, "None" | "ConditionalCheckFailed" | "TransactionConflict"));
    let reasons = cancelled.cancellation_reasons().iter().enumerate();
    let refused = reasons
        .filter(|(_, reason)| reason.code() == Some("ConditionalCheckFailed"))
        .map(|(index, _)| index);
    only_expected.then(|| refused.collect())
}
