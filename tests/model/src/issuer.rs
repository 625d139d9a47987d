//! An issuer at one instant of a step: claim -> \[read back\] -> call -> record.

use crate::{credential_manager::CredentialName, record::LastCall};

/// A claim that a worker works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Claim {
    /// Whose phone credential.
    pub phone: usize,
    /// Whether the record still has this claim's fencing token. A token is compared with the record's and nothing else, and each claim
    /// raises that, so "it is mine" is all that there is to know; once lost it never comes back.
    pub holds: bool,
    /// `Attempt::unknown_since`: whether an earlier call may have worked.
    pub unknown: bool,
    /// `Attempt::earlier_call_at`: the last call that was never answered, as it was when this one was claimed.
    pub earlier_call: LastCall,
    /// `Attempt::is_unanswered`: whether this claim's own call was not answered either.
    pub is_unanswered: bool,
    /// The next instant.
    pub next: Instant,
}

/// What the worker is about to do. A crash can come before each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Instant {
    /// `issue_or_adopt`: read back before a call is repeated.
    ReadBack,
    /// `CredentialManager::issue`.
    Issue,
    /// `issue_or_adopt`: read back after a refusal or a lost reply.
    ReadBackAfter(Doubt),
    /// `record_issue`.
    RecordIssue(Issue),
    /// `revoke`: the credential that the record names.
    RevokeNamed(CredentialName),
    /// `revoke_unnamed`: look what is on the endpoint.
    Look,
    /// `revoke_unnamed`: revoke what the look showed. `is_final`: whether no call was at work any more when the time was read.
    RevokeFound {
        /// What was seen.
        found: CredentialName,
        /// Whether the look counts.
        is_final: bool,
    },
    /// `revoke_unnamed`: ask the clock, only now, whether the look counts. An error that the code had.
    AskClock,
    /// `record_outcome` of `withdraw`.
    RecordWithdrawal(Withdrawal),
}

/// Why the reply to an issue does not say whether the credential is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Doubt {
    /// It was refused, perhaps since it is there already.
    Refused,
    /// No reply came.
    Unanswered,
}

/// What came of an issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Issue {
    /// The credential is there.
    Held(CredentialName),
    /// It is not, as far as is known; it is tried again.
    Failed {
        /// Whether the call may have worked all the same.
        may_have_worked: bool,
    },
    /// Refused with a reason that only a person can mend.
    Refused,
}

/// What came of a withdrawal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Withdrawal {
    /// Nothing is left.
    Gone,
    /// A look was too early to count.
    TooEarly,
    /// The reply was lost.
    Unanswered,
}

impl Claim {
    /// Whether a call that changes something at the credential manager may still follow.
    #[must_use]
    pub fn is_before_its_call(&self) -> bool {
        matches!(
            self.next,
            Instant::ReadBack | Instant::Issue | Instant::RevokeNamed(_) | Instant::Look | Instant::RevokeFound { .. }
        )
    }

    /// Whether a call to issue may still follow.
    #[must_use]
    pub fn may_issue(&self) -> bool {
        matches!(self.next, Instant::ReadBack | Instant::Issue)
    }

    /// The names that the worker remembers.
    #[must_use]
    pub fn name(&self) -> Option<CredentialName> {
        match self.next {
            Instant::RecordIssue(Issue::Held(name)) | Instant::RevokeNamed(name) | Instant::RevokeFound { found: name, .. } => Some(name),
            _ => None,
        }
    }

    /// The same claim with other names.
    #[must_use]
    pub fn renamed(mut self, rename: impl Fn(CredentialName) -> CredentialName) -> Self {
        match &mut self.next {
            Instant::RecordIssue(Issue::Held(name)) | Instant::RevokeNamed(name) | Instant::RevokeFound { found: name, .. } => {
                *name = rename(*name);
            }
            _ => {}
        }
        self
    }
}
