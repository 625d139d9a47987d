//! Whose a multi-phone sync credential is: an ACS user of an access control system, who is linked to a person with phones. A request
//! names the ACS user, or the person and the system: who is not in that system yet comes by an ACS user there.

use fobless::domain::{
    acs::{AcsSystem, AcsUser},
    aggregate::Versioned,
    ids::{AcsSystemId, AcsUserId, UserIdentityId},
};

use super::linked_acs_user::ensure_linked_acs_user;
use crate::{endpoint::Call, fields::Fields, problem::Problem};

/// Whose credential it is to be.
pub(super) enum Holder {
    AcsUser {
        id: AcsUserId,
        system: Option<AcsSystemId>,
        identity: Option<UserIdentityId>,
    },
    Identity {
        id: UserIdentityId,
        system: AcsSystemId,
    },
}

impl Holder {
    pub(super) fn read(fields: &Fields<'_>) -> Option<Self> {
        let identity = fields.id("user_identity_id");
        let system = fields.id("acs_system_id");
        if !fields.is_given("acs_user_id") && (fields.is_given("user_identity_id") || fields.is_given("acs_system_id")) {
            let id = fields.required_id("user_identity_id");
            let system = fields.required_id("acs_system_id");
            return Some(Self::Identity { id: id?, system: system? });
        }
        Some(Self::AcsUser {
            id: fields.required_id("acs_user_id")?,
            system,
            identity,
        })
    }

    /// The ACS user who is to hold it, and the person behind.
    pub(super) async fn find(&self, call: &Call) -> Result<(Versioned<AcsUser>, UserIdentityId), Problem> {
        match *self {
            Self::Identity { id, system } => Ok((of_identity(call, id, "acs_system_id", system).await?, id)),
            Self::AcsUser { id, system, identity } => {
                let (user, owner) = linked(call, id).await?;
                if system.is_some_and(|system| system != user.record.acs_system_id) {
                    return Err(Problem::invalid_field("acs_system_id", "The ACS user is in another ACS system"));
                }
                if identity.is_some_and(|identity| identity != owner) {
                    return Err(Problem::invalid_field(
                        "user_identity_id",
                        "The ACS user belongs to another user identity",
                    ));
                }
                Ok((user, owner))
            }
        }
    }
}

/// The ACS user that `acs_user_id` refers to, who can hold credentials, and the person behind.
pub(super) async fn linked(call: &Call, id: AcsUserId) -> Result<(Versioned<AcsUser>, UserIdentityId), Problem> {
    let user = call.referenced_acs_user("acs_user_id", id).await?;
    access_control_system(call, "acs_user_id", user.record.acs_system_id).await?;
    let Some(owner) = user.record.user_identity_id else {
        let message = "This ACS user is not linked to a user identity, so it has no phones to issue credentials to";
        return Err(Problem::invalid_field("acs_user_id", message));
    };
    Ok((user, owner))
}

/// The ACS user that the person whom `user_identity_id` refers to has in the system; `field` says which one that is.
pub(super) async fn of_identity(call: &Call, id: UserIdentityId, field: &str, system: AcsSystemId) -> Result<Versioned<AcsUser>, Problem> {
    let system = access_control_system(call, field, system).await?;
    ensure_linked_acs_user(call, id, &system).await
}

async fn access_control_system(call: &Call, field: &str, id: AcsSystemId) -> Result<AcsSystem, Problem> {
    let system = call.referenced_acs_system(id).await?;
    if system.is_credential_manager() {
        return Err(Problem::invalid_field(
            field,
            "A credential opens doors of an access control system; this one is a credential manager",
        ));
    }
    Ok(system)
}
