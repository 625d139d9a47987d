//! What a customer is told: one event for each change that they would act on. Names are Seam's where Seam has one.

use serde::{Deserialize, Serialize};

use super::{
    failure::FailureCode,
    ids::{
        AcsCredentialId, AcsSystemId, AcsUserId, ClientSessionId, ConnectedAccountId, DeviceId, EnrollmentAutomationId, EventId,
        RemoteCredentialId, UserIdentityId, WebhookId, WorkspaceId,
    },
    time::Timestamp,
    webhook_health::DisabledBecause,
};

/// An event as it is kept. It never changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// The tenant.
    pub workspace_id: WorkspaceId,
    /// The event's id: drawn in order of time, so that it tells the day by which it is kept.
    pub event_id: EventId,
    /// The person whom it is about, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_identity_id: Option<UserIdentityId>,
    /// What happened.
    #[serde(flatten)]
    pub kind: EventKind,
    /// When the change was recorded.
    pub created_at: Timestamp,
}

/// What happened. The names are part of the API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event_type")]
pub enum EventKind {
    /// A phone is in use that was not. Ours: Seam has no such event.
    #[serde(rename = "phone.registered")]
    PhoneRegistered {
        /// Which phone.
        device_id: DeviceId,
    },
    /// A phone became an endpoint of a credential manager. Ours.
    #[serde(rename = "phone.enrolled")]
    PhoneEnrolled {
        /// Which phone.
        device_id: DeviceId,
        /// Through which automation.
        enrollment_automation_id: EnrollmentAutomationId,
    },
    /// A phone can't be enrolled until somebody does something. Ours.
    #[serde(rename = "phone.enrollment_failed")]
    PhoneEnrollmentFailed {
        /// Which phone.
        device_id: DeviceId,
        /// Through which automation.
        enrollment_automation_id: EnrollmentAutomationId,
        /// Why, for programs.
        error_code: FailureCode,
        /// Why, for people.
        error_message: String,
    },
    /// An audit found a live credential on a phone that is none of ours. Ours.
    #[serde(rename = "phone.unknown_credential_found")]
    PhoneUnknownCredentialFound {
        /// Which phone.
        device_id: DeviceId,
        /// The credential, as the credential manager names it.
        credential_manager_credential_id: RemoteCredentialId,
    },
    /// A phone is out of use, and everything that it held is taken away.
    #[serde(rename = "phone.deactivated")]
    PhoneDeactivated {
        /// Which phone.
        device_id: DeviceId,
    },
    /// A phone's credential is on the phone and in the access control system.
    #[serde(rename = "acs_credential.issued")]
    AcsCredentialIssued(CredentialSubject),
    /// A phone's credential that was issued before is issued anew: on another endpoint, or after it was taken away.
    #[serde(rename = "acs_credential.reissued")]
    AcsCredentialReissued(CredentialSubject),
    /// A phone's credential was revoked at the credential manager by somebody else.
    #[serde(rename = "acs_credential.invalidated")]
    AcsCredentialInvalidated(CredentialSubject),
    /// A credential is gone: a phone's, or a multi-phone sync credential after all of its phones'.
    #[serde(rename = "acs_credential.deleted")]
    AcsCredentialDeleted(CredentialSubject),
    /// A phone's credential can't be issued until somebody does something. Ours.
    #[serde(rename = "acs_credential.failed_to_issue")]
    AcsCredentialFailedToIssue {
        /// Which credential.
        #[serde(flatten)]
        subject: CredentialSubject,
        /// Why, for programs.
        error_code: FailureCode,
        /// Why, for people.
        error_message: String,
    },
    /// An enrollment automation enrols no further phone.
    #[serde(rename = "enrollment_automation.deleted")]
    EnrollmentAutomationDeleted {
        /// Which automation.
        enrollment_automation_id: EnrollmentAutomationId,
    },
    /// An ACS user was made.
    #[serde(rename = "acs_user.created")]
    AcsUserCreated(AcsUserSubject),
    /// An ACS user is gone, after everything that it held.
    #[serde(rename = "acs_user.deleted")]
    AcsUserDeleted(AcsUserSubject),
    /// A client session was deleted: its token opens nothing any more.
    #[serde(rename = "client_session.deleted")]
    ClientSessionDeleted {
        /// Which session.
        client_session_id: ClientSessionId,
    },
    /// A user identity is gone, after everything below it. Ours.
    #[serde(rename = "user_identity.deleted")]
    UserIdentityDeleted,
    /// A webhook is told nothing any more, until somebody enables it again. Ours.
    #[serde(rename = "webhook.disabled")]
    WebhookDisabled {
        /// Which webhook.
        webhook_id: WebhookId,
        /// Why.
        disabled_because: DisabledBecause,
    },
}

impl EventKind {
    /// The event's type, as the API names it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::PhoneRegistered { .. } => "phone.registered",
            Self::PhoneEnrolled { .. } => "phone.enrolled",
            Self::PhoneEnrollmentFailed { .. } => "phone.enrollment_failed",
            Self::PhoneUnknownCredentialFound { .. } => "phone.unknown_credential_found",
            Self::PhoneDeactivated { .. } => "phone.deactivated",
            Self::AcsCredentialIssued(_) => "acs_credential.issued",
            Self::AcsCredentialReissued(_) => "acs_credential.reissued",
            Self::AcsCredentialInvalidated(_) => "acs_credential.invalidated",
            Self::AcsCredentialDeleted(_) => "acs_credential.deleted",
            Self::AcsCredentialFailedToIssue { .. } => "acs_credential.failed_to_issue",
            Self::EnrollmentAutomationDeleted { .. } => "enrollment_automation.deleted",
            Self::AcsUserCreated(_) => "acs_user.created",
            Self::AcsUserDeleted(_) => "acs_user.deleted",
            Self::ClientSessionDeleted { .. } => "client_session.deleted",
            Self::UserIdentityDeleted => "user_identity.deleted",
            Self::WebhookDisabled { .. } => "webhook.disabled",
        }
    }
}

/// The credential that an event is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialSubject {
    /// The credential.
    pub acs_credential_id: AcsCredentialId,
    /// The access control system whose doors it opens.
    pub acs_system_id: AcsSystemId,
    /// The account through which that system is connected.
    pub connected_account_id: ConnectedAccountId,
    /// The multi-phone sync credential, if this is a phone's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_acs_credential_id: Option<AcsCredentialId>,
    /// The phone, if this is a phone's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_id: Option<DeviceId>,
}

/// The ACS user that an event is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcsUserSubject {
    /// The ACS user.
    pub acs_user_id: AcsUserId,
    /// The system that it is in.
    pub acs_system_id: AcsSystemId,
    /// The account through which that system is connected.
    pub connected_account_id: ConnectedAccountId,
}
