//! How long things take with more and more phones in the table, from the file that the benchmark of throughput left.

use std::collections::BTreeMap;

use serde_json::Value;

/// What was measured, and how long half of all took at most with so many phones in the table.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Series {
    pub(crate) what: String,
    /// Phones in the table, and milliseconds, by phones.
    pub(crate) points: Vec<(f64, f64)>,
}

/// What is drawn of it: one phone at a time, and webhooks at half of saturation. Crowds and saturation are another scale.
pub(crate) fn over_table_size(measured: &[Value]) -> Vec<Series> {
    let mut series: BTreeMap<&str, Vec<(f64, f64)>> = BTreeMap::new();
    let one_at_a_time = measured
        .iter()
        .filter(|one| one["waiting"].as_u64().is_none_or(|waiting| waiting == 1));
    for one in one_at_a_time {
        let (what, phones, millis) = (one["what"].as_str(), one["phones_in_table"].as_f64(), one["p50_ms"].as_f64());
        if let (Some(what), Some(phones), Some(millis)) = (what, phones, millis)
            && !what.contains("at saturation")
        {
            series.entry(what).or_default().push((phones, millis));
        }
    }
    let series = series.into_iter().map(|(what, mut points)| {
        points.sort_by(|one, other| one.0.total_cmp(&other.0));
        Series {
            what: what.to_owned(),
            points,
        }
    });
    series.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn one_line_for_each_thing_that_was_measured_one_at_a_time() {
        let measured = [
            json!({"what": "issue call", "phones_in_table": 10_000, "waiting": 1, "p50_ms": 8.0}),
            json!({"what": "issue call", "phones_in_table": 100, "waiting": 1, "p50_ms": 7.0}),
            json!({"what": "issue call", "phones_in_table": 100, "waiting": 1_000, "p50_ms": 900.0}),
            json!({"what": "answer, at saturation", "phones_in_table": 100, "p50_ms": 150.0}),
            json!({"what": "answer", "phones_of_person": 50, "p50_ms": 3.0}),
        ];
        let expected = Series {
            what: "issue call".to_owned(),
            points: vec![(100.0, 7.0), (10_000.0, 8.0)],
        };
        assert_eq!(over_table_size(&measured), [expected]);
    }
}
