//! What is true in the end: what is wished is there, in the records, at the far side and behind the doors, number by number; and
//! nothing else is.

use std::collections::BTreeMap;

use fobless::{
    credential_manager::{InvitationState, RemoteCredentialState},
    domain::{
        aggregate::Aggregate,
        deletion::Deletable,
        enrollment::EnrollmentState,
        ids::{AcsUserId, InvitationId},
        phone::Presence,
        phone_credential::PhoneCredentialState,
    },
};
use fobless_simulation::records::Names;

use crate::{
    action::PHONES,
    doors::Holder,
    world::{Checked, World},
};

/// Who holds which number.
type Numbers = BTreeMap<String, AcsUserId>;

pub(crate) async fn check(world: &World) -> Checked {
    let aggregate = world.load().await.0;
    check_enrollments(world, &aggregate)?;
    check_endpoints(world, &aggregate)?;
    check_invitations(world, &aggregate)?;
    check_deletions(world, &aggregate)?;
    let wished = wished_numbers(world, &aggregate)?;
    let recorded = recorded_numbers(&aggregate)?;
    if wished != recorded {
        return Err(format!(
            "wished {wished:?}, recorded {recorded:?}: {:#?}",
            aggregate.phone_credentials
        ));
    }
    let Some(doors) = &world.doors else { return Ok(()) };
    let holders = doors.numbers().holders.clone();
    let opens = |(number, acs_user)| {
        (
            number,
            Holder {
                acs_user,
                opens_doors: true,
            },
        )
    };
    let expected: BTreeMap<String, Holder> = wished.into_iter().map(opens).collect();
    if holders != expected {
        return Err(format!("wished {expected:?}, behind the doors {holders:?}"));
    }
    for child in aggregate.phone_credentials.iter().map(|found| &found.record) {
        let parent = aggregate.credential(child.parent_acs_credential_id);
        let (Some(number), Some(parent)) = (child.card_number(), parent) else {
            continue;
        };
        let told = doors.numbers().ends.get(number).copied();
        if told != Some(parent.record.ends_at) {
            return Err(format!("the doors were told that {number} ends at {told:?}: {parent:#?}"));
        }
    }
    Ok(())
}

fn check_enrollments(world: &World, aggregate: &Aggregate) -> Checked {
    let person = &world.person;
    let ledger = person.manager.ledger();
    for phone in 0..PHONES {
        let enrollment = aggregate.enrollment(person.names.automation_id(), person.names.device(phone));
        let state = enrollment.map(|found| &found.record.state);
        let is_right = match state {
            None | Some(EnrollmentState::Deactivated { .. }) => !person.wishes.is_registered(phone) || !person.wishes.is_enrolling,
            Some(EnrollmentState::Pending | EnrollmentState::Failed) => person.wishes.is_registered(phone) && !person.wishes.is_enrolling,
            Some(EnrollmentState::Invited { invitation_id, .. }) => {
                let shown = ledger.invitations.iter().find(|found| found.shown.id == *invitation_id);
                let was_redeemed = shown.is_none_or(|found| found.shown.state == InvitationState::Redeemed);
                person.wishes.is_registered(phone) && !was_redeemed
            }
            Some(EnrollmentState::Active { endpoint_id, .. }) => {
                let endpoint = ledger.endpoints.iter().find(|found| found.shown.id == *endpoint_id);
                person.wishes.is_registered(phone) && endpoint.is_some_and(|found| found.phone == phone)
            }
            Some(EnrollmentState::Deactivating { .. }) => false,
        };
        if !is_right {
            return Err(format!("phone {phone} is not enrolled as it should be: {enrollment:#?}"));
        }
        let told = aggregate.phone(person.names.device(phone)).map(|found| found.record.told);
        let wanted = if person.wishes.is_registered(phone) {
            Presence::Registered
        } else {
            Presence::Deactivated
        };
        if told.is_some_and(|told| told != Some(wanted)) {
            return Err(format!("phone {phone} was told of as {told:?}"));
        }
    }
    Ok(())
}

/// Every endpoint is the one of a registered phone: each takes the room of another phone.
fn check_endpoints(world: &World, aggregate: &Aggregate) -> Checked {
    let named: Vec<_> = aggregate
        .enrollments
        .iter()
        .filter_map(|found| found.record.endpoint_id())
        .collect();
    let ledger = world.person.manager.ledger();
    match ledger.endpoints.iter().find(|found| !named.contains(&&found.shown.id)) {
        Some(stray) => Err(format!("nobody's endpoint: {stray:?}, {:#?}", aggregate.enrollments)),
        None => Ok(()),
    }
}

/// Every code that can be redeemed is a registered phone's, also where nobody was told that it was made.
pub(crate) fn check_invitations(world: &World, aggregate: &Aggregate) -> Checked {
    let person = &world.person;
    let registered = (0..PHONES).filter(|phone| person.wishes.is_registered(*phone));
    let invited = registered.filter_map(|phone| aggregate.enrollment(person.names.automation_id(), person.names.device(phone)));
    let invited: Vec<&InvitationId> = invited.flat_map(|found| found.record.invitation_ids()).collect();
    let ledger = person.manager.ledger();
    let mut open = ledger.invitations.iter().filter(|found| found.shown.state == InvitationState::Open);
    match open.find(|found| !invited.contains(&&found.shown.id)) {
        Some(stray) => Err(format!("{:?} can be redeemed and is nobody's", stray.shown.id)),
        None => Ok(()),
    }
}

fn check_deletions(world: &World, aggregate: &Aggregate) -> Checked {
    let wishes = &world.person.wishes;
    let is_doomed = |id| wishes.is_deleted || wishes.parents.iter().any(|parent| parent.id == id && parent.is_deleted);
    for parent in aggregate.credentials.iter().map(|found| &found.record) {
        if is_doomed(parent.acs_credential_id) != parent.is_gone() {
            return Err(format!("the deletion of a parent is not as far as it should be: {parent:#?}"));
        }
    }
    let is_gone = aggregate.identity.as_ref().is_some_and(|found| found.record.is_gone());
    if is_gone == wishes.is_deleted {
        Ok(())
    } else {
        Err("the deletion of the person is not complete".to_owned())
    }
}

/// The numbers on the phones that are to be there; an error if others are, or one is missing.
fn wished_numbers(world: &World, aggregate: &Aggregate) -> Result<Numbers, String> {
    let person = &world.person;
    let ledger = person.manager.ledger();
    let mut live: Vec<_> = ledger.live().collect();
    let mut numbers = Numbers::new();
    for phone in (0..PHONES).filter(|phone| person.wishes.is_registered(*phone)) {
        let enrollment = aggregate.enrollment(person.names.automation_id(), person.names.device(phone));
        let Some(EnrollmentState::Active { endpoint_id, .. }) = enrollment.map(|found| &found.record.state) else {
            continue;
        };
        for parent in person.wishes.in_force(person.time.now()) {
            let pool = Some(Names::remote_pool(parent.slot));
            let place = live.iter().position(|(endpoint, credential)| {
                endpoint.shown.id == *endpoint_id && credential.pool == pool && credential.state == RemoteCredentialState::Issued
            });
            let Some(place) = place else {
                return Err(format!(
                    "phone {phone} has no credential of parent {}: {:#?}",
                    parent.slot, aggregate.phone_credentials
                ));
            };
            let (_, credential) = live.remove(place);
            numbers.insert(credential.card_number.clone().unwrap(), parent.holder.unwrap());
        }
    }
    if live.is_empty() {
        Ok(numbers)
    } else {
        Err(format!("live and not wished: {live:?}"))
    }
}

/// The numbers that the records say are issued; an error if anything is under way.
fn recorded_numbers(aggregate: &Aggregate) -> Result<Numbers, String> {
    let mut numbers = Numbers::new();
    for child in aggregate.phone_credentials.iter().map(|found| &found.record) {
        match (&child.state, &child.allocation) {
            (PhoneCredentialState::Issued { card_number, .. }, Some(allocation)) if allocation.card_number == *card_number => {
                numbers.insert(card_number.clone(), allocation.acs_user_id);
            }
            (PhoneCredentialState::Revoked { .. }, None) => {}
            _ => return Err(format!("something is under way, or was forgotten: {child:#?}")),
        }
    }
    Ok(numbers)
}
