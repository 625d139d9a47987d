//! Log lines: a subscriber for the whole process, in place of whichever it would have had.

use std::{
    collections::HashSet,
    fs::File,
    hash::{BuildHasher, RandomState},
    io::{self, Write},
    sync::{Arc, Mutex, PoisonError},
};

use tracing::level_filters::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::folder::{self, LINES};

/// Begins to keep what is logged, if anybody watches.
pub(crate) fn begin() {
    let Some(file) = folder::file(LINES) else { return };
    let lines = Lines(Arc::new(Mutex::new(Kept {
        file,
        seen: HashSet::new(),
        hasher: RandomState::new(),
    })));
    let subscriber = tracing_subscriber::fmt()
        // What a deployment may ask for: TRACE is none of it.
        .with_max_level(LevelFilter::DEBUG)
        .with_ansi(false)
        // Without it, the same line twice is the same text.
        .without_time()
        .with_writer(lines)
        .finish();
    // Nobody can have been faster: `main` has not begun.
    let _ = tracing::subscriber::set_global_default(subscriber);
}

/// Keeps each line once.
#[derive(Clone)]
struct Lines(Arc<Mutex<Kept>>);

struct Kept {
    file: File,
    seen: HashSet<u64>,
    hasher: RandomState,
}

impl Write for Lines {
    /// Whole lines come: the subscriber writes each of them at once.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let hash = kept.hasher.hash_one(line);
        if kept.seen.insert(hash) {
            kept.file.write_all(line)?;
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
