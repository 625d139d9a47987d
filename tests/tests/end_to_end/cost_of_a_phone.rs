//! What a phone costs from its registration to its credential, everything included: the figures that docs/OPERATIONS.md reckons with.

use fobless_local::{HeldPort, SystemOptions};
use fobless_tests::{Meter, Stack};

/// Phones of one person, so that what one costs is not lost in what the person costs.
const PHONES: [&str; 4] = ["one", "two", "three", "four"];

/// Write units for each phone, both indexes and the events that are told included. The more of them, the more a phone costs: whoever
/// gets below it puts the new figure here and in docs/OPERATIONS.md.
const MOST_WRITE_UNITS: f64 = 40.0;

/// The same where the phone before has its credential already, so that hardly anything is done twice: the table in docs/PERFORMANCE.md has 29.
const MOST_WRITE_UNITS_ALONE: f64 = 31.0;

/// An invitation, an issue, and a read for each of them; phones that come together share reads.
const MOST_CALLS: f64 = 4.0;

/// An invitation and an issue, where callbacks are believed.
const MOST_CALLS_WITH_TRUST: f64 = 2.0;

/// The same where phones come together: a callback that comes in two pieces makes one of the others be looked at.
const MOST_CALLS_WITH_TRUST_TOGETHER: f64 = 2.5;

fn each(total: f64) -> f64 {
    total / f64::from(u32::try_from(PHONES.len()).unwrap())
}

/// What each phone cost.
struct Cost {
    write_units: f64,
    calls: f64,
}

/// When the next phone comes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pace {
    /// Once the one before it has redeemed its code.
    Together,
    /// Once the one before it has its credential.
    OneByOne,
}

/// Registers phones of one person, each of which redeems its code at once.
async fn cost_of_a_phone(pace: Pace, options: SystemOptions) -> Cost {
    let port = HeldPort::take().unwrap();
    let meter = Meter::before(&format!("http://127.0.0.1:{}", port.number())).await;
    let stack = Stack::start_with(SystemOptions {
        dynamodb_port: port.number(),
        table_behind: Some(meter.url().parse().unwrap()),
        ..options
    })
    .await;
    stack.launch_automation().await.unwrap();
    let parent = stack.create_credential().await.unwrap();
    // What the person costs is over when their first phone has its credential.
    let first = stack.register("zero").await;
    stack.redeem_code_of(first).await;
    stack.issued(parent, 1).await;
    let calls_before: u64 = stack.ledger().await.unwrap().calls.values().sum();
    let _ = meter.take();

    for (before, installation) in PHONES.into_iter().enumerate() {
        let phone = stack.register(installation).await;
        stack.redeem_code_of(phone).await;
        if pace == Pace::OneByOne {
            stack.issued(parent, before + 2).await;
        }
    }
    stack.issued(parent, PHONES.len() + 1).await;
    let calls: u64 = stack.ledger().await.unwrap().calls.values().sum::<u64>() - calls_before;
    let metered = meter.take();
    let written: f64 = metered
        .iter()
        .filter(|noted| noted.is_write())
        .filter_map(|noted| noted.units)
        .sum();
    // The people of the test look into the API all the time, so what is read is not the functions' alone.
    let cost = Cost {
        write_units: each(written),
        calls: each(f64::from(u32::try_from(calls).unwrap())),
    };
    let Cost { write_units, calls } = cost;
    println!("for each phone {write_units} write units and {calls} calls of the credential manager");
    cost
}

impl Cost {
    fn is_at_most(&self, write_units: f64, calls: f64) {
        assert!(self.write_units <= write_units, "{} write units for each phone", self.write_units);
        assert!(self.calls <= calls, "{} calls for each phone", self.calls);
    }
}

fn trusting() -> SystemOptions {
    SystemOptions {
        trusts_callbacks: true,
        ..SystemOptions::default()
    }
}

#[tokio::test]
async fn a_phone_costs_no_more_units_and_calls_than_the_runbook_reckons_with() {
    let cost = cost_of_a_phone(Pace::Together, SystemOptions::default()).await;
    cost.is_at_most(MOST_WRITE_UNITS, MOST_CALLS);
}

#[tokio::test]
async fn a_phone_alone_costs_no_more_than_its_own_writes() {
    let cost = cost_of_a_phone(Pace::OneByOne, SystemOptions::default()).await;
    cost.is_at_most(MOST_WRITE_UNITS_ALONE, MOST_CALLS);
}

#[tokio::test]
async fn a_phone_costs_two_calls_where_callbacks_are_trusted() {
    let alone = cost_of_a_phone(Pace::OneByOne, trusting()).await;
    alone.is_at_most(MOST_WRITE_UNITS_ALONE, MOST_CALLS_WITH_TRUST);
    let together = cost_of_a_phone(Pace::Together, trusting()).await;
    together.is_at_most(MOST_WRITE_UNITS, MOST_CALLS_WITH_TRUST_TOGETHER);
}
