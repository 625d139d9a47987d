//! The person who uses the mobile app.

use serde::{Deserialize, Serialize};

use super::{
    deletion::Deletion,
    ids::{UserIdentityId, WorkspaceId},
    time::Timestamp,
};

/// A person. Key, e-mail address and phone number are each unique in the workspace where they are given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserIdentity {
    /// The tenant.
    pub workspace_id: WorkspaceId,
    /// The person's id.
    pub user_identity_id: UserIdentityId,
    /// The customer's own key of the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_identity_key: Option<String>,
    /// The e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email_address: Option<String>,
    /// The phone number, E.164.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
    /// The full name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full_name: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// How far the deletion has come: everything below the person is undone first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion: Option<Deletion>,
}

impl UserIdentity {
    /// What to call the person: the name, else whatever identifies them.
    #[must_use]
    pub fn display_name(&self) -> &str {
        [&self.full_name, &self.email_address, &self.user_identity_key, &self.phone_number]
            .into_iter()
            .find_map(|text| text.as_deref())
            .unwrap_or("User")
    }
}
