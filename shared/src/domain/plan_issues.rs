//! Which credentials are issued to a phone, move with it to another endpoint, and go into the access control system.

use super::{
    aggregate::Aggregate,
    enrollment::{Enrollment, EnrollmentState},
    enrollment_automation::EnrollmentAutomation,
    ids::AcsCredentialId,
    limits::CREDENTIALS_PER_PHONE,
    multi_phone_sync_credential::{MultiPhoneSyncCredential, WhenInvalidated},
    phone_credential::{PhoneCredential, PhoneCredentialState},
    plan::Step,
    time::Timestamp,
    wishes::{is_allocated_as_wished, is_to_stay_revoked, is_told_the_period, is_wished_anywhere, wished_parents},
};

/// The parents that came first are issued, as many as there is room for on the phone.
pub(super) fn plan_issues(
    aggregate: &Aggregate,
    automation: &EnrollmentAutomation,
    enrollment: &Enrollment,
    now: Timestamp,
    steps: &mut Vec<Step>,
) {
    let (id, device) = (automation.enrollment_automation_id, enrollment.device_id);
    let held = |child: &&PhoneCredential| Some(&child.endpoint_id) == enrollment.endpoint_id() && child.remote_id().is_some();
    let taken = aggregate.phone_credentials_of(id).map(|found| &found.record).filter(held).count();
    let mut room = CREDENTIALS_PER_PHONE.saturating_sub(taken);
    let mut parents: Vec<&MultiPhoneSyncCredential> = wished_parents(aggregate, automation, now).collect();
    parents.sort_by_key(|parent| (parent.created_at, parent.acs_credential_id));
    for record in parents {
        let parent = record.acs_credential_id;
        let child = aggregate
            .phone_credential(AcsCredentialId::of_phone(parent, id, device))
            .map(|found| &found.record);
        if child.is_some_and(|child| is_to_stay_revoked(child, record)) {
            if child.is_some_and(|child| matches!(child.state, PhoneCredentialState::Revoked { .. })) {
                let parent = Some(parent);
                steps.push(Step::Park {
                    automation: id,
                    device,
                    parent,
                });
            }
            continue;
        }
        let waits_for_room = child.is_some_and(|child| child.effort.waits_for_room(now));
        let is_unmarked = |child: &PhoneCredential| child.is_marked() && record.when_invalidated == WhenInvalidated::Reissue;
        let is_moving = |child: &PhoneCredential| is_to_move(aggregate, child, now) && child.effort.is_free(now);
        let is_wanting = |child: &PhoneCredential| {
            waits_for_room || is_unmarked(child) || is_moving(child) || is_to_be_issued(child, now) || has_lost_credential(aggregate, child)
        };
        if !child.is_none_or(is_wanting) {
            continue;
        }
        if room > 0 {
            room -= 1;
            steps.push(Step::Issue {
                automation: id,
                device,
                parent,
            });
        } else if !waits_for_room {
            let parent = Some(parent);
            steps.push(Step::Park {
                automation: id,
                device,
                parent,
            });
        }
    }
}

/// The phone has another endpoint than the one that the credential is on: it is issued there, and the former one goes after that.
pub(super) fn is_to_move(aggregate: &Aggregate, child: &PhoneCredential, now: Timestamp) -> bool {
    let enrollment = aggregate.enrollment(child.enrollment_automation_id, child.device_id);
    let is_elsewhere = |enrollment: &Enrollment| matches!(&enrollment.state, EnrollmentState::Active { endpoint_id, .. } if *endpoint_id != child.endpoint_id);
    let is_there = matches!(
        child.state,
        PhoneCredentialState::Issuing { .. } | PhoneCredentialState::Importing { .. } | PhoneCredentialState::Issued { .. }
    );
    is_there && enrollment.is_some_and(|enrollment| is_elsewhere(&enrollment.record)) && is_wished_anywhere(aggregate, child, now)
}

pub(super) fn is_to_be_retired(child: &PhoneCredential, is_kept: bool) -> bool {
    !child.former.is_empty() && (child.retires_former() || !is_kept)
}

/// A number is on its way into the access control system, or has to move to where its parent says now.
pub(super) fn is_to_be_imported(aggregate: &Aggregate, child: &PhoneCredential, now: Timestamp) -> bool {
    if is_to_move(aggregate, child, now) {
        return false;
    }
    let parent = aggregate.credential(child.parent_acs_credential_id);
    let is_as_wished = |parent: &MultiPhoneSyncCredential| is_allocated_as_wished(parent, child) && is_told_the_period(parent, child);
    let is_astray = || parent.is_some_and(|parent| !is_as_wished(&parent.record));
    match child.state {
        PhoneCredentialState::Importing { .. } => child.effort.is_ready(now),
        PhoneCredentialState::Issued { .. } => child.effort.is_ready(now) && is_astray(),
        _ => false,
    }
}

fn is_to_be_issued(child: &PhoneCredential, now: Timestamp) -> bool {
    match child.state {
        PhoneCredentialState::Pending | PhoneCredentialState::Failed | PhoneCredentialState::Revoked { .. } => child.effort.is_ready(now),
        PhoneCredentialState::Issuing { .. }
        | PhoneCredentialState::Importing { .. }
        | PhoneCredentialState::Issued { .. }
        | PhoneCredentialState::Revoking { .. } => false,
    }
}

/// After lost replies two workers may have adopted the same credential for two children of one phone. The older child keeps it.
fn has_lost_credential(aggregate: &Aggregate, child: &PhoneCredential) -> bool {
    let age = |child: &PhoneCredential| (child.created_at, child.acs_credential_id);
    child.remote_id().is_some()
        && aggregate
            .phone_credentials_of(child.enrollment_automation_id)
            .map(|found| &found.record)
            .any(|other| {
                other.acs_credential_id != child.acs_credential_id && other.remote_id() == child.remote_id() && age(other) < age(child)
            })
}
