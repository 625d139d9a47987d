//! `/phones/simulate/create_sandbox_phone`: a phone that only exists for trying things out, registered as if its app had told of it.
//!
//! What Seam lets the caller say about the phone is read with Seam's defaults. What `assa_abloy_metadata` says of versions and radio
//! capabilities describes the phone, and nothing here depends on it, so it is accepted and has no effect. An endpoint can't be named
//! there: it is the credential manager that names endpoints.

use fobless::{
    domain::{
        aggregate::Aggregate,
        ids::{DeviceId, InstallationId, UserIdentityId},
        phone::Phone,
        phone_metadata::{DeviceType, PhoneMetadata},
    },
    store::{PhoneFact, PhoneFactKind},
};
use uuid::Uuid;

use super::installation::installation;
use crate::{endpoint::Call, envelope::Answer, fields::Fields, problem::Problem, wire::phone::PhoneObject};

const ENDPOINT: &str = "seos_tsm_endpoint_id";
/// What Seam takes when no endpoint is named.
const USUAL_ENDPOINT: u16 = 1;

struct SandboxPhone {
    user_identity_id: UserIdentityId,
    installation: InstallationId,
    metadata: PhoneMetadata,
}

impl SandboxPhone {
    fn read(fields: &Fields<'_>) -> Option<Self> {
        let user_identity_id = fields.required_id("user_identity_id");
        let installation = installation(fields).unwrap_or_else(|| InstallationId::new(Uuid::new_v4().to_string()));
        let metadata = fields.object("phone_metadata");
        if let Some(assa_abloy) = fields.object("assa_abloy_metadata") {
            check_assa_abloy(&assa_abloy);
        }
        Some(Self {
            metadata: describe(metadata.as_ref()),
            user_identity_id: user_identity_id?,
            installation,
        })
    }
}

fn describe(metadata: Option<&Fields<'_>>) -> PhoneMetadata {
    let text = |name: &str, usual: &str| metadata.and_then(|fields| fields.text(name)).unwrap_or_else(|| usual.to_owned());
    let system = metadata.and_then(|fields| fields.word("operating_system", &["android", "ios"]));
    let metadata = PhoneMetadata {
        device_type: Some(match system.as_deref() {
            Some("ios") => DeviceType::IosPhone,
            _ => DeviceType::AndroidPhone,
        }),
        display_name: None,
        manufacturer: Some(text("device_manufacturer", "Samsung")),
        model: Some(text("device_model", "Samsung Galaxy S10")),
        os_version: Some(text("os_version", "10")),
    };
    metadata.cut()
}

fn check_assa_abloy(fields: &Fields<'_>) {
    for name in ["application_version", "seos_applet_version"] {
        fields.text(name);
    }
    for name in ["ble_capability", "hce_capability", "nfc_capability"] {
        fields.flag(name);
    }
    let endpoint = fields.whole_number(ENDPOINT, 0, u16::MAX);
    if endpoint.is_some_and(|endpoint| endpoint != USUAL_ENDPOINT) {
        fields.issue(
            ENDPOINT,
            "The credential manager names the phone's endpoint when the invitation is redeemed",
        );
    }
}

pub(super) async fn create_sandbox_phone(call: Call) -> Result<Answer, Problem> {
    let wanted = call.read(SandboxPhone::read)?;
    if !call.store.is_sandbox(call.workspace_id).await? {
        return Err(Problem::unknown_reference(
            "workspace_not_sandbox",
            "Phones are simulated in sandbox workspaces only, and this is none",
        ));
    }
    call.referenced_identity("user_identity_id", wanted.user_identity_id).await?;
    let owner = call.owner(wanted.user_identity_id);
    let device_id = DeviceId::of_installation(call.workspace_id, wanted.user_identity_id, &wanted.installation);
    let mut aggregate = call.store.load(owner).await?;
    // A client that repeats its request must not look like an app that was installed again.
    if in_use(&aggregate, device_id).is_none() {
        let fact = PhoneFact {
            owner,
            device_id,
            occurred_at: call.now,
            kind: PhoneFactKind::Registered {
                installation_id: wanted.installation,
                metadata: wanted.metadata,
            },
        };
        call.store.record_phone_fact_of_caller(&fact, call.now).await?;
        aggregate = call.store.load(owner).await?;
    }
    let phone = in_use(&aggregate, device_id).and_then(|phone| PhoneObject::of(phone, &aggregate));
    let phone = phone.ok_or_else(|| Problem::unknown_reference("phone_deactivated", "The phone was deactivated in this very moment"))?;
    Answer::of("phone", &phone)
}

/// A phone that is registered.
pub(super) fn in_use(aggregate: &Aggregate, id: DeviceId) -> Option<&Phone> {
    aggregate.phone(id).map(|found| &found.record).filter(|phone| phone.is_registered())
}
