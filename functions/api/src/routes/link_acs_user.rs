//! `/user_identities/add_acs_user`: an ACS user who is nobody's becomes a person's. Its record moves into the person's partition, so
//! that everything about the person stands together.

use fobless::{
    domain::{
        acs::AcsUser,
        aggregate::{Aggregate, Versioned},
        deletion::Deletable,
        ids::{AcsUserId, UserIdentityId},
        user_identity::UserIdentity,
    },
    store::{TransactionError, UniqueKind},
};

use super::{
    linked_acs_user::{LINK_TRIES, Link, Linked},
    named_user_identity::{NamedUserIdentity, not_found},
};
use crate::{endpoint::Call, envelope::Answer, fields::Fields, lookup::FoundAcsUser, problem::Problem, shown::Shown};

struct Addition {
    acs_user_id: AcsUserId,
    person: NamedUserIdentity,
}

impl Addition {
    fn read(fields: &Fields<'_>) -> Option<Self> {
        let acs_user_id = fields.required_id("acs_user_id");
        let person = NamedUserIdentity::read(fields);
        Some(Self {
            acs_user_id: acs_user_id?,
            person: person?,
        })
    }

    async fn attempt(&self, call: &Call) -> Result<Linked, Problem> {
        let aggregate = self.person.load(call).await?;
        match (aggregate.shown_identity().and(aggregate.identity.as_ref()), &self.person) {
            (Some(identity), _) => self.link(call, identity, &aggregate).await,
            (None, NamedUserIdentity::Key(key)) => self.link_to_new(call, key).await,
            (None, NamedUserIdentity::Id(..)) => Err(not_found()),
        }
    }

    async fn link(&self, call: &Call, identity: &Versioned<UserIdentity>, aggregate: &Aggregate) -> Result<Linked, Problem> {
        let id = identity.record.user_identity_id;
        let found = call.known_acs_user(self.acs_user_id).await?;
        if found.user.record.user_identity_id == Some(id) {
            return Ok(Linked::Done);
        }
        let unlinked = free(found)?;
        if !identity.record.is_wanted() {
            return Err(Problem::invalid_field("user_identity_id", "This user identity is being deleted"));
        }
        if aggregate.shown_acs_user_in(unlinked.record.acs_system_id).is_some() {
            let message = "The user identity has another ACS user in this ACS system already";
            return Err(Problem::invalid_field("acs_user_id", message));
        }
        Link::of(unlinked, id).write(call, identity).await
    }

    /// Nobody has the key yet: the person is made of what the ACS user tells.
    async fn link_to_new(&self, call: &Call, key: &str) -> Result<Linked, Problem> {
        let unlinked = free(call.known_acs_user(self.acs_user_id).await?)?;
        let identity = UserIdentity {
            workspace_id: call.workspace_id,
            user_identity_id: UserIdentityId::generate(),
            user_identity_key: Some(key.to_owned()),
            email_address: unlinked.record.email_address.clone(),
            phone_number: unlinked.record.phone_number.clone(),
            full_name: Some(unlinked.record.full_name.clone()),
            created_at: call.now,
            deletion: None,
        };
        let link = Link::of(unlinked, identity.user_identity_id);
        let transaction = link.within(call.store.transaction().create(&identity)?)?;
        match transaction.write().await {
            Ok(()) => Ok(Linked::Done),
            Err(TransactionError::Conflict | TransactionError::Taken(UniqueKind::UserIdentityKey)) => Ok(Linked::Outdated),
            Err(TransactionError::Taken(UniqueKind::EmailAddress)) => Err(already("e-mail address")),
            Err(TransactionError::Taken(UniqueKind::PhoneNumber)) => Err(already("phone number")),
            Err(error) => Err(error.into()),
        }
    }
}

/// Adding twice is fine.
pub(super) async fn add_acs_user(call: Call) -> Result<Answer, Problem> {
    let addition = call.read(Addition::read)?;
    for _ in 0..LINK_TRIES {
        if addition.attempt(&call).await? == Linked::Done {
            return Ok(Answer::done());
        }
    }
    Err(Problem::internal(format!("the ACS user {} kept changing", addition.acs_user_id)))
}

/// The ACS user, if it is nobody's and may become somebody's.
fn free(found: FoundAcsUser) -> Result<Versioned<AcsUser>, Problem> {
    if found.user.record.user_identity_id.is_some() {
        let message = "This ACS user is linked to another user identity: remove it from that one first";
        return Err(Problem::invalid_field("acs_user_id", message));
    }
    if !found.user.record.is_wanted() {
        return Err(Problem::invalid_field("acs_user_id", "This ACS user is being deleted"));
    }
    Ok(found.user)
}

fn already(what: &str) -> Problem {
    let message =
        format!("Nobody has this user_identity_key, and a user identity can't be made of this ACS user: another one has its {what}");
    Problem::invalid_field("acs_user_id", &message)
}
