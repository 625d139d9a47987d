//! What the whole system takes and how it grows: webhooks per second, and the time until the issue call, with more and more phones
//! waiting and more and more phones in the table; and with few and many phones of one person.
//!
//! `cargo bench -p fobless-tests --bench throughput`, or some of it: `-- saturation --sizes 100,1000 --webhooks 500`. The figures are also
//! written to `target/benchmarks/throughput.json`. The exit status is not zero when a phone holds no credential, or two.

#![expect(
    clippy::unwrap_used,
    reason = "a benchmark is a test that takes the time: what does not work ends it"
)]

#[path = "throughput/far_side.rs"]
mod far_side;
#[path = "throughput/fill.rs"]
mod fill;
#[path = "measuring/mod.rs"]
mod measuring;
#[path = "throughput/people.rs"]
mod people;
#[path = "throughput/person.rs"]
mod person;
#[path = "throughput/report.rs"]
mod report;
#[path = "throughput/saturation.rs"]
mod saturation;
#[path = "throughput/waiting.rs"]
mod waiting;

use std::{path::Path, process::ExitCode, time::Duration};

use fobless::clock::Clock;
use fobless_local::SystemOptions;
use fobless_tests::Stack;
use futures_util::FutureExt as _;
use serde_json::json;

use self::{
    far_side::FarSide,
    measuring::moments::{now, seconds},
    report::Report,
};

/// So many that the limit never holds anything up.
const HID_RATE_LIMIT: u32 = 100_000;

/// Nothing else than the sweeper pauses for so long.
const SWEEPER_PAUSES: Duration = Duration::from_secs(5);

const USAGE: &str = "\
PART... [--sizes PHONES,...] [--waiting PHONES,...] [--webhooks COUNT] [--samples COUNT]
  parts: saturation, latency, person; without any, all of them
  --sizes     phones in the table before anything is measured (100,10000,100000)
  --waiting   phones that wait for their callback (1,100,1000)
  --webhooks  registrations in each run of the saturation (2000)
  --samples   phones that are measured one by one of people with few and with many phones (40)";

/// What to measure.
struct Wanted {
    parts: Vec<String>,
    sizes: Vec<usize>,
    waiting: Vec<usize>,
    webhooks: usize,
    samples: usize,
}

fn main() -> ExitCode {
    // `cargo test --all-targets` runs the benchmarks too, without this argument: there it has been compiled, and that is enough.
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let is_given = |name: &str| arguments.iter().any(|argument| argument == name);
    if is_given("--test") || !is_given("--bench") {
        return ExitCode::SUCCESS;
    }
    let Some(wanted) = Wanted::read(&arguments) else {
        eprintln!("cargo bench -p fobless-tests --bench throughput -- {USAGE}");
        return ExitCode::FAILURE;
    };
    fobless_local::start_log();
    tokio::runtime::Runtime::new().unwrap().block_on(measure(&wanted))
}

impl Wanted {
    /// `None`: nobody knows what that is.
    fn read(arguments: &[String]) -> Option<Self> {
        let mut wanted = Self {
            parts: Vec::new(),
            sizes: vec![100, 10_000, 100_000],
            waiting: vec![1, 100, 1_000],
            webhooks: 2_000,
            samples: 40,
        };
        let mut arguments = arguments.iter().filter(|argument| *argument != "--bench");
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "saturation" | "latency" | "person" => wanted.parts.push(argument.clone()),
                "--sizes" => wanted.sizes = counts(arguments.next()?)?,
                "--waiting" => wanted.waiting = counts(arguments.next()?)?,
                "--webhooks" => wanted.webhooks = counts(arguments.next()?)?.into_iter().next()?,
                "--samples" => wanted.samples = counts(arguments.next()?)?.into_iter().next()?,
                _ => return None,
            }
        }
        Some(wanted)
    }

    fn has(&self, part: &str) -> bool {
        self.parts.is_empty() || self.parts.iter().any(|wanted| wanted == part)
    }
}

/// Counts above zero, between commas.
fn counts(text: &str) -> Option<Vec<usize>> {
    text.split(',').map(|count| count.parse().ok().filter(|count| *count > 0)).collect()
}

async fn measure(wanted: &Wanted) -> ExitCode {
    let mut report = Report::begin();
    if wanted.has("latency") || wanted.has("saturation") {
        for &phones in &wanted.sizes {
            with_phones_in_the_table(phones, wanted, &mut report).await;
        }
    }
    if wanted.has("person") {
        let (stack, far_side) = start().await;
        person::measure(&stack, &far_side, wanted.samples, &mut report).await;
        stack.stop().await;
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/benchmarks/throughput.json");
    report.end(&file)
}

/// Each size has a system of its own, so that nothing but the phones in the table is more than before.
async fn with_phones_in_the_table(phones: usize, wanted: &Wanted, report: &mut Report) {
    let (stack, far_side) = start().await;
    let begun = now();
    fill::fill(&stack, phones).await;
    let seconds = seconds(now() - begun);
    eprintln!("{phones} phones are in the table, and the stream is worked off, after {seconds:.0} s");
    if wanted.has("latency") {
        for &count in &wanted.waiting {
            waiting::measure(&stack, &far_side, count, phones, report).await;
        }
    }
    // Last, since it leaves thousands of phones behind.
    if wanted.has("saturation") {
        saturation::measure(&stack, wanted.webhooks, phones, report).await;
    }
    stack.stop().await;
}

/// The whole system, with a credential manager that calls nobody back: the benchmark does it in its place.
///
/// The sweeper makes its first pass and then pauses for ever. Phones that wait are else looked for after 20 s, and one that is found before
/// its callback comes has no time between the callback and the issue call.
async fn start() -> (Stack, FarSide) {
    let clock = Clock::system().with_sleep(|pause| {
        async move {
            if pause >= SWEEPER_PAUSES {
                std::future::pending::<()>().await;
            }
            tokio::time::sleep(pause).await;
        }
        .boxed()
    });
    let stack = Stack::start_with(SystemOptions {
        hid_rate_limit: HID_RATE_LIMIT,
        sweep_period: Duration::from_hours(24),
        clock,
        ..SystemOptions::default()
    })
    .await;
    stack.faults(&json!([{"route": "*", "kind": "lost_callback"}])).await.unwrap();
    let far_side = FarSide::of(&stack);
    (stack, far_side)
}
