//! `/acs/credentials/update`: moves the time within which a multi-phone sync credential opens doors, and says what becomes of its
//! children that somebody revokes at the credential manager. The phones follow: the issuer gives them their children when the time
//! comes, and takes them away when it is over.

use fobless::domain::{
    ids::AcsCredentialId,
    multi_phone_sync_credential::{MultiPhoneSyncCredential, WhenInvalidated},
    time::Timestamp,
};

use super::{
    create_acs_credential::{VISIONLINE, check_nothing_foreign, check_nothing_unique, read_when_invalidated},
    named_parent::NamedParent,
};
use crate::{
    change::Change, endpoint::Call, envelope::Answer, fields::Fields, problem::Problem, wire::acs_credential::AcsCredentialObject,
};

const INSTEAD: &str = "update the multi-phone sync credential that it belongs to";
/// What the numbers that were drawn for the phones carry already.
const FIXED: &[&str] = &["card_format", "facility_code", VISIONLINE];

struct Update {
    acs_credential_id: AcsCredentialId,
    starts_at: Change<Timestamp>,
    ends_at: Change<Timestamp>,
    when_invalidated: Change<WhenInvalidated>,
}

impl Update {
    fn read(fields: &Fields<'_>, now: Timestamp) -> Option<Self> {
        let acs_credential_id = fields.required_id("acs_credential_id");
        check_nothing_unique(fields);
        check_nothing_foreign(fields);
        for name in FIXED.iter().filter(|name| fields.is_given(name)) {
            fields.issue(
                name,
                "The numbers on the phones carry it, so it can't be changed: create another credential",
            );
        }
        let starts_at = Change::read(fields, "starts_at", Fields::moment);
        let ends_at = Change::read(fields, "ends_at", Fields::moment);
        let when_invalidated = Change::read(fields, "when_invalidated", |fields, _| read_when_invalidated(fields));
        if let Change::Set(end) = ends_at
            && end <= now
        {
            fields.issue("ends_at", "Must be in the future");
        }
        Some(Self {
            acs_credential_id: acs_credential_id?,
            starts_at,
            ends_at,
            when_invalidated,
        })
    }

    /// Changes the parent; `None`: its time would end before it begins.
    fn of(&self, parent: &MultiPhoneSyncCredential, now: Timestamp) -> Option<MultiPhoneSyncCredential> {
        let mut updated = parent.clone();
        self.starts_at.apply(&mut updated.starts_at);
        self.ends_at.apply(&mut updated.ends_at);
        match self.when_invalidated {
            Change::Keep => {}
            Change::Clear => updated.when_invalidated = WhenInvalidated::default(),
            Change::Set(wanted) => updated.when_invalidated = wanted,
        }
        if let (Some(start), Some(end)) = (updated.starts_at, updated.ends_at)
            && end <= start
        {
            return None;
        }
        updated.next_change_at = updated.next_change(now);
        Some(updated)
    }

    /// The field to blame when the time would end before it begins.
    fn blamed(&self) -> Problem {
        match self.ends_at {
            Change::Set(_) => Problem::invalid_field("ends_at", "Must be after starts_at"),
            Change::Keep | Change::Clear => Problem::invalid_field("starts_at", "Must be before ends_at"),
        }
    }
}

pub(super) async fn update(call: Call) -> Result<Answer, Problem> {
    let update = call.read(|fields| Update::read(fields, call.now))?;
    let NamedParent { found, aggregate } = NamedParent::wanted(&call, update.acs_credential_id, INSTEAD).await?;
    // Checked against the record as it is when it is written: somebody else may move the other end at the same time.
    let mut latest = found.record.clone();
    let mut is_consistent = true;
    call.store
        .amend(found, |parent| {
            let updated = update.of(parent, call.now);
            is_consistent = updated.is_some();
            let is_news = updated.as_ref().is_some_and(|updated| updated != parent);
            if let Some(updated) = updated {
                *parent = updated;
            }
            latest.clone_from(parent);
            is_news
        })
        .await?;
    if !is_consistent {
        return Err(update.blamed());
    }
    Answer::of("acs_credential", &AcsCredentialObject::of_parent(&latest, &aggregate))
}
