//! `/acs/credentials/create`: preconfigures a multi-phone sync credential. Each call makes one; from then on the issuer gives each
//! enrolled phone of the person its own child of it.

use fobless::{
    domain::{
        acs::AcsUser,
        aggregate::Aggregate,
        ids::{AcsCredentialId, AcsSystemId, UserIdentityId},
        multi_phone_sync_credential::{MultiPhoneSyncCredential, WhenInvalidated},
        time::Timestamp,
    },
    store::TransactionError,
};

use super::{credential_holder::Holder, linked_acs_user::LINK_TRIES};
use crate::{endpoint::Call, envelope::Answer, fields::Fields, problem::Problem, wire::acs_credential::AcsCredentialObject};

/// Details of one card. A multi-phone sync credential has as many cards as the person has phones.
const UNIQUE_DETAILS: &[&str] = &[
    "code",
    "card_number",
    "card_id",
    "credential_number",
    "pin",
    "serial_number",
    "uid",
    "mobile_id",
    "endpoint_id",
    "assa_abloy_credential_service_mobile_endpoint_id",
];
/// How parameters end that are about one vendor's systems.
const OF_A_VENDOR: &str = "_metadata";
/// The one of them that may say something here.
pub(super) const VISIONLINE: &str = "visionline_metadata";

struct Creation {
    holder: Holder,
    credential_manager: Option<AcsSystemId>,
    card_format: Option<String>,
    facility_code: Option<String>,
    starts_at: Option<Timestamp>,
    ends_at: Option<Timestamp>,
    when_invalidated: WhenInvalidated,
}

impl Creation {
    fn read(fields: &Fields<'_>, now: Timestamp) -> Option<Self> {
        let holder = Holder::read(fields);
        check_kind(fields);
        check_nothing_unique(fields);
        check_nothing_foreign(fields);
        let card_format = read_card_format(fields);
        let starts_at = fields.moment("starts_at");
        let ends_at = fields.moment("ends_at");
        if ends_at.is_some_and(|end| end <= now) {
            fields.issue("ends_at", "Must be in the future");
        } else if let (Some(start), Some(end)) = (starts_at, ends_at)
            && end <= start
        {
            fields.issue("ends_at", "Must be after starts_at");
        }
        let credential_manager = fields.id("credential_manager_acs_system_id");
        let facility_code = fields.text("facility_code");
        let when_invalidated = read_when_invalidated(fields).unwrap_or_default();
        Some(Self {
            holder: holder?,
            credential_manager,
            card_format,
            facility_code,
            starts_at,
            ends_at,
            when_invalidated,
        })
    }
}

impl Creation {
    fn credential(&self, call: &Call, id: AcsCredentialId, holder: &AcsUser, person: UserIdentityId) -> MultiPhoneSyncCredential {
        let mut credential = MultiPhoneSyncCredential {
            workspace_id: call.workspace_id,
            user_identity_id: person,
            acs_credential_id: id,
            acs_user_id: Some(holder.acs_user_id),
            acs_system_id: holder.acs_system_id,
            connected_account_id: holder.connected_account_id,
            credential_manager_acs_system_id: self.credential_manager,
            card_format: self.card_format.clone(),
            facility_code: self.facility_code.clone(),
            starts_at: self.starts_at,
            ends_at: self.ends_at,
            next_change_at: None,
            created_at: call.now,
            when_invalidated: self.when_invalidated,
            deletion: None,
        };
        credential.next_change_at = credential.next_change(call.now);
        credential
    }
}

fn check_kind(fields: &Fields<'_>) {
    const WORDS: &[&str] = &["code", "card", "mobile_key", "cloud_key"];
    match fields.word("access_method", WORDS).as_deref() {
        Some("mobile_key") => {}
        Some(_) => fields.issue("access_method", "Only mobile_key is supported: credentials are issued to phones"),
        None => fields.note_if_missing("access_method"),
    }
    match fields.flag("is_multi_phone_sync_credential") {
        Some(true) => {}
        None if fields.is_given("is_multi_phone_sync_credential") => {}
        Some(false) | None => fields.issue(
            "is_multi_phone_sync_credential",
            "Must be true: credentials for single phones are issued from a multi-phone sync credential, not created",
        ),
    }
}

pub(super) fn check_nothing_unique(fields: &Fields<'_>) {
    for name in UNIQUE_DETAILS.iter().filter(|name| fields.is_given(name)) {
        fields.issue(
            name,
            "A number that is unique to one card does not belong on a multi-phone sync credential",
        );
    }
}

pub(super) fn check_nothing_foreign(fields: &Fields<'_>) {
    if fields.is_given("allowed_acs_entrance_ids") {
        fields.issue(
            "allowed_acs_entrance_ids",
            "Entrances can't be chosen here: the access control system decides what the ACS user may open",
        );
    }
    if fields.flag("is_override_key") == Some(true) {
        fields.issue("is_override_key", "Override keys are not supported");
    }
    for name in fields
        .names()
        .filter(|name| name.ends_with(OF_A_VENDOR) && *name != VISIONLINE && fields.is_given(name))
    {
        fields.issue(name, "Not supported: such a system can't be connected");
    }
}

/// What becomes of a phone's credential that somebody revokes at the credential manager: an extension, which Seam does not know.
pub(super) fn read_when_invalidated(fields: &Fields<'_>) -> Option<WhenInvalidated> {
    match fields.word("when_invalidated", &["reissue", "mark"])?.as_str() {
        "mark" => Some(WhenInvalidated::Mark),
        _ => Some(WhenInvalidated::Reissue),
    }
}

/// The card format stands at the top, or inside `visionline_metadata` as newer clients write it.
fn read_card_format(fields: &Fields<'_>) -> Option<String> {
    let plain = fields.text("card_format");
    let Some(visionline) = fields.object(VISIONLINE) else {
        return plain;
    };
    for name in visionline
        .names()
        .filter(|name| *name != "card_format" && visionline.is_given(name))
    {
        visionline.issue(name, "Not supported: only card_format means something without a Visionline system");
    }
    let nested = visionline.word("card_format", &["TLCode", "rfid48"]);
    if plain.is_some() && nested.is_some() && plain != nested {
        visionline.issue("card_format", "Differs from card_format");
    }
    plain.or(nested)
}

pub(super) async fn create(call: Call) -> Result<Answer, Problem> {
    let creation = call.read(|fields| Creation::read(fields, call.now))?;
    if let Some(credential_manager) = creation.credential_manager {
        call.referenced_credential_manager("credential_manager_acs_system_id", credential_manager)
            .await?;
    }
    let id = AcsCredentialId::generate();
    for _ in 0..LINK_TRIES {
        let (acs_user, user_identity_id) = creation.holder.find(&call).await?;
        let credential = creation.credential(&call, id, &acs_user.record, user_identity_id);
        // An ACS user who is leaving its person at this moment holds nothing any more.
        let transaction = call.store.transaction().create(&credential)?.unchanged(&acs_user);
        match transaction.write().await {
            Ok(()) => {
                let shown = AcsCredentialObject::of_parent(&credential, &Aggregate::default());
                return Answer::of("acs_credential", &shown);
            }
            Err(TransactionError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Problem::internal(format!("whoever was to hold {id} kept changing")))
}
