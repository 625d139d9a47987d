//! Without one of its mechanisms the protocol fails: each test takes one away and expects the counterexample. What passes all the same is
//! told too: then another mechanism stands behind it.

use fobless_model::{
    properties::{NOTHING_BACKWARDS, NOTHING_FORGOTTEN, NOTHING_LOST, NOTHING_TWICE, NOTHING_UNWISHED},
    protocol::Protocol,
};
use stateright::{Checker, HasDiscoveries, Model};

/// The protocol with something changed.
fn with(change: impl FnOnce(&mut Protocol)) -> Protocol {
    let mut protocol = Protocol::small();
    change(&mut protocol);
    protocol
}

/// Expects a counterexample to each of `properties`, the shortest that there is.
fn expect_failure_of(protocol: Protocol, properties: &[&'static str]) {
    let wanted = HasDiscoveries::AllOf(properties.iter().copied().collect());
    let checker = protocol.checker().finish_when(wanted).spawn_bfs().join();
    for name in properties {
        let counterexample = checker.assert_any_discovery(name).into_actions();
        println!("not true after {} actions: {name}", counterexample.len());
    }
}

/// Expects that all holds.
fn expect_success(protocol: Protocol) {
    let checker = protocol.checker().spawn_bfs().join();
    assert!(checker.is_done(), "the exploration was cut off");
    for name in [NOTHING_TWICE, NOTHING_UNWISHED, NOTHING_FORGOTTEN, NOTHING_LOST, NOTHING_BACKWARDS] {
        checker.assert_no_discovery(name);
    }
    println!("{} states, and all holds", checker.unique_state_count());
}

#[test]
fn without_the_fencing_token_a_worker_that_lost_its_claim_overwrites_the_one_that_took_over() {
    let protocol = with(|protocol| {
        protocol.mechanisms.fencing_token = false;
        protocol.webhooks = 3;
    });
    expect_failure_of(protocol, &[NOTHING_BACKWARDS, NOTHING_UNWISHED, NOTHING_LOST, NOTHING_FORGOTTEN]);
}

#[test]
fn without_any_read_back_a_credential_whose_reply_was_lost_stays_unknown() {
    let protocol = with(|protocol| {
        protocol.mechanisms.reads_back_before_repeating = false;
        protocol.mechanisms.reads_back_after_doubt = false;
    });
    expect_failure_of(protocol, &[NOTHING_LOST]);
}

#[test]
fn without_the_read_back_before_a_repeat_a_refusal_for_another_reason_hides_what_an_earlier_call_made() {
    let protocol = with(|protocol| protocol.mechanisms.reads_back_before_repeating = false);
    expect_failure_of(protocol, &[NOTHING_LOST]);
}

#[test]
fn the_read_back_before_a_repeat_stands_behind_the_one_after_a_refusal() {
    expect_success(with(|protocol| protocol.mechanisms.reads_back_after_doubt = false));
}

/// A prompt credential manager that takes a repeat for another order.
fn takes_repeats(protocol: &mut Protocol) {
    protocol.assumptions.repeats_are_refused = false;
    protocol.assumptions.answers_come_late = false;
}

#[test]
fn where_repeats_are_not_refused_the_read_back_alone_keeps_a_credential_from_being_doubled() {
    expect_success(with(takes_repeats));
    let protocol = with(|protocol| {
        takes_repeats(protocol);
        protocol.mechanisms.reads_back_before_repeating = false;
    });
    expect_failure_of(protocol, &[NOTHING_TWICE, NOTHING_LOST]);
}

#[test]
fn no_read_back_helps_where_repeats_are_not_refused_and_calls_arrive_late() {
    let protocol = with(|protocol| protocol.assumptions.repeats_are_refused = false);
    expect_failure_of(protocol, &[NOTHING_TWICE]);
}

#[test]
fn a_withdrawal_that_does_not_look_for_the_unnamed_leaves_it_on_the_phone() {
    let protocol = with(|protocol| protocol.mechanisms.looks_for_the_unnamed = false);
    expect_failure_of(protocol, &[NOTHING_UNWISHED]);
}

#[test]
fn a_look_counts_only_when_the_clock_was_asked_before_it() {
    let protocol = with(|protocol| protocol.mechanisms.asks_the_clock_before_looking = false);
    expect_failure_of(protocol, &[NOTHING_UNWISHED]);
}

#[test]
fn the_slowest_call_begins_as_late_as_the_claim_ends() {
    let protocol = with(|protocol| protocol.mechanisms.counts_from_the_end_of_the_claim = false);
    expect_failure_of(protocol, &[NOTHING_UNWISHED]);
}

#[test]
fn a_look_that_comes_too_early_settles_nothing() {
    let protocol = with(|protocol| protocol.mechanisms.doubts_early_looks = false);
    expect_failure_of(protocol, &[NOTHING_LOST]);
}

#[test]
fn an_unanswered_call_is_remembered_though_a_later_one_worked() {
    let protocol = with(|protocol| protocol.mechanisms.remembers_unanswered_calls = false);
    expect_failure_of(protocol, &[NOTHING_UNWISHED]);
}

#[test]
fn leases_have_to_outlast_every_worker_that_may_still_call() {
    // The credential manager knows no fencing token: nothing stops such a call.
    let protocol = with(|protocol| protocol.assumptions.leases_outlast_callers = false);
    expect_failure_of(protocol, &[NOTHING_UNWISHED]);
}
