//! How a call to an access control system can fail. Since every call can be repeated, there is no unknown outcome to tell
//! apart: what matters is only whether to ask again, and whom to tell.

/// What a call answers.
pub type AccessControlResult<T> = Result<T, AccessControlError>;

/// Why a call did not do what was asked. Texts are for operators: no secrets, no bodies.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccessControlError {
    /// It was not done, or it is not known that it was. Ask again soon.
    #[error("the access control system can't be reached: {0}")]
    Unavailable(String),
    /// The system says that it will not do this. Asking again does not help until a person did something.
    #[error("the access control system refused: {0}")]
    Refused(String),
    /// Our own settings are wrong or missing; nothing was asked.
    #[error("the access control system is not set up: {0}")]
    Misconfigured(String),
}
