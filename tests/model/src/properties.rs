//! What must be true, and what must be possible so that the rest says anything.

use stateright::Property;

use crate::{
    issuer::{Instant, Issue},
    protocol::Protocol,
    record::RecordState,
    world::{PHONES, Phone, World},
};

/// Nothing twice.
pub const NOTHING_TWICE: &str = "at most one live credential per endpoint and parent";
/// Nothing unwished.
pub const NOTHING_UNWISHED: &str = "no live credential without a wish, once quiet";
/// Nothing forgotten.
pub const NOTHING_FORGOTTEN: &str = "every wanted credential is issued or parked with a reason, once quiet";
/// Nothing lost.
pub const NOTHING_LOST: &str = "every live credential is named by its record, once quiet";
/// Nothing backwards.
pub const NOTHING_BACKWARDS: &str = "no state goes backwards";

pub(crate) fn properties() -> Vec<Property<Protocol>> {
    vec![
        Property::always(NOTHING_TWICE, |_, world| {
            phones(world).all(|(_, phone)| phone.endpoint.live_count() <= 1)
        }),
        Property::always(NOTHING_UNWISHED, |protocol, world| {
            let is_right = phones(world).all(|(number, phone)| world.is_wished(number) || phone.endpoint.live_count() == 0);
            is_right || !protocol.is_quiet(world)
        }),
        Property::always(NOTHING_FORGOTTEN, |protocol, world| {
            phones(world).all(|(number, phone)| !world.is_wished(number) || is_served(phone)) || !protocol.is_quiet(world)
        }),
        Property::always(NOTHING_LOST, |protocol, world| {
            phones(world).all(|(_, phone)| phone.endpoint.live().all(|name| phone.record.state.name() == Some(name)))
                || !protocol.is_quiet(world)
        }),
        Property::always(NOTHING_BACKWARDS, |_, world: &World| !world.went_backwards),
        Property::sometimes("both phones have their credential", |_, world: &World| {
            phones(world).all(|(_, phone)| matches!(phone.record.state, RecordState::Issued(_)))
        }),
        Property::sometimes("a credential is parked", |_, world| {
            any(world, |phone| phone.record.state == RecordState::Parked)
        }),
        Property::sometimes("a credential is gone", |_, world| {
            any(world, |phone| phone.record.state == RecordState::Revoked)
        }),
        Property::sometimes("a lost credential is adopted", |_, world: &World| {
            let mut claims = world.issuers.iter().flatten();
            claims.any(|claim| claim.unknown && matches!(claim.next, Instant::RecordIssue(Issue::Held(_))))
        }),
        Property::sometimes("a withdrawal finds what has no name", |_, world: &World| {
            let mut claims = world.issuers.iter().flatten();
            claims.any(|claim| matches!(claim.next, Instant::RevokeFound { .. }))
        }),
        Property::sometimes("a worker that lost its claim comes to record", |_, world: &World| {
            let mut claims = world.issuers.iter().flatten();
            claims.any(|claim| !claim.holds && matches!(claim.next, Instant::RecordIssue(_) | Instant::RecordWithdrawal(_)))
        }),
        Property::sometimes("a call arrives that nobody waits for", |_, world| {
            any(world, |phone| phone.endpoint.arriving > 0)
        }),
    ]
}

fn phones(world: &World) -> impl Iterator<Item = (usize, &Phone)> {
    (0..PHONES).zip(&world.phones)
}

fn any(world: &World, is_so: impl Fn(&Phone) -> bool) -> bool {
    world.phones.iter().any(is_so)
}

fn is_served(phone: &Phone) -> bool {
    match phone.record.state {
        RecordState::Issued(name) => phone.endpoint.is_live(name),
        RecordState::Parked => true,
        _ => false,
    }
}
