//! `/acs/credentials/assign` and `/acs/credentials/unassign`: to which of its person's ACS users a multi-phone sync credential's
//! numbers are allocated. A credential lives with its person and on that person's phones, so it can't go to another person.

use fobless::{
    domain::{
        acs::AcsUser,
        aggregate::{Aggregate, Versioned},
        ids::{AcsCredentialId, AcsUserId, UserIdentityId},
        multi_phone_sync_credential::MultiPhoneSyncCredential,
    },
    store::TransactionError,
};

use super::{
    credential_holder::{linked, of_identity},
    linked_acs_user::LINK_TRIES,
    named_parent::NamedParent,
};
use crate::{endpoint::Call, envelope::Answer, fields::Fields, problem::Problem, wire::acs_credential::AcsCredentialObject};

const INSTEAD: &str = "assign or unassign the multi-phone sync credential that it belongs to";
const ANOTHER_PERSON: &str = "A credential stays with its user identity, and this one belongs to another: create one for that person";

/// How a request names the ACS user.
#[derive(Clone, Copy)]
enum Named {
    AcsUser(AcsUserId),
    Identity(UserIdentityId),
}

struct Assignment {
    acs_credential_id: AcsCredentialId,
    holder: Named,
}

impl Assignment {
    fn read(fields: &Fields<'_>) -> Option<Self> {
        let acs_credential_id = fields.required_id("acs_credential_id");
        let user = fields.id("acs_user_id").map(Named::AcsUser);
        let identity = fields.id("user_identity_id").map(Named::Identity);
        match (fields.is_given("acs_user_id"), fields.is_given("user_identity_id")) {
            (false, false) => fields.issue("acs_user_id", "Required unless user_identity_id is given"),
            (true, true) => fields.issue("acs_user_id", "Not together with user_identity_id"),
            _ => {}
        }
        Some(Self {
            acs_credential_id: acs_credential_id?,
            holder: user.or(identity)?,
        })
    }
}

pub(super) async fn assign(call: Call) -> Result<Answer, Problem> {
    let assignment = call.read(Assignment::read)?;
    let id = assignment.acs_credential_id;
    for _ in 0..LINK_TRIES {
        let NamedParent { found, aggregate } = NamedParent::wanted(&call, id, INSTEAD).await?;
        let holder = holder(&call, assignment.holder, &found.record).await?;
        let assigned = MultiPhoneSyncCredential {
            acs_user_id: Some(holder.record.acs_user_id),
            acs_system_id: holder.record.acs_system_id,
            connected_account_id: holder.record.connected_account_id,
            ..found.record.clone()
        };
        if assigned == found.record {
            return answer(&assigned, &aggregate);
        }
        // An ACS user who is leaving its person at this moment holds nothing any more.
        let transaction = call.store.transaction().replace(&assigned, &found)?.unchanged(&holder);
        match transaction.write().await {
            Ok(()) => return answer(&assigned, &aggregate),
            Err(TransactionError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Problem::internal(format!("{id} or its holder kept changing")))
}

/// The ACS user to whom it is to be assigned.
async fn holder(call: &Call, named: Named, parent: &MultiPhoneSyncCredential) -> Result<Versioned<AcsUser>, Problem> {
    match named {
        Named::AcsUser(id) => {
            let (user, owner) = linked(call, id).await?;
            let is_same = owner == parent.user_identity_id;
            is_same
                .then_some(user)
                .ok_or_else(|| Problem::invalid_field("acs_user_id", ANOTHER_PERSON))
        }
        Named::Identity(id) => {
            call.referenced_identity("user_identity_id", id).await?;
            if id != parent.user_identity_id {
                return Err(Problem::invalid_field("user_identity_id", ANOTHER_PERSON));
            }
            of_identity(call, id, "acs_credential_id", parent.acs_system_id).await
        }
    }
}

/// Unassigning twice is fine.
pub(super) async fn unassign(call: Call) -> Result<Answer, Problem> {
    let assignment = call.read(Assignment::read)?;
    let NamedParent { found, aggregate } = NamedParent::shown(&call, assignment.acs_credential_id, INSTEAD).await?;
    let present = found.record.acs_user_id;
    match assignment.holder {
        Named::AcsUser(id) if present.is_some_and(|present| present != id) => {
            let message = "The credential is not assigned to this ACS user";
            return Err(Problem::invalid_field("acs_user_id", message));
        }
        Named::Identity(id) if id != found.record.user_identity_id => {
            let message = "The credential is not assigned to an ACS user of this user identity";
            return Err(Problem::invalid_field("user_identity_id", message));
        }
        Named::AcsUser(_) | Named::Identity(_) => {}
    }
    // One that somebody else assigned meanwhile stays assigned.
    let amended = amend(&call, found, |parent| {
        parent.acs_user_id = parent.acs_user_id.filter(|holder| Some(*holder) != present);
    });
    answer(&amended.await?, &aggregate)
}

/// Makes the change, unless it is none, and answers the parent as it is then.
async fn amend(
    call: &Call,
    found: Versioned<MultiPhoneSyncCredential>,
    mut change: impl FnMut(&mut MultiPhoneSyncCredential) + Send,
) -> Result<MultiPhoneSyncCredential, Problem> {
    let mut latest = found.record.clone();
    let amended = call.store.amend(found, |parent| {
        let before = parent.clone();
        change(parent);
        latest.clone_from(parent);
        *parent != before
    });
    amended.await?;
    Ok(latest)
}

fn answer(parent: &MultiPhoneSyncCredential, aggregate: &Aggregate) -> Result<Answer, Problem> {
    Answer::of("acs_credential", &AcsCredentialObject::of_parent(parent, aggregate))
}
