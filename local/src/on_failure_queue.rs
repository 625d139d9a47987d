//! Where the places of records go that a function never managed to take: a file of JSON lines, in place of the deployed queue.

use std::{
    fs::OpenOptions,
    io::{self, Write as _},
    path::PathBuf,
};

use fobless::clock::Clock;
use serde_json::json;

use crate::stream_record::StreamRecord;

/// The queue.
#[derive(Clone, Debug)]
pub(crate) struct OnFailureQueue {
    path: PathBuf,
    stream_arn: String,
    shard: String,
    clock: Clock,
}

impl OnFailureQueue {
    pub(crate) fn new(path: PathBuf, stream_arn: String, shard: String, clock: Clock) -> Self {
        Self {
            path,
            stream_arn,
            shard,
            clock,
        }
    }

    /// Notes a record, in the words in which Lambda reports a batch that it gave up.
    pub(crate) fn append(&self, function: &str, record: &StreamRecord, invocations: u32, problem: &str) -> io::Result<()> {
        let line = json!({
            "requestContext": {
                "functionArn": function,
                "condition": "RetryAttemptsExhausted",
                "approximateInvokeCount": invocations,
            },
            "responseContext": {"functionError": problem},
            "version": "1.0",
            "timestamp": self.clock.now().to_string(),
            "DDBStreamBatchInfo": {
                "shardId": self.shard,
                "startSequenceNumber": record.sequence_number(),
                "endSequenceNumber": record.sequence_number(),
                "approximateArrivalOfFirstRecord": record.written_at(),
                "approximateArrivalOfLastRecord": record.written_at(),
                "batchSize": 1,
                "streamArn": self.stream_arn,
            },
        });
        let mut file = OpenOptions::new().create(true).append(true).open(&self.path)?;
        // One write, so that a kill leaves a whole line or none.
        file.write_all(format!("{line}\n").as_bytes())
    }
}
