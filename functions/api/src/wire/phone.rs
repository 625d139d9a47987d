//! `phone`, with how far its enrollment has come.

use std::collections::BTreeMap;

use fobless::domain::{
    aggregate::Aggregate,
    effort::Effort,
    enrollment_automation::EnrollmentAutomation,
    ids::{DeviceId, WorkspaceId},
    phone::Phone,
    phone_metadata::DeviceType,
};
use serde::Serialize;

use super::{enrollment::EnrollmentObject, notices::Notices};
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
