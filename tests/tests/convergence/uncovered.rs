//! Whenever nothing is left to do, no credential is live that no wish covers, unless its end is on an alarm clock.

use fobless::{
    domain::{aggregate::Aggregate, enrollment::EnrollmentState, phone_credential::PhoneCredentialState},
    store::Record,
};
use fobless_simulation::{ledger::FarEndpoint, records::Names};

use crate::world::{Checked, World};

pub(crate) fn check(world: &World, aggregate: &Aggregate) -> Checked {
    let (person, now) = (&world.person, world.person.time.now());
    let is_current = |endpoint: &FarEndpoint| {
        let enrollment = aggregate.enrollment(person.names.automation_id(), person.names.device(endpoint.phone));
        matches!(enrollment.map(|found| &found.record.state), Some(EnrollmentState::Active { endpoint_id, .. }) if *endpoint_id == endpoint.shown.id)
    };
    // Even a wish that is being fulfilled after something went wrong is on the alarm clock, or somebody is at it.
    let is_known = |endpoint: &FarEndpoint| {
        aggregate.phone_credentials.iter().map(|found| &found.record).any(|child| {
            let is_over = matches!(child.state, PhoneCredentialState::Revoked { .. });
            let is_on_the_clock = child.due_at().is_some_and(|due| due > now);
            let is_seen_to = child.endpoint_id == endpoint.shown.id && !is_over && (is_on_the_clock || !child.effort.is_free(now));
            is_seen_to || is_on_the_clock && child.former.iter().any(|former| former.endpoint_id == endpoint.shown.id)
        })
    };
    let ledger = person.manager.ledger();
    for (endpoint, credential) in ledger.live() {
        let is_wished = |slot| credential.pool == Some(Names::remote_pool(slot));
        let is_covered = person.wishes.is_registered(endpoint.phone)
            && is_current(endpoint)
            && person.wishes.in_force(now).any(|parent| is_wished(parent.slot));
        let is_being_seen_to = world.faults.were_on() && is_known(endpoint);
        if !is_covered && !is_being_seen_to {
            return Err(format!("{credential:?} is live on phone {} and nobody wishes it", endpoint.phone));
        }
    }
    Ok(())
}
