//! What is shown at all: nothing that is gone, and nothing of a person who is. The records stay for a while, for clients that repeat a
//! delete; to everybody else they don't exist.

use fobless::domain::{
    acs::AcsUser,
    aggregate::Aggregate,
    deletion::{Deletable, Deletion},
    ids::{AcsCredentialId, AcsSystemId, AcsUserId},
    multi_phone_sync_credential::MultiPhoneSyncCredential,
    phone_credential::PhoneCredential,
    user_identity::UserIdentity,
};

/// A person's things, as far as they are shown.
pub(crate) trait Shown {
    /// The person.
    fn shown_identity(&self) -> Option<&UserIdentity>;
    /// Whether the person is gone. One whom nobody described is not.
    fn is_person_gone(&self) -> bool;
    /// The ACS users.
    fn shown_acs_users(&self) -> impl Iterator<Item = &AcsUser>;
    /// An ACS user.
    fn shown_acs_user(&self, id: AcsUserId) -> Option<&AcsUser>;
    /// The ACS user in a system. There is at most one, apart from those that are gone.
    fn shown_acs_user_in(&self, system: AcsSystemId) -> Option<&AcsUser>;
    /// A parent.
    fn shown_parent(&self, id: AcsCredentialId) -> Option<&MultiPhoneSyncCredential>;
    /// A child. Whether it is revoked, its own object tells.
    fn shown_child(&self, id: AcsCredentialId) -> Option<&PhoneCredential>;
    /// The deletion because of which a parent will never be on a phone again: its own, its ACS user's or its person's.
    fn deletion_of<'a>(&'a self, parent: &'a MultiPhoneSyncCredential) -> Option<&'a Deletion>;
}

impl Shown for Aggregate {
    fn shown_identity(&self) -> Option<&UserIdentity> {
        let identity = self.identity.as_ref().map(|found| &found.record);
        identity.filter(|identity| !identity.is_gone())
    }

    fn is_person_gone(&self) -> bool {
        self.identity.as_ref().is_some_and(|identity| identity.record.is_gone())
    }

    fn shown_acs_users(&self) -> impl Iterator<Item = &AcsUser> {
        let is_person_gone = self.is_person_gone();
        let users = self.acs_users.iter().map(|found| &found.record);
        users.filter(move |user| !is_person_gone && !user.is_gone())
    }

    fn shown_acs_user(&self, id: AcsUserId) -> Option<&AcsUser> {
        self.shown_acs_users().find(|user| user.acs_user_id == id)
    }

    fn shown_acs_user_in(&self, system: AcsSystemId) -> Option<&AcsUser> {
        self.shown_acs_users().find(|user| user.acs_system_id == system)
    }

    fn shown_parent(&self, id: AcsCredentialId) -> Option<&MultiPhoneSyncCredential> {
        let parent = self.credential(id).map(|found| &found.record);
        parent.filter(|parent| !parent.is_gone() && !self.is_person_gone())
    }

    fn shown_child(&self, id: AcsCredentialId) -> Option<&PhoneCredential> {
        let child = self.phone_credential(id).map(|found| &found.record);
        child.filter(|_| !self.is_person_gone())
    }

    fn deletion_of<'a>(&'a self, parent: &'a MultiPhoneSyncCredential) -> Option<&'a Deletion> {
        let holder = parent.acs_user_id.and_then(|holder| self.acs_user(holder));
        let of_holder = holder.and_then(|holder| holder.record.deletion.as_ref());
        let of_person = self.identity.as_ref().and_then(|identity| identity.record.deletion.as_ref());
        parent.deletion.as_ref().or(of_holder).or(of_person)
    }
}
