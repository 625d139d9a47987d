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
    /// By its id. Whatever else is said of it has to be so.
    Id {
        id: AcsUserId,
        identity: Option<UserIdentityId>,
        system: Option<AcsSystemId>,
    },
    OfIdentity(UserIdentityId, AcsSystemId),
}

impl NamedAcsUser {
    pub(super) fn read(fields: &Fields<'_>) -> Option<Self> {
        if !fields.is_given("acs_user_id") && (fields.is_given("user_identity_id") || fields.is_given("acs_system_id")) {
            let identity = fields.required_id("user_identity_id");
            let system = fields.required_id("acs_system_id");
            return Some(Self::OfIdentity(identity?, system?));
        }
        let id = fields.required_id("acs_user_id");
        let (identity, system) = (fields.id("user_identity_id"), fields.id("acs_system_id"));
        Some(Self::Id { id: id?, identity, system })
    }

    /// The ACS user, be it gone or not.
    pub(super) async fn find(&self, call: &Call) -> Result<FoundAcsUser, Problem> {
        let found = match *self {
            Self::Id { id, identity, system } => call.acs_user(id).await?.filter(|found| {
                let user = &found.user.record;
                identity.is_none_or(|identity| user.user_identity_id == Some(identity))
                    && system.is_none_or(|system| user.acs_system_id == system)
            }),
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
