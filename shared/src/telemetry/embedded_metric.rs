//! CloudWatch's embedded metric format: a line of the log that says of itself which of its fields are metrics.

use serde_json::{Value, json};

use crate::domain::{acs::AcsCredentialPool, time::Timestamp};

const NAMESPACE: &str = "Fobless";
const POOL_AVAILABLE: &str = "CredentialPoolAvailable";
const LEFT_ALONE: &str = "LeftAlone";
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
                "Dimensions": [[POOL_DIMENSION]],
                "Metrics": [{"Name": POOL_AVAILABLE, "Unit": "Count"}],
            }],
        },
        POOL_DIMENSION: pool.acs_credential_pool_id,
        POOL_AVAILABLE: available,
    }))
}

/// One thing was left alone: an alarm adds them up.
pub(super) fn left_alone(now: Timestamp) -> Value {
    json!({
        "_aws": {
            "Timestamp": now.millis(),
            "CloudWatchMetrics": [{
                "Namespace": NAMESPACE,
                "Dimensions": [[]],
                "Metrics": [{"Name": LEFT_ALONE, "Unit": "Count"}],
            }],
        },
        LEFT_ALONE: 1,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        acs::KnownPoolLevel,
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
                        "Dimensions": [["acs_credential_pool_id"]],
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
    fn what_is_left_alone_is_counted_without_a_name() {
        let metric = left_alone(Timestamp::from_millis(1_704_779_133_068));
        assert_eq!(metric["LeftAlone"], 1);
        assert_eq!(metric["_aws"]["CloudWatchMetrics"][0]["Dimensions"], json!([[]]));
        assert_eq!(metric["_aws"]["Timestamp"], 1_704_779_133_068_i64);
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
