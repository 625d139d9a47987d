//! Values that may be held once: a person's e-mail address in a workspace, the ACS user of a person in a system.
//!
//! The index by id can't promise that, so each such value has a small item of its own, written together with its holder. Two kinds
//! of value are no promise but only lead to their first holder.

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

    /// Whether several records may have the same value. The first one is found by it.
    pub(super) const fn may_be_shared(self) -> bool {
        match self {
            Self::UserIdentityKey | Self::EmailAddress | Self::PhoneNumber | Self::AcsUserOfIdentity | Self::UserIdentifierKey => false,
            Self::UnlinkedEmailAddress | Self::UnlinkedPhoneNumber => true,
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
    holder_partition: String,
    holder_item: String,
}

impl UniqueKey {
    /// The claim of `holder` to a value.
    #[must_use]
    pub fn new(workspace_id: WorkspaceId, kind: UniqueKind, value: &str, holder: Key) -> Self {
        let key = Key::unique(workspace_id, kind, value).partition;
        Self {
            workspace_id,
            kind,
            key,
            holder_partition: holder.partition,
            holder_item: holder.item,
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
        let values = match user.user_identity_id {
            Some(identity) => vec![(UniqueKind::AcsUserOfIdentity, Some(identity.to_string()))],
            None => vec![
                (UniqueKind::UnlinkedEmailAddress, user.email_address.clone()),
                (UniqueKind::UnlinkedPhoneNumber, user.phone_number.clone()),
            ],
        };
        let claim = |(kind, value): (UniqueKind, Option<String>)| {
            let value = in_system(user.acs_system_id, &value?);
            Some(Self::new(user.workspace_id, kind, &value, user.key()))
        };
        values.into_iter().filter_map(claim).collect()
    }

    /// The claim of a client session to the customer's own key of it, if it has one.
    #[must_use]
    pub fn of_client_session(session: &ClientSession) -> Option<Self> {
        let key = session.user_identifier_key.as_ref()?;
        Some(Self::new(session.workspace_id, UniqueKind::UserIdentifierKey, key, session.key()))
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
            item: "UNIQUE".to_owned(),
        }
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
