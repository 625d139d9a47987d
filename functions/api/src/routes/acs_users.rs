//! `/acs/users/*`: the person inside an access control system.

use fobless::{
    domain::{
        acs::{AcsSystem, AcsUser},
        deletion::Deletable,
        ids::{AcsSystemId, AcsUserId, UserIdentityId},
        user_identity::UserIdentity,
    },
    store::{CreateError, Record, UniqueKey, UniqueKind},
};

use super::{
    change_acs_user::{delete, suspend, unsuspend, update},
    contact::{email_address, phone_number},
    list_acs_users::list,
    named_acs_user::NamedAcsUser,
};
use crate::{
    endpoint::{Accepts, Call, Endpoint, endpoint},
    envelope::Answer,
    fields::Fields,
    problem::Problem,
    shown::Shown,
    wire::acs_user::AcsUserObject,
};

pub(crate) fn routes() -> Vec<Endpoint> {
    vec![
        endpoint("/acs/users/create", Accepts::Create, create),
        endpoint("/acs/users/get", Accepts::Read, get),
        endpoint("/acs/users/list", Accepts::Read, list),
        endpoint("/acs/users/update", Accepts::Update, update),
        endpoint("/acs/users/suspend", Accepts::Create, suspend),
        endpoint("/acs/users/unsuspend", Accepts::Create, unsuspend),
        endpoint("/acs/users/delete", Accepts::Delete, delete),
    ]
}

struct Creation {
    acs_system_id: AcsSystemId,
    full_name: String,
    email_address: Option<String>,
    phone_number: Option<String>,
    user_identity_id: Option<UserIdentityId>,
}

impl Creation {
    fn read(fields: &Fields<'_>) -> Option<Self> {
        let acs_system_id = fields.required_id("acs_system_id");
        let full_name = fields.required_text("full_name");
        for name in ["acs_access_group_ids", "access_schedule"]
            .into_iter()
            .filter(|name| fields.is_given(name))
        {
            fields.issue(name, "Not supported: the access control system decides what the ACS user may open");
        }
        // `email` is the older name.
        let email_address = email_address(fields, "email_address").or_else(|| self::email_address(fields, "email"));
        Some(Self {
            full_name: full_name?,
            email_address,
            phone_number: phone_number(fields, "phone_number"),
            user_identity_id: fields.id("user_identity_id"),
            acs_system_id: acs_system_id?,
        })
    }
}

async fn create(call: Call) -> Result<Answer, Problem> {
    let creation = call.read(Creation::read)?;
    let system = call.referenced_acs_system(creation.acs_system_id).await?;
    let user = AcsUser {
        workspace_id: call.workspace_id,
        acs_user_id: AcsUserId::generate(),
        acs_system_id: system.acs_system_id,
        connected_account_id: system.connected_account_id,
        user_identity_id: creation.user_identity_id,
        full_name: creation.full_name,
        email_address: creation.email_address,
        phone_number: creation.phone_number,
        suspended_at: None,
        created_at: call.now,
        deletion: None,
    };
    let identity = match creation.user_identity_id {
        None => {
            call.store.insert(user.clone()).await?;
            None
        }
        Some(id) => {
            let identity = call.referenced_identity("user_identity_id", id).await?;
            if !add_linked(&call, &user, id).await? {
                return Err(Problem::invalid_field(
                    "user_identity_id",
                    "The user identity has an ACS user in this ACS system already",
                ));
            }
            Some(identity)
        }
    };
    Answer::of("acs_user", &AcsUserObject::of(&user, Some(&system), identity.as_ref()))
}

async fn get(call: Call) -> Result<Answer, Problem> {
    let found = call.read(NamedAcsUser::read)?.shown(&call).await?;
    let user = &found.user.record;
    let system = call.acs_system(user.acs_system_id).await?;
    Answer::of("acs_user", &AcsUserObject::of(user, system.as_ref(), found.identity.as_ref()))
}

/// The ACS user that the person has in the system. One is made when there is none.
pub(super) async fn ensure_linked_acs_user(call: &Call, identity: &UserIdentity, system: &AcsSystem) -> Result<AcsUser, Problem> {
    let aggregate = call.store.load(call.owner(identity.user_identity_id)).await?;
    if let Some(known) = aggregate.shown_acs_user_in(system.acs_system_id) {
        return lasting(known);
    }
    let user = linked_acs_user(call, identity, system);
    if add_linked(call, &user, identity.user_identity_id).await? {
        return Ok(user);
    }
    let aggregate = call.store.load(call.owner(identity.user_identity_id)).await?;
    let other = aggregate.shown_acs_user_in(system.acs_system_id);
    lasting(other.ok_or_else(|| Problem::internal(format!("{} has an ACS user that is not there", identity.user_identity_id)))?)
}

/// `user`, unless it is being deleted: nothing new may hang on it, and there can be no other before it is gone.
fn lasting(user: &AcsUser) -> Result<AcsUser, Problem> {
    if user.is_wanted() {
        return Ok(user.clone());
    }
    Err(Problem::invalid_field(
        "user_identity_id",
        "The ACS user that the user identity has in this ACS system is being deleted",
    ))
}

/// A new ACS user for a person, named as the person is.
pub(super) fn linked_acs_user(call: &Call, identity: &UserIdentity, system: &AcsSystem) -> AcsUser {
    AcsUser {
        workspace_id: call.workspace_id,
        acs_user_id: AcsUserId::generate(),
        acs_system_id: system.acs_system_id,
        connected_account_id: system.connected_account_id,
        user_identity_id: Some(identity.user_identity_id),
        full_name: identity.display_name().to_owned(),
        email_address: identity.email_address.clone(),
        phone_number: identity.phone_number.clone(),
        suspended_at: None,
        created_at: call.now,
        deletion: None,
    }
}

/// The claim that a linked ACS user is the person's only one in its system.
pub(super) fn claim_of(user: &AcsUser, identity: UserIdentityId) -> UniqueKey {
    UniqueKey::of_acs_user(user.workspace_id, user.acs_system_id, identity, user.key())
}

/// Writes a linked ACS user. `false`: the person has one in that system already.
async fn add_linked(call: &Call, user: &AcsUser, identity: UserIdentityId) -> Result<bool, Problem> {
    let aggregate = call.store.load(call.owner(identity)).await?;
    if aggregate.shown_acs_user_in(user.acs_system_id).is_some() {
        return Ok(false);
    }
    match call.store.create().record(user)?.claims([claim_of(user, identity)])?.write().await {
        Ok(()) => Ok(true),
        Err(CreateError::Taken(UniqueKind::AcsUserOfIdentity)) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
