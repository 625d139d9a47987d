//! The table: the only module that knows DynamoDB.
//!
//! One partition per user identity holds everything about that person, so one strongly consistent query loads it whole. Every
//! item carries a `version` that each write of its contents raises; a write of a whole item is conditional on the version that
//! was read, so that nobody overwrites what they have not seen. The few writes that must not read first (a webhook's fact, a
//! callback's hint) are single update expressions with their own condition.
//!
//! What a change means to the customer is written as events in the same transaction as the changed record, so each change is told
//! exactly once, whatever is repeated.

mod action;
mod api_keys;
mod calls_per_slot;
mod capacity;
mod client_sessions;
mod connect;
mod error;
mod event_keys;
mod events;
mod facts;
mod find;
mod item;
mod keys;
mod load;
mod records;
mod single_update;
mod sweep;
mod table;
mod transaction;
mod transfer;
mod unique;
mod unlinked;
mod unusable;
mod webhooks;
mod workspaces;
mod write;
#[cfg(test)]
mod write_tests;

#[cfg(test)]
mod single_update_tests;
#[cfg(test)]
mod transaction_tests;

use aws_sdk_dynamodb::Client;

pub(crate) use self::connect::endpoint_of;
pub use self::{
    api_keys::ApiKey,
    capacity::WriteUnits,
    connect::{connect, connect_over},
    error::{StoreError, WriteError},
    events::EventWindow,
    facts::{FactOutcome, HintOutcome, PhoneFact, PhoneFactKind, UserHints},
    find::{Page, PageStart},
    item::{Record, Subject},
    keys::{Collection, Key, PartitionOwner, USER_PARTITION},
    records::{CallBudgetState, CallTurn, Refusals, RemoteUserLink, TokenState},
    sweep::DueItem,
    table::{ATTRIBUTES, DEFINITION, IndexDefinition, TableDefinition},
    transaction::{Transaction, TransactionError},
    transfer::{ExportPage, ExportStart, Imported, OnConflict},
    unique::{UniqueKey, UniqueKind},
    unusable::{Redriven, Unusable},
    webhooks::WebhookWork,
};
use crate::clock::Clock;

/// The table, as the rest of Fobless uses it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    client: Client,
    table: String,
    clock: Clock,
}

impl Store {
    /// A store over the table of that name.
    #[must_use]
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self {
            client,
            table: table.into(),
            clock: Clock::system(),
        }
    }

    /// The same, but its events are dated by another clock than the machine's.
    #[must_use]
    pub fn with_clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// The table's name.
    #[must_use]
    pub fn table(&self) -> &str {
        &self.table
    }
}
