//! Signed webhooks: proof that a request comes from someone who holds a workspace's secret, and what it then says about a phone.
//!
//! The scheme is that of Standard Webhooks, which Svix, and through it Seam, speaks under its own header names. The way of a
//! request is fixed by the types: an [`UnverifiedWebhook`] gives its body to nobody; [`UnverifiedWebhook::verify`] turns it into
//! a [`VerifiedWebhook`], and only from that can a [`PhoneEvent`] be read.
//!
//! A verified webhook may still be a repetition, since senders deliver at least once. The message id is the same for each
//! attempt, the timestamp and signature are not.

mod draw;
mod event_fields;
mod event_metadata;
mod headers;
mod key;
mod message_id;
mod phone_event;
mod rejection;
mod sign;
mod signature;
pub mod signed_webhook;
mod verify;

#[cfg(test)]
mod event_metadata_tests;
#[cfg(test)]
mod phone_event_tests;
#[cfg(test)]
mod property_tests;
#[cfg(test)]
mod signed_headers_tests;
#[cfg(test)]
mod vectors;
#[cfg(test)]
mod verify_tests;

pub use draw::{NoRandomness, draw_secret};
pub use event_fields::{FieldProblem, MalformedEvent};
pub use headers::HeaderFamily;
pub use key::{ActiveKey, InvalidKey, VerificationKey};
pub use message_id::{InvalidMessageId, MessageId};
pub use phone_event::{PhoneEvent, PhoneReference};
pub use rejection::{Rejection, RejectionClass, SignedHeader};
pub use sign::SigningKey;
pub use verify::{TOLERANCE, UnverifiedWebhook, VerifiedWebhook};
