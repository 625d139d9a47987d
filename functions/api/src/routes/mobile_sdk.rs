//! `/seam/mobile_sdk/v1/*`: the phone itself, with the token of its client session. It registers, learns its invitation code and sees
//! its credentials, without the app's backend in between.

use fobless::{
    domain::{
        aggregate::Aggregate,
        ids::{DeviceId, InstallationId},
        phone::Phone,
        phone_metadata::{DeviceType, PhoneMetadata},
    },
    store::{PhoneFact, PhoneFactKind},
};

use super::{
    create_sandbox_phone::in_use,
    installation::{INSTALLATION, installation},
};
use crate::{
    endpoint::{Accepts, Endpoint, endpoint},
    envelope::Answer,
    fields::Fields,
    problem::Problem,
    scoped_call::SessionCall,
    wire::phone_session::{Codes, HeldCredential, PhoneSessionObject},
};

pub(crate) fn routes() -> Vec<Endpoint> {
    vec![
        endpoint("/seam/mobile_sdk/v1/phone_sessions/get_or_create", Accepts::Create, get_or_create),
        endpoint("/seam/mobile_sdk/v1/acs/credentials/list", Accepts::Read, credentials),
    ]
}

struct CallingPhone {
    installation: InstallationId,
    metadata: PhoneMetadata,
}

impl CallingPhone {
    fn read(fields: &Fields<'_>) -> Option<Self> {
        let installation = installation(fields);
        fields.note_if_missing(INSTALLATION);
        let system = fields.word("phone_os", &["ios", "android"]);
        fields.note_if_missing("phone_os");
        let described = fields.object("phone_device_metadata");
        let text = |name: &str| described.as_ref().and_then(|fields| fields.text(name));
        let (manufacturer, model, os_version) = (text("manufacturer"), text("model"), text("os_version"));
        let metadata = PhoneMetadata {
            device_type: Some(match system?.as_str() {
                "ios" => DeviceType::IosPhone,
                _ => DeviceType::AndroidPhone,
            }),
            display_name: None,
            manufacturer,
            model,
            os_version,
        };
        Some(Self {
            installation: installation?,
            metadata: metadata.cut(),
        })
    }
}

/// An app calls this at every start. Only the first call writes: another registration would look like an app that was installed again.
async fn get_or_create(call: SessionCall) -> Result<Answer, Problem> {
    let phone = call.read(CallingPhone::read)?;
    let owner = call.owner();
    let device_id = DeviceId::of_installation(owner.workspace_id, owner.user_identity_id, &phone.installation);
    let mut aggregate = call.load().await?;
    if in_use(&aggregate, device_id).is_none() {
        if !call.session().may_register(aggregate.last_deactivation()) {
            return Err(Problem::session_outdated());
        }
        register(&call, device_id, phone).await?;
        aggregate = call.load().await?;
    }
    // Deactivated in this moment.
    let phone = in_use(&aggregate, device_id).ok_or_else(Problem::session_outdated)?;
    // Which phone asks, only the app says. One that may be in the wrong hands must not learn another's code.
    let codes = if call.session().may_register(aggregate.last_deactivation()) {
        Codes::Shown
    } else {
        Codes::Hidden
    };
    let shown = PhoneSessionObject::of(phone, &aggregate, codes, call.is_sandbox().await?);
    let shown = shown.ok_or_else(|| Problem::internal("a living session is nobody's"))?;
    Answer::of("phone_session", &shown)
}

/// Records the same fact as a webhook that tells of the phone, unless the phone was deactivated since the session began.
async fn register(call: &SessionCall, device_id: DeviceId, phone: CallingPhone) -> Result<(), Problem> {
    let fact = PhoneFact {
        owner: call.owner(),
        device_id,
        occurred_at: call.now(),
        kind: PhoneFactKind::Registered {
            installation_id: phone.installation,
            metadata: phone.metadata,
        },
    };
    let logged_in_at = call.session().created_at;
    // Where something newer is known, the aggregate tells what.
    call.own_store()
        .record_phone_fact_in_session(&fact, call.now(), logged_in_at)
        .await?;
    Ok(())
}

async fn credentials(call: SessionCall) -> Result<Answer, Problem> {
    call.read_nothing()?;
    let aggregate = call.load().await?;
    Answer::of("acs_credentials", &held(&aggregate))
}

/// What the person's phones in use hold.
fn held(aggregate: &Aggregate) -> Vec<HeldCredential> {
    let is_in_use = |id: DeviceId| aggregate.phone(id).map(|found| &found.record).is_some_and(Phone::is_registered);
    let children = aggregate.phone_credentials.iter().map(|found| &found.record);
    HeldCredential::all(children.filter(|child| is_in_use(child.device_id)), aggregate)
}
