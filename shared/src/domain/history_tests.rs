//! What a history keeps, and what it costs.

use std::time::Duration;

use proptest::prelude::*;

use super::{
    effort::Effort,
    failure::{Failure, FailureCode},
    history::{Deed, Entry, HISTORY_LIMIT, MESSAGE_LIMIT, Outcome, Seen, What},
    scene::at,
};

const LEASE: Duration = Duration::from_secs(90);

fn failure(message: &str) -> Failure {
    Failure {
        code: FailureCode::CredentialManagerUnavailable,
        message: message.to_owned(),
        at: at(1),
    }
}

fn outcomes(effort: &Effort) -> Vec<(u32, Outcome)> {
    let told = |entry: &Entry| match &entry.what {
        What::Did { attempt, outcome, .. } => Some((*attempt, outcome.clone())),
        _ => None,
    };
    effort.history.entries().iter().filter_map(told).collect()
}

#[test]
fn a_claim_is_unanswered_until_its_own_outcome_is_recorded() {
    let mut effort = Effort::default();
    effort.claim(Deed::Issue, at(0), LEASE);
    effort.claim(Deed::Issue, at(100), LEASE);
    effort.postpone(None, at(130));
    effort.claim(Deed::Issue, at(130), LEASE);
    effort.succeed();
    let until = at(130);
    assert_eq!(
        outcomes(&effort),
        [(1, Outcome::Unanswered), (2, Outcome::Postponed { until }), (3, Outcome::Worked)]
    );
}

#[test]
fn words_that_repeat_are_kept_once_and_told_of_each() {
    let mut effort = Effort::default();
    for second in 0..3 {
        effort.claim(Deed::Issue, at(second), LEASE);
        effort.fail(None, failure("500"), at(second + 1));
    }
    let kept = |(_, outcome): &(u32, Outcome)| matches!(outcome, Outcome::Failed { message: Some(_), .. });
    assert_eq!(outcomes(&effort).iter().filter(|told| kept(told)).count(), 1);
    assert_eq!([0, 1, 2].map(|index| effort.history.message_of(index)), [Some("500"); 3]);
}

#[test]
fn a_history_stays_small_whatever_failures_say() {
    let mut effort = Effort::default();
    for second in 0..40 {
        effort.claim(Deed::EndEnrollment, at(second), LEASE);
        effort.fail(None, failure(&format!("{second} {}", "words ".repeat(100))), at(second));
    }
    let history = &effort.history;
    assert_eq!(history.message_of(0), Some(""));
    assert!(
        history
            .message_of(HISTORY_LIMIT - 1)
            .is_some_and(|words| words.starts_with("39 words"))
    );
    let size = serde_json::to_string(history).unwrap().len();
    assert!(size < 3 * 1024, "{size} bytes");
    effort.history.keep_newest(2);
    assert_eq!((effort.history.entries().len(), effort.history.dropped()), (2, 38));
}

#[test]
fn a_look_is_no_deed_and_what_a_look_shows_again_is_told_once() {
    let mut effort = Effort::default();
    effort.claim_look(at(0), LEASE);
    effort.fail(None, failure("500"), at(1));
    assert!(effort.history.is_empty());
    effort.see(Seen::RedeemedByUnknown, at(2));
    effort.see(Seen::RedeemedByUnknown, at(3));
    assert_eq!(effort.history.entries().len(), 1);
}

#[test]
fn a_failure_that_no_try_met_is_told_beside_the_tries() {
    let mut effort = Effort::default();
    effort.claim(Deed::Withdraw, at(0), LEASE);
    effort.succeed();
    effort.fail_untried(None, failure("no room"), at(9));
    assert_eq!(outcomes(&effort), [(1, Outcome::Worked)]);
    assert!(matches!(&effort.history.entries()[1].what, What::Met { message, .. } if message == "no room"));
}

#[test]
fn an_effort_that_was_written_before_there_was_a_history_still_reads() {
    let old = r#"{"attempt": 3, "failures": 1}"#;
    let effort: Effort = serde_json::from_str(old).unwrap();
    assert!(effort.history.is_empty());
    assert!(!serde_json::to_string(&effort).unwrap().contains("history"));
}

proptest! {
    #[test]
    fn a_history_is_bounded_and_counts_what_it_dropped(steps in prop::collection::vec((0_u8..4, "\\PC{0,300}"), 0..80)) {
        let mut effort = Effort::default();
        let mut claims = 0;
        for (second, (kind, message)) in (0_i64..).zip(&steps) {
            claims += 1;
            effort.claim(Deed::Invite, at(second), LEASE);
            match kind {
                0 => effort.succeed(),
                1 => effort.fail(None, failure(message), at(second)),
                2 => effort.postpone(None, at(second)),
                _ => {}
            }
        }
        let history = &effort.history;
        prop_assert!(history.entries().len() <= HISTORY_LIMIT);
        prop_assert_eq!(history.entries().len() + usize::try_from(history.dropped()).unwrap(), claims);
        for index in 0..history.entries().len() {
            prop_assert!(history.message_of(index).is_none_or(|words| words.chars().count() <= MESSAGE_LIMIT));
        }
        let read: Effort = serde_json::from_str(&serde_json::to_string(&effort).unwrap()).unwrap();
        prop_assert_eq!(read, effort);
    }
}
