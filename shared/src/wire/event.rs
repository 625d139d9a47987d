//! `event`: what happened, with the fields of its kind beside those that all events have. The same in the management API and in the
//! body of a webhook.

use serde::Serialize;

use crate::domain::{
    event::{Event, EventKind},
    ids::{EventId, UserIdentityId, WorkspaceId},
};

/// An event.
#[derive(Debug, Serialize)]
pub struct EventObject<'a> {
    event_id: EventId,
    workspace_id: WorkspaceId,
    event_description: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_identity_id: Option<UserIdentityId>,
    /// When the change was recorded.
    created_at: String,
    /// The same: a change is told in the moment in which it is recorded.
    occurred_at: String,
    #[serde(flatten)]
    kind: &'a EventKind,
}

impl<'a> EventObject<'a> {
    /// What is shown of `event`.
    #[must_use]
    pub fn of(event: &'a Event) -> Self {
        let at = event.created_at.to_string();
        Self {
            event_id: event.event_id,
            workspace_id: event.workspace_id,
            event_description: description(&event.kind),
            user_identity_id: event.user_identity_id,
            created_at: at.clone(),
            occurred_at: at,
            kind: &event.kind,
        }
    }
}

/// For people; programs have `event_type`.
const fn description(kind: &EventKind) -> &'static str {
    match kind {
        EventKind::PhoneRegistered { .. } => "A phone was registered.",
        EventKind::PhoneEnrolled { .. } => "A phone was enrolled with a credential manager.",
        EventKind::PhoneEnrollmentFailed { .. } => "A phone could not be enrolled with a credential manager.",
        EventKind::PhoneDeactivated { .. } => "A phone was deactivated.",
        EventKind::PhoneUnknownCredentialFound { .. } => "A credential that nobody here issued was found on a phone.",
        EventKind::AcsCredentialIssued(_) => "A credential was issued.",
        EventKind::AcsCredentialReissued(_) => "A credential was issued again.",
        EventKind::AcsCredentialInvalidated(_) => "A credential was revoked at the credential manager.",
        EventKind::AcsCredentialDeleted(_) => "A credential was deleted.",
        EventKind::AcsCredentialFailedToIssue { .. } => "A credential could not be issued.",
        EventKind::EnrollmentAutomationDeleted { .. } => "An enrollment automation was deleted.",
        EventKind::AcsUserCreated(_) => "An ACS user was created.",
        EventKind::AcsUserDeleted(_) => "An ACS user was deleted.",
        EventKind::ClientSessionDeleted { .. } => "A client session was deleted.",
        EventKind::UserIdentityDeleted => "A user identity was deleted.",
        EventKind::WebhookDisabled { .. } => "A webhook was disabled.",
    }
}
