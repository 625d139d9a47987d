//! `/user_identities/create`: a person, with what only this person may have, and an ACS user in each system that is named.

use fobless::{
    domain::{
        acs::{AcsSystem, AcsUser},
        ids::{AcsSystemId, UserIdentityId},
        user_identity::UserIdentity,
    },
    store::TransactionError,
};

use super::{
    contact::{email_address, phone_number},
    linked_acs_user::{LINK_TRIES, Link},
    taken_value::taken,
};
use crate::{endpoint::Call, envelope::Answer, fields::Fields, problem::Problem, wire::user_identity::UserIdentityObject};

/// Everything that one creation writes has to fit into one transaction, which takes 100 items: an ACS user that moves with all its
/// values needs five, the person seven.
const MOST_ACS_SYSTEMS: usize = 18;

struct Creation {
    user_identity_key: Option<String>,
    email_address: Option<String>,
    phone_number: Option<String>,
    full_name: Option<String>,
    acs_system_ids: Vec<AcsSystemId>,
}

impl Creation {
    fn read(fields: &Fields<'_>) -> Option<Self> {
        let mut acs_system_ids: Option<Vec<AcsSystemId>> = fields.ids_up_to("acs_system_ids", MOST_ACS_SYSTEMS);
        if let Some(ids) = &mut acs_system_ids {
            ids.sort();
            ids.dedup();
        }
        Some(Self {
            user_identity_key: fields.text("user_identity_key"),
            email_address: email_address(fields, "email_address"),
            phone_number: phone_number(fields, "phone_number"),
            full_name: fields.text("full_name"),
            acs_system_ids: acs_system_ids?,
        })
    }
}

pub(super) async fn create(call: Call) -> Result<Answer, Problem> {
    let creation = call.read(Creation::read)?;
    if !creation.acs_system_ids.is_empty() && creation.full_name.is_none() {
        return Err(Problem::unknown_reference(
            "full_name_required",
            "full_name is required to make ACS users",
        ));
    }
    let mut systems: Vec<AcsSystem> = Vec::with_capacity(creation.acs_system_ids.len());
    for id in creation.acs_system_ids {
        systems.push(call.referenced_acs_system(id).await?);
    }
    let identity = UserIdentity {
        workspace_id: call.workspace_id,
        user_identity_id: UserIdentityId::generate(),
        user_identity_key: creation.user_identity_key,
        email_address: creation.email_address,
        phone_number: creation.phone_number,
        full_name: creation.full_name,
        created_at: call.now,
        deletion: None,
    };
    let acs_users = write(&call, &identity, &systems).await?;
    Answer::of("user_identity", &UserIdentityObject::of(&identity, &acs_users))
}

/// The person, what only this person may have, and the ACS users: all of it or nothing.
async fn write(call: &Call, identity: &UserIdentity, systems: &[AcsSystem]) -> Result<Vec<AcsUser>, Problem> {
    for _ in 0..LINK_TRIES {
        let mut transaction = call.store.transaction().create(identity)?;
        let mut acs_users = Vec::with_capacity(systems.len());
        for system in systems {
            let link = Link::find(call, identity, system).await?;
            transaction = link.within(transaction)?;
            acs_users.push(link.user);
        }
        match transaction.write().await {
            Ok(()) => return Ok(acs_users),
            // Somebody changed an ACS user that was to be linked.
            Err(TransactionError::Conflict) => {}
            Err(error) => return Err(taken(error)),
        }
    }
    Err(Problem::internal("the ACS users of a new person kept changing"))
}
