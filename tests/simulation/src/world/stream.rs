//! The table's stream: what was written goes into batches, in order.

use fobless::domain::ids::EndpointId;
use serde_json::Value;

use super::World;
use crate::{mail::Letter, monotony, store::TABLE};

/// What becomes of records in fair weather while a batch is worked on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Batches {
    /// They gather, as they do for a shard of Lambda's.
    Gather,
    /// Each goes into a batch of its own at once, as where a shard has just been split.
    Overlap,
}

impl World {
    /// What was written goes into batches.
    pub(super) fn collect_stream(&mut self) -> Result<(), String> {
        for record in self.database.take_stream(TABLE) {
            self.loaded.take();
            monotony::check(&record)?;
            self.check_endpoint(&record["dynamodb"]["NewImage"])?;
            // The filter of the deployed mapping.
            if record["dynamodb"]["Keys"]["pk"]["S"]
                .as_str()
                .is_some_and(|partition| partition.starts_with("USER#"))
            {
                self.stream.push(record);
            }
        }
        let length = self.stream.len();
        // In a storm chance decides.
        let is_made = if self.is_stormy {
            self.shared.chance().happens(200)
        } else {
            let mut letters = self.mail.iter().map(|(_, letter)| letter).chain(self.crew.letters());
            self.batches == Batches::Overlap || !letters.any(Letter::is_batch)
        };
        if length > 0 && is_made {
            let taken = if self.is_stormy {
                1 + self.shared.chance().below(length)
            } else {
                length
            };
            let batch = self.stream.drain(..taken).collect();
            self.send(Letter::batch(batch), self.mail_time() / 4);
        }
        Ok(())
    }

    /// No phone is ever taken for an endpoint that is another one.
    fn check_endpoint(&self, enrollment: &Value) -> Result<(), String> {
        let Some(endpoint) = enrollment["state"]["M"]["endpoint_id"]["S"].as_str() else {
            return Ok(());
        };
        let Some(phone) = self.manager.ledger().phone_of(&EndpointId::new(endpoint)) else {
            return Err(format!("nobody ever was {endpoint}"));
        };
        if enrollment["device_id"]["S"].as_str() == Some(&self.names.device(phone).to_string()) {
            Ok(())
        } else {
            Err(format!("{endpoint} is phone {phone}: {enrollment}"))
        }
    }
}
