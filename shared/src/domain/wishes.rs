//! What is wished: which parents are to be on which phones now. Everything that `plan` gives or takes away follows from here.

use super::{
    aggregate::{Aggregate, Versioned},
    allocation::Allocation,
    deletion::Deletable,
    enrollment::{Enrollment, EnrollmentState},
    enrollment_automation::EnrollmentAutomation,
    ids::EndpointId,
    multi_phone_sync_credential::{MultiPhoneSyncCredential, WhenInvalidated},
    phone::Phone,
    phone_credential::PhoneCredential,
    time::Timestamp,
};

/// Whether the person is to have anything at all. One whom nobody described yet is not to be deprived of anything.
#[must_use]
pub fn is_person_wanted(aggregate: &Aggregate) -> bool {
    aggregate.identity.as_ref().is_none_or(|identity| identity.record.is_wanted())
}

/// Whether a parent is to be on the person's phones: nobody asked for its deletion, its time has come and is not over, and the ACS
/// user to whom it is assigned may open doors.
#[must_use]
pub fn is_in_force(aggregate: &Aggregate, parent: &MultiPhoneSyncCredential, now: Timestamp) -> bool {
    parent.is_wanted() && parent.is_within_its_time(now) && is_person_wanted(aggregate) && may_open_doors(aggregate, parent)
}

fn may_open_doors(aggregate: &Aggregate, parent: &MultiPhoneSyncCredential) -> bool {
    let holder = parent.acs_user_id.and_then(|holder| aggregate.acs_user(holder));
    holder.is_some_and(|holder| holder.record.is_wanted() && holder.record.suspended_at.is_none())
}

/// Whether a parent will never be on a phone again: somebody asked for its deletion, or for that of its person or ACS user.
#[must_use]
pub fn is_doomed(aggregate: &Aggregate, parent: &MultiPhoneSyncCredential) -> bool {
    let holder = parent.acs_user_id.and_then(|holder| aggregate.acs_user(holder));
    !parent.is_wanted() || !is_person_wanted(aggregate) || holder.is_some_and(|holder| !holder.record.is_wanted())
}

/// Whether a phone is to have anything: it is in use, and its person is wanted.
#[must_use]
pub fn is_phone_wanted(aggregate: &Aggregate, phone: &Phone) -> bool {
    phone.is_registered() && is_person_wanted(aggregate)
}

/// Whether an automation enrols further phones.
#[must_use]
pub fn is_enrolling(aggregate: &Aggregate, automation: &EnrollmentAutomation) -> bool {
    automation.is_running() && is_person_wanted(aggregate)
}

/// Whether an automation enrols nobody any more, and the credential manager does not know its user: nothing can be given through it.
#[must_use]
pub fn is_abandoned(aggregate: &Aggregate, automation: &EnrollmentAutomation) -> bool {
    automation.remote_user_id.is_none() && !is_enrolling(aggregate, automation)
}

/// The parents that are to be on the phones that `automation` enrolled.
pub fn wished_parents<'a>(
    aggregate: &'a Aggregate,
    automation: &'a EnrollmentAutomation,
    now: Timestamp,
) -> impl Iterator<Item = &'a MultiPhoneSyncCredential> {
    let parents = aggregate.credentials.iter().map(|Versioned { record, .. }| record);
    parents.filter(move |parent| is_in_force(aggregate, parent, now) && parent.is_issued_by(automation.credential_manager_acs_system_id))
}

/// Whether somebody wishes this child to be on its phone: the phone is in use, still that endpoint, and the parent is in force.
#[must_use]
pub fn is_wished(aggregate: &Aggregate, child: &PhoneCredential, now: Timestamp) -> bool {
    let enrollment = aggregate.enrollment(child.enrollment_automation_id, child.device_id);
    is_wished_anywhere(aggregate, child, now) && enrollment.is_some_and(|enrollment| is_active_on(&enrollment.record, &child.endpoint_id))
}

/// Whether somebody wishes this child to be on its phone, whichever endpoint that is: the phone is in use, and the parent is in force.
#[must_use]
pub fn is_wished_anywhere(aggregate: &Aggregate, child: &PhoneCredential, now: Timestamp) -> bool {
    let phone = aggregate.phone(child.device_id);
    let parent = aggregate.credential(child.parent_acs_credential_id);
    let automation = aggregate.automation(child.enrollment_automation_id);
    !automation.is_some_and(|automation| is_abandoned(aggregate, &automation.record))
        && phone.is_some_and(|phone| is_phone_wanted(aggregate, &phone.record))
        && parent.is_some_and(|parent| is_in_force(aggregate, &parent.record, now))
}

fn is_active_on(enrollment: &Enrollment, endpoint: &EndpointId) -> bool {
    matches!(&enrollment.state, EnrollmentState::Active { endpoint_id, .. } if endpoint_id == endpoint)
}

/// Whether what the access control system may hold for a child is what its parent says now: its own number, with the right ACS user.
#[must_use]
pub fn is_allocated_as_wished(parent: &MultiPhoneSyncCredential, child: &PhoneCredential) -> bool {
    let is_right = |allocation: &Allocation| {
        !allocation.is_leaving
            && Some(allocation.acs_user_id) == parent.acs_user_id
            && allocation.acs_system_id == parent.acs_system_id
            && child.card_number().is_none_or(|number| number == allocation.card_number)
    };
    child.allocation.as_ref().is_none_or(is_right)
}

/// Whether the access control system was told the period that the parent has now.
#[must_use]
pub fn is_told_the_period(parent: &MultiPhoneSyncCredential, child: &PhoneCredential) -> bool {
    let is_right = |allocation: &Allocation| allocation.period.is_none_or(|told| allocation.is_told && told == parent.period());
    child.allocation.as_ref().is_none_or(is_right)
}

/// Somebody revoked it at the credential manager, and its parent says to leave it so, also where it was not wished for a while.
#[must_use]
pub fn is_to_stay_revoked(child: &PhoneCredential, parent: &MultiPhoneSyncCredential) -> bool {
    child.is_left_revoked && parent.when_invalidated == WhenInvalidated::Mark
}
