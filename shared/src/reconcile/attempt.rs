//! One claimed attempt at a step: what a failure means for the record.

use crate::{
    credential_manager::CallError,
    domain::{
        effort::Effort,
        failure::{Failure, FailureCode},
        history::Deed,
        retry::{FIRST_LOOK, LEASE, Pace, settled_at, wait},
        time::Timestamp,
    },
};

/// How much the return after a pause is spread, so that everybody does not come back at once.
const SPREAD_MILLIS: f64 = 15_000.0;

/// A claim that this worker holds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attempt {
    /// The fencing token: only while the record still has it may the outcome be recorded.
    pub(super) token: u32,
    /// When it was claimed.
    claimed_at: Timestamp,
    /// Since when an earlier call may have worked without our knowing.
    unknown_since: Option<Timestamp>,
    /// The latest moment at which an earlier call may have been sent that was never answered.
    earlier_call_at: Option<Timestamp>,
    /// Whether this attempt's own call was not answered either.
    is_unanswered: bool,
}

/// What to write into the record after a failure.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Setback {
    /// Not even tried: wait.
    Postponed(Timestamp),
    /// Tried and failed.
    Failed {
        /// Whether the call may have worked all the same.
        may_have_worked: bool,
        /// Whether only a person can mend it.
        is_permanent: bool,
        /// What to show.
        code: FailureCode,
        /// What to show.
        message: String,
        /// How soon to try again.
        again: Again,
    },
}

/// How soon to try again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Again {
    /// By the pace of its kind.
    At(Pace),
    /// When the far side said.
    After(Timestamp),
}

/// What came of two things that were tried together. A failure says more than what only waits.
pub(super) fn both<'a>(one: &'a Result<(), Setback>, other: &'a Result<(), Setback>) -> Result<(), &'a Setback> {
    match (one, other) {
        (Err(Setback::Postponed(_)), Err(failed @ Setback::Failed { .. })) => Err(failed),
        _ => one.as_ref().and(other.as_ref()).copied(),
    }
}

/// Both are tried again when what only waits is to be, however long the failure of the other would let it rest.
pub(super) fn no_later_than(effort: &mut Effort, waiting: &Result<(), Setback>) {
    if let Err(Setback::Postponed(until)) = waiting {
        effort.not_before = effort.not_before.map(|not_before| not_before.min(*until));
    }
}

impl Attempt {
    /// Claims `deed` in `effort`.
    pub(super) fn claim(effort: &mut Effort, deed: Deed, now: Timestamp) -> Self {
        let unknown_since = effort.unknown_since;
        effort.claim(deed, now, LEASE);
        Self::of(effort, now, unknown_since)
    }

    /// Claims a step in `effort` that changes nothing outside.
    pub(super) fn claim_look(effort: &mut Effort, now: Timestamp) -> Self {
        let unknown_since = effort.unknown_since;
        effort.claim_look(now, LEASE);
        Self::of(effort, now, unknown_since)
    }

    fn of(effort: &Effort, now: Timestamp, unknown_since: Option<Timestamp>) -> Self {
        Self {
            token: effort.attempt,
            claimed_at: now,
            unknown_since,
            earlier_call_at: effort.last_call_at,
            is_unanswered: false,
        }
    }

    /// When to look what has become of a call that worked: at the moment at which the claim would have been touched, unless that is near.
    pub(super) fn first_look(&self, now: Timestamp) -> Timestamp {
        let with_the_claim = self.claimed_at.plus(FIRST_LOOK);
        if with_the_claim >= now.plus(FIRST_LOOK / 2) {
            with_the_claim
        } else {
            now.plus(FIRST_LOOK)
        }
    }

    /// Since when an earlier call may have worked; then the far side is read before anything is repeated.
    pub(super) fn unknown_since(&self) -> Option<Timestamp> {
        self.unknown_since
    }

    /// The far side was read, and nothing of an earlier call was there.
    pub(super) fn nothing_is_unknown(&mut self) {
        self.unknown_since = None;
    }

    /// The far side was read at `looked_at`, and nothing of an earlier call was there. While it may still be at that call, this is not
    /// its last word: what is tried now may be refused for another reason, and the credential come all the same.
    pub(super) fn found_nothing(&mut self, looked_at: Timestamp) {
        if self.earlier_call_at.is_none_or(|call| settled_at(call) <= looked_at) {
            self.nothing_is_unknown();
        }
    }

    /// This attempt's own call failed. A refusal is an answer: the far side is done with that call. Without one it may still be at it.
    pub(super) fn failed_with(&mut self, error: &CallError) {
        self.is_unanswered |= matches!(error, CallError::UnknownOutcome(_) | CallError::Table(_));
    }

    /// When the last call may have been sent that the far side may still be at, whatever came of this attempt. Once its outcome is
    /// known, its own call was sent before `now`.
    pub(super) fn unanswered_call_at(&self, now: Timestamp) -> Option<Timestamp> {
        self.earlier_call_at.max(self.is_unanswered.then_some(now))
    }

    /// Whether the record is still held by this attempt.
    pub(super) fn holds(&self, effort: &Effort) -> bool {
        effort.attempt == self.token && effort.lease_until.is_some()
    }

    /// Writes a setback into the effort.
    pub(super) fn set_back(&self, effort: &mut Effort, setback: &Setback, now: Timestamp, chance: f64) {
        match setback {
            // Turns are given out one by one, so nobody need be spread.
            Setback::Postponed(until) => effort.postpone(self.unknown_since, *until),
            Setback::Failed {
                may_have_worked,
                code,
                message,
                again,
                ..
            } => {
                let unknown_since = self.unknown_since.or(may_have_worked.then_some(self.claimed_at));
                let failures = effort.failures.saturating_add(1);
                let not_before = match again {
                    Again::At(pace) => now.plus(wait(*pace, failures, chance)),
                    Again::After(until) => spread(*until, chance),
                };
                effort.fail(
                    unknown_since,
                    Failure {
                        code: *code,
                        message: message.clone(),
                        at: now,
                    },
                    not_before,
                );
            }
        }
    }
}

fn spread(until: Timestamp, chance: f64) -> Timestamp {
    #[expect(clippy::cast_possible_truncation, reason = "the product is between 0 and SPREAD_MILLIS")]
    let millis = (SPREAD_MILLIS * chance.clamp(0.0, 1.0)) as i64;
    Timestamp::from_millis(until.millis().saturating_add(millis))
}

impl Setback {
    /// A failure that is ours to name.
    pub(super) fn because(code: FailureCode, pace: Pace, message: impl Into<String>) -> Self {
        Self::Failed {
            may_have_worked: false,
            is_permanent: pace == Pace::Glacial,
            code,
            message: message.into(),
            again: Again::At(pace),
        }
    }
}

impl From<CallError> for Setback {
    fn from(error: CallError) -> Self {
        let message = error.to_string();
        let (code, pace) = match error {
            CallError::BudgetSpent { until } => return Self::Postponed(until),
            CallError::RateLimited { until } => {
                let (code, again) = (FailureCode::CredentialManagerBusy, Again::After(until));
                return Self::Failed {
                    may_have_worked: false,
                    is_permanent: false,
                    code,
                    message,
                    again,
                };
            }
            CallError::UnknownOutcome(_) | CallError::Table(_) => {
                let (code, again) = (FailureCode::CredentialManagerUnavailable, Again::At(Pace::Quick));
                return Self::Failed {
                    may_have_worked: true,
                    is_permanent: false,
                    code,
                    message,
                    again,
                };
            }
            CallError::Transient(_) => (FailureCode::CredentialManagerUnavailable, Pace::Quick),
            CallError::Misconfigured(_) => (FailureCode::CredentialManagerMisconfigured, Pace::Slow),
            CallError::Conflict(_) => (FailureCode::CredentialManagerUserConflict, Pace::Glacial),
            CallError::NotFound(_) | CallError::Precondition(_) => (FailureCode::CredentialManagerRefused, Pace::Slow),
            CallError::Rejected(_) => (FailureCode::CredentialManagerRefused, Pace::Glacial),
        };
        Self::because(code, pace, message)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_millis(second * 1000)
    }

    fn after(error: CallError, earlier_unknown: Option<Timestamp>) -> Effort {
        let mut effort = Effort {
            unknown_since: earlier_unknown,
            ..Effort::default()
        };
        let attempt = Attempt::claim(&mut effort, Deed::Invite, at(100));
        attempt.set_back(&mut effort, &error.into(), at(101), 0.5);
        effort
    }

    #[test]
    fn a_lost_reply_is_remembered_and_a_refused_connection_is_not() {
        assert_eq!(
            after(CallError::UnknownOutcome("timeout".into()), None).unknown_since,
            Some(at(100))
        );
        assert_eq!(after(CallError::Transient("refused".into()), None).unknown_since, None);
    }

    #[test]
    fn an_earlier_lost_reply_is_remembered_until_the_far_side_was_read() {
        assert_eq!(
            after(CallError::Transient("refused".into()), Some(at(3))).unknown_since,
            Some(at(3))
        );
        let mut effort = Effort {
            unknown_since: Some(at(3)),
            ..Effort::default()
        };
        let mut attempt = Attempt::claim(&mut effort, Deed::Invite, at(100));
        attempt.nothing_is_unknown();
        attempt.set_back(&mut effort, &CallError::Transient("refused".into()).into(), at(101), 0.5);
        assert_eq!(effort.unknown_since, None);
    }

    #[test]
    fn a_look_while_the_far_side_may_still_be_at_the_call_settles_nothing() {
        let mut effort = Effort::default();
        Attempt::claim(&mut effort, Deed::Issue, at(0));
        effort.expect_call();
        let settled_at = effort.settled_at().unwrap();
        let mut attempt = Attempt::claim(&mut effort, Deed::Issue, at(100));
        attempt.found_nothing(settled_at.minus(Duration::from_millis(1)));
        assert_eq!(attempt.unknown_since(), Some(at(0)));
        attempt.found_nothing(settled_at);
        assert_eq!(attempt.unknown_since(), None);
    }

    #[test]
    fn a_refusal_is_an_answer_and_what_an_earlier_call_left_open_stays_open() {
        let with = |earlier: Option<Timestamp>, error: CallError| {
            let mut effort = Effort {
                last_call_at: earlier,
                ..Effort::default()
            };
            let mut attempt = Attempt::claim(&mut effort, Deed::Issue, at(100));
            attempt.failed_with(&error);
            attempt.unanswered_call_at(at(101))
        };
        let refusal = || CallError::Precondition("there already".into());
        let lost = || CallError::UnknownOutcome("timeout".into());
        assert_eq!(with(None, refusal()), None);
        assert_eq!(with(Some(at(7)), refusal()), Some(at(7)));
        assert_eq!(with(Some(at(7)), lost()), Some(at(101)));
        assert_eq!(with(None, lost()), Some(at(101)));
    }

    #[test]
    fn what_a_call_began_is_looked_at_when_its_claim_would_be_touched_and_after_a_slow_call_later() {
        let mut effort = Effort::default();
        let attempt = Attempt::claim(&mut effort, Deed::Invite, at(100));
        let touched = effort.touch_at().unwrap();
        assert_eq!([at(100), at(101), at(110)].map(|now| attempt.first_look(now)), [touched; 3]);
        assert_eq!(attempt.first_look(at(111)), at(131));
    }

    #[test]
    fn a_spent_budget_is_no_failure() {
        let effort = after(CallError::BudgetSpent { until: at(200) }, None);
        assert_eq!((effort.failures, effort.last_failure.is_none()), (0, true));
        assert!(effort.not_before >= Some(at(200)));
    }

    #[test]
    fn who_was_too_fast_comes_back_within_a_quarter_of_a_minute_of_the_pauses_end() {
        let back_at = |chance: f64| {
            let mut effort = Effort::default();
            let attempt = Attempt::claim(&mut effort, Deed::Invite, at(100));
            attempt.set_back(&mut effort, &CallError::RateLimited { until: at(400) }.into(), at(101), chance);
            effort.not_before
        };
        assert_eq!(back_at(0.0), Some(at(400)));
        assert_eq!(back_at(0.4), Some(at(406)));
        assert_eq!(back_at(1.0), Some(at(415)));
    }

    #[test]
    fn what_would_be_refused_again_is_permanent_and_what_may_work_later_is_not() {
        let is_permanent = |error: CallError| matches!(error.into(), Setback::Failed { is_permanent: true, .. });
        assert!(is_permanent(CallError::Rejected("a bad parameter".into())));
        assert!(is_permanent(CallError::Conflict("the e-mail address".into())));
        for passing in [
            CallError::Transient("refused".into()),
            CallError::UnknownOutcome("timeout".into()),
            CallError::Misconfigured("a role".into()),
            CallError::Precondition("no room".into()),
        ] {
            assert!(!is_permanent(passing));
        }
    }

    #[test]
    fn a_worker_that_lost_its_lease_holds_nothing() {
        let mut effort = Effort::default();
        let first = Attempt::claim(&mut effort, Deed::Invite, at(0));
        assert!(first.holds(&effort));
        let second = Attempt::claim(&mut effort, Deed::Invite, at(91));
        assert!(!first.holds(&effort));
        assert!(second.holds(&effort));
    }
}
