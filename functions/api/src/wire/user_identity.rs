//! `user_identity`.

use fobless::domain::{
    acs::AcsUser,
    aggregate::Aggregate,
    deletion::Deletable,
    ids::{AcsUserId, UserIdentityId, WorkspaceId},
    user_identity::UserIdentity,
};
use serde::Serialize;

use super::notices::{BEING_DELETED, Notices};
use crate::shown::Shown;

/// A person.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(crate) struct UserIdentityObject {
    #[cfg_attr(test, schema(value_type = uuid::Uuid))]
    pub(crate) user_identity_id: UserIdentityId,
    pub(crate) display_name: String,
    pub(crate) user_identity_key: Option<String>,
    pub(crate) email_address: Option<String>,
    pub(crate) phone_number: Option<String>,
    pub(crate) full_name: Option<String>,
    #[cfg_attr(test, schema(value_type = Vec<uuid::Uuid>))]
    acs_user_ids: Vec<AcsUserId>,
    #[cfg_attr(test, schema(value_type = uuid::Uuid))]
    workspace_id: WorkspaceId,
    #[cfg_attr(test, schema(format = DateTime))]
    created_at: String,
    #[serde(flatten)]
    notices: Notices,
}

impl UserIdentityObject {
    /// The person of a partition; `None` when there is none, or none any more.
    pub(crate) fn of_aggregate(aggregate: &Aggregate) -> Option<Self> {
        let identity = aggregate.shown_identity()?;
        Some(Self::of(identity, aggregate.shown_acs_users()))
    }

    pub(crate) fn of<'a>(identity: &UserIdentity, acs_users: impl IntoIterator<Item = &'a AcsUser>) -> Self {
        Self {
            user_identity_id: identity.user_identity_id,
            display_name: identity.display_name().to_owned(),
            user_identity_key: identity.user_identity_key.clone(),
            email_address: identity.email_address.clone(),
            phone_number: identity.phone_number.clone(),
            full_name: identity.full_name.clone(),
            acs_user_ids: acs_users.into_iter().map(|user| user.acs_user_id).collect(),
            workspace_id: identity.workspace_id,
            created_at: identity.created_at.to_string(),
            notices: notices(identity),
        }
    }
}

fn notices(identity: &UserIdentity) -> Notices {
    let mut notices = Notices::default();
    if let Some(deletion) = identity.deletion() {
        notices.warn(BEING_DELETED, "The user identity is being deleted", deletion.requested_at);
    }
    notices
}
