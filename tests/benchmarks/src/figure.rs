//! A figure that can be put on record and compared with the one on record.

use serde::{Deserialize, Serialize};

/// What was measured, and what it came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Figure {
    /// What was measured. Two figures of the same name are compared.
    pub(crate) what: String,
    /// What it came to.
    pub(crate) value: f64,
    /// In what.
    pub(crate) unit: Unit,
}

/// In what a figure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Unit {
    /// Instructions, as callgrind counts them.
    Instructions,
    /// Bytes of a file.
    Bytes,
    /// Bytes of memory.
    BytesOfMemory,
    /// DynamoDB's units.
    CapacityUnits,
    /// Milliseconds that half of all take at most.
    MedianMilliseconds,
    /// Milliseconds that 99 in a hundred take at most.
    SlowestMilliseconds,
    /// How many in a second.
    PerSecond,
    /// How many times as much a peer takes as we do.
    TimesOurs,
}

/// How a figure stands to the one on record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It differs by noise at most.
    AsRecorded,
    /// It is better by more than noise.
    Better,
    /// It is worse by more than noise.
    Worse,
    /// The other one is of another machine, whose times say nothing about this one's.
    OfAnotherMachine,
    /// There is none on record.
    NotOnRecord,
}

impl Unit {
    /// By what factor a figure differs where nothing has changed: somewhat more than the three sizes of the table differed in one run on two
    /// shared cores, which should be alike. The slowest hundredth is that of a few dozen.
    const fn noise(self) -> f64 {
        match self {
            Self::Instructions | Self::Bytes | Self::CapacityUnits => 1.02,
            Self::BytesOfMemory => 1.1,
            Self::PerSecond | Self::TimesOurs => 1.6,
            Self::MedianMilliseconds => 2.5,
            Self::SlowestMilliseconds => 6.0,
        }
    }

    /// What is added to both sides before they are divided: a millisecond more or less is nothing, and a read that writes nothing has none of
    /// the units. A time may even be below zero, where the far side was called before the answer had arrived.
    const fn allowance(self) -> f64 {
        match self {
            Self::MedianMilliseconds | Self::SlowestMilliseconds | Self::CapacityUnits => 1.0,
            _ => 0.0,
        }
    }

    const fn is_better_when_more(self) -> bool {
        matches!(self, Self::PerSecond | Self::TimesOurs)
    }

    /// Whether another machine has another figure, though nothing has changed. So it is with ratios, too: of one build, a peer's first webhook
    /// took 11 times as long as ours on one machine and 26 times on another.
    const fn is_of_the_machine(self) -> bool {
        matches!(
            self,
            Self::MedianMilliseconds | Self::SlowestMilliseconds | Self::PerSecond | Self::TimesOurs
        )
    }
}

impl Figure {
    pub(crate) fn new(what: impl Into<String>, value: f64, unit: Unit) -> Self {
        Self {
            what: what.into(),
            value,
            unit,
        }
    }

    /// One that is a count.
    pub(crate) fn counted(what: impl Into<String>, count: u64, unit: Unit) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "nothing here is counted in quadrillions")]
        let value = count as f64;
        Self::new(what, value, unit)
    }

    /// How it stands to the one on record, of the same machine or of another.
    pub(crate) fn against(&self, recorded: Option<&Self>, is_of_this_machine: bool) -> Verdict {
        let Some(recorded) = recorded else { return Verdict::NotOnRecord };
        if self.unit.is_of_the_machine() && !is_of_this_machine {
            return Verdict::OfAnotherMachine;
        }
        let [value, before] = [self, recorded].map(|figure| figure.value.max(0.0) + self.unit.allowance());
        let worse_by = if self.unit.is_better_when_more() {
            before / value
        } else {
            value / before
        };
        // A figure that is none, such as 0 / 0, is no better one.
        if worse_by < 1.0 / self.unit.noise() {
            Verdict::Better
        } else if worse_by <= self.unit.noise() {
            Verdict::AsRecorded
        } else {
            Verdict::Worse
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(recorded: f64, value: f64, unit: Unit, is_of_this_machine: bool) -> Verdict {
        Figure::new("it", value, unit).against(Some(&Figure::new("it", recorded, unit)), is_of_this_machine)
    }

    #[test]
    fn what_is_worse_by_more_than_noise_is_worse() {
        for (recorded, value, unit, expected) in [
            (1_000.0, 1_019.0, Unit::Instructions, Verdict::AsRecorded),
            (1_000.0, 1_021.0, Unit::Instructions, Verdict::Worse),
            (1_000.0, 900.0, Unit::Bytes, Verdict::Better),
            (20.0, 50.0, Unit::MedianMilliseconds, Verdict::AsRecorded),
            (20.0, 53.0, Unit::MedianMilliseconds, Verdict::Worse),
            (-0.1, 0.9, Unit::MedianMilliseconds, Verdict::AsRecorded),
            (-0.1, 5.0, Unit::MedianMilliseconds, Verdict::Worse),
            (200.0, 130.0, Unit::PerSecond, Verdict::AsRecorded),
            (200.0, 120.0, Unit::PerSecond, Verdict::Worse),
            (200.0, 400.0, Unit::PerSecond, Verdict::Better),
            (50.0, 30.0, Unit::TimesOurs, Verdict::Worse),
            (3.0, 3.5, Unit::CapacityUnits, Verdict::Worse),
            (0.0, 1.0, Unit::CapacityUnits, Verdict::Worse),
            (0.0, 0.0, Unit::CapacityUnits, Verdict::AsRecorded),
            (0.0, 0.0, Unit::Bytes, Verdict::Worse),
        ] {
            assert_eq!(verdict(recorded, value, unit, true), expected, "{recorded} -> {value} {unit:?}");
        }
    }

    #[test]
    fn times_and_ratios_of_another_machine_are_not_compared_but_counts_are() {
        assert_eq!(verdict(1.0, 9.0, Unit::MedianMilliseconds, false), Verdict::OfAnotherMachine);
        assert_eq!(verdict(9.0, 1.0, Unit::PerSecond, false), Verdict::OfAnotherMachine);
        assert_eq!(verdict(1.0, 9.0, Unit::Instructions, false), Verdict::Worse);
        assert_eq!(verdict(9.0, 1.0, Unit::TimesOurs, false), Verdict::OfAnotherMachine);
    }

    #[test]
    fn what_is_not_on_record_is_told_apart() {
        assert_eq!(Figure::new("it", 1.0, Unit::Bytes).against(None, true), Verdict::NotOnRecord);
    }
}
