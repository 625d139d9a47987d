//! What a read of the credential manager means for a phone credential that is on its way. Pure, like `observe`.

use std::time::Duration;

use super::{
    failure::{Failure, FailureCode},
    history::Seen,
    ids::RemoteCredentialId,
    phone_credential::{PhoneCredential, PhoneCredentialState},
    remote_user::{RemoteCredentialState, RemoteUser},
    retry::{Pace, until_next_look, wait},
    time::Timestamp,
};

/// After this long a credential that is on its way and is not shown counts as gone: it is looked for once more, and issued again.
const VANISHED_AFTER: Duration = Duration::from_mins(10);

/// What the read means for a child that is on its way. Answers whether the endpoint has not been shown for long. Then the credential keeps its name: it may be somewhere all the same.
pub(super) fn observe_credential(child: &mut PhoneCredential, view: &RemoteUser, now: Timestamp) -> bool {
    let PhoneCredentialState::Issuing {
        remote_id,
        card_number,
        since,
        hints_before,
        ..
    } = &child.state
    else {
        return false;
    };
    let endpoint = view.endpoints.iter().find(|endpoint| endpoint.id == child.endpoint_id);
    let seen = endpoint.and_then(|endpoint| endpoint.credentials.iter().find(|credential| credential.id == *remote_id));
    let number = seen.and_then(|seen| seen.card_number.clone()).or_else(|| card_number.clone());
    let has_vanished = seen.is_none() && now.since(*since) >= VANISHED_AFTER;
    match (seen.map(|seen| seen.state), number) {
        (Some(RemoteCredentialState::Issued), Some(card_number)) => {
            let remote_id = remote_id.clone();
            arrive(child, &remote_id, &card_number, now);
        }
        (Some(RemoteCredentialState::Revoked | RemoteCredentialState::Failed), _) => {
            let later = now.plus(wait(Pace::Slow, child.effort.failures.saturating_add(1), 0.5));
            issue_again(child, "The credential manager gave up issuing the credential.", None, now, later);
        }
        (None, _) if has_vanished && endpoint.is_some() => {
            let since = Some(*since);
            issue_again(
                child,
                "The credential manager does not show the credential any more that it was issuing.",
                since,
                now,
                now,
            );
        }
        (_, card_number) => {
            child.state = PhoneCredentialState::Issuing {
                remote_id: remote_id.clone(),
                card_number,
                since: *since,
                next_read_at: now.plus(until_next_look(now.since(*since))),
                hints_before: *hints_before,
            };
        }
    }
    has_vanished && endpoint.is_none()
}

/// The phone has fetched its credential.
pub(super) fn arrive(child: &mut PhoneCredential, remote_id: &RemoteCredentialId, card_number: &str, now: Timestamp) {
    child.state = PhoneCredentialState::Importing {
        remote_id: remote_id.clone(),
        card_number: card_number.to_owned(),
        since: now,
    };
    child.effort.succeed_despite_unanswered_call();
    child.effort.see(Seen::OnPhone, now);
}

/// The issue did not come to its end: it is begun again at `not_before`. `unknown_since`: it may have worked all the same.
fn issue_again(child: &mut PhoneCredential, why: &str, unknown_since: Option<Timestamp>, now: Timestamp, not_before: Timestamp) {
    child.state = PhoneCredentialState::Pending;
    let failure = Failure {
        code: FailureCode::CredentialManagerRefused,
        message: why.to_owned(),
        at: now,
    };
    child.effort.fail_untried(unknown_since, failure, not_before);
}
