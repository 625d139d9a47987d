//! What the customer is told of a phone's credential: it is issued once, and again only after it was taken away or moved.

use std::{collections::BTreeMap, ops::RangeInclusive};

use fobless::{
    domain::{
        event::{CredentialSubject, EventKind},
        ids::AcsCredentialId,
        time::Timestamp,
    },
    store::EventWindow,
};

use crate::world::{Checked, World};

const MOST_EVENTS: usize = 10_000;

pub(crate) async fn check(world: &World) -> Checked {
    let person = &world.person;
    let workspace = person.names.owner.workspace_id;
    let events = person
        .store
        .events(workspace, EventWindow::ALL, MOST_EVENTS, |_| true)
        .await
        .unwrap();
    // When each child was issued, if it was not taken away since.
    let mut issued: BTreeMap<AcsCredentialId, Timestamp> = BTreeMap::new();
    for event in &events {
        match &event.kind {
            EventKind::AcsCredentialIssued(subject) | EventKind::AcsCredentialReissued(subject) => {
                let before = issued.insert(subject.acs_credential_id, event.created_at);
                if before.is_some_and(|before| !was_moved(world, subject, before..=event.created_at)) {
                    return Err(format!("told twice of as issued: {event:#?}"));
                }
            }
            EventKind::AcsCredentialDeleted(subject) | EventKind::AcsCredentialInvalidated(subject) => {
                issued.remove(&subject.acs_credential_id);
            }
            _ => {}
        }
    }
    Ok(())
}

/// Whether its parent was assigned to an ACS user in between.
fn was_moved(world: &World, child: &CredentialSubject, between: RangeInclusive<Timestamp>) -> bool {
    let mut parents = world.person.wishes.parents.iter();
    let parent = parents.find(|parent| Some(parent.id) == child.parent_acs_credential_id);
    parent.is_some_and(|parent| parent.assigned_at.iter().any(|at| between.contains(at)))
}
