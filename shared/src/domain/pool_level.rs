//! When a credential pool runs short. Phones that find it empty wait until somebody orders more, so it has to be told before.

use super::acs::KnownPoolLevel;

/// A pool with fewer credentials than this is low. Each new phone draws one, and so does one whose app is installed again; twenty
/// leave time to order more before the first phone has to wait.
pub const LOW_WATER_MARK: u64 = 20;

/// How short of credentials a pool is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolShortage {
    /// It will be empty soon.
    Low,
    /// No phone can be given a credential from it.
    Exhausted,
}

/// How short the pool was when it was last looked at; `None`: it was not, or the credential manager does not count its credentials.
#[must_use]
pub fn shortage(level: Option<&KnownPoolLevel>) -> Option<PoolShortage> {
    match level?.available? {
        0 => Some(PoolShortage::Exhausted),
        available => (available < LOW_WATER_MARK).then_some(PoolShortage::Low),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;

    fn level(available: Option<u64>) -> KnownPoolLevel {
        KnownPoolLevel {
            read_at: Timestamp::from_millis(0),
            available,
            facility_code: None,
            card_format: None,
        }
    }

    #[test]
    fn a_pool_is_low_below_the_mark_and_exhausted_at_nothing() {
        for (available, expected) in [
            (0, Some(PoolShortage::Exhausted)),
            (1, Some(PoolShortage::Low)),
            (LOW_WATER_MARK - 1, Some(PoolShortage::Low)),
            (LOW_WATER_MARK, None),
            (u64::MAX, None),
        ] {
            assert_eq!(shortage(Some(&level(Some(available)))), expected, "{available}");
        }
    }

    #[test]
    fn a_pool_that_nobody_counted_is_not_short() {
        assert_eq!(shortage(None), None);
        assert_eq!(shortage(Some(&level(None))), None);
    }
}
