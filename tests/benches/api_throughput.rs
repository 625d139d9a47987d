//! How fast the management API is, and what its routes cost: launching, creating and listing with a thousand people in the table and
//! with a hundred thousand.
//!
//! `cargo bench -p fobless-tests --bench api_throughput`. The figures are also written to `target/benchmarks/api_throughput.json`. The exit
//! status is not zero when a page costs more because there is more behind it, or a request fails.

#![expect(
    clippy::unwrap_used,
    reason = "a benchmark is a test that takes the time: what does not work ends it"
)]

#[path = "measuring/figures.rs"]
mod figures;

use std::{
    process::ExitCode,
    sync::Mutex,
    time::{Duration, Instant},
};

use fobless::store::PartitionOwner;
use fobless_local::{SystemOptions, loopback_client, seed};
use fobless_tests::{Cost, Crowd, MeteredApi, Stack};
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};

use self::figures::Figures;

const FEW: usize = 1_000;
const MANY: usize = 100_000;
/// People who are there in addition, to launch automations and create credentials for.
const CALLS: usize = 2_000;
const LISTS: usize = 60;
const AT_ONCE: usize = 16;
const LISTS_AT_ONCE: usize = 4;
/// HID Origo is not what is measured here: after these calls the issuer waits.
const HID_RATE_LIMIT: u32 = 10;

fn main() -> ExitCode {
    // `cargo test --all-targets` runs the benchmarks too, without this argument: there it has been compiled, and that is enough.
    let arguments: Vec<String> = std::env::args().collect();
    let is_given = |name: &str| arguments.iter().any(|argument| argument == name);
    if is_given("--test") || !is_given("--bench") {
        return ExitCode::SUCCESS;
    }
    fobless_local::start_log();
    tokio::runtime::Runtime::new().unwrap().block_on(measure())
}

async fn measure() -> ExitCode {
    let stack = Stack::start_with(SystemOptions {
        hid_rate_limit: HID_RATE_LIMIT,
        ..SystemOptions::default()
    })
    .await;
    let bench = Bench::new(stack).await;
    println!(
        "{:<46} {:>8} {:>10} {:>10} {:>10}",
        "route", "people", "requests/s", "median ms", "p99 ms"
    );
    let mut costs = Vec::new();
    for people in [FEW, MANY] {
        bench.grow_to(people).await;
        let prepared = bench.crowd.add(CALLS).await;
        bench.settle().await;
        bench.launch(people, &prepared).await;
        bench.create(people, &prepared).await;
        bench.settle().await;
        bench.list(people, "/user_identities/list").await;
        bench.list(people, "/acs/credentials/list").await;
        costs.push(bench.costs().await);
    }
    println!("\n{:<46} {:>14} {:>14}", "route", "read units", "write units");
    let mut figures = bench.figures.into_inner().unwrap();
    for (route, cost) in costs.last().unwrap() {
        println!("{route:<46} {:>14} {:>14}", cost.read, cost.write);
        figures.add(&format!("{route}: read units"), cost.read, "capacity_units");
        figures.add(&format!("{route}: write units"), cost.write, "capacity_units");
    }
    figures.leave("api_throughput");
    let is_flat = costs.first() == costs.last();
    println!(
        "\n{}",
        if is_flat {
            format!("every route costs the same units with {FEW} and with {MANY} people")
        } else {
            format!("WRONG: with {FEW} people it was {:#?}", costs.first())
        }
    );
    if is_flat { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

struct Bench {
    stack: Stack,
    http: reqwest::Client,
    crowd: Crowd,
    people: Mutex<usize>,
    figures: Mutex<Figures>,
}

impl Bench {
    async fn new(stack: Stack) -> Self {
        let person = stack.another_person("pattern").await;
        let parent = person.create_credential().await.unwrap();
        let (identity, acs_user) = (person.user_identity(), person.acs_user());
        let owner = PartitionOwner {
            workspace_id: seed::WORKSPACE,
            user_identity_id: identity,
        };
        let ids = vec![identity.to_string(), acs_user.to_string(), parent.to_string()];
        let crowd = Crowd::of(&stack.ready().dynamodb, &owner.partition(), ids).await;
        Self {
            stack,
            http: loopback_client(Duration::from_mins(1)).unwrap(),
            crowd,
            people: Mutex::new(0),
            figures: Mutex::default(),
        }
    }

    async fn grow_to(&self, people: usize) {
        let missing = people - *self.people.lock().unwrap();
        // Bit by bit, so that not all of the items are in memory at once.
        for step in (0..missing).step_by(5_000) {
            self.crowd.add((missing - step).min(5_000)).await;
        }
        *self.people.lock().unwrap() = people;
    }

    /// Waits until the issuer has looked at everybody who is new.
    async fn settle(&self) {
        let checkpoint = std::path::Path::new(&self.stack.ready().data_dir).join("stream-checkpoint.json");
        let mut last = Vec::new();
        loop {
            let reached = std::fs::read(&checkpoint).unwrap_or_default();
            if reached == last && !reached.is_empty() {
                return;
            }
            last = reached;
            tokio::time::sleep(Duration::from_secs(3)).await;
        }
    }

    async fn launch(&self, people: usize, prepared: &[Vec<String>]) {
        let requests = prepared.iter().map(|ids| {
            json!({
                "user_identity_id": ids[0],
                "credential_manager_acs_system_id": seed::CREDENTIAL_MANAGER,
            })
        });
        self.run(
            people,
            "/user_identities/enrollment_automations/launch",
            requests.collect(),
            AT_ONCE,
        )
        .await;
    }

    async fn create(&self, people: usize, prepared: &[Vec<String>]) {
        let requests = prepared.iter().map(|ids| {
            json!({
                "acs_user_id": ids[1],
                "is_multi_phone_sync_credential": true,
                "access_method": "mobile_key",
            })
        });
        self.run(people, "/acs/credentials/create", requests.collect(), AT_ONCE).await;
    }

    async fn list(&self, people: usize, path: &str) {
        self.run(people, path, vec![json!({"limit": 500}); LISTS], LISTS_AT_ONCE).await;
    }

    async fn run(&self, people: usize, path: &str, requests: Vec<Value>, at_once: usize) {
        let count = requests.len();
        let begun = now();
        let calls = requests.into_iter().map(|request| async move {
            let sent = now();
            self.call(path, &request).await;
            sent.elapsed()
        });
        let mut times: Vec<Duration> = stream::iter(calls).buffer_unordered(at_once).collect().await;
        let seconds = begun.elapsed().as_secs_f64();
        times.sort_unstable();
        let millis = |percent: usize| times[(count * percent).div_ceil(100) - 1].as_secs_f64() * 1_000.0;
        let per_second = f64::from(u32::try_from(count).unwrap()) / seconds;
        let (median, p99) = (millis(50), millis(99));
        println!("{path:<46} {people:>8} {per_second:>10.0} {median:>10.1} {p99:>10.1}");
        let (what, mut figures) = (format!("{path}, {people} people"), self.figures.lock().unwrap());
        figures.add_times(&what, median, p99);
        figures.add_rate(&what, per_second);
    }

    async fn call(&self, path: &str, body: &Value) -> Value {
        let ready = self.stack.ready();
        let request = self
            .http
            .post(format!("{}{path}", ready.api))
            .bearer_auth(&ready.api_key)
            .header("content-type", "application/json");
        let answer = request.body(body.to_string()).send().await.unwrap();
        let status = answer.status();
        let answer = answer.bytes().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {}", String::from_utf8_lossy(&answer));
        serde_json::from_slice(&answer).unwrap()
    }

    /// What each of some routes costs.
    async fn costs(&self) -> Vec<(String, Cost)> {
        let metered = MeteredApi::over(&self.stack).await;
        let ids = self.crowd.add(1).await.remove(0);
        self.settle().await;
        let launch = json!({"user_identity_id": ids[0], "credential_manager_acs_system_id": seed::CREDENTIAL_MANAGER});
        let creation = json!({"acs_user_id": ids[1], "is_multi_phone_sync_credential": true, "access_method": "mobile_key"});
        let requests = [
            ("/user_identities/enrollment_automations/launch", "", launch),
            ("/acs/credentials/create", "", creation),
            ("/acs/credentials/get", "", json!({"acs_credential_id": ids[2]})),
            ("/user_identities/get", "", json!({"user_identity_id": ids[0]})),
            ("/user_identities/list", ", 500 a page", json!({"limit": 500})),
            ("/user_identities/list", ", 10 a page", json!({"limit": 10})),
            ("/acs/credentials/list", ", 500 a page", json!({"limit": 500})),
            ("/acs/credentials/list", " of a person", json!({"user_identity_id": ids[0]})),
        ];
        let mut costs = Vec::new();
        for (path, how, body) in requests {
            costs.push((format!("{path}{how}"), metered.cost_of(path, &body).await));
        }
        costs
    }
}

#[expect(clippy::disallowed_methods, reason = "what is measured happens on the machine's clock")]
fn now() -> Instant {
    Instant::now()
}
