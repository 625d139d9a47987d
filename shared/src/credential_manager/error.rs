//! How a call to the outside can fail, in classes that `reconcile` can act on. The same HTTP status differs by vendor (HID
//! answers 403 for "too fast"), hence each adapter maps its own.

use crate::domain::time::Timestamp;

/// What a call answers.
pub type CallResult<T> = Result<T, CallError>;

/// Why a call did not do what was asked. Texts are for operators: no secrets, no codes, no bodies.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// Our own share of calls is used up; nothing was sent.
    #[error("the call budget is used up until {until}")]
    BudgetSpent {
        /// When there is room again.
        until: Timestamp,
    },
    /// The far side says that we are too fast; nothing was done.
    #[error("the credential manager refuses calls for being too fast, until about {until}")]
    RateLimited {
        /// When to try again.
        until: Timestamp,
    },
    /// Keys, roles or settings are wrong; a person must act.
    #[error("the credential manager does not accept our settings: {0}")]
    Misconfigured(String),
    /// Taken by somebody else (an e-mail address).
    #[error("conflict at the credential manager: {0}")]
    Conflict(String),
    /// The thing named in the call does not exist (any more).
    #[error("the credential manager does not know {0}")]
    NotFound(String),
    /// A condition of the far side is not met; perhaps the thing is there already. Read back before deciding.
    #[error("the credential manager refused: {0}")]
    Precondition(String),
    /// The far side says that the request itself is wrong. Repeating it will not help.
    #[error("the credential manager rejected the request: {0}")]
    Rejected(String),
    /// It certainly changed nothing, and may work later: no connection could be made, or the answer to a read was lost.
    #[error("the credential manager can't be reached: {0}")]
    Transient(String),
    /// It may have happened: the reply was lost, late or a server error. Read back before repeating.
    #[error("the credential manager's reply is not known: {0}")]
    UnknownOutcome(String),
    /// Our own table could not be read or written on the way.
    #[error("the table can't be used: {0}")]
    Table(String),
}
