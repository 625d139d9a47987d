//! `/user_identities/update`: `null` takes a value away, what is absent stays. The person's ACS users keep their own names and
//! addresses: what an access control system calls somebody is changed there.

use fobless::domain::{aggregate::Versioned, deletion::Deletable, ids::UserIdentityId, user_identity::UserIdentity};

use super::{
    contact::{email_address, phone_number},
    named_user_identity::not_found,
    taken_value::taken,
};
use crate::{change::Change, endpoint::Call, envelope::Answer, fields::Fields, problem::Problem};

struct Update {
    user_identity_id: UserIdentityId,
    user_identity_key: Change<String>,
    email_address: Change<String>,
    phone_number: Change<String>,
    full_name: Change<String>,
}

impl Update {
    fn read(fields: &Fields<'_>) -> Option<Self> {
        let user_identity_id = fields.required_id("user_identity_id");
        let text = |name| Change::read(fields, name, Fields::text);
        Some(Self {
            user_identity_key: text("user_identity_key"),
            email_address: Change::read(fields, "email_address", email_address),
            phone_number: Change::read(fields, "phone_number", phone_number),
            full_name: text("full_name"),
            user_identity_id: user_identity_id?,
        })
    }

    fn apply(&self, identity: &mut UserIdentity) {
        self.user_identity_key.apply(&mut identity.user_identity_key);
        self.email_address.apply(&mut identity.email_address);
        self.phone_number.apply(&mut identity.phone_number);
        self.full_name.apply(&mut identity.full_name);
    }
}

pub(super) async fn update(call: Call) -> Result<Answer, Problem> {
    let update = call.read(Update::read)?;
    let key = call.owner(update.user_identity_id).identity();
    let found: Versioned<UserIdentity> = call.store.get(key).await?.ok_or_else(not_found)?;
    let amended = call.store.amend_with_claims(found, |identity| {
        let before = identity.clone();
        // Of somebody who is gone nothing is known any more, and nothing is learned.
        if !identity.is_gone() {
            update.apply(identity);
        }
        *identity != before
    });
    let latest = amended.await.map_err(taken)?;
    let is_there = latest.is_some_and(|latest| !latest.record.is_gone());
    is_there.then(Answer::done).ok_or_else(not_found)
}
