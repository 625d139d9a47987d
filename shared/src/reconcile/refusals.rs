//! What a refusal means that may be about speed or about a right: HID answers 403 to both. Pure.
//!
//! Not established: the body of such an answer is not documented. An account that has worked minutes ago has not lost its role, and
//! somebody else may use it too; one that never worked, or that is still refused after two whole windows in which nobody called, has.

use std::time::Duration;

use crate::{
    credential_manager::{Refusal, Said},
    domain::time::Timestamp,
    store::Refusals,
};

/// The far side's window, after which a refusal for speed is over.
pub(super) const WINDOW: Duration = Duration::from_mins(5);

/// What a refusal at `now` means. `paused_until` is until when nobody is to call then, whatever it means.
pub(super) fn judge(refusals: &mut Refusals, said: Said, paused_until: Timestamp, now: Timestamp) -> Refusal {
    let since = *refusals.since.get_or_insert(now);
    let is_about_a_right = said == Said::Nothing && (!refusals.has_worked || now.since(since) >= 2 * WINDOW);
    if is_about_a_right {
        Refusal::NotAllowed
    } else {
        Refusal::TooFast { until: paused_until }
    }
}

/// A call worked. Answers whether that is news.
pub(super) fn worked(refusals: &mut Refusals) -> bool {
    let before = std::mem::replace(
        refusals,
        Refusals {
            has_worked: true,
            since: None,
        },
    );
    before != *refusals
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_millis(second * 1000)
    }

    fn after_success() -> Refusals {
        let mut refusals = Refusals::default();
        assert!(worked(&mut refusals));
        refusals
    }

    #[test]
    fn an_account_that_never_worked_lacks_a_right_unless_the_answer_names_a_limit() {
        assert_eq!(judge(&mut Refusals::default(), Said::Nothing, at(300), at(0)), Refusal::NotAllowed);
        let too_fast = Refusal::TooFast { until: at(300) };
        assert_eq!(judge(&mut Refusals::default(), Said::TooFast, at(300), at(0)), too_fast);
    }

    #[test]
    fn one_that_worked_is_too_fast_until_two_windows_have_passed_in_vain() {
        let mut refusals = after_success();
        for second in [0, 301, 599] {
            assert!(matches!(
                judge(&mut refusals, Said::Nothing, at(900), at(second)),
                Refusal::TooFast { .. }
            ));
        }
        assert_eq!(judge(&mut refusals, Said::Nothing, at(900), at(602)), Refusal::NotAllowed);
        assert!(worked(&mut refusals));
        assert!(!worked(&mut refusals), "no news");
        assert!(matches!(
            judge(&mut refusals, Said::Nothing, at(900), at(700)),
            Refusal::TooFast { .. }
        ));
    }
}
