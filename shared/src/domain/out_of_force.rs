//! Why a person's phones are to hold nothing through an automation, and what an operator does about it.

use super::{
    acs::AcsUser, aggregate::Aggregate, deletion::Deletable, enrollment_automation::EnrollmentAutomation,
    multi_phone_sync_credential::MultiPhoneSyncCredential, time::Timestamp,
};

/// The reason for each multi-phone sync credential of the person, where none of them is in force.
pub(super) fn why_none_is_in_force(aggregate: &Aggregate, automation: &EnrollmentAutomation, now: Timestamp) -> String {
    let parents = aggregate.credentials.iter().map(|found| &found.record);
    let reasons: Vec<String> = parents
        .filter(|parent| parent.is_wanted())
        .map(|parent| format!("{} {}.", parent.acs_credential_id, why(aggregate, parent, automation, now)))
        .collect();
    if reasons.is_empty() {
        "the person has none; create one.".to_owned()
    } else {
        reasons.join(" ")
    }
}

fn why(aggregate: &Aggregate, parent: &MultiPhoneSyncCredential, automation: &EnrollmentAutomation, now: Timestamp) -> String {
    let is_suspended = |user: &AcsUser| user.suspended_at.is_some();
    let holder = parent
        .acs_user_id
        .and_then(|holder| aggregate.acs_user(holder))
        .map(|found| &found.record)
        .filter(|holder| holder.is_wanted());
    match (parent.starts_at, parent.ends_at) {
        (Some(start), _) if start > now => format!("comes into force at {start}"),
        (_, Some(end)) if end <= now => format!("ended at {end}; give it a later end"),
        _ if holder.is_none() => "is assigned to no ACS user; assign it".to_owned(),
        _ if holder.is_some_and(is_suspended) => "belongs to a suspended ACS user; unsuspend the user".to_owned(),
        _ if !parent.is_issued_by(automation.credential_manager_acs_system_id) => {
            "is issued by another credential manager; launch an enrollment automation with that one".to_owned()
        }
        _ => "is not to be on phones".to_owned(),
    }
}
