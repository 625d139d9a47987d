//! The whole state: table, issuers, credential manager, network; and its representative among all states that differ in names alone.

use crate::{
    credential_manager::{CredentialName, Endpoint, Names},
    issuer::Claim,
    record::{Record, RecordState},
};

/// How many phones the person has.
pub const PHONES: usize = 2;
/// How many issuers run at once.
pub const ISSUERS: usize = 2;

/// One phone, everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Phone {
    /// The newest webhook that the phone's item holds: 1 registered, 2 deactivated, 3 registered again; 0 for none. An older one that
    /// comes late, or the same again, changes nothing.
    pub newest_webhook: u8,
    /// Its phone credential in the table.
    pub record: Record,
    /// Its endpoint at the credential manager.
    pub endpoint: Endpoint,
}

/// How much may still go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bounds {
    /// Crashes of issuers.
    pub crashes: u8,
    /// Calls that go otherwise than they should: lost on the way, reply lost, answered late, refused for good.
    pub faults: u8,
    /// Workers that outlive their lease.
    pub overruns: u8,
}

/// The state of the model.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct World {
    /// The phones.
    pub phones: [Phone; PHONES],
    /// What each issuer is at.
    pub issuers: [Option<Claim>; ISSUERS],
    /// Whether the multi-phone sync credential was deleted.
    pub is_parent_deleted: bool,
    /// How much may still go wrong.
    pub left: Bounds,
    /// Whether some write took a record to where the protocol never leads from where it was.
    pub went_backwards: bool,
}

impl World {
    /// Nothing happened yet.
    #[must_use]
    pub fn new(bounds: Bounds) -> Self {
        let phone = Phone {
            newest_webhook: 0,
            record: Record::ABSENT,
            endpoint: Endpoint::default(),
        };
        Self {
            phones: [phone; PHONES],
            issuers: [None; ISSUERS],
            is_parent_deleted: false,
            left: bounds,
            went_backwards: false,
        }
    }

    /// Whether the phone is to have a credential.
    #[must_use]
    pub fn is_wished(&self, phone: usize) -> bool {
        !self.is_parent_deleted && self.phones[phone].newest_webhook % 2 == 1
    }

    /// Those that work on the phone's record.
    pub fn claims_of(&self, phone: usize) -> impl Iterator<Item = &Claim> {
        self.issuers.iter().flatten().filter(move |claim| claim.phone == phone)
    }

    /// Writes a state into a record, and notices a way that the protocol does not know.
    pub fn write_state(&mut self, phone: usize, next: RecordState) {
        let record = &mut self.phones[phone].record;
        self.went_backwards |= !record.state.may_become(next);
        record.state = next;
    }

    /// A name that nothing holds.
    #[must_use]
    pub fn new_name(&self, phone: usize) -> CredentialName {
        let used = self.names(phone);
        (0..8)
            .map(CredentialName::of_index)
            .find(|name| !used.contains(*name))
            .unwrap_or_default()
    }

    /// Every name that anything holds, in an order that does not depend on the names.
    fn names(&self, phone: usize) -> Names {
        let Phone { record, endpoint, .. } = &self.phones[phone];
        let mut names = Names::default();
        let held = record.state.name().into_iter();
        for name in held.chain(self.claims_of(phone).filter_map(Claim::name)).chain(endpoint.live()) {
            names.add(name);
        }
        names
    }

    /// The one that stands for all states that differ from this one only in which phone or issuer is the first, and in names. None of
    /// these makes a difference to any action or property.
    #[must_use]
    pub fn representative(self) -> Self {
        let mut swapped = self.clone();
        swapped.phones.reverse();
        for claim in swapped.issuers.iter_mut().flatten() {
            claim.phone = PHONES - 1 - claim.phone;
        }
        self.in_order().min(swapped.in_order())
    }

    fn in_order(mut self) -> Self {
        let mut reversed = self.clone();
        reversed.issuers.reverse();
        self.rename();
        reversed.rename();
        self.min(reversed)
    }

    fn rename(&mut self) {
        for phone in 0..PHONES {
            let names = self.names(phone);
            if names.are_in_order() {
                continue;
            }
            let rename = |name| names.place_of(name);
            let seen = &mut self.phones[phone];
            seen.endpoint = seen.endpoint.renamed(rename);
            seen.record.state = seen.record.state.renamed(rename);
            for claim in self.issuers.iter_mut().flatten().filter(|claim| claim.phone == phone) {
                *claim = claim.renamed(rename);
            }
        }
    }
}
