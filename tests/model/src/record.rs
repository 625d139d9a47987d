//! The phone credential's record in the table, as far as the protocol needs it.

use crate::credential_manager::CredentialName;

/// Where the record stands: `PhoneCredentialState`, with `Importing` and what comes after folded into `Issued`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordState {
    /// There is no record yet.
    Absent,
    /// To be issued.
    Pending,
    /// On its way to the phone.
    Issuing(CredentialName),
    /// On the phone.
    Issued(CredentialName),
    /// To be taken away; without a name when an unanswered issue may have left one.
    Revoking(Option<CredentialName>),
    /// Gone.
    Revoked,
    /// Parked with a reason: somebody must act.
    Parked,
}

impl RecordState {
    /// The credential that it names.
    #[must_use]
    pub fn name(self) -> Option<CredentialName> {
        match self {
            Self::Issuing(name) | Self::Issued(name) => Some(name),
            Self::Revoking(name) => name,
            Self::Absent | Self::Pending | Self::Revoked | Self::Parked => None,
        }
    }

    /// The same state with other names.
    #[must_use]
    pub fn renamed(self, rename: impl Fn(CredentialName) -> CredentialName) -> Self {
        match self {
            Self::Issuing(name) => Self::Issuing(rename(name)),
            Self::Issued(name) => Self::Issued(rename(name)),
            Self::Revoking(name) => Self::Revoking(name.map(rename)),
            state => state,
        }
    }

    /// Whether the protocol may ever write `next` over it. `Pending` after a claim that issues anew is a beginning, not a way back;
    /// what is never allowed is to leave a withdrawal but through its end, or to come to a name but from `Pending`.
    #[must_use]
    pub fn may_become(self, next: Self) -> bool {
        if self == next {
            return true;
        }
        match next {
            Self::Absent => false,
            Self::Pending => matches!(self, Self::Absent | Self::Revoked | Self::Parked | Self::Issuing(_)),
            Self::Issuing(_) | Self::Parked => self == Self::Pending,
            Self::Issued(name) => self == Self::Issuing(name),
            Self::Revoking(name) => self.name() == name && !matches!(self, Self::Absent | Self::Revoked),
            Self::Revoked => matches!(self, Self::Revoking(_)),
        }
    }
}

/// `Effort::lease_until`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lease {
    /// Nobody holds the step.
    Free,
    /// Somebody does.
    Held,
    /// Somebody did, and the lease ran out. Until the next claim the holder may still record.
    RanOut,
}

/// `Effort::last_call_at`, as far as it matters: whether a call to issue may still be at work at the credential manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LastCall {
    /// Every call was answered.
    Answered,
    /// A call was not answered, or not yet, and the slowest one would not be over.
    AtWork,
    /// Not answered, but over by now: what it made is there.
    Over,
}

/// The record of one phone credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Record {
    /// Where it stands.
    pub state: RecordState,
    /// Who holds it.
    pub lease: Lease,
    /// `Effort::unknown_since`: whether an earlier call may have worked.
    pub unknown: bool,
    /// The last call.
    pub last_call: LastCall,
    /// `Effort::not_before` of a withdrawal that waits for the last call to be over.
    pub waits_for_last_call: bool,
}

impl Record {
    /// No record.
    pub const ABSENT: Self = Self {
        state: RecordState::Absent,
        lease: Lease::Free,
        unknown: false,
        last_call: LastCall::Answered,
        waits_for_last_call: false,
    };

    /// `Effort::claim`.
    pub fn claim(&mut self) {
        self.lease = Lease::Held;
        self.unknown = true;
        self.waits_for_last_call = false;
    }

    /// `Effort::succeed`.
    pub fn succeed(&mut self) {
        self.lease = Lease::Free;
        self.unknown = false;
        self.waits_for_last_call = false;
    }

    /// `Effort::fail` and `Effort::postpone`.
    pub fn set_back(&mut self, unknown: bool) {
        self.lease = Lease::Free;
        self.unknown = unknown;
    }

    /// Whether the step can be claimed.
    #[must_use]
    pub fn is_free(&self) -> bool {
        self.lease != Lease::Held
    }
}
