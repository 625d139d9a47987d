//! The effort to make one outside step happen: claim, call, record.
//!
//! A claim takes a lease and raises `attempt`, the fencing token. Whoever records the outcome must still hold that attempt;
//! a worker that lost its lease can't overwrite the one that took over. A claim whose outcome was never recorded, or was
//! recorded as not known, makes the next claim read back at the far side before it repeats anything.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    failure::Failure,
    history::{Deed, History, Outcome, Seen},
    retry::{FIRST_LOOK, LEASE, settled_at},
    time::Timestamp,
};

/// How far the effort to make one step happen has come.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effort {
    /// The fencing token: how often the step was claimed.
    #[serde(default)]
    pub attempt: u32,
    /// Until when the present claim holds; absent when nobody holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease_until: Option<Timestamp>,
    /// Whether an earlier call may have worked without our knowing. Its first claim time bounds what can be ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown_since: Option<Timestamp>,
    /// The latest moment at which a call that changes something at the far side, and was not answered, may have been sent. A look soon
    /// after it proves nothing: the far side may still be at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_call_at: Option<Timestamp>,
    /// Failures in a row, which set the length of the wait.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub failures: u32,
    /// Not to be tried before this moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
    /// The last failure; gone once the step worked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_failure: Option<Failure>,
    /// What was tried so far, for people.
    #[serde(default, skip_serializing_if = "History::is_empty")]
    pub history: History,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// Whether a step can be claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// It can be claimed now.
    Ready,
    /// Somebody has it, or it waits after a failure.
    Waits {
        /// When to look again.
        until: Timestamp,
    },
}

impl Effort {
    /// Whether the step can be claimed at `now`.
    #[must_use]
    pub fn readiness(&self, now: Timestamp) -> Readiness {
        match self.due_at() {
            Some(until) if until > now => Readiness::Waits { until },
            _ => Readiness::Ready,
        }
    }

    /// Whether the step can be claimed at `now`.
    #[must_use]
    pub fn is_ready(&self, now: Timestamp) -> bool {
        self.readiness(now) == Readiness::Ready
    }

    /// Whether it was put off because there was no room, so that it waits for room and not for a time.
    #[must_use]
    pub fn waits_for_room(&self, now: Timestamp) -> bool {
        // What found room and was put off since waits for its time like everything else.
        let is_parked = self.not_before == Some(Timestamp::MAX);
        is_parked && self.is_free(now) && self.last_failure.as_ref().is_some_and(|failure| failure.code.waits_for_room())
    }

    /// When the step has to be looked at again: the lease's end or the end of the wait.
    #[must_use]
    pub fn due_at(&self) -> Option<Timestamp> {
        self.lease_until.or(self.not_before)
    }

    /// When its item is touched. One that is held is touched when that would be looked at which the step brings about: so nothing moves in
    /// the index of what is due when the step works, which costs two units each time. After a step that never ended, the next touch comes
    /// when the lease is over.
    #[must_use]
    pub fn touch_at(&self) -> Option<Timestamp> {
        let of_lease = self.lease_until.map(|until| until.minus(LEASE).plus(FIRST_LOOK));
        of_lease.or(self.not_before)
    }

    /// Whether it was never begun. Then it is not kept: a write is paid by the kilobyte, and most phones need none of the rarer steps.
    #[must_use]
    pub fn is_untouched(&self) -> bool {
        *self == Self::default()
    }

    /// Claims `deed` for `lease`, which must be longer than a function may run.
    pub fn claim(&mut self, deed: Deed, now: Timestamp, lease: Duration) {
        self.claim_look(now, lease);
        self.history.claimed(deed, self.attempt, now);
    }

    /// Claims a step that changes nothing outside: it is no deed, and not told.
    pub fn claim_look(&mut self, now: Timestamp, lease: Duration) {
        self.attempt = self.attempt.saturating_add(1);
        self.lease_until = Some(now.plus(lease));
        self.not_before = None;
        self.unknown_since.get_or_insert(now);
    }

    /// Whether nobody holds the step. What waits only for its next try is free for another step of the same record.
    #[must_use]
    pub fn is_free(&self, now: Timestamp) -> bool {
        self.lease_until.is_none_or(|until| until <= now)
    }

    /// Whether the claim before this one may have worked. Asked of the state *before* [`claim`](Self::claim).
    #[must_use]
    pub fn must_read_back(&self) -> bool {
        self.unknown_since.is_some()
    }

    /// A claimed call that changes something at the far side: it may be sent until the claim ends.
    pub fn expect_call(&mut self) {
        self.last_call_at = self.lease_until;
    }

    /// When a look at the far side is final: what an unanswered call did is to be seen by then.
    #[must_use]
    pub fn settled_at(&self) -> Option<Timestamp> {
        self.last_call_at.map(settled_at)
    }

    /// The step worked: nothing is held, nothing is owed.
    pub fn succeed(&mut self) {
        self.history.answered(self.attempt, Outcome::Worked);
        self.start_over();
        self.unknown_since = None;
        self.last_call_at = None;
    }

    /// As [`succeed`](Self::succeed), but a call that was never answered may still be at work at the far side.
    pub fn succeed_despite_unanswered_call(&mut self) {
        let last_call_at = self.last_call_at;
        self.succeed();
        self.last_call_at = last_call_at;
    }

    /// Nothing is held, nothing waits, whatever was tried before. What is told of that stays, and so does that a call may have worked.
    pub fn start_over(&mut self) {
        *self = Self {
            attempt: self.attempt,
            unknown_since: self.unknown_since,
            last_call_at: self.last_call_at,
            history: std::mem::take(&mut self.history),
            ..Self::default()
        };
    }

    /// The credential manager showed something without our doing.
    pub fn see(&mut self, seen: Seen, now: Timestamp) {
        self.history.saw(seen, now);
    }

    /// The step did not work; it is tried again at `not_before`. `unknown_since`: since when a call may have worked without our
    /// knowing; `None` when the far side certainly did nothing.
    pub fn fail(&mut self, unknown_since: Option<Timestamp>, failure: Failure, not_before: Timestamp) {
        self.history.answered(self.attempt, Outcome::from(&failure));
        self.set_back(unknown_since, failure, not_before);
    }

    /// As [`fail`](Self::fail), of a step that was not tried: there is no room, or something ended by itself.
    pub fn fail_untried(&mut self, unknown_since: Option<Timestamp>, failure: Failure, not_before: Timestamp) {
        self.history.met(&failure);
        self.set_back(unknown_since, failure, not_before);
    }

    fn set_back(&mut self, unknown_since: Option<Timestamp>, failure: Failure, not_before: Timestamp) {
        self.lease_until = None;
        self.unknown_since = unknown_since;
        self.failures = self.failures.saturating_add(1);
        self.not_before = Some(not_before);
        self.last_failure = Some(failure);
    }

    /// Somebody says that the cause of the last failure is gone: what waits because of it is tried at `now`. What waits for room goes on
    /// waiting. Answers whether anything changed.
    pub fn hasten(&mut self, now: Timestamp) -> bool {
        let waits = self.is_free(now) && self.not_before.is_some_and(|at| at > now) && !self.waits_for_room(now);
        let is_hastened = waits && self.last_failure.is_some();
        if is_hastened {
            self.not_before = Some(now);
        }
        is_hastened
    }

    /// The step could not even be tried (no budget): the wait does not count as a failure, and what was unknown stays so.
    pub fn postpone(&mut self, unknown_since: Option<Timestamp>, until: Timestamp) {
        self.history.answered(self.attempt, Outcome::Postponed { until });
        self.lease_until = None;
        self.unknown_since = unknown_since;
        self.not_before = Some(until);
    }
}

#[cfg(test)]
mod tests {
    use super::{super::failure::FailureCode, *};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_millis(second * 1000)
    }

    fn failure() -> Failure {
        Failure {
            code: FailureCode::CredentialManagerUnavailable,
            message: "500".to_owned(),
            at: at(1),
        }
    }

    #[test]
    fn a_claim_keeps_others_out_until_its_lease_ends() {
        let mut effort = Effort::default();
        assert_eq!(effort.readiness(at(0)), Readiness::Ready);
        effort.claim(Deed::Invite, at(0), LEASE);
        assert_eq!(effort.readiness(at(89)), Readiness::Waits { until: at(90) });
        assert_eq!(effort.readiness(at(90)), Readiness::Ready);
    }

    #[test]
    fn what_is_held_is_touched_when_its_outcome_would_be_looked_at_and_what_waits_when_it_is_tried() {
        let mut effort = Effort::default();
        assert_eq!(effort.touch_at(), None);
        effort.claim(Deed::Invite, at(0), LEASE);
        assert_eq!(effort.touch_at(), Some(at(0).plus(FIRST_LOOK)));
        effort.fail(None, failure(), at(5));
        assert_eq!(effort.touch_at(), Some(at(5)));
    }

    #[test]
    fn an_unrecorded_claim_makes_the_next_one_read_back_and_remembers_since_when() {
        let mut effort = Effort::default();
        assert!(!effort.must_read_back());
        effort.claim(Deed::Invite, at(0), LEASE);
        assert!(effort.must_read_back());
        effort.claim(Deed::Invite, at(100), LEASE);
        assert_eq!((effort.attempt, effort.unknown_since), (2, Some(at(0))));
    }

    #[test]
    fn whoever_starts_over_still_knows_that_a_call_may_have_worked_and_until_when_it_may_be_at_work() {
        let mut effort = Effort::default();
        effort.claim(Deed::Invite, at(0), LEASE);
        effort.expect_call();
        effort.start_over();
        assert_eq!((effort.attempt, effort.unknown_since), (1, Some(at(0))));
        assert_eq!(effort.settled_at(), Some(settled_at(at(90))));
        assert!(effort.is_ready(at(0)));
    }

    #[test]
    fn what_never_failed_says_nothing_of_failures() {
        let mut effort = Effort::default();
        assert_eq!(serde_json::to_string(&effort).unwrap(), r#"{"attempt":0}"#);
        effort.fail_untried(None, failure(), at(5));
        assert!(serde_json::to_string(&effort).unwrap().contains(r#""failures":1"#));
    }

    #[test]
    fn a_failure_that_did_nothing_is_repeated_without_reading_back() {
        let mut effort = Effort::default();
        effort.claim(Deed::Invite, at(0), LEASE);
        effort.fail(None, failure(), at(5));
        assert!(!effort.must_read_back());
        assert_eq!(effort.readiness(at(4)), Readiness::Waits { until: at(5) });
    }

    #[test]
    fn what_waits_after_a_failure_can_be_hastened_and_what_is_held_or_waits_for_room_can_not() {
        let mut effort = Effort::default();
        assert!(!effort.hasten(at(0)), "nothing failed");
        effort.claim(Deed::Invite, at(0), LEASE);
        effort.fail(None, failure(), at(500));
        assert!(effort.hasten(at(10)) && effort.is_ready(at(10)));
        assert!(!effort.hasten(at(10)), "twice");
        effort.claim(Deed::Invite, at(10), LEASE);
        assert!(!effort.hasten(at(11)), "somebody is at it");
        let no_room = Failure {
            code: FailureCode::PhoneLimitReached,
            ..failure()
        };
        effort.fail_untried(None, no_room, Timestamp::MAX);
        assert!(!effort.hasten(at(200)));
    }

    #[test]
    fn a_call_may_be_sent_until_its_claim_ends_so_a_look_is_final_only_after_the_slowest_one_from_then() {
        let mut effort = Effort::default();
        effort.claim(Deed::Issue, at(0), LEASE);
        effort.expect_call();
        assert_eq!(effort.settled_at(), Some(settled_at(at(90))));
    }

    #[test]
    fn a_call_that_was_never_answered_is_remembered_though_a_later_one_worked() {
        let mut effort = Effort::default();
        effort.claim(Deed::Issue, at(0), LEASE);
        effort.expect_call();
        effort.succeed_despite_unanswered_call();
        assert_eq!((effort.unknown_since, effort.last_call_at), (None, Some(at(90))));
        effort.succeed();
        assert_eq!(effort.last_call_at, None);
    }

    #[test]
    fn success_forgets_everything_but_the_fencing_token_and_what_is_told() {
        let mut effort = Effort::default();
        effort.claim(Deed::Invite, at(0), LEASE);
        effort.fail(Some(at(0)), failure(), at(5));
        effort.claim(Deed::Invite, at(5), LEASE);
        effort.succeed();
        assert_eq!(
            effort,
            Effort {
                attempt: 2,
                history: effort.history.clone(),
                ..Effort::default()
            }
        );
    }
}
