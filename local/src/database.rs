//! DynamoDB, embedded: one `SQLite` file, served over HTTP to the functions and read directly by the pump.

use std::{path::Path, time::Duration};

use dynoxide::Database as Dynoxide;
use fobless::store::DEFINITION;
use rusqlite::{Connection, params};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::oneshot};

use crate::task::Task;

/// The table's name. Shard ids are made from it, and real clients refuse those under 28 characters.
pub const TABLE: &str = "fobless-local";

/// dynoxide names itself where AWS has a region; the functions are to see what they see on AWS.
const OWN_REGION: &str = "dynoxide";
pub(crate) const REGION: &str = "us-east-1";

/// Public sequence numbers are the stored ones plus this.
const SEQUENCE_NUMBER_OFFSET: u128 = 100_000_000_000_000_000_000;

/// How many records stay in the stream after they were handled, for a person who looks.
const KEPT_RECORDS: i64 = 10_000;

/// How long a stop waits for requests that are being answered.
const GRACE: Duration = Duration::from_millis(500);

/// The database could not be used.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The embedded DynamoDB refused.
    #[error("the embedded DynamoDB: {0}")]
    Dynamo(String),
    /// Its file could not be used.
    #[error("the database file: {0}")]
    Sqlite(#[from] rusqlite::Error),
}

impl From<dynoxide::errors::DynoxideError> for DatabaseError {
    fn from(error: dynoxide::errors::DynoxideError) -> Self {
        Self::Dynamo(error.to_string())
    }
}

fn request<T: serde::de::DeserializeOwned>(body: Value) -> Result<T, DatabaseError> {
    serde_json::from_value(body).map_err(|error| DatabaseError::Dynamo(error.to_string()))
}

/// The database and its HTTP server.
pub(crate) struct Database {
    server: Task<()>,
    stop: oneshot::Sender<()>,
    stream: Stream,
}

impl Database {
    /// Opens the file, creates the table if it is not there, and serves the listener.
    pub(crate) fn start(file: &Path, listener: TcpListener) -> Result<Self, DatabaseError> {
        let path = file
            .to_str()
            .ok_or_else(|| DatabaseError::Dynamo(format!("{} is not UTF-8", file.display())))?;
        let db = Dynoxide::new(path)?;
        // Sets SQLite to sync its log at checkpoints rather than with every write. That survives SIGKILL; a power failure may
        // lose the last writes, as one must expect of a tool for development.
        db.disable_bulk_loading()?;
        create_table(&db)?;
        let connection = Connection::open(file)?;
        connection.busy_timeout(Duration::from_secs(5))?;
        // Each write looks for the highest sequence number. Without an index that takes longer the more records there are.
        connection.execute_batch(
            "CREATE INDEX IF NOT EXISTS fobless_stream_order ON _stream_records (table_name, CAST(sequence_number AS INTEGER))",
        )?;
        let stream = Stream::open(db.clone(), connection)?;
        let (stop, stopped) = oneshot::channel::<()>();
        let serve = dynoxide::server::serve_with_shutdown(listener, db, async {
            // Dropped without a word, it stops all the same.
            let _ = stopped.await;
        });
        let server = Task::spawn(async move {
            if let Err(error) = serve.await {
                tracing::error!(error, "the embedded DynamoDB stopped");
            }
        });
        Ok(Self { server, stop, stream })
    }

    /// The server, and the table's stream for whoever reads it.
    pub(crate) fn split(self) -> (DatabaseServer, Stream) {
        (
            DatabaseServer {
                server: self.server,
                stop: self.stop,
            },
            self.stream,
        )
    }
}

/// The HTTP server of the database.
pub(crate) struct DatabaseServer {
    server: Task<()>,
    stop: oneshot::Sender<()>,
}

impl DatabaseServer {
    /// Answers what has come in, then ends.
    pub(crate) async fn stop(self) {
        let _ = self.stop.send(());
        self.server.end_within(GRACE).await;
    }
}

fn create_table(db: &Dynoxide) -> Result<(), DatabaseError> {
    if db.get_table_metadata(TABLE)?.is_none() {
        db.create_table(request(DEFINITION.create_request(TABLE))?)?;
    }
    Ok(())
}

/// The table's stream. It has one shard.
pub(crate) struct Stream {
    db: Dynoxide,
    /// A connection of our own to the same file, for what the database has no request for.
    connection: Connection,
    own_arn: String,
    shard: String,
    seen_version: Option<i64>,
}

impl Stream {
    fn open(db: Dynoxide, connection: Connection) -> Result<Self, DatabaseError> {
        let missing = |what| DatabaseError::Dynamo(format!("the table has no {what}"));
        let description = db.describe_table(request(json!({"TableName": TABLE}))?)?;
        let description = serde_json::to_value(description).map_err(|error| DatabaseError::Dynamo(error.to_string()))?;
        let own_arn = description["Table"]["LatestStreamArn"]
            .as_str()
            .ok_or_else(|| missing("stream"))?
            .to_owned();
        let stream = db.describe_stream(request(json!({"StreamArn": own_arn}))?)?;
        let shard = stream
            .stream_description
            .shards
            .first()
            .ok_or_else(|| missing("shard"))?
            .shard_id
            .clone();
        Ok(Self {
            db,
            connection,
            own_arn,
            shard,
            seen_version: None,
        })
    }

    /// The stream's name, as AWS would write it.
    pub(crate) fn arn(&self) -> String {
        self.own_arn.replacen(OWN_REGION, REGION, 1)
    }

    /// The name of its shard.
    pub(crate) fn shard(&self) -> &str {
        &self.shard
    }

    /// Whether anybody wrote to the file since this was last asked. It costs microseconds and keeps nobody waiting, so it can be
    /// asked all the time.
    pub(crate) fn has_changed(&mut self) -> Result<bool, DatabaseError> {
        let version = self.connection.query_row("PRAGMA data_version", [], |row| row.get(0))?;
        Ok(self.seen_version.replace(version) != Some(version))
    }

    /// The records behind a sequence number, oldest first.
    pub(crate) fn read(&self, after: Option<&str>, limit: usize) -> Result<Vec<Value>, DatabaseError> {
        let mut wanted = json!({"StreamArn": self.own_arn, "ShardId": self.shard, "ShardIteratorType": "TRIM_HORIZON"});
        if let Some(after) = after {
            wanted["ShardIteratorType"] = "AFTER_SEQUENCE_NUMBER".into();
            wanted["SequenceNumber"] = after.into();
        }
        let iterator = self.db.get_shard_iterator(request(wanted)?)?.shard_iterator;
        let found = self.db.get_records(request(json!({"ShardIterator": iterator, "Limit": limit}))?)?;
        let records = found.records.into_iter().map(serde_json::to_value).collect::<Result<_, _>>();
        records.map_err(|error| DatabaseError::Dynamo(error.to_string()))
    }

    /// Deletes old records up to the one that was handled last.
    pub(crate) fn trim(&self, handled: &str) -> Result<(), DatabaseError> {
        let stored = handled
            .parse::<u128>()
            .ok()
            .and_then(|public| i64::try_from(public.checked_sub(SEQUENCE_NUMBER_OFFSET)?).ok());
        let Some(stored) = stored else { return Ok(()) };
        // The newest ones stay in any case: the next sequence number is one more than the highest that is there.
        self.connection.execute(
            "DELETE FROM _stream_records WHERE table_name = ?1 AND CAST(sequence_number AS INTEGER) < ?2 AND id < \
             (SELECT max(id) FROM _stream_records) - ?3",
            params![TABLE, stored, KEPT_RECORDS],
        )?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data_dir::DataDir;

    #[tokio::test]
    async fn the_stream_is_read_in_order_from_any_place_and_survives_a_restart() {
        let directory = DataDir::throw_away(&std::env::temp_dir()).unwrap();
        let start = async || {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            Database::start(&directory.join("dynamodb.sqlite"), listener).unwrap().split()
        };
        let (server, mut stream) = start().await;
        assert!(stream.has_changed().unwrap());
        assert!(!stream.has_changed().unwrap());
        for item in ["a", "b", "c"] {
            let put = request(json!({"TableName": TABLE, "Item": {"pk": {"S": "p"}, "sk": {"S": item}}})).unwrap();
            stream.db.put_item(put).unwrap();
        }
        assert!(stream.has_changed().unwrap());
        let items = |records: &[Value]| -> Vec<String> {
            records
                .iter()
                .map(|record| record["dynamodb"]["Keys"]["sk"]["S"].as_str().unwrap().to_owned())
                .collect()
        };
        let all = stream.read(None, 10).unwrap();
        assert_eq!(items(&all), ["a", "b", "c"]);
        assert!(
            stream
                .arn()
                .starts_with("arn:aws:dynamodb:us-east-1:000000000000:table/fobless-local/stream/")
        );
        let first = all[0]["dynamodb"]["SequenceNumber"].as_str().unwrap();
        stream.trim(first).unwrap();
        assert_eq!(items(&stream.read(Some(first), 1).unwrap()), ["b"]);
        drop(stream);
        server.stop().await;

        let (_server, stream) = start().await;
        assert_eq!(items(&stream.read(Some(first), 10).unwrap()), ["b", "c"]);
    }
}
