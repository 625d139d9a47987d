//! Why a webhook was turned away, in names that are stable enough to count by.
//!
//! The reason is for our own log and metrics. The sender learns the class only: a status code.

use std::fmt;

/// Why a webhook was not verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Rejection {
    /// Neither header family is complete.
    #[error("the {which} header is missing")]
    MissingHeader {
        /// The first one that is missing.
        which: SignedHeader,
    },
    /// A header is there but cannot be what it has to be, or is there twice.
    #[error("the {which} header is malformed")]
    MalformedHeader {
        /// The one at fault.
        which: SignedHeader,
    },
    /// The timestamp is too far from now: an old message played again, or a clock that is wrong.
    #[error("the timestamp is outside the tolerance")]
    OutsideTolerance,
    /// No signature is one of an active key.
    #[error("no active key matches a signature")]
    NoKeyMatches,
}

impl Rejection {
    /// A stable name, fit for the dimension of a metric.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::MissingHeader { .. } => "missing_header",
            Self::MalformedHeader { .. } => "malformed_header",
            Self::OutsideTolerance => "outside_tolerance",
            Self::NoKeyMatches => "no_key_matches",
        }
    }

    /// What to answer.
    #[must_use]
    pub const fn class(&self) -> RejectionClass {
        match self {
            Self::MissingHeader { .. } | Self::MalformedHeader { .. } => RejectionClass::Malformed,
            Self::OutsideTolerance | Self::NoKeyMatches => RejectionClass::Unauthorized,
        }
    }
}

/// The two ways to be turned away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RejectionClass {
    /// The request is not a signed webhook (400).
    Malformed,
    /// The request is a webhook, but not one that may be believed (401).
    Unauthorized,
}

/// One of the three headers, whatever the family calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SignedHeader {
    /// The message id.
    Id,
    /// When this attempt was signed.
    Timestamp,
    /// The list of signatures.
    Signature,
}

impl SignedHeader {
    /// A stable name, without the family's prefix.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Timestamp => "timestamp",
            Self::Signature => "signature",
        }
    }
}

impl fmt::Display for SignedHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
