//! Where the files are.

use std::{
    fs::{File, OpenOptions},
    path::PathBuf,
    sync::LazyLock,
};

const VARIABLE: &str = "FOBLESS_LOG_WATCH";

/// Programs that play thousands of worlds: they write the same lines again, by the gigabyte, which the other tests write once.
const LEFT_OUT: [&str; 3] = ["simulation", "limits", "convergence"];

pub(crate) const LINES: &str = "lines";
pub(crate) const SECRETS: &str = "secrets";

#[expect(clippy::disallowed_methods, reason = "no setting of Fobless: the tests' own")]
static FOLDER: LazyLock<Option<PathBuf>> = LazyLock::new(|| std::env::var_os(VARIABLE).filter(|name| !name.is_empty()).map(PathBuf::from));

/// This process's file of that kind; `None`: nobody watches. A file that can't be written must not be taken for one in which nothing is.
pub(crate) fn file(kind: &str) -> Option<File> {
    let folder = FOLDER.as_ref()?;
    let program = std::env::current_exe().unwrap_or_default();
    let program = program.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    if LEFT_OUT.iter().any(|left_out| program.starts_with(left_out)) {
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
