//! How fast the main job is: from a webhook's answer to the invitation and to the issue call at the credential manager, one phone
//! at a time; and from registration to the issued credential with all phones at once.
//!
//! `cargo bench -p fobless-tests --bench issue_latency`. The figures are also written to `target/benchmarks/issue_latency.json`. The exit
//! status is not zero when a phone holds no credential, or two.

#![expect(
    clippy::unwrap_used,
    reason = "a benchmark is a test that takes the time: what does not work ends it"
)]

#[path = "measuring/figures.rs"]
mod figures;
#[path = "measuring/mod.rs"]
mod measuring;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    io::Write as _,
    process::ExitCode,
    time::Duration,
};

use fobless::domain::{
    ids::{AcsCredentialId, DeviceId},
    phone_metadata::PhoneMetadata,
};
use fobless_local::{SystemOptions, loopback_client, walk::Client};
use fobless_tests::{PATIENCE, Stack};
use futures_util::{
    StreamExt as _,
    future::{join, join_all},
    stream,
};
use serde_json::{Value, json};

use self::{
    figures::Figures,
    measuring::{
        callbacks::Callbacks,
        machine::machine,
        moments::{in_micros, invitation_lifetime, micros, now, seconds},
    },
};

const PEOPLE: usize = 40;
const PHONES_PER_PERSON: usize = 5;

/// So many that the limit never holds anything up.
const HID_RATE_LIMIT: u32 = 100_000;

/// How long nobody asks for anything after a webhook, so that looking does not slow down what is looked at.
const QUIET: Duration = Duration::from_millis(100);

/// How many registrations are sent at once.
const REGISTRATIONS_AT_ONCE: usize = 16;

/// How often each person's backend looks for codes and credentials while all phones come at once.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// How long all phones together may take.
const PATIENCE_WITH_ALL: Duration = Duration::from_mins(5);

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
    let mut out = std::io::stdout();
    let machine = machine();
    let mut report = format!(
        "{} phones of {PEOPLE} people on {machine}\n\n{}",
        PEOPLE * PHONES_PER_PERSON,
        Times::HEAD
    );

    let mut figures = Figures::default();
    let (one_by_one, mut problems) = one_phone_at_a_time().await;
    for times in one_by_one {
        times.print_to(&mut report, &mut figures);
    }
    let (per_phone, total, more_problems) = all_phones_at_once().await;
    problems.extend(more_problems);
    let phones = per_phone.micros.len();
    per_phone.print_to(&mut report, &mut figures);
    let seconds = seconds(total);
    let per_second = f64::from(u32::try_from(phones).unwrap()) / seconds;
    writeln!(
        report,
        "\nall at once: {phones} phones issued in {seconds:.2} s, {per_second:.1} phones per second"
    )
    .unwrap();
    figures.add_rate(
        &format!("{PEOPLE} people with {PHONES_PER_PERSON} phones, issued all at once"),
        per_second,
    );
    figures.leave("issue_latency");
    for problem in &problems {
        writeln!(report, "WRONG: {problem}").unwrap();
    }
    if problems.is_empty() {
        report.push_str("each phone holds exactly one credential\n");
    }
    out.write_all(report.as_bytes()).unwrap();
    if problems.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// The next phone comes when the one before holds its credential. The simulator calls nobody back; the benchmark does it in its
/// place, so that it knows when the callback was answered.
async fn one_phone_at_a_time() -> (Vec<Times>, Vec<String>) {
    let stack = start().await;
    let people = people(&stack).await;
    stack.faults(&json!([{"route": "*", "kind": "lost_callback"}])).await.unwrap();
    let far_side = FarSide::of(&stack);
    let mut registration = Times::new("POST /webhooks/phones until its answer");
    let mut invite = Times::new("phone.registered answered until invitation made");
    let mut callback = Times::new("POST /webhooks/hid-origo until its answer");
    let mut issue = Times::new("ENDPOINT_ACTIVE answered until issue call arrived");

    for round in 0..PHONES_PER_PERSON {
        for person in &people {
            let sent = now();
            let device = person.register(round).await;
            let answered = now();
            registration.add(sent, answered);
            tokio::time::sleep(QUIET).await;
            let look = async || {
                Ok(person
                    .client
                    .phone(device)
                    .await?
                    .and_then(|phone| phone.invitation_code().cloned()))
            };
            let code = person.client.wait_for("an invitation code", PATIENCE, look).await.unwrap();
            let endpoint = person.client.redeem(&code, "Maker", "Model").await.unwrap();
            let ledger = far_side.ledger().await;
            let container = find(&ledger["containers"], "id", endpoint).next().unwrap();
            let invitation_id = container["invitation_id"].as_i64().unwrap();
            let invitation = find(&ledger["invitations"], "id", invitation_id).next().unwrap();
            invite.add(answered, micros(&invitation["expires_at"]) - invitation_lifetime());

            let told = json!({
                "userId": container["user_id"].to_string(),
                "endpointId": endpoint.to_string(),
                "invitationId": invitation_id.to_string(),
                "organizationId": "1000001",
            });
            let (sent, answered) = far_side.callbacks.send("endpoint", "ENDPOINT_ACTIVE", &told).await;
            callback.add(sent, answered);
            tokio::time::sleep(QUIET).await;
            let look = async || {
                let ledger = far_side.ledger().await;
                let mut on_phone = find(&ledger["credentials"], "container_id", endpoint);
                Ok(on_phone.find(|credential| credential["status"] == "ISSUED").cloned())
            };
            let credential = stack.wait_for("a credential on the phone", PATIENCE, look).await.unwrap();
            issue.add(answered, micros(&credential["created_at"]));

            // Brought to its end, so that the next phone has the machine for itself.
            let mut told = told;
            told["mid"] = credential["id"].clone();
            told["cardNumber"] = credential["card_number"].as_str().unwrap().parse::<u64>().unwrap().into();
            far_side.callbacks.send("credential", "CREDENTIAL_ISSUED", &told).await;
            let look = async || Ok(person.issued().await.contains(&device).then_some(()));
            person.client.wait_for("an issued credential", PATIENCE, look).await.unwrap();
        }
    }
    let problems = what_is_wrong("one by one", &people, &far_side).await;
    stack.stop().await;
    (vec![registration, invite, callback, issue], problems)
}

/// All phones register at once, each redeems its code as soon as its backend sees it, and the simulator calls back by itself.
/// Answers each phone's time, and that from the first registration to the last issued credential.
async fn all_phones_at_once() -> (Times, i64, Vec<String>) {
    let stack = start().await;
    let people = people(&stack).await;
    let begun = now();
    let registrations = (0..PHONES_PER_PERSON).flat_map(|round| people.iter().map(move |person| (round, person)));
    let registrations = stream::iter(registrations).map(async |(round, person)| (person.register(round).await, now()));
    let registrations = registrations.buffer_unordered(REGISTRATIONS_AT_ONCE).collect::<BTreeMap<_, _>>();
    let followed = join_all(people.iter().map(Person::follow));
    let (registered_at, issued_at) = join(registrations, followed).await;

    let mut times = Times::new("phone.registered answered until issued, all at once");
    let issued_at: BTreeMap<DeviceId, i64> = issued_at.into_iter().flatten().collect();
    for (device, issued_at) in &issued_at {
        times.add(registered_at[device], *issued_at);
    }
    let ended = issued_at.values().copied().max().unwrap_or(begun);
    let problems = what_is_wrong("all at once", &people, &FarSide::of(&stack)).await;
    stack.stop().await;
    (times, ended - begun, problems)
}

async fn start() -> Stack {
    Stack::start_with(SystemOptions {
        hid_rate_limit: HID_RATE_LIMIT,
        ..SystemOptions::default()
    })
    .await
}

/// Somebody with a multi-phone sync credential and no phone yet.
struct Person {
    client: Client,
    parent: AcsCredentialId,
}

/// Everybody, once the far side knows them all.
async fn people(stack: &Stack) -> Vec<Person> {
    let mut people = Vec::new();
    for number in 0..PEOPLE {
        let client = stack.another_person(&format!("person-{number}")).await;
        client.launch_automation().await.unwrap();
        let parent = client.create_credential().await.unwrap();
        people.push(Person { client, parent });
    }
    let look = async || Ok((stack.ledger().await?.users.len() == PEOPLE).then_some(()));
    stack.wait_for("everybody at the far side", PATIENCE, look).await.unwrap();
    people
}

impl Person {
    async fn register(&self, round: usize) -> DeviceId {
        let installation = format!("phone-{round}");
        self.client.register_phone(&installation, PhoneMetadata::default()).await.unwrap()
    }

    /// The phones that hold an issued credential.
    async fn issued(&self) -> BTreeSet<DeviceId> {
        let children = self.client.children(self.parent).await.unwrap();
        children
            .into_iter()
            .filter(|child| child.is_issued)
            .map(|child| child.device_id)
            .collect()
    }

    /// Redeems each code as it appears, until all phones hold a credential. Answers when each was first seen to.
    async fn follow(&self) -> BTreeMap<DeviceId, i64> {
        let begun = now();
        let mut redeemed = BTreeSet::new();
        let mut issued = BTreeMap::new();
        while issued.len() < PHONES_PER_PERSON && now() - begun < in_micros(PATIENCE_WITH_ALL) {
            if redeemed.len() < PHONES_PER_PERSON {
                for phone in self.client.phones().await.unwrap() {
                    if let Some(code) = phone.invitation_code()
                        && redeemed.insert(phone.device_id)
                    {
                        self.client.redeem(code, "Maker", "Model").await.unwrap();
                    }
                }
            }
            if issued.len() < redeemed.len() {
                for device in self.issued().await {
                    issued.entry(device).or_insert_with(now);
                }
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        issued
    }
}

/// What contradicts "one credential per phone": in the API, and in all that was ever made at the far side.
async fn what_is_wrong(run: &str, people: &[Person], far_side: &FarSide) -> Vec<String> {
    let mut problems = Vec::new();
    for (number, person) in people.iter().enumerate() {
        let children = person.client.children(person.parent).await.unwrap();
        let phones: BTreeSet<_> = children
            .iter()
            .filter(|child| child.is_issued)
            .map(|child| child.device_id)
            .collect();
        if (children.len(), phones.len()) != (PHONES_PER_PERSON, PHONES_PER_PERSON) {
            problems.push(format!(
                "{run}: person {number} has {} credentials for {} phones",
                children.len(),
                phones.len()
            ));
        }
    }
    let ledger = far_side.ledger().await;
    let containers = ledger["containers"].as_array().unwrap();
    if containers.len() != PEOPLE * PHONES_PER_PERSON {
        problems.push(format!("{run}: {} phones at the far side", containers.len()));
    }
    for container in containers {
        let id = container["id"].as_i64().unwrap();
        let credentials = find(&ledger["credentials"], "container_id", id).count();
        if credentials != 1 {
            problems.push(format!("{run}: endpoint {id} got {credentials} credentials"));
        }
    }
    problems
}

/// The credential manager: its ledger as it stands, and its callbacks in its place.
struct FarSide {
    http: reqwest::Client,
    ledger_url: String,
    callbacks: Callbacks,
}

impl FarSide {
    fn of(stack: &Stack) -> Self {
        let http = loopback_client(PATIENCE).unwrap();
        Self {
            ledger_url: format!("{}/simulator/ledger", stack.ready().simulator),
            callbacks: Callbacks::to(stack, http.clone()),
            http,
        }
    }

    /// With the moments, which the tests' own type leaves out.
    async fn ledger(&self) -> Value {
        let answer = self.http.get(&self.ledger_url).send().await.unwrap();
        serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
    }
}

fn find<'a>(list: &'a Value, key: &'a str, value: i64) -> impl Iterator<Item = &'a Value> {
    list.as_array().unwrap().iter().filter(move |entry| entry[key] == value)
}

/// Times of one kind, in microseconds. The clocks of both ends are the machine's, so a time may be below zero: then the far side was
/// called before the webhook's answer had arrived.
struct Times {
    what: &'static str,
    micros: Vec<i64>,
}

impl Times {
    const HEAD: &'static str = "milliseconds                                         count   median      p90      p99      max\n";

    const fn new(what: &'static str) -> Self {
        Self { what, micros: Vec::new() }
    }

    fn add(&mut self, from: i64, until: i64) {
        self.micros.push(until - from);
    }

    fn print_to(mut self, report: &mut String, figures: &mut Figures) {
        self.micros.sort_unstable();
        let millis = |percent: usize| {
            // The nearest rank: the least time that so many percent do not exceed.
            let rank = (self.micros.len() * percent).div_ceil(100).max(1);
            self.micros.get(rank - 1).map_or(f64::NAN, |micros| seconds(*micros) * 1_000.0)
        };
        let (median, p90, p99, max) = (millis(50), millis(90), millis(99), millis(100));
        let (what, count) = (self.what, self.micros.len());
        writeln!(report, "{what:<52} {count:>5} {median:>8.1} {p90:>8.1} {p99:>8.1} {max:>8.1}").unwrap();
        figures.add_times(&format!("{PEOPLE} people with {PHONES_PER_PERSON} phones, {what}"), median, p99);
    }
}
