//! `client_session`. Its token is shown whenever the session is: to the customer's key, and to the session itself.

use fobless::domain::{
    aggregate::Aggregate,
    client_session::ClientSession,
    deletion::Deletable,
    ids::{ClientSessionId, UserIdentityId, WorkspaceId},
    secret::Secret,
};
use serde::Serialize;

/// A client session.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(crate) struct ClientSessionObject {
    #[cfg_attr(test, schema(value_type = uuid::Uuid))]
    client_session_id: ClientSessionId,
    #[cfg_attr(test, schema(value_type = String))]
    token: Secret,
    #[cfg_attr(test, schema(value_type = uuid::Uuid))]
    workspace_id: WorkspaceId,
    #[cfg_attr(test, schema(value_type = uuid::Uuid))]
    user_identity_id: UserIdentityId,
    /// The same under its older name.
    #[cfg_attr(test, schema(value_type = [uuid::Uuid; 1]))]
    user_identity_ids: [UserIdentityId; 1],
    user_identifier_key: Option<String>,
    /// There is nothing that a session could be connected through, but the lists belong to the object.
    #[cfg_attr(test, schema(value_type = Vec<String>))]
    connected_account_ids: [&'static str; 0],
    #[cfg_attr(test, schema(value_type = Vec<String>))]
    connect_webview_ids: [&'static str; 0],
    /// How many phones the person has in use.
    device_count: usize,
    #[cfg_attr(test, schema(format = DateTime))]
    created_at: String,
    #[cfg_attr(test, schema(format = DateTime))]
    expires_at: String,
    /// An extension: absent unless somebody ended it early.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(format = DateTime))]
    revoked_at: Option<String>,
}

impl ClientSessionObject {
    /// A session; `None` once it is deleted, or its person is to be. `aggregate` is everything about that person.
    pub(crate) fn of(session: &ClientSession, aggregate: &Aggregate) -> Option<Self> {
        let is_person_wanted = aggregate.identity.as_ref().is_some_and(|found| found.record.is_wanted());
        let phones = aggregate.phones.iter().filter(|found| found.record.is_registered());
        (session.is_wanted() && is_person_wanted).then(|| Self {
            client_session_id: session.client_session_id,
            token: session.token.clone(),
            workspace_id: session.workspace_id,
            user_identity_id: session.user_identity_id,
            user_identity_ids: [session.user_identity_id],
            user_identifier_key: session.user_identifier_key.clone(),
            connected_account_ids: [],
            connect_webview_ids: [],
            device_count: phones.count(),
            created_at: session.created_at.to_string(),
            expires_at: session.expires_at.to_string(),
            revoked_at: session.revoked_at.map(|moment| moment.to_string()),
        })
    }
}
