//! The protocol as it is: every state that it can come to, with all that may go wrong.

use std::{io::Write as _, time::Instant};

use fobless_model::{exploration::walk, protocol::Protocol};
use stateright::{Checker, HasDiscoveries, Model};

/// Fewer states than this, and the model has lost something.
const FEWEST_STATES: usize = 5_000_000;

#[expect(
    clippy::disallowed_methods,
    reason = "how long it takes is on the machine's clock, and printed only"
)]
fn now() -> Instant {
    Instant::now()
}

/// Past the test runner, which keeps to itself what a test that passes prints.
fn tell(line: &str) {
    writeln!(std::io::stdout(), "{line}").expect("standard output");
}

#[test]
fn whatever_happens_in_whatever_order_nothing_is_lost_and_nothing_is_twice() {
    let began = now();
    let protocol = Protocol::real();
    // Only a failure ends it before the last state.
    let checker = protocol
        .checker()
        .threads(2)
        .finish_when(HasDiscoveries::AnyFailures)
        .spawn_bfs()
        .join();
    tell(&format!(
        "2 phones, 1 parent, 2 issuers, {} crashes: {} states, {} transitions and starts, at most {} actions from the start, {:.0} s",
        protocol.bounds.crashes,
        checker.unique_state_count(),
        checker.state_count(),
        checker.max_depth(),
        began.elapsed().as_secs_f64(),
    ));
    checker.assert_properties();
    assert!(checker.is_done(), "the exploration was cut off");
    assert!(checker.unique_state_count() >= FEWEST_STATES, "the model has lost something");
}

#[test]
fn every_run_ends_in_a_quiet_state_however_it_is_scheduled() {
    let began = now();
    let walked = walk(&Protocol::real());
    tell(&format!(
        "walked in depth: {} states, {:.0} s",
        walked.states,
        began.elapsed().as_secs_f64()
    ));
    assert!(!walked.has_circle, "a state can be come back to, so a run may have no end");
    assert!(walked.states >= FEWEST_STATES, "the model has lost something");
}
