//! `/acs/users/*`: the person inside an access control system.

use fobless::domain::{
    acs::AcsUser,
    ids::{AcsSystemId, AcsUserId, UserIdentityId},
    user_identity::UserIdentity,
};

use super::{
    change_acs_user::{delete, suspend, unsuspend, update},
    contact::{email_address, phone_number},
    linked_acs_user::{LINK_TRIES, Link, Linked, kept_changing},
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
            call.store.transaction().create(&user)?.write().await?;
            None
        }
        Some(id) => Some(write_linked(&call, &user, id).await?),
    };
    Answer::of("acs_user", &AcsUserObject::of(&user, Some(&system), identity.as_ref()))
}

/// Writes an ACS user of a person, and answers the person.
async fn write_linked(call: &Call, user: &AcsUser, id: UserIdentityId) -> Result<UserIdentity, Problem> {
    let link = Link::new(user.clone());
    for _ in 0..LINK_TRIES {
        let identity = call.referenced_identity("user_identity_id", id).await?;
        let aggregate = call.store.load(call.owner(id)).await?;
        if aggregate.shown_acs_user_in(user.acs_system_id).is_some() {
            let message = "The user identity has an ACS user in this ACS system already";
            return Err(Problem::invalid_field("user_identity_id", message));
        }
        if link.write(call, &identity).await? == Linked::Done {
            return Ok(identity.record);
        }
    }
    Err(kept_changing(id))
}

async fn get(call: Call) -> Result<Answer, Problem> {
    let found = call.read(NamedAcsUser::read)?.shown(&call).await?;
    let user = &found.user.record;
    let system = call.acs_system(user.acs_system_id).await?;
    Answer::of("acs_user", &AcsUserObject::of(user, system.as_ref(), found.identity.as_ref()))
}
