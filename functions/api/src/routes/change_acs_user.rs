//! `/acs/users/update`, `/suspend`, `/unsuspend` and `/delete`. Only the wish is written here; the issuer takes the mobile credentials
//! of a suspended or deleted ACS user from the phones.

use fobless::domain::{acs::AcsUser, deletion::Deletable, time::Timestamp};

use super::{
    contact::{email_address, phone_number},
    linked_acs_user::LINK_TRIES,
    named_acs_user::NamedAcsUser,
};
use crate::{change::Change, endpoint::Call, envelope::Answer, fields::Fields, lookup::FoundAcsUser, problem::Problem};

struct Update {
    user: NamedAcsUser,
    full_name: Option<String>,
    email_address: Change<String>,
    phone_number: Change<String>,
}

impl Update {
    fn read(fields: &Fields<'_>) -> Option<Self> {
        let user = NamedAcsUser::read(fields);
        if fields.is_given("access_schedule") {
            fields.issue(
                "access_schedule",
                "Not supported: the access control system decides what the ACS user may open",
            );
        }
        if fields.is_given("hid_acs_system_id") {
            fields.issue(
                "hid_acs_system_id",
                "Not supported: an ACS user stays in the ACS system in which it was made",
            );
        }
        // `email` is the older name.
        let email_address = match Change::read(fields, "email_address", email_address) {
            Change::Keep => Change::read(fields, "email", self::email_address),
            named => named,
        };
        Some(Self {
            full_name: fields.text("full_name"),
            email_address,
            phone_number: Change::read(fields, "phone_number", phone_number),
            user: user?,
        })
    }

    fn apply(&self, user: &mut AcsUser) {
        if let Some(full_name) = &self.full_name {
            user.full_name.clone_from(full_name);
        }
        self.email_address.apply(&mut user.email_address);
        self.phone_number.apply(&mut user.phone_number);
    }
}

pub(super) async fn update(call: Call) -> Result<Answer, Problem> {
    let update = call.read(Update::read)?;
    let found = update.user.shown(&call).await?;
    amend(&call, &update.user, found, |user| update.apply(user)).await
}

/// Since when an ACS user is suspended is kept when it is suspended again.
pub(super) async fn suspend(call: Call) -> Result<Answer, Problem> {
    let named = call.read(NamedAcsUser::read)?;
    let found = named.shown(&call).await?;
    amend(&call, &named, found, |user| {
        user.suspended_at.get_or_insert(call.now);
    })
    .await
}

pub(super) async fn unsuspend(call: Call) -> Result<Answer, Problem> {
    let named = call.read(NamedAcsUser::read)?;
    let found = named.shown(&call).await?;
    amend(&call, &named, found, |user| user.suspended_at = None).await
}

/// Deleting twice is fine: clients repeat a delete whose answer got lost.
pub(super) async fn delete(call: Call) -> Result<Answer, Problem> {
    let named = call.read(NamedAcsUser::read)?;
    let found = named.find(&call).await?;
    amend(&call, &named, found, |user| request_deletion(user, call.now)).await
}

/// Nothing hangs on an ACS user who is nobody's, and the issuer looks after people only: such a one is gone at once.
fn request_deletion(user: &mut AcsUser, now: Timestamp) {
    user.request_deletion(now);
    if user.user_identity_id.is_none() {
        user.complete_deletion(now);
    }
}

async fn amend(
    call: &Call,
    named: &NamedAcsUser,
    mut found: FoundAcsUser,
    mut change: impl FnMut(&mut AcsUser) + Send,
) -> Result<Answer, Problem> {
    for _ in 0..LINK_TRIES {
        let amended = call.store.amend_with_claims(found.user, |user| {
            let before = user.clone();
            change(user);
            *user != before
        });
        if amended.await?.is_some() {
            return Ok(Answer::done());
        }
        // In this very moment it was linked to somebody, or to nobody any more.
        found = named.find(call).await?;
    }
    Err(Problem::internal("an ACS user kept moving"))
}
