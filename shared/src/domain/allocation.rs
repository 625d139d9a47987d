//! What an access control system may hold for a phone's credential.

use serde::{Deserialize, Serialize};

use super::{
    ids::{AcsSystemId, AcsUserId},
    retry::{LEASE, settled_at},
    time::Timestamp,
};

/// A card number in an access control system, and who holds it there. Its names in the table are short, since a write is paid by the kilobyte; the long ones
/// are read too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allocation {
    /// The system.
    #[serde(rename = "s", alias = "acs_system_id")]
    pub acs_system_id: AcsSystemId,
    /// Who holds the number.
    #[serde(rename = "u", alias = "acs_user_id")]
    pub acs_user_id: AcsUserId,
    /// The number that readers see.
    #[serde(rename = "n", alias = "card_number")]
    pub card_number: String,
    /// How many allocations of this credential there were, this one included: a number that is taken back and given again is another
    /// allocation, also to a system that remembers what it was told.
    #[serde(rename = "g", alias = "generation")]
    pub generation: u32,
    /// Whether its removal was begun. Whatever came of that, it is removed to the end, also where the number is wished there again meanwhile:
    /// a system that has removed it takes another import of the same allocation for a repeat.
    #[serde(rename = "l", alias = "is_leaving", default, skip_serializing_if = "std::ops::Not::not")]
    pub is_leaving: bool,
    /// The period that a system behind a connector was told, which may close its doors by that alone. A system that Fobless keeps itself is told none.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    /// When a call about this allocation may last have been sent that was not answered: the system may still be at it.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub unanswered_at: Option<Timestamp>,
    /// The same of calls about the allocations before it, which a system knows by other ids: what it answers to this one says nothing about them.
    #[serde(rename = "o", default, skip_serializing_if = "Option::is_none")]
    pub overtaken_at: Option<Timestamp>,
    /// Whether a system behind a connector answered that it knows the number with its period, and nothing older can come after that.
    #[serde(rename = "t", default, skip_serializing_if = "std::ops::Not::not")]
    pub is_told: bool,
}

impl Allocation {
    /// Until when some call that was not answered may still be at work.
    #[must_use]
    pub fn settled_at(&self) -> Option<Timestamp> {
        self.unanswered_at.max(self.overtaken_at).map(settled_at)
    }

    /// Until when a call about an allocation before this one may still be at work.
    #[must_use]
    pub fn overtaken_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.overtaken_at.map(settled_at).filter(|until| *until > now)
    }

    /// What is told from now on is no repeat of what was told before. `allocations` counts what a credential's systems were told apart.
    pub const fn renumber(&mut self, allocations: &mut u32) {
        *allocations = allocations.saturating_add(1);
        self.generation = *allocations;
    }

    /// A removal is claimed: for good, as another one than those before, once nothing can come any more that was to bring the number. Until then a removal, too,
    /// may come late.
    pub fn claim_removal(&mut self, allocations: &mut u32, now: Timestamp) {
        match self.settled_at() {
            None => {}
            Some(settled_at) if settled_at > now => self.unanswered_at = Some(now.plus(LEASE)),
            Some(_) => {
                self.renumber(allocations);
                self.unanswered_at = None;
                self.overtaken_at = None;
            }
        }
    }

    /// What came of a removal is known at `now`; that it was not for good stays so.
    pub fn record_removal(&mut self, now: Timestamp) {
        if self.settled_at().is_some() {
            self.unanswered_at = Some(now);
        }
    }
}

/// From when until when a number counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// From when on; from the beginning where there is none.
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<Timestamp>,
    /// Until when; for ever where there is none.
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Timestamp>,
}
