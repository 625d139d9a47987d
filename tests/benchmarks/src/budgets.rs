//! The budgets: what each function may take of what can be counted. CI holds them.

use std::{fs, io::Write as _, path::Path};

use flate2::{Compression, write::DeflateEncoder};

use crate::{
    figure::{Figure, Unit},
    instructions::count,
    measure::measure,
    subject::Subject,
    table::Table,
};

/// The functions, as their folders are called.
pub(crate) const FUNCTIONS: [&str; 5] = ["phone-webhook", "credential-issuer", "api", "sweeper", "webhook-sender"];

/// Something that is counted, and how much of it there may be.
#[derive(Debug)]
pub(crate) struct Budget {
    /// What is counted.
    pub(crate) what: String,
    /// What it came to.
    pub(crate) counted: u64,
    /// What it may come to: hardly worse than it is where its aim is not reached.
    pub(crate) at_most: u64,
    /// What it is to come to.
    pub(crate) aim: u64,
    unit: Unit,
}

impl Budget {
    /// One whose aim is reached.
    fn of(what: impl Into<String>, (counted, unit): (u64, Unit), aim: u64) -> Self {
        Self {
            what: what.into(),
            counted,
            at_most: aim,
            aim,
            unit,
        }
    }

    /// Its aim is not reached yet, but this is.
    fn but_at_most(self, at_most: u64) -> Self {
        Self { at_most, ..self }
    }

    /// Whether there is too much of it.
    pub(crate) const fn is_exceeded(&self) -> bool {
        self.counted > self.at_most
    }

    /// As a figure to put on record.
    pub(crate) fn figure(&self) -> Figure {
        Figure::counted(&self.what, self.counted, self.unit)
    }
}

/// Counts everything that has a budget. `built`: the folder with a folder for each function and its `bootstrap` in it.
pub(crate) async fn all(built: &Path) -> Result<Vec<Budget>, String> {
    let mut budgets = Vec::new();
    for function in FUNCTIONS {
        let bytes = fs::read(built.join(function).join("bootstrap")).map_err(|error| format!("{function} is not built: {error}"))?;
        let (whole, zipped) = ((size(bytes.len()), Unit::Bytes), (zipped(&bytes)?, Unit::Bytes));
        budgets.push(Budget::of(format!("{function}: bytes"), whole, 7_500_000));
        budgets.push(Budget::of(format!("{function}: bytes, zipped"), zipped, 3_500_000));
    }
    let table = Table::start().await;
    let subject = Subject::ours("phone-webhook", built, &table);
    let counted = count(&subject).await?;
    let of = |what: &str, counted, aim| {
        let what = format!("phone-webhook: instructions {what}");
        Budget::of(what, (counted, Unit::Instructions), aim)
    };
    budgets.extend([
        // The connection to the table is on its way by then.
        of("until the first event", counted.init, 3_000_000),
        // It is open by then: the handshake of TLS alone is some 2.5 million of these.
        of("until the first webhook is answered", counted.first_webhook, 6_500_000),
        of("for each webhook later", counted.warm_webhook, 750_000).but_at_most(1_500_000),
    ]);
    let memory = measure(&subject, 50).await?.peak_memory;
    budgets.push(Budget::of(
        "phone-webhook: bytes of memory, at most at once",
        (memory, Unit::BytesOfMemory),
        9_000_000,
    ));
    Ok(budgets)
}

/// As a ZIP file has it, but for the some hundred bytes of its directory.
fn zipped(bytes: &[u8]) -> Result<u64, String> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    let written = encoder.write_all(bytes).and_then(|()| encoder.finish());
    written.map(|zipped| size(zipped.len())).map_err(|error| error.to_string())
}

fn size(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
