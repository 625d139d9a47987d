//! What a table's stream tells, in the shape in which Lambda hands it to a function.

use std::time::Duration;

use dynoxide::Database as Dynoxide;
use fobless_table_in_memory::Database;
use serde_json::{Value, json};

use crate::{difference::Difference, raw_requests::RawRequests};

/// How long a record may take into the stream.
const PATIENCE: Duration = Duration::from_secs(10);
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// How a backend's streams are read.
#[derive(Clone)]
pub(crate) enum Streams {
    InMemory(Database),
    /// As the pump of `cargo dev` does it, without the server.
    Embedded(Dynoxide),
    Served(RawRequests),
}

impl Streams {
    /// Reads the table's stream from its beginning until the record of this item comes, which is left out.
    pub(crate) async fn until(&self, table: &str, item: &str) -> Result<Vec<Value>, Difference> {
        let is_last = |record: &Value| record["dynamodb"]["Keys"]["sk"]["S"] == item;
        let reading = async {
            loop {
                let mut records = self.read(table).await?;
                if let Some(end) = records.iter().position(is_last) {
                    records.truncate(end);
                    return Ok(records);
                }
                tokio::time::sleep(BETWEEN_LOOKS).await;
            }
        };
        let read = tokio::time::timeout(PATIENCE, reading).await;
        read.unwrap_or_else(|_| Err(Difference::new("the stream never told of a write")))
    }

    async fn read(&self, table: &str) -> Result<Vec<Value>, Difference> {
        match self {
            Self::InMemory(database) => Ok(database.take_stream(table)),
            Self::Embedded(database) => read_embedded(database, table).map_err(Difference::new),
            Self::Served(server) => read_served(server, table).await,
        }
    }
}

fn read_embedded(database: &Dynoxide, table: &str) -> Result<Vec<Value>, String> {
    fn request<T: serde::de::DeserializeOwned>(body: Value) -> Result<T, String> {
        serde_json::from_value(body).map_err(|error| error.to_string())
    }
    let said = |error: dynoxide::errors::DynoxideError| error.to_string();
    let described = database.describe_table(request(json!({"TableName": table}))?).map_err(said)?;
    let described = serde_json::to_value(described).map_err(|error| error.to_string())?;
    let arn = &described["Table"]["LatestStreamArn"];
    let stream = database.describe_stream(request(json!({"StreamArn": arn}))?).map_err(said)?;
    let mut records = Vec::new();
    for shard in stream.stream_description.shards {
        let wanted = json!({"StreamArn": arn, "ShardId": shard.shard_id, "ShardIteratorType": "TRIM_HORIZON"});
        let iterator = database.get_shard_iterator(request(wanted)?).map_err(said)?.shard_iterator;
        let found = database.get_records(request(json!({"ShardIterator": iterator}))?).map_err(said)?;
        let found = found.records.into_iter().map(serde_json::to_value);
        records.extend(found.collect::<Result<Vec<_>, _>>().map_err(|error| error.to_string())?);
    }
    Ok(records)
}

async fn read_served(server: &RawRequests, table: &str) -> Result<Vec<Value>, Difference> {
    let described = server.send("DynamoDB_20120810.DescribeTable", &json!({"TableName": table})).await?;
    let arn = &described["Table"]["LatestStreamArn"];
    let of_streams = |operation: &str| format!("DynamoDBStreams_20120810.{operation}");
    let stream = server.send(&of_streams("DescribeStream"), &json!({"StreamArn": arn})).await?;
    let mut records = Vec::new();
    for shard in stream["StreamDescription"]["Shards"].as_array().into_iter().flatten() {
        let wanted = json!({"StreamArn": arn, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"});
        let iterator = server.send(&of_streams("GetShardIterator"), &wanted).await?;
        let wanted = json!({"ShardIterator": iterator["ShardIterator"]});
        let found = server.send(&of_streams("GetRecords"), &wanted).await?;
        records.extend(found["Records"].as_array().into_iter().flatten().cloned());
    }
    Ok(records)
}
