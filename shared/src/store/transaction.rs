//! Several changes that happen together or not at all: records that are made, replaced or moved, the events that this means, and the
//! values that only these records may hold. A value is claimed with the record that begins to hold it and given up with the one that
//! ceases to, so no crash can leave a value that nobody holds and nobody can have.

use std::{collections::BTreeSet, time::Duration};

use aws_sdk_dynamodb::{error::SdkError, operation::transact_write_items::TransactWriteItemsError, types::TransactWriteItem};

use super::{
    Store,
    action::{Action, Claim},
    error::{StoreError, WriteError},
    item::{Record, to_item},
    single_update::jittered,
    unique::{UniqueKey, UniqueKind},
    write::{AMEND_TRIES, ConditionalPut, FIRST_VERSION},
};
use crate::domain::aggregate::Versioned;

/// How often a transaction is tried again after it met another one, or values whose holders are gone.
const TRIES: u32 = 5;
/// How long another transaction over the same values is waited for, at most.
const PAUSE: Duration = Duration::from_millis(40);

/// Why a transaction did not happen.
#[derive(Debug, thiserror::Error)]
pub enum TransactionError {
    /// Another record holds a value of this kind.
    #[error("another record holds the value: {0:?}")]
    Taken(UniqueKind),
    /// A new record is there already, or somebody wrote one that was read since. Read again and decide again.
    #[error("somebody else wrote one of the records first")]
    Conflict,
    /// The table could not be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<WriteError> for TransactionError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Conflict => Self::Conflict,
            WriteError::Store(error) => Self::Store(error),
        }
    }
}

/// Changes to be made together. A record may be in it once, and so may a value.
#[derive(Debug)]
#[must_use = "nothing is written before `write`"]
pub struct Transaction<'a> {
    store: &'a Store,
    actions: Vec<Action>,
}

impl Store {
    /// Begins a transaction. Nothing is written before [`Transaction::write`].
    pub const fn transaction(&self) -> Transaction<'_> {
        Transaction {
            store: self,
            actions: Vec::new(),
        }
    }

    /// Changes a record that was read as `seen`, and what it claims with it. When somebody wrote it since, it is read again and
    /// `change` is asked again; it answers whether there is still something to write. Answers the record as it is then; `None`: it is
    /// not in its place any more.
    pub async fn amend_with_claims<R: Record>(
        &self,
        seen: Versioned<R>,
        mut change: impl FnMut(&mut R) -> bool + Send,
    ) -> Result<Option<Versioned<R>>, TransactionError> {
        let mut current = seen;
        for _ in 0..AMEND_TRIES {
            let mut record = current.record.clone();
            if !change(&mut record) {
                return Ok(Some(current));
            }
            match self.transaction().replace(&record, &current)?.write().await {
                Err(TransactionError::Conflict) => match self.get(current.record.key()).await? {
                    Some(newer) => current = newer,
                    None => return Ok(None),
                },
                Err(error) => return Err(error),
                Ok(()) => {
                    let version = next_version(Some(&current));
                    return Ok(Some(Versioned { record, version }));
                }
            }
        }
        Err(TransactionError::Conflict)
    }
}

impl Transaction<'_> {
    /// Adds a record that must not be there yet.
    pub fn create<R: Record>(self, record: &R) -> Result<Self, StoreError> {
        self.put(None, record)
    }

    /// Adds a record that goes over the one that was read as `seen`. Where its key is another one, it moves there.
    pub fn replace<R: Record>(self, record: &R, seen: &Versioned<R>) -> Result<Self, StoreError> {
        self.put(Some(seen), record)
    }

    /// All of it happens only if nobody has written this record since it was read.
    pub fn unchanged<R: Record>(mut self, seen: &Versioned<R>) -> Self {
        self.actions.push(Action::Keep {
            key: seen.record.key(),
            version: seen.version,
        });
        self
    }

    fn put<R: Record>(mut self, seen: Option<&Versioned<R>>, record: &R) -> Result<Self, StoreError> {
        let before = seen.map(|seen| &seen.record);
        // A record that moves takes its version with it: nobody can mistake it for what it was when it was here before.
        let item = to_item(record, next_version(seen))?;
        let (left, stayed) = match seen {
            Some(seen) if seen.record.key() == record.key() => (None, Some(seen.version)),
            other => (other, None),
        };
        self.actions.push(Action::Put(ConditionalPut::new(item, stayed)));
        self.actions.extend(left.map(|left| Action::Remove {
            key: left.record.key(),
            version: left.version,
        }));
        let events = self.store.events_of(before, record)?;
        let events = events.into_iter().map(|event| Action::Put(ConditionalPut::new(event, None)));
        self.actions.extend(events);
        let (held, wanted) = (before.map(Record::claims).unwrap_or_default(), record.claims());
        let is_same_value = |one: &UniqueKey, other: &UniqueKey| one.key() == other.key();
        let released = held.iter().filter(|claim| !wanted.iter().any(|kept| is_same_value(kept, claim)));
        self.actions.extend(released.cloned().map(Action::Release));
        let claimed = wanted.into_iter().filter(|claim| !held.contains(claim));
        self.actions.extend(claimed.map(|claim| {
            let over = held.iter().find(|former| is_same_value(former, &claim)).cloned();
            Action::Claim(Claim { claim, over })
        }));
        Ok(self)
    }

    /// Writes everything, or nothing.
    pub async fn write(mut self) -> Result<(), TransactionError> {
        for _ in 0..TRIES {
            if let [Action::Put(put)] = self.actions.as_slice() {
                // In a transaction the same would cost twice as much.
                return match self.store.put_alone(put.clone()).await {
                    Err(WriteError::Conflict) if self.store.has_made(put).await? => Ok(()),
                    written => Ok(written?),
                };
            }
            let (parts, actions_of_parts) = self.parts()?;
            let Err(error) = self.store.transact(parts).await else {
                return Ok(());
            };
            let Some(refusal) = Refusal::of(&error) else {
                return Err(failure(error).into());
            };
            let actions_at = |parts: &[usize]| parts.iter().filter_map(|part| actions_of_parts.get(*part).copied()).collect();
            let (failed, busy): (BTreeSet<usize>, BTreeSet<usize>) = (actions_at(&refusal.failed), actions_at(&refusal.busy));
            let mut stopped = failed.union(&busy).filter_map(|index| self.actions.get(*index));
            if stopped.any(Action::is_about_a_record) {
                return Err(TransactionError::Conflict);
            }
            if failed.is_empty() {
                self.store.clock.sleep(jittered(PAUSE)).await;
            }
            self.reconsider(&failed).await?;
        }
        Err(TransactionError::Conflict)
    }

    /// What DynamoDB is asked for, and for which action each part of that is.
    fn parts(&self) -> Result<(Vec<TransactWriteItem>, Vec<usize>), StoreError> {
        let (mut parts, mut actions, mut looked_at) = (Vec::new(), Vec::new(), BTreeSet::new());
        let now = self.store.clock.now();
        for (index, action) in self.actions.iter().enumerate() {
            let of_action = action.parts(&self.store.table, now, &mut looked_at)?;
            actions.extend(of_action.iter().map(|_| index));
            parts.extend(of_action);
        }
        Ok((parts, actions))
    }

    /// Looks at who holds the values that were refused.
    async fn reconsider(&mut self, refused: &BTreeSet<usize>) -> Result<(), TransactionError> {
        let mut actions = Vec::with_capacity(self.actions.len());
        for (index, action) in std::mem::take(&mut self.actions).into_iter().enumerate() {
            if refused.contains(&index) {
                actions.extend(self.store.reconsider(action).await?);
            } else {
                actions.push(action);
            }
        }
        self.actions = actions;
        Ok(())
    }
}

/// What a transaction failed of when nothing was in its way. A part that is invalid stays so, however often it is sent.
pub(super) fn failure<R: std::fmt::Debug>(error: SdkError<TransactWriteItemsError, R>) -> StoreError {
    let has_an_invalid_part = match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
            let mut reasons = cancelled.cancellation_reasons().iter();
            reasons.any(|reason| reason.code() == Some("ValidationError"))
        }
        _ => false,
    };
    match StoreError::from(error) {
        StoreError::Unavailable(reason) if has_an_invalid_part => StoreError::Unwritable(reason),
        other => other,
    }
}

fn next_version<R>(seen: Option<&Versioned<R>>) -> u64 {
    seen.map_or(FIRST_VERSION, |seen| seen.version.saturating_add(1))
}

/// Which parts of a transaction were in its way.
#[derive(Debug, Default)]
pub(super) struct Refusal {
    /// Those whose conditions did not hold.
    failed: Vec<usize>,
    /// Those that another write was about to change.
    busy: Vec<usize>,
}

impl Refusal {
    /// `None`: it is another failure.
    pub(super) fn of<R>(error: &SdkError<TransactWriteItemsError, R>) -> Option<Self> {
        let TransactWriteItemsError::TransactionCanceledException(cancelled) = error.as_service_error()? else {
            return None;
        };
        let mut refusal = Self::default();
        for (part, reason) in cancelled.cancellation_reasons().iter().enumerate() {
            match reason.code() {
                Some("ConditionalCheckFailed") => refusal.failed.push(part),
                Some("TransactionConflict") => refusal.busy.push(part),
                Some("None") | None => {}
                Some(_) => return None,
            }
        }
        Some(refusal)
    }
}
