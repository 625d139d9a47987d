//! How a person comes by an ACS user in an access control system: one that is nobody's and has the same e-mail address or phone number
//! is linked, else one is made. A person has at most one in each system.

use fobless::{
    domain::{
        acs::{AcsSystem, AcsUser},
        aggregate::{Aggregate, Versioned},
        deletion::Deletable,
        ids::{AcsUserId, UserIdentityId},
        user_identity::UserIdentity,
    },
    store::{StoreError, Transaction, TransactionError, UniqueKind},
};

use crate::{endpoint::Call, problem::Problem, shown::Shown};

/// How often a link is tried again when somebody changed what it was decided on.
pub(super) const LINK_TRIES: u32 = 5;

/// An ACS user that is to be a person's.
pub(super) struct Link {
    /// As it is to be.
    pub(super) user: AcsUser,
    /// As it was when it was nobody's; `None`: it is new.
    unlinked: Option<Versioned<AcsUser>>,
}

/// What became of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Linked {
    Done,
    /// The person, the ACS user or the person's ACS users are not what they were. Look again.
    Outdated,
}

impl Link {
    /// One that is made.
    pub(super) const fn new(user: AcsUser) -> Self {
        Self { user, unlinked: None }
    }

    /// One that was nobody's.
    pub(super) fn of(unlinked: Versioned<AcsUser>, identity: UserIdentityId) -> Self {
        let user = AcsUser {
            user_identity_id: Some(identity),
            ..unlinked.record.clone()
        };
        Self {
            user,
            unlinked: Some(unlinked),
        }
    }

    /// The one that fits, or a new one that is named as the person is.
    pub(super) async fn find(call: &Call, identity: &UserIdentity, system: &AcsSystem) -> Result<Self, Problem> {
        let fitting = call.store.unlinked_acs_user_of(identity, system.acs_system_id).await?;
        let id = identity.user_identity_id;
        Ok(fitting.map_or_else(|| Self::new(named_as(call, identity, system)), |unlinked| Self::of(unlinked, id)))
    }

    /// Adds the link to what is written together.
    pub(super) fn within<'a>(&self, transaction: Transaction<'a>) -> Result<Transaction<'a>, StoreError> {
        match &self.unlinked {
            Some(unlinked) => transaction.replace(&self.user, unlinked),
            None => transaction.create(&self.user),
        }
    }

    /// Makes the link, if the person is still as seen: somebody may have asked for the person's deletion.
    pub(super) async fn write(&self, call: &Call, identity: &Versioned<UserIdentity>) -> Result<Linked, Problem> {
        let transaction = self.within(call.store.transaction().unchanged(identity))?;
        match transaction.write().await {
            Ok(()) => Ok(Linked::Done),
            Err(TransactionError::Conflict | TransactionError::Taken(UniqueKind::AcsUserOfIdentity)) => Ok(Linked::Outdated),
            Err(error) => Err(error.into()),
        }
    }
}

fn named_as(call: &Call, identity: &UserIdentity, system: &AcsSystem) -> AcsUser {
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

/// The ACS user that the person whom `user_identity_id` refers to has in the system. Who has none comes by one.
pub(super) async fn ensure_linked_acs_user(call: &Call, id: UserIdentityId, system: &AcsSystem) -> Result<Versioned<AcsUser>, Problem> {
    for _ in 0..LINK_TRIES {
        let identity = call.referenced_identity("user_identity_id", id).await?;
        let aggregate = call.store.load(call.owner(id)).await?;
        if let Some(known) = aggregate.shown_acs_user_in(system.acs_system_id) {
            return lasting(&aggregate, known.acs_user_id);
        }
        // The next round finds what this one made.
        Link::find(call, &identity.record, system).await?.write(call, &identity).await?;
    }
    Err(kept_changing(id))
}

/// The ACS user with this id, unless it is being deleted: nothing new may hang on it, and there can be no other before it is gone.
fn lasting(aggregate: &Aggregate, id: AcsUserId) -> Result<Versioned<AcsUser>, Problem> {
    let lasting = aggregate.acs_user(id).filter(|user| user.record.is_wanted());
    lasting.cloned().ok_or_else(|| {
        Problem::invalid_field(
            "user_identity_id",
            "The ACS user that the user identity has in this ACS system is being deleted",
        )
    })
}

/// Others were always faster. The client may well try again.
pub(super) fn kept_changing(id: UserIdentityId) -> Problem {
    Problem::internal(format!("the ACS users of {id} kept changing"))
}
