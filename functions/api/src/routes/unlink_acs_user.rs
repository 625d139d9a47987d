//! `/user_identities/remove_acs_user`: an ACS user becomes nobody's again. Its credentials stay with the person, assigned to nobody: the
//! issuer takes their children from the phones and out of the access control system.

use fobless::{
    domain::{
        acs::AcsUser,
        aggregate::{Aggregate, Versioned},
        deletion::Deletable,
        ids::{AcsUserId, UserIdentityId},
        multi_phone_sync_credential::MultiPhoneSyncCredential,
        user_identity::UserIdentity,
    },
    store::TransactionError,
};

use super::{
    linked_acs_user::{LINK_TRIES, Linked, kept_changing},
    named_user_identity::not_found,
};
use crate::{endpoint::Call, envelope::Answer, fields::Fields, problem::Problem, shown::Shown};

struct Removal {
    user_identity_id: UserIdentityId,
    acs_user_id: AcsUserId,
}

impl Removal {
    fn read(fields: &Fields<'_>) -> Option<Self> {
        let user_identity_id = fields.required_id("user_identity_id");
        let acs_user_id = fields.required_id("acs_user_id");
        Some(Self {
            user_identity_id: user_identity_id?,
            acs_user_id: acs_user_id?,
        })
    }

    async fn attempt(&self, call: &Call) -> Result<Linked, Problem> {
        let aggregate = call.store.load(call.owner(self.user_identity_id)).await?;
        let identity = aggregate.shown_identity().and(aggregate.identity.as_ref()).ok_or_else(not_found)?;
        let linked = aggregate.acs_user(self.acs_user_id).filter(|found| !found.record.is_gone());
        let Some(linked) = linked else {
            // What is assigned while the ACS user leaves is found once it has left.
            self.unassign(call, &aggregate).await?;
            return self.is_nobodys(call).await;
        };
        check_lasting(identity, linked)?;
        // In this order, so that a repeat after a crash finds what is left to do.
        self.unassign(call, &aggregate).await?;
        let unlinked = AcsUser {
            user_identity_id: None,
            ..linked.record.clone()
        };
        let transaction = call.store.transaction().unchanged(identity).replace(&unlinked, linked)?;
        match transaction.write().await {
            // One more look, see above.
            Ok(()) | Err(TransactionError::Conflict) => Ok(Linked::Outdated),
            Err(error) => Err(error.into()),
        }
    }

    /// The ACS user is not the person's. Being nobody's is what was asked for.
    async fn is_nobodys(&self, call: &Call) -> Result<Linked, Problem> {
        let found = call.known_acs_user(self.acs_user_id).await?;
        match found.user.record.user_identity_id {
            None => Ok(Linked::Done),
            Some(owner) if owner == self.user_identity_id => Ok(Linked::Outdated),
            Some(_) => Err(Problem::invalid_field(
                "acs_user_id",
                "This ACS user is not linked to this user identity",
            )),
        }
    }

    async fn unassign(&self, call: &Call, aggregate: &Aggregate) -> Result<(), Problem> {
        let is_held = |parent: &MultiPhoneSyncCredential| parent.acs_user_id == Some(self.acs_user_id) && !parent.is_gone();
        for parent in aggregate.credentials.iter().filter(|parent| is_held(&parent.record)) {
            let unassign = |parent: &mut MultiPhoneSyncCredential| {
                let was_held = is_held(parent);
                parent.acs_user_id = parent.acs_user_id.filter(|_| !was_held);
                was_held
            };
            call.store.amend(parent.clone(), unassign).await?;
        }
        Ok(())
    }
}

/// Removing twice is fine. A credential that is assigned at the same moment is written on the condition that the ACS user is still
/// there: either the last look here sees it, or it is not written.
pub(super) async fn remove_acs_user(call: Call) -> Result<Answer, Problem> {
    let removal = call.read(Removal::read)?;
    for _ in 0..LINK_TRIES {
        if removal.attempt(&call).await? == Linked::Done {
            return Ok(Answer::done());
        }
    }
    Err(kept_changing(removal.user_identity_id))
}

/// The issuer completes the deletion of what is a person's. What is on its way out there stays there.
fn check_lasting(identity: &Versioned<UserIdentity>, user: &Versioned<AcsUser>) -> Result<(), Problem> {
    if !user.record.is_wanted() {
        return Err(Problem::invalid_field("acs_user_id", "This ACS user is being deleted"));
    }
    if !identity.record.is_wanted() {
        let message = "This user identity is being deleted, and its ACS users with it";
        return Err(Problem::invalid_field("user_identity_id", message));
    }
    Ok(())
}
