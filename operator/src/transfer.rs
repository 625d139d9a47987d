//! `fobless export` and `fobless import`: everything in the table as JSON lines, to move it and to drill its restoration.

use std::{
    fs::{self, File, OpenOptions},
    io::{BufRead as _, BufReader, BufWriter, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use clap::Args;
use fobless::store::{Imported, OnConflict, Store};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::{Value, json};

use crate::{confirm::Consent, error::OperatorError, progress::Progress, report::Report};

/// How many items are read with one request.
const PAGE: u16 = 500;
/// How many are written at once.
const WRITES_AT_ONCE: usize = 16;

#[derive(Args, Debug)]
pub(crate) struct Export {
    /// A file that is not there yet. Names, invitation codes and secrets of outgoing webhooks will stand in it: nobody else may read it.
    file: PathBuf,
}

#[derive(Args, Debug)]
pub(crate) struct Import {
    #[command(flatten)]
    consent: Consent,
    /// Write over what is there already. Without it that stays as it is.
    #[arg(long)]
    replace: bool,
    /// What `fobless export` wrote.
    file: PathBuf,
}

impl Export {
    pub(crate) async fn run(&self, store: &Store) -> Result<Report, OperatorError> {
        let at = |error| file_error(&self.file, error);
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&self.file)
            .map_err(at)?;
        let (mut out, progress) = (BufWriter::new(file), Progress::of("items"));
        let (mut start, mut count) = (None, 0_u64);
        loop {
            let page = store.export(start, PAGE).await?;
            for item in &page.items {
                writeln!(out, "{item}").map_err(at)?;
                count += 1;
                progress.step();
            }
            start = page.next;
            if start.is_none() {
                break;
            }
        }
        out.into_inner().map_err(|error| at(error.into_error()))?.sync_all().map_err(at)?;
        Ok(Report::of(
            json!({ "exported": count }),
            format!("{count} items are in {}", self.file.display()),
        ))
    }
}

impl Import {
    pub(crate) async fn run(&self, store: &Store) -> Result<Report, OperatorError> {
        let bytes = fs::metadata(&self.file).map_err(|error| file_error(&self.file, error))?.len();
        let over = if self.replace { ", over what is there" } else { "" };
        let question = format!(
            "Write {} ({bytes} bytes) into the table {}{over}?",
            self.file.display(),
            store.table()
        );
        self.consent.ask(&question)?;
        let file = File::open(&self.file).map_err(|error| file_error(&self.file, error))?;
        let on_conflict = if self.replace { OnConflict::Replace } else { OnConflict::Keep };
        let progress = Progress::of("items");
        let writes = stream::iter(BufReader::new(file).lines().zip(1_usize..)).map(|(line, number)| async move {
            let line = line.map_err(|error| file_error(&self.file, error))?;
            let item: Value = serde_json::from_str(&line).map_err(|_| self.no_item(number))?;
            Ok::<Imported, OperatorError>(store.import(&item, on_conflict).await?)
        });
        let (written, kept) = writes
            .buffer_unordered(WRITES_AT_ONCE)
            .inspect_ok(|_| progress.step())
            .try_fold((0_u64, 0_u64), |(written, kept), imported| async move {
                Ok(match imported {
                    Imported::Written => (written + 1, kept),
                    Imported::Kept => (written, kept + 1),
                })
            })
            .await?;
        let text = format!("{written} items were written; {kept} were there already and stay as they are");
        Ok(Report::of(json!({ "written": written, "kept": kept }), text))
    }

    fn no_item(&self, line: usize) -> OperatorError {
        OperatorError::NoItem {
            path: self.file.clone(),
            line,
        }
    }
}

fn file_error(path: &Path, error: std::io::Error) -> OperatorError {
    OperatorError::File {
        path: path.to_owned(),
        error,
    }
}
