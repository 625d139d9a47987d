//! Reads the table's stream and brings it to the functions that it is for, as Lambda's event source mappings do: batches of records in
//! order, several at once as long as they are of different partitions, and a checkpoint that outlives the process. Where Lambda has a
//! mapping and a position in the stream for each function, here both share one.

use std::{
    collections::VecDeque,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::Arc,
    time::Duration,
};

use serde_json::Value;
use tokio::{sync::oneshot, task::JoinSet};

use crate::{
    activity::ActivityLog,
    checkpoint::{CheckpointFile, Unsettled},
    database::{DatabaseError, REGION, Stream},
    delivery::Delivery,
    function::Function,
    stream_record::{Consumer, StreamRecord},
    task::Task,
};

const BATCH_SIZE: usize = 25;

/// As deployed.
const SENDER_PARALLELIZATION_FACTOR: usize = 10;

/// How often to look whether somebody wrote. AWS looks four times a second; nobody wants to wait for that at a desk.
const POLL: Duration = Duration::from_millis(5);

/// How long to wait when the stream can't be read.
const AFTER_ERROR: Duration = Duration::from_secs(1);

/// How many records are read at once, and how many may wait in memory.
const READ_AT_ONCE: usize = 200;
const MOST_UNSETTLED: usize = 2_000;

/// The stream is trimmed after this many records.
const TRIM_AFTER: usize = 2_000;

/// How long a stop waits for batches that are being handled. What is cut off is delivered again after the next start.
const GRACE: Duration = Duration::from_secs(1);

/// The running pump.
pub(crate) struct StreamPump {
    task: Task<()>,
    stop: oneshot::Sender<()>,
}

/// What the pump needs.
pub(crate) struct Parts<F> {
    pub(crate) stream: Stream,
    pub(crate) to_issuer: Delivery<F>,
    pub(crate) to_sender: Delivery<F>,
    pub(crate) checkpoint: CheckpointFile,
    pub(crate) activity: ActivityLog,
    /// Of the credential issuer; the sender has the deployed one.
    pub(crate) parallelization_factor: usize,
}

impl StreamPump {
    /// Goes on behind the checkpoint.
    pub(crate) fn start<F: Function>(parts: Parts<F>) -> std::io::Result<Self> {
        let read_to = parts.checkpoint.read()?;
        let pump = Pump {
            arn: parts.stream.arn(),
            stream: parts.stream,
            issuer: Feed::new(parts.to_issuer, parts.parallelization_factor),
            sender: Feed::new(parts.to_sender, SENDER_PARALLELIZATION_FACTOR),
            checkpoint: parts.checkpoint,
            activity: parts.activity,
            read_to,
            has_more: true,
            unsettled: Unsettled::default(),
            running: JoinSet::new(),
            settled_since_trim: 0,
        };
        let (stop, stopped) = oneshot::channel();
        Ok(Self {
            task: Task::spawn(pump.run(stopped)),
            stop,
        })
    }

    /// Takes no further records, and waits a moment for those that are being handled.
    pub(crate) async fn stop(self) {
        let _ = self.stop.send(());
        self.task.end_within(GRACE * 2).await;
    }
}

/// The records of some partitions, which are handled one batch after the other.
#[derive(Default)]
struct Lane {
    waiting: VecDeque<StreamRecord>,
    is_busy: bool,
}

/// What is on its way to one function.
struct Feed<F> {
    delivery: Arc<Delivery<F>>,
    lanes: Vec<Lane>,
}

impl<F: Function> Feed<F> {
    fn new(delivery: Delivery<F>, parallelization_factor: usize) -> Self {
        Self {
            delivery: Arc::new(delivery),
            lanes: (0..parallelization_factor.max(1)).map(|_| Lane::default()).collect(),
        }
    }

    fn take(&mut self, record: StreamRecord) {
        let lane = lane_of(record.partition(), self.lanes.len());
        if let Some(lane) = self.lanes.get_mut(lane) {
            lane.waiting.push_back(record);
        }
    }

    fn start_batches(&mut self, consumer: Consumer, running: &mut JoinSet<Settled>) {
        for (number, lane) in self.lanes.iter_mut().enumerate() {
            if lane.is_busy || lane.waiting.is_empty() {
                continue;
            }
            let batch: Vec<_> = lane.waiting.drain(..lane.waiting.len().min(BATCH_SIZE)).collect();
            lane.is_busy = true;
            let delivery = self.delivery.clone();
            running.spawn(async move {
                delivery.settle(&batch).await;
                let sequence_numbers = batch.iter().map(|record| record.sequence_number().to_owned()).collect();
                Settled {
                    consumer,
                    lane: number,
                    sequence_numbers,
                }
            });
        }
    }
}

/// A batch that is settled.
struct Settled {
    consumer: Consumer,
    lane: usize,
    sequence_numbers: Vec<String>,
}

struct Pump<F> {
    stream: Stream,
    arn: String,
    issuer: Feed<F>,
    sender: Feed<F>,
    checkpoint: CheckpointFile,
    activity: ActivityLog,
    read_to: Option<String>,
    /// The last read may have left records behind.
    has_more: bool,
    unsettled: Unsettled,
    running: JoinSet<Settled>,
    settled_since_trim: usize,
}

impl<F: Function> Pump<F> {
    async fn run(mut self, mut stopped: oneshot::Receiver<()>) {
        loop {
            let wait = match self.read() {
                Ok(()) => POLL,
                Err(error) => {
                    tracing::warn!(%error, "the stream can't be read; it is tried again");
                    self.has_more = true;
                    AFTER_ERROR
                }
            };
            self.start_batches();
            tokio::select! {
                _ = &mut stopped => break,
                Some(settled) = self.running.join_next() => self.note(settled),
                () = tokio::time::sleep(wait) => {}
            }
        }
        let rest = async {
            while let Some(settled) = self.running.join_next().await {
                self.note(settled);
            }
        };
        let _ = tokio::time::timeout(GRACE, rest).await;
    }

    fn read(&mut self) -> Result<(), DatabaseError> {
        // Asked before reading: what is written meanwhile is then seen as a change the next time.
        let has_changed = self.stream.has_changed()?;
        if !(has_changed || self.has_more) || self.unsettled.len() >= MOST_UNSETTLED {
            self.has_more |= has_changed;
            return Ok(());
        }
        let records = self.stream.read(self.read_to.as_deref(), READ_AT_ONCE)?;
        self.has_more = records.len() == READ_AT_ONCE;
        for record in records {
            self.take(record);
        }
        self.advance();
        Ok(())
    }

    fn take(&mut self, record: Value) {
        let record = StreamRecord::new(record, REGION, &self.arn);
        let sequence_number = record.sequence_number().to_owned();
        self.unsettled.push(&sequence_number);
        match record.consumer().filter(|_| !record.changes_nothing()) {
            None => self.unsettled.settle(&sequence_number),
            Some(consumer) => {
                self.activity.see(&record);
                self.feed(consumer).take(record);
            }
        }
        self.read_to = Some(sequence_number);
    }

    fn feed(&mut self, consumer: Consumer) -> &mut Feed<F> {
        match consumer {
            Consumer::CredentialIssuer => &mut self.issuer,
            Consumer::WebhookSender => &mut self.sender,
        }
    }

    fn start_batches(&mut self) {
        self.issuer.start_batches(Consumer::CredentialIssuer, &mut self.running);
        self.sender.start_batches(Consumer::WebhookSender, &mut self.running);
    }

    fn note(&mut self, settled: Result<Settled, tokio::task::JoinError>) {
        let Ok(settled) = settled else {
            // A lane that is never free again would look like a hang; the restart delivers its batch again.
            tracing::error!("a delivery broke off; its records are delivered again after a restart");
            return;
        };
        if let Some(lane) = self.feed(settled.consumer).lanes.get_mut(settled.lane) {
            lane.is_busy = false;
        }
        self.settled_since_trim += settled.sequence_numbers.len();
        for sequence_number in &settled.sequence_numbers {
            self.unsettled.settle(sequence_number);
        }
        self.advance();
    }

    fn advance(&mut self) {
        let Some(reached) = self.unsettled.advance() else { return };
        if let Err(error) = self.checkpoint.write(&reached) {
            tracing::warn!(%error, "the checkpoint can't be written");
        }
        if self.settled_since_trim >= TRIM_AFTER {
            self.settled_since_trim = 0;
            if let Err(error) = self.stream.trim(&reached) {
                tracing::warn!(%error, "the stream can't be trimmed");
            }
        }
    }
}

fn lane_of(partition: &str, lanes: usize) -> usize {
    let mut hasher = DefaultHasher::new();
    partition.hash(&mut hasher);
    usize::try_from(hasher.finish() % lanes as u64).unwrap_or_default()
}
