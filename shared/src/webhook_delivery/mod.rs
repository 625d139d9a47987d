//! Sending events to the webhooks that want them. Beside `reconcile` the only module that calls the outside.
//!
//! The table is the queue: an event and a webhook make one delivery, whose key is made of both ids, so that nobody begins it twice.
//! A delivery is claim, call, record; what waits for its next attempt, and a claim whose answer was never recorded, stand in the due
//! index and are woken by the sweeper. What a receiver does wrong is kept in its delivery. Only our own table can fail a batch.

mod address;
mod call;
mod message;
mod resolver;
mod review;
mod sender;
mod target;

#[cfg(test)]
pub(crate) use self::call::tests::call as call_once;
pub use self::{
    address::AddressKind,
    sender::Sender,
    target::{RefusedTarget, WebhookTargets},
};
