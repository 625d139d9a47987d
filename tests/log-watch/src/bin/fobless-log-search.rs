//! `fobless-log-search FOLDER`: fails if a secret stands in a log line, or if there was too little to look for it in.

use std::{path::Path, process::ExitCode};

use fobless_log_watch::{Least, search};

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1) else {
        eprintln!("usage: fobless-log-search FOLDER");
        return ExitCode::from(2);
    };
    let searched = match search(Path::new(&folder)) {
        Ok(searched) => searched,
        Err(error) => {
            eprintln!("{}: {error}", Path::new(&folder).display());
            return ExitCode::FAILURE;
        }
    };
    print!("{searched}");
    let complaints = searched.complaints(&Least::OF_ALL_TESTS);
    for complaint in &complaints {
        eprintln!("{complaint}");
    }
    if complaints.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
