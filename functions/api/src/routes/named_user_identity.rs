//! How a request names a user identity: by its id, or by the customer's own key. A listing may also go by e-mail address or phone
//! number.

use fobless::{
    domain::{aggregate::Aggregate, ids::UserIdentityId},
    store::{Key, PartitionOwner, Record, UniqueKind},
};

use crate::{endpoint::Call, fields::Fields, problem::Problem, shown::Shown};

/// The person that a request is about.
pub(super) enum NamedUserIdentity {
    /// By the id. If the key is said as well, it has to be the person's.
    Id(UserIdentityId, Option<String>),
    Key(String),
}

impl NamedUserIdentity {
    pub(super) fn read(fields: &Fields<'_>) -> Option<Self> {
        let key = fields.text("user_identity_key");
        if fields.is_given("user_identity_key") && !fields.is_given("user_identity_id") {
            key.map(Self::Key)
        } else {
            let id = fields.required_id("user_identity_id")?;
            Some(Self::Id(id, key))
        }
    }

    /// Everything about the person; nothing where there is none.
    pub(super) async fn load(&self, call: &Call) -> Result<Aggregate, Problem> {
        match self {
            Self::Id(id, key) => {
                let aggregate = call.store.load(call.owner(*id)).await?;
                let has_key = |key: &String| {
                    let identity = aggregate.shown_identity();
                    identity.is_some_and(|identity| identity.user_identity_key.as_ref() == Some(key))
                };
                let is_meant = key.as_ref().is_none_or(has_key);
                Ok(if is_meant { aggregate } else { Aggregate::default() })
            }
            Self::Key(key) => load_by(call, UniqueKind::UserIdentityKey, key).await,
        }
    }
}

/// Everything about the person who has this key, e-mail address or phone number; nothing where nobody has it.
pub(super) async fn load_by(call: &Call, kind: UniqueKind, value: &str) -> Result<Aggregate, Problem> {
    let claimant = call.store.claimant(call.workspace_id, kind, value).await?;
    let Some(owner) = claimant.and_then(|key| PartitionOwner::of_partition(&key.partition)) else {
        return Ok(Aggregate::default());
    };
    let aggregate = call.store.load(owner).await?;
    // A claim counts only as far as the person's own record says the same.
    let wanted = Key::unique(call.workspace_id, kind, value);
    let identity = aggregate.shown_identity();
    let has_it = identity.is_some_and(|identity| identity.claims().iter().any(|claim| claim.key() == wanted));
    Ok(if has_it { aggregate } else { Aggregate::default() })
}

pub(super) fn not_found() -> Problem {
    Problem::not_found("user_identity_not_found", "There is no such user identity")
}
