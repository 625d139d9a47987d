//! What is true once everything is quiet: no live credential without a wish, and every wanted one issued or parked with a reason.

use fobless::{
    credential_manager::{InvitationState, RemoteCredentialState},
    domain::{
        aggregate::Aggregate,
        enrollment::EnrollmentState,
        phone_credential::{PhoneCredential, PhoneCredentialState},
    },
};

use crate::{ledger::Ledger, records::Names, script::PHONES, time::Time, wishes::Wishes};

pub(crate) fn check(names: &Names, wishes: &Wishes, ledger: &Ledger, time: &Time, aggregate: &Aggregate) -> Result<(), String> {
    let mut live: Vec<_> = ledger.live().collect();
    for phone in 0..PHONES {
        let enrollment = aggregate
            .enrollment(names.automation_id(), names.device(phone))
            .map(|found| &found.record);
        let is_registered = wishes.is_registered(phone);
        match enrollment.map(|enrollment| &enrollment.state) {
            None | Some(EnrollmentState::Deactivated { .. }) if !is_registered || !wishes.is_enrolling => {
                if let Some(left) = ledger.endpoints.iter().find(|endpoint| endpoint.phone == phone) {
                    return Err(format!("phone {phone} is gone, and takes room: {left:?}"));
                }
            }
            Some(EnrollmentState::Pending) if is_registered && !wishes.is_enrolling => {}
            Some(EnrollmentState::Invited { invitation_id, .. }) if is_registered => {
                let shown = ledger.invitations.iter().find(|found| found.shown.id == *invitation_id);
                if shown.is_none_or(|found| found.shown.state == InvitationState::Redeemed) {
                    return Err(format!("phone {phone} redeemed its invitation, and nobody saw it"));
                }
            }
            Some(EnrollmentState::Failed) if is_registered => {
                if enrollment.is_none_or(|enrollment| enrollment.effort.last_failure.is_none()) {
                    return Err(format!("phone {phone} is parked without a reason"));
                }
            }
            Some(EnrollmentState::Active { endpoint_id, .. }) if is_registered => {
                for parent in wishes.in_force(time.now()) {
                    let pool = Some(Names::remote_pool(parent.slot));
                    let child = aggregate.phone_credentials.iter().map(|found| &found.record);
                    let child = child
                        .filter(|child| child.device_id == names.device(phone))
                        .find(|child| child.parent_acs_credential_id == parent.id);
                    if child.is_some_and(is_parked) {
                        live.retain(|(endpoint, credential)| endpoint.shown.id != *endpoint_id || credential.pool != pool);
                        continue;
                    }
                    let Some(PhoneCredentialState::Issued { remote_id, .. }) = child.map(|child| &child.state) else {
                        return Err(format!("phone {phone} has no credential of parent {}: {child:?}", parent.slot));
                    };
                    let place = live.iter().position(|(endpoint, credential)| {
                        let is_it = credential.id == *remote_id && credential.state == RemoteCredentialState::Issued;
                        is_it && endpoint.shown.id == *endpoint_id && credential.pool == pool
                    });
                    let Some(place) = place else {
                        return Err(format!(
                            "phone {phone} has {remote_id} of parent {} by the records alone",
                            parent.slot
                        ));
                    };
                    live.remove(place);
                }
            }
            other => return Err(format!("phone {phone}, registered: {is_registered}, is {other:?}")),
        }
    }
    match live.first() {
        Some(stray) => Err(format!("live and not wished: {stray:?}")),
        None => Ok(()),
    }
}

fn is_parked(child: &PhoneCredential) -> bool {
    matches!(child.state, PhoneCredentialState::Failed) && child.effort.last_failure.is_some()
}
