//! The real store over the table in memory.

use std::sync::Arc;

use aws_sdk_dynamodb::{
    Client,
    config::{BehaviorVersion, Region, StalledStreamProtectionConfig, retry::RetryConfig, timeout::TimeoutConfig},
};
use aws_smithy_runtime::client::retries::RetryPartition;
use fobless::store::{DEFINITION, Store};
use fobless_table_in_memory::{Database, Gate, InMemory, OpenGate, TakesPages};
use futures_util::FutureExt;

use crate::time::Time;

pub(crate) const TABLE: &str = "fobless-simulation";

/// A database with the table in it.
pub(crate) fn database(time: &Time) -> Database {
    let dating = time.clone();
    let database = Database::new(move || dating.now().millis().div_euclid(1000));
    assert!(
        database.create_table(&DEFINITION.create_request(TABLE)),
        "the definition is understood"
    );
    database
}

/// A store as a function has it: with the repeats and the patience of the real client.
pub(crate) fn store(database: &Database, gate: Arc<dyn Gate>, time: &Time) -> Store {
    let timeouts = TimeoutConfig::builder()
        .operation_attempt_timeout(std::time::Duration::from_secs(5))
        .operation_timeout(std::time::Duration::from_secs(15))
        .build();
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url("http://in-memory")
        .allow_no_auth()
        .http_client(InMemory::new(database.clone(), gate).handing_over_pages())
        .interceptor(TakesPages)
        .sleep_impl(time.clone())
        .time_source(time.clone())
        // Worlds are not to share what the SDK remembers of failures.
        .retry_partition(RetryPartition::custom("world").build())
        .retry_config(RetryConfig::standard().with_max_attempts(4))
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .timeout_config(timeouts)
        .build();
    Store::new(Client::from_conf(config), TABLE)
}

/// The same for whoever looks on: nothing goes wrong and no time passes.
pub(crate) fn onlooker(database: &Database, time: &Time) -> Store {
    store(database, Arc::new(OpenGate), time)
}

/// Runs what never waits.
pub(crate) fn at_once<T>(work: impl Future<Output = T>) -> T {
    work.now_or_never().expect("nothing holds it up")
}
