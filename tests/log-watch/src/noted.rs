//! Secrets: each is noted where it comes to be.

use std::{
    collections::HashSet,
    fs::File,
    io::Write,
    sync::{LazyLock, Mutex, PoisonError},
};

use crate::folder::{self, SECRETS};

struct Noted {
    file: File,
    seen: HashSet<String>,
}

static NOTED: LazyLock<Option<Mutex<Noted>>> = LazyLock::new(|| {
    let file = folder::file(SECRETS)?;
    Some(Mutex::new(Noted {
        file,
        seen: HashSet::new(),
    }))
});

/// There is this secret, and no line may show it. Does nothing where nobody watches.
pub fn note(secret: &str) {
    let Some(noted) = &*NOTED else { return };
    let mut noted = noted.lock().unwrap_or_else(PoisonError::into_inner);
    if noted.seen.insert(secret.to_owned()) {
        let line = format!("{}\n", serde_json::Value::from(secret));
        // A secret that is not kept would not be looked for.
        if let Err(error) = noted.file.write_all(line.as_bytes()) {
            eprintln!("a secret can't be noted: {error}");
            std::process::exit(1);
        }
    }
}
