//! `acs_credential`: the multi-phone sync credential, and the child that each phone holds of it.

use fobless::domain::{
    aggregate::Aggregate,
    deletion::Deletion,
    ids::{
        AcsCredentialId, AcsCredentialPoolId, AcsSystemId, AcsUserId, ConnectedAccountId, DeviceId, EndpointId, UserIdentityId, WorkspaceId,
    },
    multi_phone_sync_credential::{MultiPhoneSyncCredential, WhenInvalidated},
    phone_credential::{PhoneCredential, PhoneCredentialState},
    time::Timestamp,
};
use serde::Serialize;

use super::notices::{BEING_DELETED, Notices};
use crate::shown::Shown;

/// A credential.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(crate) struct AcsCredentialObject {
    #[cfg_attr(test, schema(value_type = uuid::Uuid))]
    pub(crate) acs_credential_id: AcsCredentialId,
    /// Absent: it is assigned to nobody, so no phone gets a child.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(value_type = Option<uuid::Uuid>))]
    pub(crate) acs_user_id: Option<AcsUserId>,
    #[cfg_attr(test, schema(value_type = uuid::Uuid))]
    pub(crate) acs_system_id: AcsSystemId,
    #[cfg_attr(test, schema(value_type = uuid::Uuid))]
    pub(crate) user_identity_id: UserIdentityId,
    #[cfg_attr(test, schema(value_type = uuid::Uuid))]
    connected_account_id: ConnectedAccountId,
    #[cfg_attr(test, schema(value_type = uuid::Uuid))]
    workspace_id: WorkspaceId,
    pub(crate) display_name: String,
    access_method: &'static str,
    /// There is never one: a code would be unique to one card.
    code: Option<String>,
    pub(crate) is_multi_phone_sync_credential: bool,
    is_managed: bool,
    /// Of a child: it is on its phone. Of a parent: at least one child is.
    is_issued: bool,
    /// Of a parent: when the first of its children that are issued now was.
    #[cfg_attr(test, schema(format = DateTime))]
    issued_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(format = DateTime))]
    starts_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(format = DateTime))]
    ends_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    card_format: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    facility_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(value_type = Option<uuid::Uuid>))]
    credential_manager_acs_system_id: Option<AcsSystemId>,
    /// Of a parent, and an extension: what becomes of a child that somebody revokes at the credential manager.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(value_type = Option<String>))]
    when_invalidated: Option<WhenInvalidated>,
    #[serde(flatten)]
    pub(crate) child: Option<ChildFields>,
    #[cfg_attr(test, schema(format = DateTime))]
    created_at: String,
    #[serde(flatten)]
    notices: Notices,
}

/// What only a phone's credential has.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(crate) struct ChildFields {
    #[cfg_attr(test, schema(value_type = uuid::Uuid))]
    parent_acs_credential_id: AcsCredentialId,
    #[cfg_attr(test, schema(value_type = uuid::Uuid))]
    device_id: DeviceId,
    pub(crate) card_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(value_type = Option<uuid::Uuid>))]
    acs_credential_pool_id: Option<AcsCredentialPoolId>,
    external_type: &'static str,
    external_type_display_name: &'static str,
    properties: ChildProperties,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
struct ChildProperties {
    hid_origo_metadata: HidOrigoMetadata,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
struct HidOrigoMetadata {
    #[cfg_attr(test, schema(value_type = String))]
    endpoint_id: EndpointId,
    status: &'static str,
}

impl AcsCredentialObject {
    /// A parent. `aggregate` is everything about its user identity.
    pub(crate) fn of_parent(parent: &MultiPhoneSyncCredential, aggregate: &Aggregate) -> Self {
        let children = aggregate.phone_credentials.iter().map(|child| &child.record);
        let issued_at = children
            .filter(|child| child.parent_acs_credential_id == parent.acs_credential_id)
            .filter_map(issued_at)
            .min();
        Self {
            acs_credential_id: parent.acs_credential_id,
            acs_user_id: parent.acs_user_id,
            acs_system_id: parent.acs_system_id,
            user_identity_id: parent.user_identity_id,
            connected_account_id: parent.connected_account_id,
            workspace_id: parent.workspace_id,
            display_name: "Multi Phone Sync Credential".to_owned(),
            access_method: "mobile_key",
            code: None,
            is_multi_phone_sync_credential: true,
            is_managed: true,
            is_issued: issued_at.is_some(),
            issued_at: issued_at.map(|moment| moment.to_string()),
            starts_at: parent.starts_at.map(|moment| moment.to_string()),
            ends_at: parent.ends_at.map(|moment| moment.to_string()),
            card_format: parent.card_format.clone(),
            facility_code: parent.facility_code.clone(),
            credential_manager_acs_system_id: parent.credential_manager_acs_system_id,
            when_invalidated: Some(parent.when_invalidated),
            child: None,
            created_at: parent.created_at.to_string(),
            notices: parent_notices(aggregate.deletion_of(parent)),
        }
    }

    /// A child; `None` once it is revoked.
    pub(crate) fn of_child(child: &PhoneCredential, aggregate: &Aggregate) -> Option<Self> {
        let status = status(&child.state)?;
        let parent = aggregate.credential(child.parent_acs_credential_id).map(|found| &found.record);
        let phone = aggregate.phone(child.device_id).map(|found| &found.record);
        let issued_at = issued_at(child);
        Some(Self {
            acs_credential_id: child.acs_credential_id,
            acs_user_id: Some(child.acs_user_id),
            acs_system_id: child.acs_system_id,
            user_identity_id: child.user_identity_id,
            connected_account_id: child.connected_account_id,
            workspace_id: child.workspace_id,
            display_name: phone.map_or_else(|| "Phone".to_owned(), |phone| phone.metadata.shown_name().into_owned()),
            access_method: "mobile_key",
            code: None,
            is_multi_phone_sync_credential: false,
            is_managed: true,
            is_issued: issued_at.is_some(),
            issued_at: issued_at.map(|moment| moment.to_string()),
            starts_at: parent.and_then(|parent| parent.starts_at).map(|moment| moment.to_string()),
            ends_at: parent.and_then(|parent| parent.ends_at).map(|moment| moment.to_string()),
            card_format: parent.and_then(|parent| parent.card_format.clone()),
            facility_code: parent.and_then(|parent| parent.facility_code.clone()),
            credential_manager_acs_system_id: aggregate
                .automation(child.enrollment_automation_id)
                .map(|automation| automation.record.credential_manager_acs_system_id),
            when_invalidated: None,
            child: Some(ChildFields {
                parent_acs_credential_id: child.parent_acs_credential_id,
                device_id: child.device_id,
                card_number: card_number(&child.state),
                acs_credential_pool_id: child.acs_credential_pool_id,
                external_type: "hid_credential",
                external_type_display_name: "HID Credential",
                properties: ChildProperties {
                    hid_origo_metadata: HidOrigoMetadata {
                        endpoint_id: child.endpoint_id.clone(),
                        status,
                    },
                },
            }),
            created_at: child.created_at.to_string(),
            notices: child_notices(child, parent.and_then(|parent| aggregate.deletion_of(parent))),
        })
    }
}

fn issued_at(child: &PhoneCredential) -> Option<Timestamp> {
    match child.state {
        PhoneCredentialState::Issued { issued_at, .. } => Some(issued_at),
        _ => None,
    }
}

fn card_number(state: &PhoneCredentialState) -> Option<String> {
    match state {
        PhoneCredentialState::Issued { card_number, .. } | PhoneCredentialState::Importing { card_number, .. } => Some(card_number.clone()),
        PhoneCredentialState::Issuing { card_number, .. } => card_number.clone(),
        _ => None,
    }
}

fn parent_notices(deletion: Option<&Deletion>) -> Notices {
    let mut notices = Notices::default();
    if let Some(deletion) = deletion {
        notices.warn(BEING_DELETED, "The credential is being deleted", deletion.requested_at);
    }
    notices
}

/// `deletion` is the one because of which its parent goes.
fn child_notices(child: &PhoneCredential, deletion: Option<&Deletion>) -> Notices {
    let mut notices = Notices::of([&child.effort]);
    if let Some(deletion) = deletion {
        notices.warn(BEING_DELETED, "The credential is being deleted", deletion.requested_at);
        return notices;
    }
    match child.state {
        PhoneCredentialState::Pending
        | PhoneCredentialState::Issuing { .. }
        | PhoneCredentialState::Importing { .. }
        | PhoneCredentialState::Failed => {
            notices.warn(
                "waiting_to_be_issued",
                "The credential is on its way to the phone",
                child.created_at,
            );
        }
        PhoneCredentialState::Revoking { .. } => {
            notices.warn(BEING_DELETED, "The credential is being taken from the phone", child.created_at);
        }
        PhoneCredentialState::Issued { .. } | PhoneCredentialState::Revoked { .. } => {}
    }
    notices
}

const fn status(state: &PhoneCredentialState) -> Option<&'static str> {
    match state {
        PhoneCredentialState::Pending => Some("pending"),
        // A number that the access control system does not know yet opens no door, so this is a part of issuing.
        PhoneCredentialState::Issuing { .. } | PhoneCredentialState::Importing { .. } => Some("issuing"),
        PhoneCredentialState::Issued { .. } => Some("issued"),
        PhoneCredentialState::Revoking { .. } => Some("revoking"),
        PhoneCredentialState::Failed => Some("failed"),
        PhoneCredentialState::Revoked { .. } => None,
    }
}
