//! The on-failure queue: positions in the table's stream that its readers gave up. Each is looked up in the stream, and whom it concerns is
//! woken, through the stream again. Beside `store` the only place that knows DynamoDB: the stream's own API, which no function calls.

use std::collections::BTreeSet;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodbstreams::types::{Record, ShardIteratorType};
use aws_sdk_sqs::{config::SharedHttpClient, types::Message};
use aws_smithy_types::error::display::DisplayErrorContext;
use fobless::{
    aws::{AwsAddress, timeouts},
    domain::time::Timestamp,
    store::{PartitionOwner, Redriven, Store},
};
use serde::Deserialize;

use crate::error::OperatorError;

/// As many as SQS gives at once.
const MESSAGES: i32 = 10;
/// How long nobody else sees a message that is worked on, in seconds.
const HIDDEN: i32 = 120;

/// After so many pages with nothing on them no more are asked for.
const EMPTY_PAGES: u32 = 20;

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Redrive {
    /// Which records it was about.
    pub(crate) name: String,
    /// What came of it, in words.
    pub(crate) outcome: String,
}

/// What Lambda writes of records that were given up.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GivenUp {
    #[serde(rename = "DDBStreamBatchInfo")]
    batch: Batch,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Batch {
    shard_id: String,
    start_sequence_number: String,
    end_sequence_number: String,
    stream_arn: String,
}

/// The queue, and the stream that it is about.
pub(crate) struct FailedRecords {
    queue: String,
    sqs: aws_sdk_sqs::Client,
    streams: aws_sdk_dynamodbstreams::Client,
}

impl FailedRecords {
    pub(crate) fn at(address: &AwsAddress, https: SharedHttpClient, queue: String) -> Self {
        let mut config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(address.region.clone()))
            .credentials_provider(SharedCredentialsProvider::new(address.credentials()))
            .http_client(https)
            .timeout_config(timeouts());
        if let Some(endpoint) = &address.endpoint {
            config = config.endpoint_url(endpoint);
        }
        let config = config.build();
        Self {
            queue,
            sqs: aws_sdk_sqs::Client::new(&config),
            streams: aws_sdk_dynamodbstreams::Client::new(&config),
        }
    }

    /// Wakes whomever the queue is about, and empties it. A message that can't be worked on now comes again.
    pub(crate) async fn redrive(&self, store: &Store, now: Timestamp) -> Result<Vec<Redrive>, OperatorError> {
        let mut done = Vec::new();
        loop {
            let request = self.sqs.receive_message().queue_url(&self.queue).max_number_of_messages(MESSAGES);
            let answer = request.visibility_timeout(HIDDEN).wait_time_seconds(1).send().await;
            let messages = answer
                .map_err(|error| refused(DisplayErrorContext(error)))?
                .messages
                .unwrap_or_default();
            if messages.is_empty() {
                return Ok(done);
            }
            for message in messages {
                let Some(redrive) = self.redrive_one(store, &message, now).await? else {
                    done.push(Redrive {
                        name: message.message_id.unwrap_or_default(),
                        outcome: "no message of Lambda's: it stays in the queue".to_owned(),
                    });
                    continue;
                };
                done.push(redrive);
                let request = self.sqs.delete_message().queue_url(&self.queue);
                let deleted = request.set_receipt_handle(message.receipt_handle).send().await;
                deleted.map_err(|error| refused(DisplayErrorContext(error)))?;
            }
        }
    }

    /// `None`: nobody knows what the message is.
    async fn redrive_one(&self, store: &Store, message: &Message, now: Timestamp) -> Result<Option<Redrive>, OperatorError> {
        let body = message.body.as_deref().unwrap_or_default();
        let Ok(GivenUp { batch }) = serde_json::from_str(body) else {
            return Ok(None);
        };
        let name = format!("records {} to {}", batch.start_sequence_number, batch.end_sequence_number);
        let Some(concerned) = self.concerned(&batch).await? else {
            let outcome = "gone from the stream after a day: the daily review finds what was in them".to_owned();
            return Ok(Some(Redrive { name, outcome }));
        };
        let mut woken = 0;
        for owner in concerned {
            woken += usize::from(store.wake_person(owner, now).await? == Redriven::Woken);
        }
        // What is of no person waits for a time of its own.
        let outcome = if woken == 0 {
            "nothing to wake".to_owned()
        } else {
            format!("woken: {woken}")
        };
        Ok(Some(Redrive { name, outcome }))
    }

    /// Whom the records are about. `None`: the stream does not have them any more.
    async fn concerned(&self, batch: &Batch) -> Result<Option<BTreeSet<PartitionOwner>>, OperatorError> {
        let request = self
            .streams
            .get_shard_iterator()
            .stream_arn(&batch.stream_arn)
            .shard_id(&batch.shard_id);
        let request = request.shard_iterator_type(ShardIteratorType::AtSequenceNumber);
        let mut iterator = match request.sequence_number(&batch.start_sequence_number).send().await {
            Ok(answer) => answer.shard_iterator,
            Err(error) => {
                let is_gone = error
                    .as_service_error()
                    .is_some_and(|error| error.is_trimmed_data_access_exception() || error.is_resource_not_found_exception());
                return if is_gone {
                    Ok(None)
                } else {
                    Err(refused(DisplayErrorContext(error)))
                };
            }
        };
        let (mut concerned, mut empty) = (BTreeSet::new(), 0);
        while let Some(at) = iterator {
            let answer = self.streams.get_records().shard_iterator(at).send().await;
            let answer = answer.map_err(|error| refused(DisplayErrorContext(error)))?;
            let records = answer.records.unwrap_or_default();
            concerned.extend(records.iter().filter_map(owner_of));
            if records.iter().any(|record| number_of(record) == Some(&batch.end_sequence_number)) {
                break;
            }
            // A page may be empty though more are to come; an open shard never ends.
            empty = if records.is_empty() { empty + 1 } else { 0 };
            if empty == EMPTY_PAGES {
                return Err(refused("the stream shows no end of the records; the message comes again"));
            }
            iterator = answer.next_shard_iterator;
        }
        Ok(Some(concerned))
    }
}

fn owner_of(record: &Record) -> Option<PartitionOwner> {
    let keys = record.dynamodb.as_ref()?.keys.as_ref()?;
    PartitionOwner::of_partition(keys.get("pk")?.as_s().ok()?)
}

fn number_of(record: &Record) -> Option<&String> {
    record.dynamodb.as_ref()?.sequence_number.as_ref()
}

fn refused(error: impl std::fmt::Display) -> OperatorError {
    OperatorError::FailedRecords(error.to_string())
}
