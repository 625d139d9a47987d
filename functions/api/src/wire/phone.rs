//! `phone`, with how far its enrollment has come. The code of an open invitation is shown here and nowhere else: whoever has it
//! can register a phone in the person's name.

use std::collections::BTreeMap;

use fobless::domain::{
    aggregate::Aggregate,
    effort::Effort,
    enrollment::{Enrollment, EnrollmentState},
    enrollment_automation::EnrollmentAutomation,
    ids::{AcsSystemId, DeviceId, EndpointId, EnrollmentAutomationId, WorkspaceId},
    phone::Phone,
    phone_metadata::DeviceType,
};
use serde::Serialize;

use super::notices::Notices;
use crate::shown::Shown;

/// A phone.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(crate) struct PhoneObject {
    #[cfg_attr(test, schema(value_type = uuid::Uuid))]
    device_id: DeviceId,
    #[cfg_attr(test, schema(value_type = String))]
    device_type: DeviceType,
    display_name: String,
    #[cfg_attr(test, schema(value_type = uuid::Uuid))]
    workspace_id: WorkspaceId,
    custom_metadata: BTreeMap<String, String>,
    properties: PhoneProperties,
    #[cfg_attr(test, schema(format = DateTime))]
    created_at: String,
    #[serde(flatten)]
    notices: Notices,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
struct PhoneProperties {
    /// The enrollment with the credential manager of the first automation.
    #[serde(skip_serializing_if = "Option::is_none")]
    hid_origo_metadata: Option<EnrollmentObject>,
    /// All of them, where there are several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    enrollments: Vec<EnrollmentObject>,
}

/// How far the phone has come with one credential manager.
#[derive(Clone, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
struct EnrollmentObject {
    status: &'static str,
    has_active_endpoint: bool,
    #[cfg_attr(test, schema(value_type = uuid::Uuid))]
    enrollment_automation_id: EnrollmentAutomationId,
    #[cfg_attr(test, schema(value_type = uuid::Uuid))]
    acs_system_id: AcsSystemId,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(value_type = Option<String>))]
    endpoint_id: Option<EndpointId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    invitation_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(format = DateTime))]
    invitation_expires_at: Option<String>,
}

impl std::fmt::Debug for EnrollmentObject {
    /// Without the invitation code, which is a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("EnrollmentObject");
        shown
            .field("status", &self.status)
            .field("enrollment_automation_id", &self.enrollment_automation_id)
            .finish_non_exhaustive()
    }
}

impl PhoneObject {
    /// A phone; `None` once it or its person is gone. `aggregate` is everything about its user identity.
    pub(crate) fn of(phone: &Phone, aggregate: &Aggregate) -> Option<Self> {
        let is_shown = phone.is_registered() && !aggregate.is_person_gone();
        is_shown.then(|| Self {
            device_id: phone.device_id,
            device_type: phone.metadata.device_type.unwrap_or(DeviceType::AndroidPhone),
            display_name: phone.metadata.shown_name().into_owned(),
            workspace_id: phone.workspace_id,
            custom_metadata: BTreeMap::new(),
            properties: PhoneProperties::of(phone, aggregate),
            created_at: phone.created_at.to_string(),
            notices: Notices::of(efforts(phone.device_id, aggregate)),
        })
    }
}

impl PhoneProperties {
    fn of(phone: &Phone, aggregate: &Aggregate) -> Self {
        let mut automations: Vec<&EnrollmentAutomation> = aggregate.automations.iter().map(|found| &found.record).collect();
        automations.sort_by_key(|automation| (!automation.is_running(), automation.created_at, automation.enrollment_automation_id));
        let enrollments: Vec<EnrollmentObject> = automations
            .into_iter()
            .filter_map(|automation| EnrollmentObject::of(automation, phone, aggregate))
            .collect();
        let first = enrollments.first().cloned();
        Self {
            hid_origo_metadata: first,
            enrollments: if enrollments.len() > 1 { enrollments } else { Vec::new() },
        }
    }
}

impl EnrollmentObject {
    /// `None`: the automation was deleted before it came to this phone.
    fn of(automation: &EnrollmentAutomation, phone: &Phone, aggregate: &Aggregate) -> Option<Self> {
        let id = automation.enrollment_automation_id;
        let enrollment = aggregate.enrollment(id, phone.device_id).map(|found| &found.record);
        if enrollment.is_none() && !automation.is_running() {
            return None;
        }
        let invitation = enrollment.and_then(invitation);
        Some(Self {
            status: enrollment.map_or("pending", |enrollment| status(&enrollment.state)),
            has_active_endpoint: enrollment.is_some_and(|enrollment| matches!(enrollment.state, EnrollmentState::Active { .. })),
            enrollment_automation_id: id,
            acs_system_id: automation.credential_manager_acs_system_id,
            endpoint_id: enrollment.and_then(|enrollment| enrollment.endpoint_id().cloned()),
            invitation_expires_at: invitation.as_ref().map(|(_, expires_at)| expires_at.clone()),
            invitation_code: invitation.map(|(code, _)| code),
        })
    }
}

/// Code and expiry of the open invitation.
fn invitation(enrollment: &Enrollment) -> Option<(String, String)> {
    match &enrollment.state {
        EnrollmentState::Invited {
            invitation_code,
            expires_at,
            ..
        } => Some((invitation_code.expose().to_owned(), expires_at.to_string())),
        EnrollmentState::Active { .. } => enrollment
            .renewal
            .as_ref()
            .map(|renewal| (renewal.invitation_code.expose().to_owned(), renewal.expires_at.to_string())),
        _ => None,
    }
}

const fn status(state: &EnrollmentState) -> &'static str {
    match state {
        EnrollmentState::Pending => "pending",
        EnrollmentState::Invited { .. } => "invited",
        EnrollmentState::Active { .. } => "active",
        EnrollmentState::Deactivating { .. } => "deactivating",
        EnrollmentState::Deactivated { .. } => "deactivated",
        EnrollmentState::Failed => "failed",
    }
}

/// The efforts that are about this phone: to enrol it, and to give it its credentials.
fn efforts(device: DeviceId, aggregate: &Aggregate) -> impl Iterator<Item = &Effort> {
    let enrollments = aggregate.enrollments.iter().filter(move |found| found.record.device_id == device);
    let children = aggregate
        .phone_credentials
        .iter()
        .filter(move |found| found.record.device_id == device);
    enrollments
        .map(|found| &found.record.effort)
        .chain(children.map(|found| &found.record.effort))
}
