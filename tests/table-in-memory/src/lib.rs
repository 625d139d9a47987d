//! A table in memory with the semantics of DynamoDB, behind the real SDK: no sockets, no threads, and every request can be made to fail.
//!
//! It takes the requests that the store sends, unmodified, and refuses what it does not know rather than guess. That it answers as DynamoDB
//! does is held by the list of `tests/table-conformance`.

mod attribute;
mod capacity;
mod client;
mod database;
mod definition;
mod expression;
mod handed_over;
mod index;
mod number;
mod page;
mod query;
mod refusal;
mod request;
mod scan;
mod sdk_item;
mod stored;
mod stream;
mod table;
mod transaction;
mod write;

pub use self::{
    client::{Fate, Gate, InMemory, OpenGate},
    database::{Database, Snapshot},
    handed_over::TakesPages,
    request::Request,
};
