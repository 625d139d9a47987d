//! What a client is told that wants a value which another person has.

use fobless::store::{TransactionError, UniqueKind};

use crate::problem::Problem;

/// The refusal of a write of a person.
pub(super) fn taken(error: TransactionError) -> Problem {
    let field = match &error {
        TransactionError::Taken(kind) => field_of(*kind),
        TransactionError::Conflict | TransactionError::Store(_) => None,
    };
    match field {
        Some(field) => Problem::invalid_field(field, "Another user identity has the same one"),
        None => error.into(),
    }
}

const fn field_of(kind: UniqueKind) -> Option<&'static str> {
    match kind {
        UniqueKind::UserIdentityKey => Some("user_identity_key"),
        UniqueKind::EmailAddress => Some("email_address"),
        UniqueKind::PhoneNumber => Some("phone_number"),
        UniqueKind::AcsUserOfIdentity
        | UniqueKind::UnlinkedEmailAddress
        | UniqueKind::UnlinkedPhoneNumber
        | UniqueKind::UserIdentifierKey => None,
    }
}
