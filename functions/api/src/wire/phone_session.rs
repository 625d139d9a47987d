//! `phone_session`: what a phone learns about itself from its own client session. Per credential manager: how far it has come there,
//! with the code to redeem, and the credentials that it holds.

use fobless::domain::{
    aggregate::Aggregate,
    enrollment_automation::EnrollmentAutomation,
    ids::{DeviceId, PhoneRegistrationId, WorkspaceId},
    phone::Phone,
    phone_credential::PhoneCredential,
};
use serde::Serialize;

use super::{acs_credential::AcsCredentialObject, enrollment::EnrollmentObject, user_identity::UserIdentityObject};

/// What apps call the only kind of credential manager that there is so far.
const PROVIDER_NAME: &str = "hid_origo_credential_service";

/// A phone, as it sees itself.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(crate) struct PhoneSessionObject {
    #[cfg_attr(test, schema(value_type = uuid::Uuid))]
    workspace_id: WorkspaceId,
    is_sandbox_workspace: bool,
    user_identity: UserIdentityObject,
    /// An extension: by which name the API knows the phone.
    #[cfg_attr(test, schema(value_type = uuid::Uuid))]
    device_id: DeviceId,
    provider_sessions: Vec<ProviderSession>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
struct ProviderSession {
    phone_registration: PhoneRegistration,
    acs_credentials: Vec<HeldCredential>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
#[expect(clippy::struct_field_names, reason = "the names are those of the API")]
struct PhoneRegistration {
    #[cfg_attr(test, schema(value_type = uuid::Uuid))]
    phone_registration_id: PhoneRegistrationId,
    provider_name: &'static str,
    provider_state: EnrollmentObject,
    is_being_activated: bool,
}

/// A phone's credential, as the phone sees it.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(crate) struct HeldCredential {
    #[serde(flatten)]
    credential: AcsCredentialObject,
    /// Which doors it opens is known to the access control system only.
    #[cfg_attr(test, schema(value_type = Vec<String>))]
    acs_entrances: [&'static str; 0],
}

/// Whether open invitations show their codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Codes {
    /// To who may register phones.
    Shown,
    /// To nobody else.
    Hidden,
}

impl PhoneSessionObject {
    /// `phone` is in use; `aggregate` is everything about its person. `None`: the person is gone.
    pub(crate) fn of(phone: &Phone, aggregate: &Aggregate, codes: Codes, is_sandbox: bool) -> Option<Self> {
        let mut automations: Vec<&EnrollmentAutomation> = aggregate.automations.iter().map(|found| &found.record).collect();
        automations.sort_by_key(|automation| (automation.created_at, automation.enrollment_automation_id));
        let sessions = automations
            .into_iter()
            .filter_map(|automation| ProviderSession::of(automation, phone, aggregate, codes));
        Some(Self {
            workspace_id: phone.workspace_id,
            is_sandbox_workspace: is_sandbox,
            user_identity: UserIdentityObject::of_aggregate(aggregate)?,
            device_id: phone.device_id,
            provider_sessions: sessions.collect(),
        })
    }
}

impl ProviderSession {
    /// One for each running automation, and for a deleted one as long as the phone keeps what it got by it.
    fn of(automation: &EnrollmentAutomation, phone: &Phone, aggregate: &Aggregate, codes: Codes) -> Option<Self> {
        let state = EnrollmentObject::of(automation, phone, aggregate)?;
        let state = if codes == Codes::Hidden { state.without_code() } else { state };
        if !automation.is_running() && state.is_ending() {
            return None;
        }
        let id = automation.enrollment_automation_id;
        let held = aggregate.phone_credentials_of(id).map(|found| &found.record);
        Some(Self {
            phone_registration: PhoneRegistration {
                phone_registration_id: PhoneRegistrationId::of(id, phone.device_id),
                provider_name: PROVIDER_NAME,
                is_being_activated: state.is_under_way(),
                provider_state: state,
            },
            acs_credentials: HeldCredential::all(held.filter(|child| child.device_id == phone.device_id), aggregate),
        })
    }
}

impl HeldCredential {
    /// Those of `children` that are not revoked, oldest first.
    pub(crate) fn all<'a>(children: impl Iterator<Item = &'a PhoneCredential>, aggregate: &Aggregate) -> Vec<Self> {
        let mut children: Vec<&PhoneCredential> = children.collect();
        children.sort_by_key(|child| (child.created_at, child.acs_credential_id));
        children
            .into_iter()
            .filter_map(|child| AcsCredentialObject::of_child(child, aggregate))
            .map(|credential| Self {
                credential,
                acs_entrances: [],
            })
            .collect()
    }
}
