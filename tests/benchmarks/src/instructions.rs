//! How many instructions a function takes, as callgrind counts them: the same in each run but for a few in a thousand, whatever else the
//! machine does. So these can be held to a budget, where times can't.

use std::{fs, process::Command};

use tempfile::TempDir;

use crate::{
    runtime_api::RuntimeApi,
    stacks::{self, Stacks},
    subject::Subject,
    webhooks::registration,
};

/// Warm webhooks are counted as the difference between a run with a few and one with so many more.
const FEW: u32 = 4;
pub(crate) const MORE: u32 = 32;

/// What the webhook function takes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Instructions {
    /// From its start until it asks for its first event, with a table that can't be reached.
    pub(crate) init_alone: u64,
    /// The same with a table to which the connection is open by then.
    pub(crate) init: u64,
    /// From its start until the first webhook is answered.
    pub(crate) first_webhook: u64,
    /// Each webhook later.
    pub(crate) warm_webhook: u64,
}

/// Deeper than any stack.
const ALL_CALLERS: &str = "--separate-callers=200";

/// Counts them.
pub(crate) async fn count(subject: &Subject) -> Result<Instructions, String> {
    let init_alone = total(&run(&subject.clone().without_table(), 0, &[]).await?)?;
    let mut counted = Vec::new();
    for webhooks in [0, 1, FEW, FEW + MORE] {
        counted.push(total(&run(subject, webhooks, &[]).await?)?);
    }
    match counted[..] {
        [init, first_webhook, few, more] if init_alone < init && init < first_webhook && first_webhook < few && few < more => {
            Ok(Instructions {
                init_alone,
                init,
                first_webhook,
                warm_webhook: (more - few) / u64::from(MORE),
            })
        }
        _ => Err(format!(
            "a connection and more webhooks take more instructions, and yet these were counted: {init_alone}, {counted:?}"
        )),
    }
}

/// What each stack takes in [`MORE`] warm webhooks. Functions have names where they were built with `CARGO_PROFILE_RELEASE_STRIP=none`.
pub(crate) async fn warm_webhook(subject: &Subject) -> Result<Stacks, String> {
    let few = stacks::read(&run(subject, FEW, &[ALL_CALLERS]).await?)?;
    let more = stacks::read(&run(subject, FEW + MORE, &[ALL_CALLERS]).await?)?;
    Ok(stacks::difference(more, &few))
}

/// Callgrind's file of a life with so many webhooks.
async fn run(subject: &Subject, webhooks: u32, options: &[&str]) -> Result<String, String> {
    let folder = TempDir::new().map_err(|error| error.to_string())?;
    let file = folder.path().join("callgrind.out");
    let mut runtime_api = RuntimeApi::start().await;
    let mut callgrind = Command::new("valgrind");
    callgrind.args(["--tool=callgrind", "--quiet"]).args(options);
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
    fs::read_to_string(file).map_err(|error| format!("callgrind left no file: {error}"))
}

fn total(file: &str) -> Result<u64, String> {
    let total = file.lines().find_map(|line| line.strip_prefix("totals: "));
    total
        .and_then(|total| total.trim().parse().ok())
        .ok_or_else(|| "callgrind's file has no total".to_owned())
}
