//! What a look at the credential manager's records says about what we think is there. The daily review asks it of the read that it
//! makes anyway: one read per person.
//!
//! What somebody did there by hand is taken for meant where it takes away, and left alone where it gives: a credential that is
//! none of ours is reported and never touched.

use std::collections::BTreeSet;

use super::{
    aggregate::Aggregate,
    enrollment::{Enrollment, EnrollmentState},
    enrollment_automation::EnrollmentAutomation,
    failure::{Failure, FailureCode},
    history::Seen,
    ids::RemoteCredentialId,
    observe::leave_endpoint,
    phone_credential::{PhoneCredential, PhoneCredentialState},
    remote_user::{Endpoint, RemoteUser},
    retry::{REVIEW_EVERY, SHOWN_WITHIN},
    time::Timestamp,
};

/// What an audit changes: only those records that it changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drift {
    /// Enrollments whose endpoint is gone, or holds credentials that are none of ours.
    pub enrollments: Vec<Enrollment>,
    /// Phone credentials that somebody revoked.
    pub phone_credentials: Vec<PhoneCredential>,
}

/// Compares what is enrolled and issued through `automation` with what the credential manager shows.
#[must_use]
pub fn audit(aggregate: &Aggregate, automation: &EnrollmentAutomation, view: &RemoteUser, now: Timestamp) -> Drift {
    let mut drift = Drift::default();
    if !view.active {
        // A person who is being deleted there is shown in pieces: that tells nothing about the pieces.
        return drift;
    }
    let id = automation.enrollment_automation_id;
    for enrollment in aggregate.enrollments_of(id).map(|found| &found.record) {
        let EnrollmentState::Active { endpoint_id, .. } = &enrollment.state else {
            continue;
        };
        if enrollment.shown_by().is_some_and(|shown_by| now < shown_by) {
            // It may be shown yet: `next_review_at`.
            continue;
        }
        if !enrollment.effort.is_free(now) {
            // Somebody is at it; the next audit sees what came of that.
            continue;
        }
        let mut changed = enrollment.clone();
        match view
            .endpoints
            .iter()
            .find(|endpoint| endpoint.id == *endpoint_id && endpoint.active)
        {
            None => close(&mut changed, now),
            Some(endpoint) => changed.unknown_credentials = unknown_on(aggregate, enrollment, endpoint),
        }
        if changed != *enrollment {
            drift.enrollments.push(changed);
        }
    }
    for child in aggregate.phone_credentials_of(id).map(|found| &found.record) {
        if child.effort.is_free(now) && is_revoked_there(child, view, now) {
            let mut changed = child.clone();
            changed.state = PhoneCredentialState::Revoking {
                remote_id: child.remote_id().cloned(),
                shown_by: None,
                is_off_phone: true,
                is_invalidated: true,
            };
            changed.effort.see(Seen::RevokedThere, now);
            drift.phone_credentials.push(changed);
        }
    }
    drift
}

/// When to review next: a day after this one, or as soon as what a callback told of minutes ago is shown or is not so.
#[must_use]
pub fn next_review_at(aggregate: &Aggregate, automation: &EnrollmentAutomation, now: Timestamp) -> Timestamp {
    let enrollments = aggregate.enrollments_of(automation.enrollment_automation_id);
    let fresh = enrollments
        .filter_map(|found| found.record.shown_by())
        .filter(|shown_by| now < *shown_by);
    fresh.min().unwrap_or_else(|| now.plus(REVIEW_EVERY))
}

/// Whether there is anything that an audit could compare.
#[must_use]
pub fn has_anything_to_audit(aggregate: &Aggregate, automation: &EnrollmentAutomation) -> bool {
    let mut enrollments = aggregate.enrollments_of(automation.enrollment_automation_id);
    automation.remote_user_id.is_some() && enrollments.any(|found| matches!(found.record.state, EnrollmentState::Active { .. }))
}

/// The endpoint is gone: the phone starts over with an invitation while its automation enrols; what it held is taken away.
fn close(enrollment: &mut Enrollment, now: Timestamp) {
    leave_endpoint(enrollment);
    enrollment.unknown_credentials.clear();
    enrollment.start_over();
    enrollment.effort.see(Seen::EndpointGone, now);
    let message = "The credential manager does not know the phone any more; it is invited again.".to_owned();
    enrollment.effort.last_failure = Some(Failure {
        code: FailureCode::EndpointGone,
        message,
        at: now,
    });
}

/// Live credentials that no child names. While an issue to the endpoint is unanswered, one of them may be what it made.
fn unknown_on(aggregate: &Aggregate, enrollment: &Enrollment, endpoint: &Endpoint) -> BTreeSet<RemoteCredentialId> {
    let children = || aggregate.phone_credentials.iter().map(|found| &found.record);
    let is_unsettled =
        |child: &PhoneCredential| child.endpoint_id == endpoint.id && child.remote_id().is_none() && child.effort.unknown_since.is_some();
    if children().any(is_unsettled) {
        return enrollment.unknown_credentials.clone();
    }
    let live = endpoint.credentials.iter().filter(|credential| credential.state.is_live());
    live.filter(|credential| !children().any(|child| child.has_ever_named(&credential.id)))
        .map(|credential| credential.id.clone())
        .collect()
}

/// Whether a credential that was on its phone is not there any more, though its phone is.
/// Of one that is fresh, that it is not shown says nothing: where callbacks are trusted, no read may have shown it so far.
fn is_revoked_there(child: &PhoneCredential, view: &RemoteUser, now: Timestamp) -> bool {
    let (PhoneCredentialState::Importing { remote_id, since, .. }
    | PhoneCredentialState::Issued {
        remote_id,
        issued_at: since,
        ..
    }) = &child.state
    else {
        return false;
    };
    let endpoint = view
        .endpoints
        .iter()
        .find(|endpoint| endpoint.id == child.endpoint_id && endpoint.active);
    endpoint.is_some_and(|endpoint| {
        let shown = endpoint.credentials.iter().find(|credential| credential.id == *remote_id);
        shown.map_or(now.since(*since) >= SHOWN_WITHIN, |credential| !credential.state.is_live())
    })
}
