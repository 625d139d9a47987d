//! A test's time for processes of their own. They ask the machine, and libfaketime, preloaded, answers them so far ahead of its clock or
//! behind it as a file says. The functions themselves have no such door: whoever can set their time can make an old signature hold.

use std::{
    env::consts::ARCH,
    fs, io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use fobless::clock::Clock;

/// The test's clock is followed in steps this long: so much later the processes know that time has passed, and so far they are ahead of a
/// clock that stands.
const STEP: Duration = Duration::from_millis(5);

/// Tells processes what time it is, until it is dropped.
pub(crate) struct TimeOfProcesses {
    /// Holds seconds to add to the machine's time, such as `+86400.000`.
    file: PathBuf,
    library: String,
    over: Arc<AtomicBool>,
    telling: Option<JoinHandle<()>>,
}

impl TimeOfProcesses {
    /// Tells them `clock`'s time by way of `file`.
    pub(crate) fn told_in(file: &Path, clock: Clock) -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "where the library is differs from machine to machine; .ci/run watch brings one"
        )]
        let library = std::env::var("FOBLESS_LIBFAKETIME").expect("FOBLESS_LIBFAKETIME names libfaketime.so.1");
        let (over, machine) = (Arc::new(AtomicBool::new(false)), Clock::system());
        let (file, told) = (file.to_owned(), Arc::clone(&over));
        let mut ahead = tell(&file, &clock, &machine, None).expect("a file");
        let telling = thread::spawn({
            let file = file.clone();
            move || {
                while !told.load(Ordering::Relaxed) {
                    thread::sleep(STEP);
                    match tell(&file, &clock, &machine, Some(ahead)) {
                        Ok(told) => ahead = told,
                        // The stack's folder went with it.
                        Err(error) if error.kind() == io::ErrorKind::NotFound => return,
                        Err(error) => panic!("the time can't be told: {error}"),
                    }
                }
            }
        });
        Self {
            file,
            library,
            over,
            telling: Some(telling),
        }
    }

    /// The lines for the environment in which cargo runs such a process. Pauses pass as they do. Only the process itself is preloaded:
    /// cargo, were it too, would build anew.
    pub(crate) fn settings(&self) -> String {
        let (library, file) = (&self.library, self.file.display());
        let target = format!("{}_UNKNOWN_LINUX_GNU", ARCH.to_uppercase());
        format!(
            "CARGO_TARGET_{target}_RUNNER='env LD_PRELOAD={library}'\n\
             FAKETIME_TIMESTAMP_FILE={file}\nFAKETIME_NO_CACHE=1\nFAKETIME_DONT_FAKE_MONOTONIC=1\nNO_FAKE_STAT=1\n"
        )
    }
}

/// Writes how far ahead `clock` is, unless that is known. Answers it, in milliseconds.
fn tell(file: &Path, clock: &Clock, machine: &Clock, known: Option<i64>) -> io::Result<i64> {
    let ahead = loop {
        let (before, there, after) = (machine.now().millis(), clock.now().millis(), machine.now().millis());
        // Whoever is interrupted between two clocks knows nothing of how they differ.
        if after - before <= 1 {
            break there - before;
        }
    };
    let ahead = if ahead.abs() <= 1 { 0 } else { ahead };
    if known != Some(ahead) {
        let sign = if ahead < 0 { '-' } else { '+' };
        let (seconds, millis) = (ahead.unsigned_abs() / 1000, ahead.unsigned_abs() % 1000);
        // Whoever reads it finds the old line or the new one, never half of one.
        let new = file.with_extension("new");
        fs::write(&new, format!("{sign}{seconds}.{millis:03}\n"))?;
        fs::rename(&new, file)?;
    }
    Ok(ahead)
}

impl Drop for TimeOfProcesses {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        if let Some(telling) = self.telling.take() {
            let _ = telling.join();
        }
    }
}
