//! A running `cargo dev`.

use std::{
    io::{BufRead, BufReader},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use fobless_local::{Ready, walk::Client};

/// Ports and a data directory that outlive a process, so that the next one takes over where it was killed.
pub(crate) struct Place {
    ports: [u16; 3],
    data_dir: PathBuf,
    /// Whether CI keeps the log lines of the processes here: tests/log-watch.
    is_watched: bool,
}

impl Place {
    /// Three ports that are free now, and an empty directory.
    pub(crate) fn new(name: &str) -> Self {
        let listeners = [(); 3].map(|()| TcpListener::bind(("127.0.0.1", 0)).unwrap());
        let ports = listeners.each_ref().map(|listener| listener.local_addr().unwrap().port());
        let data_dir = std::env::temp_dir().join(format!("fobless-test-{}-{name}", std::process::id()));
        Self {
            ports,
            data_dir,
            is_watched: true,
        }
    }

    /// From now on nobody keeps what is logged: many lives write the same lines again and again, and are slowed down by it.
    pub(crate) const fn watch_no_more(&mut self) {
        self.is_watched = false;
    }

    pub(crate) fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// Starts `cargo dev` here and waits for its `ready` line.
    pub(crate) fn start(&self) -> Running {
        self.start_with(&["--hid-rate-limit", "3000"])
    }

    /// The same with other options.
    pub(crate) fn start_with(&self, options: &[&str]) -> Running {
        let mut child = self.spawn_with(options);
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        lines.read_line(&mut line).unwrap();
        let ready = line.strip_prefix("ready ").unwrap_or_else(|| panic!("not ready: {line}"));
        let ready: Ready = serde_json::from_str(ready).unwrap();
        // What it goes on to tell is read and dropped, so that it never waits for a reader.
        std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
        let client = Client::new(ready).unwrap();
        Running { child, client }
    }

    /// Starts it and waits for nothing.
    pub(crate) fn spawn_with(&self, options: &[&str]) -> Child {
        let [functions, dynamodb, simulator] = self.ports.map(|port| port.to_string());
        let mut command = dev();
        command
            .args(["--port", &functions, "--dynamodb-port", &dynamodb, "--simulator-port", &simulator])
            .arg("--data-dir")
            .arg(&self.data_dir)
            .args(options)
            .stdout(Stdio::piped());
        if !self.is_watched {
            command.env_remove("FOBLESS_LOG_WATCH");
        }
        command.spawn().unwrap()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.data_dir);
    }
}

/// `cargo dev`, not yet started.
pub(crate) fn dev() -> Command {
    Command::new(env!("CARGO_BIN_EXE_fobless-dev"))
}

/// A running `cargo dev`, and somebody who uses it.
pub(crate) struct Running {
    child: Child,
    pub(crate) client: Client,
}

impl Running {
    /// SIGKILL: it gets no chance to tidy up.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM, as a service manager sends it. Answers the exit status.
    pub(crate) fn terminate(mut self) -> Option<i32> {
        let killed = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(killed.success());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
