//! How many instructions a function takes, as callgrind counts them: the same in each run but for a few in a thousand, whatever else the
//! machine does. So these can be held to a budget, where times can't.

use std::{fs, path::Path, process::Command};

use tempfile::TempDir;

use crate::{runtime_api::RuntimeApi, subject::Subject, webhooks::registration};

/// Warm webhooks are counted as the difference between a run with a few and one with so many more.
const FEW: u32 = 4;
const MORE: u32 = 32;

/// What the webhook function takes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Instructions {
    /// From its start until it asks for its first event. The connection to the table is open by then.
    pub(crate) init: u64,
    /// From its start until the first webhook is answered.
    pub(crate) first_webhook: u64,
    /// Each webhook later.
    pub(crate) warm_webhook: u64,
}

/// Counts them. `keep`: where callgrind's file of the longest run is left, for whoever wants to see where they go.
pub(crate) async fn count(subject: &Subject, keep: Option<&Path>) -> Result<Instructions, String> {
    let folder = TempDir::new().map_err(|error| error.to_string())?;
    let file = folder.path().join("callgrind.out");
    let mut counted = Vec::new();
    for webhooks in [0, 1, FEW, FEW + MORE] {
        counted.push(run(subject, webhooks, &file).await?);
    }
    if let Some(keep) = keep {
        let copied = keep
            .parent()
            .map_or(Ok(()), fs::create_dir_all)
            .and_then(|()| fs::copy(&file, keep));
        copied.map_err(|error| format!("{}: {error}", keep.display()))?;
    }
    match counted[..] {
        [init, first_webhook, few, more] if init < first_webhook && first_webhook < few && few < more => Ok(Instructions {
            init,
            first_webhook,
            warm_webhook: (more - few) / u64::from(MORE),
        }),
        _ => Err(format!(
            "more webhooks take more instructions, and yet these were counted: {counted:?}"
        )),
    }
}

async fn run(subject: &Subject, webhooks: u32, file: &Path) -> Result<u64, String> {
    // What an earlier run left must not be taken for this one's.
    let _ = fs::remove_file(file);
    let mut runtime_api = RuntimeApi::start().await;
    let mut callgrind = Command::new("valgrind");
    callgrind.args(["--tool=callgrind", "--quiet"]);
    callgrind.arg(format!("--callgrind-out-file={}", file.display()));
    let running = subject.start_watched(callgrind, &runtime_api.address());
    runtime_api.asked().await?;
    for phone in 0..webhooks {
        let answered = runtime_api.invoke(registration(phone)).await?;
        if answered.body["statusCode"] != 200 {
            return Err(format!("a webhook was answered: {}", answered.body));
        }
        runtime_api.asked().await?;
    }
    running.end();
    let written = fs::read_to_string(file).map_err(|error| format!("callgrind left no file: {error}"))?;
    let total = written.lines().find_map(|line| line.strip_prefix("totals: "));
    total
        .and_then(|total| total.trim().parse().ok())
        .ok_or_else(|| "callgrind's file has no total".to_owned())
}
