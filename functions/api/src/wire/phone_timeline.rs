//! `phone_timeline`: what happened to a phone, oldest first, and what it waits for.

use fobless::domain::{
    ids::{AcsCredentialId, DeviceId, EnrollmentAutomationId, UserIdentityId},
    timeline::{Subject, Timeline, TimelineEvent},
};
use serde::Serialize;

/// The explanation of one phone.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(crate) struct PhoneTimelineObject {
    #[cfg_attr(test, schema(value_type = uuid::Uuid))]
    device_id: DeviceId,
    #[cfg_attr(test, schema(value_type = uuid::Uuid))]
    user_identity_id: UserIdentityId,
    events: Vec<TimelineEventObject>,
    /// How many steps are not told, because only the newest ones are kept.
    omitted_event_count: u32,
    waiting_for: Vec<String>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
struct TimelineEventObject {
    #[cfg_attr(test, schema(format = DateTime))]
    at: String,
    subject: SubjectObject,
    step: &'static str,
    cause: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempt: Option<u32>,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

/// What an event is about, named as the objects of this API name it.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
enum SubjectObject {
    Phone,
    EnrollmentAutomation {
        #[cfg_attr(test, schema(value_type = uuid::Uuid))]
        enrollment_automation_id: EnrollmentAutomationId,
    },
    Enrollment {
        #[cfg_attr(test, schema(value_type = uuid::Uuid))]
        enrollment_automation_id: EnrollmentAutomationId,
    },
    AcsCredential {
        #[cfg_attr(test, schema(value_type = uuid::Uuid))]
        acs_credential_id: AcsCredentialId,
    },
}

impl From<Timeline> for PhoneTimelineObject {
    fn from(told: Timeline) -> Self {
        Self {
            device_id: told.device_id,
            user_identity_id: told.user_identity_id,
            events: told.events.into_iter().map(TimelineEventObject::from).collect(),
            omitted_event_count: told.forgotten,
            waiting_for: told.waiting_for,
        }
    }
}

impl From<TimelineEvent> for TimelineEventObject {
    fn from(event: TimelineEvent) -> Self {
        Self {
            at: event.at.to_string(),
            subject: event.subject.into(),
            step: event.step,
            cause: event.cause,
            attempt: event.attempt,
            outcome: event.outcome,
            message: event.message,
        }
    }
}

impl From<Subject> for SubjectObject {
    fn from(subject: Subject) -> Self {
        match subject {
            Subject::Phone => Self::Phone,
            Subject::Automation(enrollment_automation_id) => Self::EnrollmentAutomation { enrollment_automation_id },
            Subject::Enrollment(enrollment_automation_id) => Self::Enrollment { enrollment_automation_id },
            Subject::Credential(acs_credential_id) => Self::AcsCredential { acs_credential_id },
        }
    }
}
