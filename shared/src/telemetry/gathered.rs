//! The measurements of an invocation, gathered by name.

use std::{borrow::Cow, collections::BTreeMap};

use super::measure::{Measure, Sum};

/// As many values as one metric of a line may have; what is over that is not told one by one.
const MOST_VALUES: usize = 100;

/// What was measured since it was told last.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    metrics: BTreeMap<Cow<'static, str>, Metric>,
}

/// A metric with what was measured of it.
#[derive(Debug)]
pub(super) struct Metric {
    pub(super) unit: &'static str,
    pub(super) values: Vec<f64>,
}

impl Gathered {
    pub(super) fn add(&mut self, measure: Measure) {
        let metric = self.metrics.entry(measure.name()).or_insert_with(|| Metric {
            unit: measure.unit(),
            values: Vec::new(),
        });
        let value = measure.value();
        match (measure.sum(), metric.values.first_mut()) {
            (Sum::Each, _) | (_, None) => {
                if metric.values.len() < MOST_VALUES {
                    metric.values.push(value);
                }
            }
            (Sum::Total, Some(total)) => *total += value,
            (Sum::Largest, Some(largest)) => *largest = largest.max(value),
            (Sum::Smallest, Some(smallest)) => *smallest = smallest.min(value),
        }
    }

    pub(super) fn metrics(&self) -> impl Iterator<Item = (&str, &Metric)> {
        self.metrics.iter().map(|(name, metric)| (name.as_ref(), metric))
    }
}
