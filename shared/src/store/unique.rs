//! Values that may be held once: a person's e-mail address in a workspace, the ACS user of a person in a system.
//!
//! The index by id can't promise that, so each such value has a small item of its own, written together with its holder.

use serde::{Deserialize, Serialize};

use super::{item::Record, keys::Key};
use crate::{
    digest::hex_sha256,
    domain::{
        client_session::ClientSession,
        happenings::Tells,
        ids::{AcsSystemId, UserIdentityId, WorkspaceId},
        user_identity::UserIdentity,
    },
};

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
            Self::UserIdentifierKey => "USER_IDENTIFIER_KEY",
        }
    }

    /// SHA-256 of the value, in hex: of one length whatever the value, and nothing to read in a log.
    pub(super) fn hash(self, value: &str) -> String {
        match self {
            Self::EmailAddress => hex_sha256(&value.to_lowercase()),
            Self::UserIdentityKey | Self::PhoneNumber | Self::AcsUserOfIdentity | Self::UserIdentifierKey => hex_sha256(value),
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

    /// The claim of an ACS user to be the only one of a person in a system.
    #[must_use]
    pub fn of_acs_user(workspace: WorkspaceId, system: AcsSystemId, identity: UserIdentityId, acs_user: Key) -> Self {
        Self::new(workspace, UniqueKind::AcsUserOfIdentity, &format!("{system}/{identity}"), acs_user)
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
