//! The table that the functions work with: in memory, and the same at the beginning of each input.

use std::{cell::OnceCell, sync::Arc, time::Duration};

use aws_sdk_dynamodb::{
    Client,
    config::{BehaviorVersion, Region, StalledStreamProtectionConfig, retry::RetryConfig, timeout::TimeoutConfig},
};
use aws_smithy_async::rt::sleep::{AsyncSleep, Sleep};
use fobless::{
    clock::Clock,
    domain::time::Timestamp,
    store::{DEFINITION, Store},
};
use fobless_table_in_memory::{Database, InMemory, OpenGate, Snapshot};
use futures_util::FutureExt;

use crate::records;

pub(crate) const TABLE: &str = "fobless-fuzz";

/// 2024-01-11T10:42:25.848Z: what time it is.
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_704_969_745_848);

/// A table with a few records in it.
pub(crate) struct Table {
    pub(crate) database: Database,
    pub(crate) store: Store,
    prepared: Snapshot,
}

thread_local! {
    static PREPARED: OnceCell<Table> = const { OnceCell::new() };
}

/// Does `work` on the table as it is in the beginning.
pub(crate) fn with_table<T>(work: impl FnOnce(&Table) -> T) -> T {
    PREPARED.with(|prepared| {
        let table = prepared.get_or_init(Table::prepare);
        table.database.restore(&table.prepared);
        work(table)
    })
}

impl Table {
    fn prepare() -> Self {
        let database = Database::new(|| NOW.millis() / 1000);
        assert!(
            database.create_table(&DEFINITION.create_request(TABLE)),
            "the definition is understood"
        );
        let store = store(&database);
        at_once(records::plant(&store));
        let _ = database.take_stream(TABLE);
        Self {
            prepared: database.snapshot(),
            database,
            store,
        }
    }
}

/// The real store, without repeats: nothing is ever in its way here.
fn store(database: &Database) -> Store {
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url("http://in-memory")
        .allow_no_auth()
        .http_client(InMemory::new(database.clone(), Arc::new(OpenGate)))
        .sleep_impl(Forever)
        .retry_config(RetryConfig::disabled())
        .timeout_config(TimeoutConfig::disabled())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .build();
    Store::new(Client::from_conf(config), TABLE).with_clock(clock())
}

/// Nothing takes any time, so no patience ever ends.
#[derive(Debug)]
struct Forever;

impl AsyncSleep for Forever {
    fn sleep(&self, _: Duration) -> Sleep {
        Sleep::new(std::future::pending())
    }
}

/// The time stands still, and pauses pass at once.
pub(crate) fn clock() -> Clock {
    Clock::of(|| NOW).with_sleep(|_| Box::pin(std::future::ready(())))
}

/// Runs what never waits.
pub(crate) fn at_once<T>(work: impl Future<Output = T>) -> T {
    work.now_or_never().expect("nothing holds it up")
}
