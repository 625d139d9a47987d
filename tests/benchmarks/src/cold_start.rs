//! Cold starts as Lambda has them: a whole processor until the function asks for its first event, then the share that its memory stands
//! for, and a table that is some way off. What counts is when the first webhook is answered.
//!
//! The share is a limit of Linux's control groups. It takes root, and their first version, mounted where it usually is.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
    process, thread,
    time::Duration,
};

use fobless::config::setting;

use crate::{far_table, runtime_api::RuntimeApi, subject::Subject, table::Table, webhooks::registration};

const MEMORIES_MB: [u32; 3] = [128, 256, 512];
/// Of each memory and way.
const STARTS: usize = 100;
/// There and back between a function and the table of its region.
const WAYS: [Duration; 2] = [Duration::from_micros(500), Duration::from_micros(1_500)];
/// What Lambda itself takes to bring the event: nobody tells, so it is supposed.
const DISPATCH: Duration = Duration::from_millis(1);

/// In slices of so many microseconds processors are handed out.
const PERIOD: i64 = 20_000;
/// A function with so much memory has one whole processor.
const MB_OF_A_PROCESSOR: i64 = 1_769;
/// For the kernel, a whole one.
const NO_LIMIT: i64 = -1;

/// The starts with so much memory and a table so far off.
pub(crate) struct ColdStarts {
    memory_mb: u32,
    way: Duration,
    /// From start to answer, the fastest first.
    took: Vec<Duration>,
}

impl fmt::Display for ColdStarts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let milliseconds = |at: usize| self.took[at].as_secs_f64() * 1e3;
        let (median, p90) = (milliseconds(STARTS / 2), milliseconds(STARTS * 9 / 10));
        write!(
            f,
            "{} MB, the table {:?} away: median {median:.1} ms, p90 {p90:.1} ms",
            self.memory_mb, self.way
        )
    }
}

/// Takes the times, all memories with all ways.
pub(crate) async fn cold_starts(built: &Path) -> Result<Vec<ColdStarts>, String> {
    let table = Table::start().await;
    let group = ControlGroup::new()?;
    let mut measured = Vec::new();
    for way in WAYS {
        let far = far_table::at(&table, way)?;
        let subject = Subject::ours("phone-webhook", built, &table).with(setting::DYNAMODB_ENDPOINT, far);
        for memory_mb in MEMORIES_MB {
            let mut took = Vec::new();
            for _ in 0..STARTS {
                took.push(cold_start(&subject, &group, memory_mb).await?);
            }
            took.sort_unstable();
            measured.push(ColdStarts { memory_mb, way, took });
        }
    }
    Ok(measured)
}

async fn cold_start(subject: &Subject, group: &ControlGroup, memory_mb: u32) -> Result<Duration, String> {
    group.lift()?;
    let mut runtime_api = RuntimeApi::start().await;
    let running = subject.start(&runtime_api.address());
    group.take(running.id())?;
    runtime_api.asked().await?;
    group.limit_to(memory_mb)?;
    tokio::time::sleep(DISPATCH).await;
    let answered = runtime_api.invoke(registration(0)).await?;
    if answered.body["statusCode"] != 200 {
        return Err(format!("a webhook was answered: {}", answered.body));
    }
    Ok(answered.at.duration_since(running.started))
}

/// A control group with a share of a processor. It is gone with it.
struct ControlGroup(PathBuf);

impl ControlGroup {
    fn new() -> Result<Self, String> {
        let folder = PathBuf::from(format!("/sys/fs/cgroup/cpu/fobless-benchmarks-{}", process::id()));
        fs::create_dir(&folder).map_err(|error| format!("no control group at {}: {error}", folder.display()))?;
        let group = Self(folder);
        group.write("cpu.cfs_period_us", PERIOD)?;
        Ok(group)
    }

    fn take(&self, process: u32) -> Result<(), String> {
        self.write("cgroup.procs", process.into())
    }

    fn lift(&self) -> Result<(), String> {
        self.write("cpu.cfs_quota_us", NO_LIMIT)
    }

    fn limit_to(&self, memory_mb: u32) -> Result<(), String> {
        self.write("cpu.cfs_quota_us", PERIOD * i64::from(memory_mb) / MB_OF_A_PROCESSOR)
    }

    fn write(&self, file: &str, value: i64) -> Result<(), String> {
        let file = self.0.join(file);
        fs::write(&file, value.to_string()).map_err(|error| format!("{}: {error}", file.display()))
    }
}

impl Drop for ControlGroup {
    fn drop(&mut self) {
        // It can't be removed before the last process in it is quite gone.
        for _ in 0..100 {
            if fs::remove_dir(&self.0).is_ok() {
                return;
            }
            thread::sleep(Duration::from_millis(10));
        }
    }
}
