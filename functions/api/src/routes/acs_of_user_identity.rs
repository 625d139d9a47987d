//! `/user_identities/list_acs_users` and `/user_identities/list_acs_systems`: in which access control systems a person is, and as whom.
//! There are few, so they come on one page.

use std::collections::BTreeSet;

use fobless::domain::{
    deletion::Deletable,
    ids::{AcsSystemId, UserIdentityId},
};

use crate::{
    endpoint::Call,
    envelope::Answer,
    fields::Fields,
    problem::Problem,
    scoped_call::ScopedCall,
    shown::Shown,
    wire::{acs_system::AcsSystemObject, acs_user::AcsUserObject},
};

pub(super) async fn list_acs_users(call: Call) -> Result<Answer, Problem> {
    let id = call.read(person)?;
    let aggregate = call.store.load(call.owner(id)).await?;
    let systems = call.store.acs_systems(call.workspace_id).await?;
    let users = aggregate.shown_acs_users().map(|user| {
        let system = systems.iter().find(|system| system.acs_system_id == user.acs_system_id);
        AcsUserObject::of(user, system, aggregate.shown_identity())
    });
    Answer::of("acs_users", &users.collect::<Vec<_>>())
}

/// A phone may ask for its own person's.
pub(super) async fn list_acs_systems(call: ScopedCall) -> Result<Answer, Problem> {
    let id = call.read(person)?;
    let shown = match call.person(id) {
        Some((owner, store)) => {
            let aggregate = store.load(owner).await?;
            let wanted: BTreeSet<AcsSystemId> = aggregate.shown_acs_users().map(|user| user.acs_system_id).collect();
            let mut systems = store.acs_systems(owner.workspace_id).await?;
            systems.retain(|system| system.is_wanted() && wanted.contains(&system.acs_system_id));
            systems
        }
        None => Vec::new(),
    };
    Answer::of("acs_systems", &shown.iter().map(AcsSystemObject::of).collect::<Vec<_>>())
}

fn person(fields: &Fields<'_>) -> Option<UserIdentityId> {
    fields.required_id("user_identity_id")
}
