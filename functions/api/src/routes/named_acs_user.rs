//! How a request names an ACS user: by its id, or as the one that a person has in an access control system.

use fobless::domain::{
    acs::AcsUser,
    aggregate::{Aggregate, Versioned},
    deletion::Deletable,
    ids::{AcsSystemId, AcsUserId, UserIdentityId},
};

use crate::{endpoint::Call, fields::Fields, lookup::FoundAcsUser, problem::Problem};

/// The ACS user that a request is about.
pub(super) enum NamedAcsUser {
    Id(AcsUserId),
    OfIdentity(UserIdentityId, AcsSystemId),
}

impl NamedAcsUser {
    pub(super) fn read(fields: &Fields<'_>) -> Option<Self> {
        if !fields.is_given("acs_user_id") && (fields.is_given("user_identity_id") || fields.is_given("acs_system_id")) {
            let identity = fields.required_id("user_identity_id");
            let system = fields.required_id("acs_system_id");
            return Some(Self::OfIdentity(identity?, system?));
        }
        fields.required_id("acs_user_id").map(Self::Id)
    }

    /// The ACS user, be it gone or not.
    pub(super) async fn find(&self, call: &Call) -> Result<FoundAcsUser, Problem> {
        let found = match *self {
            Self::Id(id) => call.acs_user(id).await?,
            Self::OfIdentity(identity, system) => of_person(call.store.load(call.owner(identity)).await?, system),
        };
        found.ok_or_else(not_found)
    }

    /// The ACS user, unless it is gone.
    pub(super) async fn shown(&self, call: &Call) -> Result<FoundAcsUser, Problem> {
        let found = self.find(call).await?;
        if found.is_shown() { Ok(found) } else { Err(not_found()) }
    }
}

/// The ACS user in the system that is there, else one that was.
fn of_person(aggregate: Aggregate, system: AcsSystemId) -> Option<FoundAcsUser> {
    let users: Vec<Versioned<AcsUser>> = aggregate
        .acs_users
        .into_iter()
        .filter(|found| found.record.acs_system_id == system)
        .collect();
    let user = users.into_iter().min_by_key(|found| found.record.is_gone())?;
    Some(FoundAcsUser {
        user,
        identity: aggregate.identity.map(|found| found.record),
    })
}

fn not_found() -> Problem {
    Problem::not_found("acs_user_not_found", "There is no such ACS user")
}
