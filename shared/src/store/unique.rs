//! Values that may be held once: a person's e-mail address in a workspace, the ACS user of a person in a system.
//!
//! The index by id can't promise that, so each such value has a small item of its own, written together with its holder. Two kinds
//! of value are no promise but only lead to those who have it: there each holder has an item of its own.

use serde::{Deserialize, Serialize};

use super::{Store, error::StoreError, item::Record, keys::Key};
use crate::{
    digest::hex_sha256,
    domain::{
        acs::AcsUser,
        client_session::ClientSession,
        deletion::Deletable,
        happenings::Tells,
        ids::{AcsSystemId, WorkspaceId},
        time::Timestamp,
        user_identity::UserIdentity,
    },
};

/// The names of the fields that tell whose a claim is.
pub(super) mod holder {
    pub(crate) const PARTITION: &str = "holder_partition";
    pub(crate) const ITEM: &str = "holder_item";
}

/// What kind of value it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UniqueKind {
    /// The customer's own key of a user identity.
    UserIdentityKey,
    /// The e-mail address of a user identity; upper and lower case are the same.
    EmailAddress,
    /// The phone number of a user identity.
    PhoneNumber,
    /// The one ACS user that a user identity has in a system.
    AcsUserOfIdentity,
    /// The e-mail address, in one system, of an ACS user who is nobody's.
    UnlinkedEmailAddress,
    /// The phone number, in one system, of an ACS user who is nobody's.
    UnlinkedPhoneNumber,
    /// The customer's own key of a client session.
    UserIdentifierKey,
}

impl UniqueKind {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::UserIdentityKey => "USER_IDENTITY_KEY",
            Self::EmailAddress => "EMAIL_ADDRESS",
            Self::PhoneNumber => "PHONE_NUMBER",
            Self::AcsUserOfIdentity => "ACS_USER_OF_IDENTITY",
            Self::UnlinkedEmailAddress => "UNLINKED_EMAIL_ADDRESS",
            Self::UnlinkedPhoneNumber => "UNLINKED_PHONE_NUMBER",
            Self::UserIdentifierKey => "USER_IDENTIFIER_KEY",
        }
    }

    /// SHA-256 of the value, in hex: of one length whatever the value, and nothing to read in a log.
    pub(super) fn hash(self, value: &str) -> String {
        match self {
            Self::EmailAddress | Self::UnlinkedEmailAddress => hex_sha256(&value.to_lowercase()),
            Self::UserIdentityKey | Self::PhoneNumber | Self::AcsUserOfIdentity | Self::UnlinkedPhoneNumber | Self::UserIdentifierKey => {
                hex_sha256(value)
            }
        }
    }
}

/// Who holds a value. It counts only while the holder's record exists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UniqueKey {
    /// The tenant in which the value is unique.
    pub workspace_id: WorkspaceId,
    /// What kind of value it is.
    pub kind: UniqueKind,
    key: String,
    #[serde(default = "the_only_one", skip_serializing_if = "is_the_only_one")]
    item: String,
    holder_partition: String,
    holder_item: String,
    /// Until when it is kept, where its holder is kept only for a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kept_until: Option<Timestamp>,
}

/// The item part of a claim that keeps others out.
pub(super) const THE_ONLY_ONE: &str = "UNIQUE";

fn the_only_one() -> String {
    THE_ONLY_ONE.to_owned()
}

fn is_the_only_one(item: &str) -> bool {
    item == THE_ONLY_ONE
}

impl UniqueKey {
    /// The claim of `holder` to be the only one with a value.
    #[must_use]
    pub fn new(workspace_id: WorkspaceId, kind: UniqueKind, value: &str, holder: Key) -> Self {
        Self::at(Key::unique(workspace_id, kind, value), workspace_id, kind, holder)
    }

    fn at(key: Key, workspace_id: WorkspaceId, kind: UniqueKind, holder: Key) -> Self {
        Self {
            workspace_id,
            kind,
            key: key.partition,
            item: key.item,
            holder_partition: holder.partition,
            holder_item: holder.item,
            kept_until: None,
        }
    }

    /// The claims of a user identity: its key, e-mail address and phone number, as far as it has them.
    #[must_use]
    pub fn of_identity(identity: &UserIdentity) -> Vec<Self> {
        let values = [
            (UniqueKind::UserIdentityKey, &identity.user_identity_key),
            (UniqueKind::EmailAddress, &identity.email_address),
            (UniqueKind::PhoneNumber, &identity.phone_number),
        ];
        let claim =
            |(kind, value): (UniqueKind, &Option<String>)| Some(Self::new(identity.workspace_id, kind, value.as_ref()?, identity.key()));
        values.into_iter().filter_map(claim).collect()
    }

    /// The claims of an ACS user: to be the only one of its person in its system, or, while it is nobody's, to be found there by e-mail
    /// address and phone number.
    #[must_use]
    pub fn of_acs_user(user: &AcsUser) -> Vec<Self> {
        let workspace = user.workspace_id;
        if let Some(identity) = user.user_identity_id {
            let value = in_system(user.acs_system_id, &identity.to_string());
            return vec![Self::new(workspace, UniqueKind::AcsUserOfIdentity, &value, user.key())];
        }
        let contacts = [
            (UniqueKind::UnlinkedEmailAddress, &user.email_address),
            (UniqueKind::UnlinkedPhoneNumber, &user.phone_number),
        ];
        let claim = |(kind, contact): (UniqueKind, &Option<String>)| {
            let value = in_system(user.acs_system_id, contact.as_ref()?);
            let key = Key::shared(workspace, kind, &value, user.created_at, user.acs_user_id);
            Some(Self::at(key, workspace, kind, user.key()))
        };
        contacts.into_iter().filter_map(claim).collect()
    }

    /// The claim of a client session to the customer's own key of it, if it has one.
    #[must_use]
    pub fn of_client_session(session: &ClientSession) -> Option<Self> {
        let key = session.user_identifier_key.as_ref()?;
        let claim = Self::new(session.workspace_id, UniqueKind::UserIdentifierKey, key, session.key());
        Some(Self {
            kept_until: session.expires_at(),
            ..claim
        })
    }

    /// The key of the record that holds the value.
    #[must_use]
    pub fn holder(&self) -> Key {
        Key {
            partition: self.holder_partition.clone(),
            item: self.holder_item.clone(),
        }
    }
}

/// What a record claims. Once it is gone it holds nothing.
pub(super) fn claims_until_gone<R: Deletable>(record: &R, claims: impl FnOnce(&R) -> Vec<UniqueKey>) -> Vec<UniqueKey> {
    if record.is_gone() { Vec::new() } else { claims(record) }
}

/// A value that means something in one system only.
pub(super) fn in_system(system: AcsSystemId, value: &str) -> String {
    format!("{system}/{value}")
}

impl Store {
    /// The key of the record that claims a value. Whether the record is still there, and has the value, is for the caller to see.
    pub async fn claimant(&self, workspace: WorkspaceId, kind: UniqueKind, value: &str) -> Result<Option<Key>, StoreError> {
        let found = self.get::<UniqueKey>(Key::unique(workspace, kind, value)).await?;
        Ok(found.map(|found| found.record.holder()))
    }
}

impl Tells for UniqueKey {}

impl Record for UniqueKey {
    fn key(&self) -> Key {
        Key {
            partition: self.key.clone(),
            item: self.item.clone(),
        }
    }

    fn expires_at(&self) -> Option<Timestamp> {
        self.kept_until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_e_mail_address_is_the_same_in_capitals_and_a_key_is_not() {
        assert_eq!(
            UniqueKind::EmailAddress.hash("Jane@Example.com"),
            UniqueKind::EmailAddress.hash("jane@example.com")
        );
        assert_ne!(UniqueKind::UserIdentityKey.hash("Jane"), UniqueKind::UserIdentityKey.hash("jane"));
    }
}
