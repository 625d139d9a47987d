//! `/user_identities/list_acs_users` and `/user_identities/list_acs_systems`: in which access control systems a person is, and as whom.
//! There are few, so they come on one page.

use std::collections::BTreeSet;

use fobless::domain::{
    aggregate::Aggregate,
    ids::{AcsSystemId, UserIdentityId},
};

use crate::{
    endpoint::Call,
    envelope::Answer,
    problem::Problem,
    shown::Shown,
    wire::{acs_system::AcsSystemObject, acs_user::AcsUserObject},
};

pub(super) async fn list_acs_users(call: Call) -> Result<Answer, Problem> {
    let aggregate = load(&call).await?;
    let systems = call.store.acs_systems(call.workspace_id).await?;
    let users = aggregate.shown_acs_users().map(|user| {
        let system = systems.iter().find(|system| system.acs_system_id == user.acs_system_id);
        AcsUserObject::of(user, system, aggregate.shown_identity())
    });
    Answer::of("acs_users", &users.collect::<Vec<_>>())
}

pub(super) async fn list_acs_systems(call: Call) -> Result<Answer, Problem> {
    let aggregate = load(&call).await?;
    let wanted: BTreeSet<AcsSystemId> = aggregate.shown_acs_users().map(|user| user.acs_system_id).collect();
    let systems = call.store.acs_systems(call.workspace_id).await?;
    let shown = systems.iter().filter(|system| wanted.contains(&system.acs_system_id));
    Answer::of("acs_systems", &shown.map(AcsSystemObject::of).collect::<Vec<_>>())
}

async fn load(call: &Call) -> Result<Aggregate, Problem> {
    let id: UserIdentityId = call.read(|fields| fields.required_id("user_identity_id"))?;
    Ok(call.store.load(call.owner(id)).await?)
}
