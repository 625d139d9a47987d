//! The budgets: what each function may take of what can be counted. CI holds them.

use std::{fs, io::Write as _, path::Path};

use flate2::{Compression, write::DeflateEncoder};

use crate::{
    instructions::{Instructions, count},
    measure::measure,
    subject::Subject,
    table::Table,
};

/// The functions, as their folders are called.
pub(crate) const FUNCTIONS: [&str; 5] = ["phone-webhook", "credential-issuer", "api", "sweeper", "webhook-sender"];

const AIM_OF_BYTES: u64 = 7_500_000;

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
}

impl Budget {
    /// One whose aim is reached.
    fn of(what: impl Into<String>, counted: u64, aim: u64) -> Self {
        Self::with_aim(what, counted, aim, aim)
    }

    /// One whose aim is not reached yet.
    fn with_aim(what: impl Into<String>, counted: u64, at_most: u64, aim: u64) -> Self {
        Self {
            what: what.into(),
            counted,
            at_most,
            aim,
        }
    }

    /// Whether there is too much of it.
    pub(crate) const fn is_exceeded(&self) -> bool {
        self.counted > self.at_most
    }
}

/// Counts everything that has a budget. `built`: the folder with a folder for each function and its `bootstrap` in it.
pub(crate) async fn all(built: &Path) -> Result<Vec<Budget>, String> {
    let mut budgets = Vec::new();
    for function in FUNCTIONS {
        let bytes = fs::read(built.join(function).join("bootstrap")).map_err(|error| format!("{function} is not built: {error}"))?;
        // The api carries the description of itself, and the whole of Seam's requests.
        let at_most = if function == "api" { 7_950_000 } else { AIM_OF_BYTES };
        budgets.push(Budget::with_aim(
            format!("{function}: bytes"),
            size(bytes.len()),
            at_most,
            AIM_OF_BYTES,
        ));
        budgets.push(Budget::of(format!("{function}: bytes, zipped"), zipped(&bytes)?, 3_500_000));
    }
    let table = Table::start().await;
    let subject = Subject::ours("phone-webhook", built, &table);
    let Instructions {
        init,
        first_webhook,
        warm_webhook,
    } = count(&subject, None).await?;
    let of = |what: &str, counted, at_most, aim| Budget::with_aim(format!("phone-webhook: {what}"), counted, at_most, aim);
    // With the connection to the table, TLS included, and one request over it: some 3.5 million of these.
    budgets.push(of("instructions until the first event", init, 5_400_000, 3_000_000));
    budgets.push(of(
        "instructions until the first webhook is answered",
        first_webhook,
        7_000_000,
        6_500_000,
    ));
    budgets.push(of("instructions for each webhook later", warm_webhook, 1_650_000, 750_000));
    let measured = measure(&subject, 50).await?;
    budgets.push(Budget::of(
        "phone-webhook: bytes of memory, at most at once",
        measured.peak_memory,
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
