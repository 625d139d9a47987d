//! What Fobless asks of an access control system: to know a phone's card number, to give it to a person, and to forget it.
//!
//! A phone whose credential is issued opens no door until the system behind the doors has its number. Every method may be
//! repeated at any time with the same outcome, so a lost reply needs no reading back: `reconcile` just asks again. No method
//! retries by itself.

mod card_number;
mod error;
mod ledger;
mod settings;

pub mod bridge;

pub use card_number::CardNumber;
pub use error::{AccessControlError, AccessControlResult};
use futures_util::future::BoxFuture;
pub use ledger::Ledger;
pub use settings::AccessControlSettings;

/// A system that opens doors to those whose card numbers it holds.
pub trait AccessControl: Send + Sync {
    /// Whether the table itself is the system: its own record of a number is the allocation, and nothing outside is called.
    fn is_the_table(&self) -> bool;

    /// Makes the system know the number and the card's other details. It opens nothing yet. A number that is known already is fine.
    fn import<'a>(&'a self, number: &'a CardNumber) -> BoxFuture<'a, AccessControlResult<()>>;

    /// Gives the number to its ACS user: from now on it opens what the ACS user may open. One that has it already is fine.
    fn allocate<'a>(&'a self, number: &'a CardNumber) -> BoxFuture<'a, AccessControlResult<()>>;

    /// Takes the number from its ACS user and out of the system. One that is gone, or was never there, is fine.
    fn remove<'a>(&'a self, number: &'a CardNumber) -> BoxFuture<'a, AccessControlResult<()>>;
}
