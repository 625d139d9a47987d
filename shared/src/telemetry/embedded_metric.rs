//! CloudWatch's embedded metric format: a line of the log that says of itself which of its fields are metrics.

use serde_json::{Map, Value, json};

use super::gathered::Gathered;
use crate::domain::{acs::AcsCredentialPool, time::Timestamp};

const NAMESPACE: &str = "Fobless";
const POOL_AVAILABLE: &str = "CredentialPoolAvailable";
const COLD_START: &str = "ColdStart";
const FUNCTION_DIMENSION: &str = "function";
const POOL_DIMENSION: &str = "acs_credential_pool_id";

/// How many credentials were left in the pool when it was last read; `None`: the credential manager does not count them.
pub(super) fn pool_available(pool: &AcsCredentialPool) -> Option<Value> {
    let level = pool.level.as_ref()?;
    let available = level.available?;
    Some(json!({
        "_aws": {
            "Timestamp": level.read_at.millis(),
            "CloudWatchMetrics": [{
                "Namespace": NAMESPACE,
                // Under no name, too: an alarm looks at the emptiest.
                "Dimensions": [[POOL_DIMENSION], []],
                "Metrics": [{"Name": POOL_AVAILABLE, "Unit": "Count"}],
            }],
        },
        POOL_DIMENSION: pool.acs_credential_pool_id,
        POOL_AVAILABLE: available,
    }))
}

/// What was measured in an invocation of `function`; `None`: nothing was.
pub(super) fn of_invocation(function: &str, gathered: &Gathered, now: Timestamp) -> Option<Value> {
    let mut line = Map::new();
    let (mut of_all, mut of_function) = (Vec::new(), Vec::new());
    for (name, metric) in gathered.metrics() {
        let definition = json!({"Name": name, "Unit": metric.unit});
        // How often each function starts is asked of each alone; everything else is one figure, whoever measured it.
        let definitions = if name == COLD_START { &mut of_function } else { &mut of_all };
        definitions.push(definition);
        let value = match metric.values.as_slice() {
            [value] => json!(value),
            values => json!(values),
        };
        line.insert(name.to_owned(), value);
    }
    if line.is_empty() {
        return None;
    }
    let directive = |dimensions: &[&str], metrics: Vec<Value>| {
        (!metrics.is_empty()).then(|| json!({"Namespace": NAMESPACE, "Dimensions": [dimensions], "Metrics": metrics}))
    };
    let directives: Vec<Value> = [directive(&[], of_all), directive(&[FUNCTION_DIMENSION], of_function)]
        .into_iter()
        .flatten()
        .collect();
    line.insert(FUNCTION_DIMENSION.to_owned(), json!(function));
    line.insert(
        "_aws".to_owned(),
        json!({"Timestamp": now.millis(), "CloudWatchMetrics": directives}),
    );
    Some(Value::Object(line))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{super::measure::Measure, *};
    use crate::domain::{
        acs::KnownPoolLevel,
        failure::FailureCode,
        ids::{AcsCredentialPoolId, AcsSystemId, RemotePoolId, WorkspaceId},
    };

    const POOL: &str = "3fa85f64-5717-4562-b3fc-2c963f66afa6";

    fn pool(available: Option<u64>) -> AcsCredentialPool {
        AcsCredentialPool {
            workspace_id: WorkspaceId::generate(),
            acs_credential_pool_id: POOL.parse::<AcsCredentialPoolId>().unwrap(),
            acs_system_id: AcsSystemId::generate(),
            display_name: "Office\nand garage".to_owned(),
            remote_id: RemotePoolId::new("MID-SUB-CRD_FTPN_0001"),
            created_at: Timestamp::from_millis(0),
            level: Some(KnownPoolLevel {
                read_at: Timestamp::from_millis(1_704_779_133_068),
                available,
                facility_code: None,
                card_format: None,
            }),
        }
    }

    #[test]
    fn the_level_of_a_pool_is_a_metric_with_the_pool_as_its_dimension() {
        let metric = pool_available(&pool(Some(12))).unwrap();
        assert_eq!(
            metric,
            json!({
                "_aws": {
                    "Timestamp": 1_704_779_133_068_i64,
                    "CloudWatchMetrics": [{
                        "Namespace": "Fobless",
                        "Dimensions": [["acs_credential_pool_id"], []],
                        "Metrics": [{"Name": "CredentialPoolAvailable", "Unit": "Count"}]
                    }]
                },
                "acs_credential_pool_id": POOL,
                "CredentialPoolAvailable": 12
            })
        );
        assert_eq!(metric.to_string().lines().count(), 1);
    }

    #[test]
    fn what_an_invocation_measured_is_one_line_and_cold_starts_are_told_by_function() {
        let mut gathered = Gathered::default();
        for measure in [
            Measure::ColdStart,
            Measure::CredentialIssued,
            Measure::CredentialIssued,
            Measure::TimeToCredential(Duration::from_millis(740)),
            Measure::TimeToCredential(Duration::from_millis(310)),
            Measure::StepFailed(FailureCode::CredentialPoolExhausted),
            Measure::OldestPending(Duration::from_secs(30)),
            Measure::OldestPending(Duration::from_secs(9)),
            Measure::CallBudgetLeft(41),
            Measure::CallBudgetLeft(40),
        ] {
            gathered.add(measure);
        }
        let line = of_invocation("credential-issuer", &gathered, Timestamp::from_millis(1_704_779_133_068)).unwrap();
        assert_eq!(line.to_string().lines().count(), 1);
        assert_eq!(
            line,
            json!({
                "_aws": {
                    "Timestamp": 1_704_779_133_068_i64,
                    "CloudWatchMetrics": [
                        {"Namespace": "Fobless", "Dimensions": [[]], "Metrics": [
                            {"Name": "CallBudgetLeft", "Unit": "Count"},
                            {"Name": "CredentialsIssued", "Unit": "Count"},
                            {"Name": "OldestPending", "Unit": "Seconds"},
                            {"Name": "StepsFailed.credential_pool_exhausted", "Unit": "Count"},
                            {"Name": "TimeToCredential", "Unit": "Milliseconds"}
                        ]},
                        {"Namespace": "Fobless", "Dimensions": [["function"]], "Metrics": [{"Name": "ColdStart", "Unit": "Count"}]}
                    ]
                },
                "function": "credential-issuer",
                "ColdStart": 1.0,
                "CredentialsIssued": 2.0,
                "TimeToCredential": [740.0, 310.0],
                "StepsFailed.credential_pool_exhausted": 1.0,
                "OldestPending": 30.0,
                "CallBudgetLeft": 40.0
            })
        );
    }

    #[test]
    fn an_invocation_that_measured_nothing_has_no_line() {
        assert_eq!(of_invocation("api", &Gathered::default(), Timestamp::from_millis(0)), None);
    }

    #[test]
    fn a_pool_whose_credentials_are_not_counted_has_no_metric() {
        assert_eq!(pool_available(&pool(None)), None);
        let unread = AcsCredentialPool {
            level: None,
            ..pool(Some(12))
        };
        assert_eq!(pool_available(&unread), None);
    }
}
