//! Whatever happens to a person, in whatever order and whatever goes wrong on the way: once it is left alone, everything comes to be as
//! it is wished. The real reconciler over a real table, against systems in memory that know what really happened.

#![expect(clippy::unwrap_used, reason = "what does not work ends the test")]

mod action;
mod by_hand;
mod converged;
mod cost;
mod doors;
mod faults;
mod left_behind;
mod line;
mod person;
mod pools;
mod regressions;
mod table;
mod time;
mod told;
mod trusted;
mod uncovered;
mod world;

use proptest::test_runner::{Config, TestCaseError, TestRunner};
use tokio::runtime::{Builder, Runtime};

/// How many cases there are of each kind, unless `PROPTEST_CASES` says otherwise.
const CASES: u32 = 32;

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn run(faults_weight: u32) {
    #[expect(
        clippy::disallowed_methods,
        reason = "proptest's own setting, read so that it can have another default"
    )]
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    let config = Config {
        cases: cases.unwrap_or(CASES),
        failure_persistence: None,
        max_shrink_iters: 250,
        ..Config::default()
    };
    let (runtime, store) = (runtime(), table::store());
    let tested = TestRunner::new(config).run(&action::case(faults_weight), |case| {
        runtime.block_on(world::play(&store, &case)).map_err(TestCaseError::fail)
    });
    if let Err(failure) = tested {
        panic!("{failure}");
    }
}

#[test]
fn it_converges_when_every_call_is_answered() {
    run(0);
}

#[test]
fn it_converges_whatever_goes_wrong_on_the_way() {
    run(8);
}
