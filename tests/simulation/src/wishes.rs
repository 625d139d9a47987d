//! What is wished, written down by the case itself: what `plan` brings about is judged by this and not by its own rules.

use fobless::domain::{
    ids::{AcsCredentialId, AcsUserId},
    time::Timestamp,
};

/// What a phone event said.
#[derive(Clone, Copy, Debug)]
pub struct PhoneEvent {
    /// Which phone.
    pub phone: usize,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// Whether it was registered, and not deactivated.
    pub is_registration: bool,
}

/// What is wished of a parent.
#[derive(Clone, Debug)]
pub struct WishedParent {
    /// Which of the person's parents.
    pub slot: usize,
    /// Its id.
    pub id: AcsCredentialId,
    /// Whose it is.
    pub holder: Option<AcsUserId>,
    /// When its time ends.
    pub ends_at: Option<Timestamp>,
    /// Whether it was deleted.
    pub is_deleted: bool,
    /// When it was assigned to an ACS user.
    pub assigned_at: Vec<Timestamp>,
}

/// Everything that is wished of a person.
#[derive(Clone, Debug, Default)]
pub struct Wishes {
    /// What was told of phones.
    pub phone_events: Vec<PhoneEvent>,
    /// Every parent that ever was.
    pub parents: Vec<WishedParent>,
    /// Who may not open doors.
    pub suspended: Vec<AcsUserId>,
    /// Whether the automation runs.
    pub is_enrolling: bool,
    /// Whether the person is to be deleted.
    pub is_deleted: bool,
}

impl Wishes {
    /// Whether the phone is in use: what the newest event says, and of two from the same moment the deactivation.
    #[must_use]
    pub fn is_registered(&self, phone: usize) -> bool {
        let of_phone = self.phone_events.iter().filter(|event| event.phone == phone);
        let newest = of_phone.max_by_key(|event| (event.occurred_at, !event.is_registration));
        newest.is_some_and(|event| event.is_registration) && !self.is_deleted
    }

    /// The parents that are to be on every phone that is in use and enrolled.
    pub fn in_force(&self, now: Timestamp) -> impl Iterator<Item = &WishedParent> {
        self.parents.iter().filter(move |parent| {
            let is_within_its_time = parent.ends_at.is_none_or(|end| now < end);
            let may_open_doors = parent.holder.is_some_and(|holder| !self.suspended.contains(&holder));
            !parent.is_deleted && !self.is_deleted && is_within_its_time && may_open_doors
        })
    }

    /// The parent of this slot that nobody deleted.
    pub fn parent(&mut self, slot: usize) -> Option<&mut WishedParent> {
        let is_deleted = self.is_deleted;
        let mut parents = self.parents.iter_mut();
        parents.find(|parent| parent.slot == slot && !parent.is_deleted && !is_deleted)
    }
}
