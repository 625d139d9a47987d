//! What is measured: a program that is a Lambda function, and its environment.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use fobless::config::setting;
use serde_json::json;

use crate::{
    table::{NAME, Table, WORKSPACE},
    webhooks::SECRET,
};

/// Half of what the template gives, so that nothing depends on there being much.
const MEMORY_MB: &str = "128";

/// A function's program.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    /// What it is called in reports.
    pub(crate) name: &'static str,
    program: PathBuf,
    arguments: Vec<OsString>,
    environment: Vec<(String, OsString)>,
}

/// A function that runs. It is killed with it.
pub(crate) struct Running {
    process: Child,
    /// When it was started.
    pub(crate) started: Instant,
}

impl Subject {
    /// One of our functions: the binary that is deployed, in the folder where `cargo lambda build` left it.
    pub(crate) fn ours(function: &'static str, built: &Path, table: &Table) -> Self {
        let keys = json!([{ "workspace_id": WORKSPACE, "secret": SECRET }]).to_string();
        let environment = [
            (setting::TABLE, NAME.into()),
            (setting::PHONE_WEBHOOK_SECRETS, keys.into()),
            (setting::HID_ORIGO_CALLBACKS, "{}".into()),
            (setting::CREDENTIAL_MANAGERS, "{}".into()),
            (setting::DYNAMODB_ENDPOINT, OsString::from(&table.url)),
            (setting::CA_BUNDLE, table.root.clone().into()),
        ];
        Self::new(function, &built.join(function).join("bootstrap"), [], environment)
    }

    /// A peer: `peers/README.md`.
    pub(crate) fn peer<const N: usize>(name: &'static str, program: &Path, arguments: [OsString; N], table: &Table) -> Self {
        let environment = [
            ("TABLE_NAME", NAME.into()),
            ("WEBHOOK_SECRET", SECRET.into()),
            ("WORKSPACE_ID", WORKSPACE.to_string().into()),
            (setting::DYNAMODB_ENDPOINT, OsString::from(&table.url)),
            ("AWS_CA_BUNDLE", table.root.clone().into()),
            ("NODE_EXTRA_CA_CERTS", table.root.clone().into()),
            ("SSL_CERT_FILE", table.root.clone().into()),
        ];
        Self::new(name, program, arguments, environment)
    }

    /// The same with one more variable in its environment, or with another value of one.
    pub(crate) fn with(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.environment.push((name.to_owned(), value.into()));
        self
    }

    fn new<const N: usize, const M: usize>(
        name: &'static str,
        program: &Path,
        arguments: [OsString; N],
        environment: [(&str, OsString); M],
    ) -> Self {
        let of_lambda = [
            ("AWS_LAMBDA_FUNCTION_NAME", name),
            ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", MEMORY_MB),
            ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/benchmark"),
            ("AWS_LAMBDA_LOG_STREAM_NAME", "benchmark"),
            ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
            ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
            ("AWS_EXECUTION_ENV", "AWS_Lambda_provided.al2023"),
            ("AWS_REGION", "us-east-1"),
            ("AWS_DEFAULT_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "local"),
            ("AWS_SECRET_ACCESS_KEY", "local"),
            ("LANG", "en_US.UTF-8"),
            ("TZ", ":UTC"),
        ];
        // Where this machine has its Node.js, and its valgrind.
        let path = std::env::var_os("PATH").map(|path| ("PATH".to_owned(), path));
        let of_lambda = of_lambda.into_iter().map(|(name, value)| (name, OsString::from(value)));
        let environment = of_lambda
            .chain(environment)
            .map(|(name, value)| (name.to_owned(), value))
            .chain(path)
            .collect();
        Self {
            name,
            program: program.to_owned(),
            arguments: arguments.into(),
            environment,
        }
    }

    /// Starts it with nothing in its environment but what Lambda and its template would put there.
    pub(crate) fn start(&self, runtime_api: &str) -> Running {
        self.start_under(Command::new(&self.program), runtime_api)
    }

    /// Starts it as the last arguments of another program, which watches it.
    pub(crate) fn start_watched(&self, mut watcher: Command, runtime_api: &str) -> Running {
        watcher.arg(&self.program);
        self.start_under(watcher, runtime_api)
    }

    fn start_under(&self, mut command: Command, runtime_api: &str) -> Running {
        command.args(&self.arguments).env_clear().envs(self.environment.iter().cloned());
        command.env("AWS_LAMBDA_RUNTIME_API", runtime_api);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let started = Instant::now();
        let process = command.spawn();
        let process = process.unwrap_or_else(|error| panic!("{} can't be started: {error}", self.program.display()));
        Running { process, started }
    }
}

impl Running {
    /// Its process's id.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// The most memory that it had at once, in bytes.
    pub(crate) fn peak_memory(&self) -> u64 {
        self.status("VmHWM:")
    }

    /// The memory that it has now, in bytes.
    pub(crate) fn memory(&self) -> u64 {
        self.status("VmRSS:")
    }

    /// For how long its threads have run so far.
    pub(crate) fn processor_time(&self) -> Duration {
        let threads = fs::read_dir(format!("/proc/{}/task", self.process.id())).expect("Linux tells of its threads");
        let nanoseconds = threads.filter_map(|thread| {
            let told = fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
            told.split_whitespace().next()?.parse::<u64>().ok()
        });
        Duration::from_nanos(nanoseconds.sum())
    }

    fn status(&self, field: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).expect("Linux tells of its processes");
        let line = status.lines().find_map(|line| line.strip_prefix(field)).expect("a field of Linux");
        let kibibytes: u64 = line.trim().trim_end_matches(" kB").parse().expect("a number of kB");
        kibibytes * 1024
    }

    /// Asks it to end, and waits until it has.
    pub(crate) fn end(mut self) {
        let asked = Command::new("kill").args(["-TERM", &self.process.id().to_string()]).status();
        assert!(asked.is_ok_and(|status| status.success()), "it has ended by itself");
        let _ = self.process.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
