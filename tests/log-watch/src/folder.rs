//! Where the files are.

use std::{
    fs::{File, OpenOptions},
    path::PathBuf,
    sync::LazyLock,
};

const VARIABLE: &str = "FOBLESS_LOG_WATCH";

/// Programs that play thousands of worlds, in which they write the same lines again, by the gigabyte. They are watched where they play a few.
const PLAY_THOUSANDS: [&str; 3] = ["simulation", "limits", "convergence"];
/// Says that they play a few.
const A_FEW: &str = "FOBLESS_LOG_WATCH_A_FEW";

pub(crate) const LINES: &str = "lines";
pub(crate) const SECRETS: &str = "secrets";

#[expect(clippy::disallowed_methods, reason = "no setting of Fobless: the tests' own")]
static FOLDER: LazyLock<Option<PathBuf>> = LazyLock::new(|| std::env::var_os(VARIABLE).filter(|name| !name.is_empty()).map(PathBuf::from));

#[expect(clippy::disallowed_methods, reason = "no setting of Fobless: the tests' own")]
fn plays_a_few() -> bool {
    std::env::var_os(A_FEW).is_some()
}

/// This process's file of that kind; `None`: nobody watches. A file that can't be written must not be taken for one in which nothing is.
pub(crate) fn file(kind: &str) -> Option<File> {
    let folder = FOLDER.as_ref()?;
    let program = std::env::current_exe().unwrap_or_default();
    let program = program.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    if PLAY_THOUSANDS.iter().any(|name| program.starts_with(name)) && !plays_a_few() {
        return None;
    }
    let path = folder.join(format!("{kind}.{program}.{}", std::process::id()));
    match OpenOptions::new().create(true).append(true).open(&path) {
        Ok(file) => Some(file),
        Err(error) => {
            eprintln!("{}: {error}", path.display());
            std::process::exit(1);
        }
    }
}
