//! Deliveries: the schedule as a table, and what holds whatever the receiver answers and whoever dies on the way.

use std::time::Duration;

use proptest::prelude::*;
use uuid::Uuid;

use super::{
    ids::{EventId, WebhookId, WorkspaceId},
    time::Timestamp,
    webhook_answer::MessageVerdict,
    webhook_delivery::{AbandonedBecause, DeliveryState, SCHEDULE, WebhookDelivery, until_next_attempt},
};

const LEASE: Duration = Duration::from_secs(90);
const FAILED: MessageVerdict = MessageVerdict::Failed { retry_after: None };

fn at(second: i64) -> Timestamp {
    Timestamp::from_millis(second * 1000)
}

fn begun() -> WebhookDelivery {
    WebhookDelivery::claimed(
        WorkspaceId::new(Uuid::from_u128(1)),
        WebhookId::new(Uuid::from_u128(2)),
        EventId::new(Uuid::from_u128(3)),
        at(0),
        LEASE,
    )
}

#[test]
fn the_schedule_is_the_one_of_svix() {
    let seconds = |attempts| until_next_attempt(attempts, None).map(|wait| wait.as_secs());
    let table = [
        (1, Some(5)),
        (2, Some(5 * 60)),
        (3, Some(30 * 60)),
        (4, Some(2 * 3600)),
        (5, Some(5 * 3600)),
        (6, Some(10 * 3600)),
        (7, Some(10 * 3600)),
        (8, None),
        (9, None),
    ];
    for (attempts, expected) in table {
        assert_eq!(seconds(attempts), expected, "after {attempts}");
    }
    let whole: Duration = SCHEDULE.iter().sum();
    assert_eq!(whole.as_secs(), 27 * 3600 + 35 * 60 + 5);
}

#[test]
fn a_receiver_may_ask_for_a_longer_wait_but_not_for_a_shorter_or_an_endless_one() {
    let wait = |attempts, asked| until_next_attempt(attempts, Some(Duration::from_secs(asked))).map(|wait| wait.as_secs());
    assert_eq!(wait(1, 60), Some(60));
    assert_eq!(wait(3, 60), Some(30 * 60));
    assert_eq!(wait(1, u64::MAX), Some(10 * 3600));
    assert_eq!(wait(8, 60), None);
}

#[test]
fn who_lost_the_lease_can_not_record_over_who_took_over() {
    let mut delivery = begun();
    assert!(!delivery.is_due(at(89)) && delivery.is_due(at(90)));
    delivery.claim(at(90), LEASE);
    assert!(!delivery.record(1, MessageVerdict::Delivered, at(91)));
    assert!(delivery.record(2, FAILED, at(92)));
    assert!(!delivery.record(2, MessageVerdict::Delivered, at(93)), "it was recorded already");
    // The attempt that nobody recorded was one: the wait is that after the second.
    assert_eq!(delivery.due_at(), Some(at(92 + 300)));
}

#[test]
fn the_last_attempt_that_nobody_recorded_is_made_again() {
    let mut delivery = begun();
    for _ in 1..8 {
        delivery.claim(at(0), LEASE);
    }
    assert_eq!((delivery.attempt, delivery.is_due(at(90))), (8, true));
    delivery.claim(at(90), LEASE);
    assert!(delivery.record(9, FAILED, at(91)));
    let because = AbandonedBecause::Exhausted;
    assert_eq!(delivery.state, DeliveryState::Abandoned { at: at(91), because });
}

fn verdict() -> impl Strategy<Value = MessageVerdict> {
    prop_oneof![
        8 => Just(FAILED),
        2 => (0..200_000_u64).prop_map(|seconds| MessageVerdict::Failed { retry_after: Some(Duration::from_secs(seconds)) }),
        1 => Just(MessageVerdict::Delivered),
        1 => Just(MessageVerdict::Aborted),
    ]
}

proptest! {
    #[test]
    fn whatever_is_answered_and_whoever_dies_it_ends_after_at_most_eight_recorded_attempts(
        answers in proptest::collection::vec((verdict(), any::<bool>()), 1..40),
    ) {
        let (mut delivery, mut now, mut failures) = (begun(), at(0), 0);
        for (verdict, dies) in answers {
            if dies {
                now = delivery.due_at().unwrap();
                delivery.claim(now, LEASE);
                continue;
            }
            let attempt = delivery.attempt;
            prop_assert!(delivery.record(attempt, verdict, now));
            let Some(due_at) = delivery.due_at() else {
                prop_assert_eq!(delivery.settled_at(), Some(now));
                break;
            };
            failures += 1;
            prop_assert!(failures < 8);
            let wait = due_at.since(now);
            let index = usize::try_from(attempt).unwrap() - 1;
            prop_assert!((SCHEDULE[index]..=Duration::from_hours(10)).contains(&wait), "{:?}", wait);
            now = due_at;
            delivery.claim(now, LEASE);
        }
    }
}
