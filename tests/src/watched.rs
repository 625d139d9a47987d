//! The functions of one stack as processes of their own, under `cargo lambda watch`, where `FOBLESS_FUNCTIONS` says `watch`: the same tests
//! then hold for what Lambda runs, its settings from an environment, its events over the wire, the test's time from the machine's clock.
//!
//! What the emulator can't hand on as AWS does, `gateway` does in its place.

use std::{
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use fobless::clock::Clock;
use fobless_local::{HeldPort, loopback_client};
use reqwest::Url;
use serde_json::json;
use tokio::sync::Semaphore;

use crate::time_of_processes::TimeOfProcesses;

/// Each function is started by `cargo run`, which waits for others that build.
const START: Duration = Duration::from_mins(2);
/// Some tests have eight stacks at once, each with five functions.
static STARTING: Semaphore = Semaphore::const_new(2);
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// Where the functions will be: the system has to know before they start, and they need what the system writes.
pub(crate) struct Place {
    port: HeldPort,
}

/// Running functions. They end with it.
pub(crate) struct Watched {
    emulator: Child,
    _time: TimeOfProcesses,
}

/// Whether the functions of this run are processes of their own; otherwise they run in this one.
pub(crate) fn are_functions_watched() -> bool {
    #[expect(clippy::disallowed_methods, reason = "CI chooses for a whole run of the tests")]
    let wanted = std::env::var("FOBLESS_FUNCTIONS");
    match wanted.as_deref() {
        Ok("watch") => true,
        Ok(other) => panic!("FOBLESS_FUNCTIONS is {other}, and may be watch"),
        Err(_) => false,
    }
}

impl Place {
    /// `None`: the functions run in this process.
    pub(crate) fn wanted() -> Option<Self> {
        are_functions_watched().then(|| Self {
            port: HeldPort::take().expect("a free port"),
        })
    }

    pub(crate) fn url(&self) -> Url {
        format!("http://127.0.0.1:{}", self.port.number()).parse().expect("a URL")
    }

    /// Starts the emulator and, one by one, each function: all at once they would wait for cargo's lock. What the system wrote for them is
    /// in `data`, and `clock` tells their time.
    pub(crate) async fn start(&self, data: &Path, clock: Clock) -> Watched {
        let _turn = STARTING.acquire().await.expect("nobody closes it");
        let time = TimeOfProcesses::told_in(&data.join("time"), clock);
        let settings = data.join("functions-of-a-test.env");
        let of_the_system = std::fs::read_to_string(data.join("functions.env")).expect("the system wrote it");
        std::fs::write(&settings, format!("{of_the_system}\n{}", time.settings())).expect("a file");
        let port = self.port.number().to_string();
        let mut command = Command::new("cargo");
        command.args(["lambda", "watch", "-A", "127.0.0.1", "-P", &port, "--ignore-changes", "--env-file"]);
        command.arg(&settings).current_dir(workspace());
        // What cargo tells a test of its package would make another cargo build anew what asks for it.
        for name in of_this_package() {
            command.env_remove(name);
        }
        // A group of its own, so that the functions can be ended with the emulator.
        command
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut watched = Watched {
            emulator: command.spawn().expect("cargo-lambda is installed"),
            _time: time,
        };
        let http = loopback_client(START).expect("a client");
        let invoke = |name: &str, event: serde_json::Value| {
            let url = format!("{}2015-03-31/functions/{name}/invocations", self.url());
            http.post(url).body(event.to_string())
        };
        let health = || http.get(format!("{}health", self.url()));
        while health().send().await.is_err() {
            let ended = watched.emulator.try_wait().expect("a child of ours");
            assert!(ended.is_none(), "cargo lambda watch ended: {ended:?}");
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
        let webhook = http.post(format!("{}webhooks/phones", self.url())).body("{}");
        let starts = [
            webhook,
            invoke("credential-issuer", json!({ "Records": [] })),
            invoke("webhook-sender", json!({ "Records": [] })),
        ];
        // Not the sweeper: the schedule is at it already, and a run lasts for a minute.
        for start in starts {
            start.send().await.expect("the function starts");
        }
        watched
    }
}

/// The names of what cargo put into this process's environment about the package of the test.
fn of_this_package() -> impl Iterator<Item = std::ffi::OsString> {
    #[expect(clippy::disallowed_methods, reason = "what is to be kept from another process")]
    let names = std::env::vars_os().map(|(name, _)| name);
    names.filter(|name| {
        let name = name.to_string_lossy();
        name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")
    })
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_owned()
}

impl Drop for Watched {
    fn drop(&mut self) {
        let group = format!("-{}", self.emulator.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        let _ = self.emulator.wait();
    }
}
