//! How far the stream is handled. It is written after the fact, so a kill repeats records and skips none.

use std::{collections::VecDeque, io, path::PathBuf};

use serde::{Deserialize, Serialize};

use crate::files;

/// The file that outlives the process.
#[derive(Debug)]
pub(crate) struct CheckpointFile {
    path: PathBuf,
    stream_arn: String,
}

#[derive(Serialize, Deserialize)]
struct Contents {
    stream_arn: String,
    sequence_number: String,
}

impl CheckpointFile {
    pub(crate) const fn new(path: PathBuf, stream_arn: String) -> Self {
        Self { path, stream_arn }
    }

    /// The last record that was handled with all before it. `None`, if none was, or in another stream: then all are to be handled.
    pub(crate) fn read(&self) -> io::Result<Option<String>> {
        let contents = files::read(&self.path)?.and_then(|contents| serde_json::from_slice::<Contents>(&contents).ok());
        Ok(contents
            .filter(|contents| contents.stream_arn == self.stream_arn)
            .map(|contents| contents.sequence_number))
    }

    pub(crate) fn write(&self, sequence_number: &str) -> io::Result<()> {
        let contents = Contents {
            stream_arn: self.stream_arn.clone(),
            sequence_number: sequence_number.to_owned(),
        };
        files::replace(&self.path, &serde_json::to_vec(&contents)?)
    }
}

/// The records that were read, in order, and which of them are settled.
#[derive(Debug, Default)]
pub(crate) struct Unsettled(VecDeque<(String, bool)>);

impl Unsettled {
    /// Adds the next record.
    pub(crate) fn push(&mut self, sequence_number: &str) {
        self.0.push_back((sequence_number.to_owned(), false));
    }

    /// Marks a record as settled.
    pub(crate) fn settle(&mut self, sequence_number: &str) {
        if let Ok(index) = self.0.binary_search_by(|(candidate, _)| candidate.as_str().cmp(sequence_number))
            && let Some((_, settled)) = self.0.get_mut(index)
        {
            *settled = true;
        }
    }

    /// The last record that is settled with all before it, if that is another one than before.
    pub(crate) fn advance(&mut self) -> Option<String> {
        let mut reached = None;
        while self.0.front().is_some_and(|(_, settled)| *settled) {
            reached = self.0.pop_front().map(|(sequence_number, _)| sequence_number);
        }
        reached
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data_dir::DataDir;

    #[test]
    fn the_checkpoint_stays_before_the_first_record_that_is_not_settled() {
        let mut unsettled = Unsettled::default();
        for number in ["1", "2", "3", "4"] {
            unsettled.push(number);
        }
        unsettled.settle("1");
        unsettled.settle("3");
        assert_eq!(unsettled.advance().as_deref(), Some("1"));
        assert_eq!(unsettled.advance(), None);
        unsettled.settle("2");
        assert_eq!(unsettled.advance().as_deref(), Some("3"));
        assert_eq!(unsettled.len(), 1);
    }

    #[test]
    fn another_stream_begins_at_its_beginning() {
        let directory = DataDir::throw_away(&std::env::temp_dir()).unwrap();
        let file = |arn: &str| CheckpointFile::new(directory.join("checkpoint.json"), arn.to_owned());
        assert_eq!(file("a").read().unwrap(), None);
        file("a").write("17").unwrap();
        assert_eq!(file("a").read().unwrap().as_deref(), Some("17"));
        assert_eq!(file("b").read().unwrap(), None);
    }
}
