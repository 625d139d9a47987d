//! Whether what a stranger shows is a secret of ours. How far a guess was right, and which of several it was compared with matched, must
//! not be measurable: all are compared with all, each to its end.

use subtle::{Choice, ConstantTimeEq};

/// Whether any of `shown` is any of `secrets`. Only the length of a secret could be timed.
#[must_use]
pub(crate) fn is_any_of<'s>(shown: &[impl AsRef<[u8]>], secrets: impl IntoIterator<Item = &'s [u8]>) -> bool {
    let mut matched = Choice::from(0);
    for secret in secrets {
        for candidate in shown {
            #[cfg(test)]
            comparisons::note();
            // Not `||`, which would end with the first that matches.
            matched |= candidate.as_ref().ct_eq(secret);
        }
    }
    matched.into()
}

/// How often secrets were compared, for tests that nothing ends early.
#[cfg(test)]
pub(crate) mod comparisons {
    use std::cell::Cell;

    thread_local! {
        static MADE: Cell<usize> = const { Cell::new(0) };
    }

    pub(super) fn note() {
        MADE.with(|made| made.set(made.get() + 1));
    }

    /// How many comparisons `work` makes on this thread.
    pub(crate) fn of<T>(work: impl FnOnce() -> T) -> (T, usize) {
        let before = MADE.with(Cell::get);
        let done = work();
        (done, MADE.with(Cell::get) - before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_shown_is_compared_with_every_secret_whichever_matches() {
        let secrets = [&b"one"[..], b"two", b"six"];
        for (shown, expected) in [
            ([&b"one"[..], b"xxx"], true),
            ([b"xxx", b"one"], true),
            ([b"xxx", b"six"], true),
            ([b"on", b"onex"], false),
            ([b"xxx", b"xxx"], false),
        ] {
            let outcome = comparisons::of(|| is_any_of(&shown, secrets));
            assert_eq!(outcome, (expected, 6), "{shown:?}");
        }
        assert!(!is_any_of(&[b""], []) && !is_any_of(&[] as &[&[u8]], secrets));
    }
}
