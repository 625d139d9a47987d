//! How many instructions a function takes, as callgrind counts them: the same in each run but for a few in a thousand, whatever else the
//! machine does. So these can be held to a budget, where times can't.

use std::{fs, io, process::Command};

use fobless::config::setting;
use tempfile::TempDir;
use tokio::{io::AsyncReadExt as _, net::TcpListener, time::timeout};

use crate::{
    runtime_api::{PATIENCE, RuntimeApi},
    stacks::{self, Stacks},
    subject::{Running, Subject},
    webhooks::registration,
};

/// Warm webhooks are counted as the difference between a run with a few and one with so many more.
const FEW: u32 = 4;
pub(crate) const MORE: u32 = 32;

/// What the webhook function takes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Instructions {
    /// From its start until it has asked for its first event and begun the handshake with the table.
    pub(crate) init: u64,
    /// From its start until the first webhook is answered: what opening the connection to the table takes is in it.
    pub(crate) first_webhook: u64,
    /// Each webhook later.
    pub(crate) warm_webhook: u64,
}

const OUT: &str = "callgrind.out";
/// Deeper than any stack.
const ALL_CALLERS: &str = "--separate-callers=200";

/// Counts them.
pub(crate) async fn count(subject: &Subject) -> Result<Instructions, String> {
    let mut counted = vec![total(&init(subject).await?)?];
    for webhooks in [1, FEW, FEW + MORE] {
        counted.push(total(&run(subject, webhooks, &[]).await?)?);
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

/// What each stack takes in [`MORE`] warm webhooks. Functions have names where they were built with `CARGO_PROFILE_RELEASE_STRIP=none`.
pub(crate) async fn warm_webhook(subject: &Subject) -> Result<Stacks, String> {
    let few = stacks::read(&run(subject, FEW, &[ALL_CALLERS]).await?)?;
    let more = stacks::read(&run(subject, FEW + MORE, &[ALL_CALLERS]).await?)?;
    Ok(stacks::difference(more, &few))
}

/// Callgrind's file of a start. The handshake is begun in it, and not answered: otherwise it would be chance how much of it is counted.
async fn init(subject: &Subject) -> Result<String, String> {
    let table = TcpListener::bind(("127.0.0.1", 0)).await.map_err(|error| error.to_string())?;
    let port = table.local_addr().map_err(|error| error.to_string())?.port();
    let silent = subject
        .clone()
        .with(setting::DYNAMODB_ENDPOINT, format!("https://localhost:{port}"));
    let mut life = Life::start(&silent, &[]).await?;
    life.runtime_api.asked().await?;
    let begun = async {
        let (mut connection, _) = table.accept().await?;
        connection.read_u8().await?;
        Ok::<_, io::Error>(connection)
    };
    let begun = timeout(PATIENCE, begun)
        .await
        .map_err(|_| "no handshake with the table was begun".to_owned())?;
    let connection = begun.map_err(|error| format!("no connection to the table: {error}"))?;
    let file = life.end();
    // Closed before, it would be an answer.
    drop(connection);
    file
}

/// Callgrind's file of a life with so many webhooks.
async fn run(subject: &Subject, webhooks: u32, options: &[&str]) -> Result<String, String> {
    let mut life = Life::start(subject, options).await?;
    life.runtime_api.asked().await?;
    for phone in 0..webhooks {
        let answered = life.runtime_api.invoke(registration(phone)).await?;
        if answered.body["statusCode"] != 200 {
            return Err(format!("a webhook was answered: {}", answered.body));
        }
        life.runtime_api.asked().await?;
    }
    life.end()
}

/// A function that runs under callgrind.
struct Life {
    runtime_api: RuntimeApi,
    running: Running,
    folder: TempDir,
}

impl Life {
    async fn start(subject: &Subject, options: &[&str]) -> Result<Self, String> {
        let folder = TempDir::new().map_err(|error| error.to_string())?;
        let runtime_api = RuntimeApi::start().await;
        let mut callgrind = Command::new("valgrind");
        callgrind.args(["--tool=callgrind", "--quiet"]).args(options);
        callgrind.arg(format!("--callgrind-out-file={}", folder.path().join(OUT).display()));
        let running = subject.start_watched(callgrind, &runtime_api.address());
        Ok(Self {
            runtime_api,
            running,
            folder,
        })
    }

    /// Callgrind's file.
    fn end(self) -> Result<String, String> {
        self.running.end();
        fs::read_to_string(self.folder.path().join(OUT)).map_err(|error| format!("callgrind left no file: {error}"))
    }
}

fn total(file: &str) -> Result<u64, String> {
    let total = file.lines().find_map(|line| line.strip_prefix("totals: "));
    total
        .and_then(|total| total.trim().parse().ok())
        .ok_or_else(|| "callgrind's file has no total".to_owned())
}
