//! What was tried for a record, and what came of it: the newest entries, kept inside the effort that they are about.
//!
//! They are written with the record's own writes, so they cost no write of their own. A write is paid by the kilobyte: there are few
//! entries, their names are short, and a message that repeats is kept once.

use serde::{Deserialize, Serialize};

use super::{
    failure::{Failure, FailureCode},
    time::Timestamp,
};

/// How many entries an effort keeps.
pub const HISTORY_LIMIT: usize = 20;
/// How much of a failure's message an entry keeps, in characters.
pub const MESSAGE_LIMIT: usize = 160;

/// How many failures keep their words. Of older ones the kind of failure is told.
const WORDY_FAILURES: usize = 4;

/// The newest of what was tried and seen, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    #[serde(rename = "e", default, skip_serializing_if = "Vec::is_empty")]
    entries: Vec<Entry>,
    #[serde(rename = "x", default, skip_serializing_if = "is_zero")]
    dropped: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// One thing that was tried or seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When it was claimed, or seen.
    #[serde(rename = "t")]
    pub at: Timestamp,
    /// What it was.
    #[serde(rename = "w")]
    pub what: What,
}

/// What an entry tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum What {
    /// A step was claimed.
    #[serde(rename = "d")]
    Did {
        /// Which.
        #[serde(rename = "d")]
        deed: Deed,
        /// The fencing token of the claim: how often a step of this record had been claimed.
        #[serde(rename = "n")]
        attempt: u32,
        /// What came of it.
        #[serde(rename = "o")]
        outcome: Outcome,
    },
    /// The credential manager showed it.
    #[serde(rename = "s")]
    Saw(Seen),
    /// A failure that no try met: there is no room, or something ended by itself.
    #[serde(rename = "f")]
    Met {
        /// What kind of failure it is.
        #[serde(rename = "c")]
        code: FailureCode,
        /// What happened.
        #[serde(rename = "m")]
        message: String,
    },
}

/// A step that changes something outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// The person is made known to the credential manager.
    EnsureUser,
    /// The phone is invited.
    Invite,
    /// The phone is given a credential.
    Issue,
    /// The credential's number is brought to its ACS user.
    Import,
    /// The credential is taken away.
    Withdraw,
    /// What is on an endpoint that the phone had before is taken away.
    Retire,
    /// The phone's enrollment is ended.
    EndEnrollment,
    /// An endpoint that the phone had before is removed.
    RemoveEndpoint,
}

/// What came of a claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// Nothing was recorded: the worker died, or is still at it.
    #[serde(rename = "u")]
    Unanswered,
    /// It worked.
    #[serde(rename = "w")]
    Worked,
    /// It failed.
    #[serde(rename = "f")]
    Failed {
        /// What kind of failure it is.
        #[serde(rename = "c")]
        code: FailureCode,
        /// What happened; absent where the next entry failed in the same words, empty where the words are not kept any more.
        #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
        message: Option<String>,
    },
    /// It could not even be tried.
    #[serde(rename = "p")]
    Postponed {
        /// Until when.
        #[serde(rename = "u")]
        until: Timestamp,
    },
}

/// What the credential manager shows without our doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seen {
    /// The phone redeemed its invitation.
    Redeemed,
    /// The invitation was redeemed, and it is not known which endpoint came from it.
    RedeemedByUnknown,
    /// The invitation ended unused.
    InvitationEnded,
    /// The credential is on the phone.
    OnPhone,
    /// Somebody revoked the credential there.
    RevokedThere,
    /// The phone is not known there any more.
    EndpointGone,
}

impl History {
    /// Whether there is nothing to tell.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.dropped == 0
    }

    /// How many older entries are not kept any more.
    #[must_use]
    pub const fn dropped(&self) -> u32 {
        self.dropped
    }

    /// The entries, oldest first.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// What an entry's failure said, also where a later entry keeps the words for it.
    #[must_use]
    pub fn message_of(&self, index: usize) -> Option<&str> {
        let failures = self.entries.iter().skip(index).map_while(|entry| match &entry.what {
            What::Did {
                outcome: Outcome::Failed { message, .. },
                ..
            } => Some(message.as_deref()),
            _ => None,
        });
        failures.flatten().next()
    }

    /// When the first of the tries was made that none worked since, as far as it is still kept; `None`: the last try worked.
    #[must_use]
    pub fn trying_since(&self) -> Option<Timestamp> {
        let tries = self.entries.iter().rev().filter_map(|entry| match &entry.what {
            What::Did { outcome, .. } => Some((entry.at, outcome)),
            What::Saw(_) | What::Met { .. } => None,
        });
        let in_vain = tries.take_while(|(_, outcome)| **outcome != Outcome::Worked);
        in_vain.map(|(at, _)| at).last()
    }

    /// A step was claimed.
    pub(super) fn claimed(&mut self, deed: Deed, attempt: u32, at: Timestamp) {
        let outcome = Outcome::Unanswered;
        self.push(at, What::Did { deed, attempt, outcome });
    }

    /// What came of the claim with this token, if it was kept and nothing else was recorded of it.
    pub(super) fn answered(&mut self, token: u32, answer: Outcome) {
        let position = self
            .entries
            .iter()
            .rposition(|entry| matches!(&entry.what, What::Did { attempt, outcome: Outcome::Unanswered, .. } if *attempt == token));
        let Some(position) = position else { return };
        self.forget_repeated_words(position, &answer);
        if let Some(Entry {
            what: What::Did { outcome, .. },
            ..
        }) = self.entries.get_mut(position)
        {
            *outcome = answer;
        }
        self.forget_old_words();
    }

    /// What was long ago is told in fewer words: they are paid for with every write.
    fn forget_old_words(&mut self) {
        let words = self.entries.iter_mut().rev().filter_map(|entry| match &mut entry.what {
            What::Did {
                outcome: Outcome::Failed { message, .. },
                ..
            } => message.as_mut(),
            _ => None,
        });
        words.skip(WORDY_FAILURES).for_each(String::clear);
    }

    /// The entry before `position` need not keep the words that this answer repeats.
    fn forget_repeated_words(&mut self, position: usize, answer: &Outcome) {
        let before = position.checked_sub(1).and_then(|before| self.entries.get_mut(before));
        if let Some(Entry {
            what: What::Did { outcome, .. },
            ..
        }) = before
            && outcome == answer
            && let Outcome::Failed { message, .. } = outcome
        {
            *message = None;
        }
    }

    /// The credential manager showed it. What was the newest already is not told twice.
    pub(super) fn saw(&mut self, seen: Seen, at: Timestamp) {
        self.push_news(at, What::Saw(seen));
    }

    /// A failure that no try met. What was the newest already is not told twice.
    pub(super) fn met(&mut self, failure: &Failure) {
        let (code, message) = (failure.code, cut(&failure.message));
        self.push_news(failure.at, What::Met { code, message });
    }

    fn push_news(&mut self, at: Timestamp, what: What) {
        if self.entries.last().is_none_or(|newest| newest.what != what) {
            self.push(at, what);
        }
    }

    /// Keeps no more than the newest `count` entries, of a record that must stay small.
    pub fn keep_newest(&mut self, count: usize) {
        let surplus = self.entries.len().saturating_sub(count);
        self.entries.drain(..surplus);
        self.dropped = self.dropped.saturating_add(u32::try_from(surplus).unwrap_or(u32::MAX));
    }

    fn push(&mut self, at: Timestamp, what: What) {
        self.entries.push(Entry { at, what });
        self.keep_newest(HISTORY_LIMIT);
    }
}

impl From<&Failure> for Outcome {
    fn from(failure: &Failure) -> Self {
        Self::Failed {
            code: failure.code,
            message: Some(cut(&failure.message)),
        }
    }
}

fn cut(message: &str) -> String {
    message.chars().take(MESSAGE_LIMIT).collect()
}
