//! Many phones wait for their callback, and then all callbacks come: how long until the issue call of each, and how many in a second.
//!
//! Each phone is its own person's only one: such phones share nothing but the machine.

use std::{collections::BTreeMap, time::Duration};

use fobless_tests::Stack;
use futures_util::{StreamExt as _, stream};

use crate::{
    far_side::{Endpoint, FarSide},
    fill::settle,
    measuring::moments::{now, seconds},
    people::{Person, people, what_is_wrong},
    report::{Figure, Report, per_second},
};

/// Few phones are measured again and again, each time other ones, until there are about so many times.
const TIMES: usize = 300;
const MOST_ROUNDS: usize = 40;

/// How many requests are sent at once: so many phones that there are call back together.
const AT_ONCE: usize = 16;

/// So many are a crowd.
const MANY: usize = 100;

/// How often to look whether the credentials are there. Looking costs the credential manager more the more there is to see.
const LOOK_EVERY: Duration = Duration::from_millis(100);
const LOOK_FOR_MANY_EVERY: Duration = Duration::from_secs(1);

/// How long the records of a few phones are worked on after their last callback, with some to spare.
const REST: Duration = Duration::from_millis(300);

/// Measures with so many phones waiting at once.
pub(crate) async fn measure(stack: &Stack, far_side: &FarSide, waiting: usize, phones_in_table: usize, report: &mut Report) {
    let rounds = (TIMES / waiting).clamp(1, MOST_ROUNDS);
    let begun = now();
    let people = people(stack, far_side, &format!("waiting-{waiting}"), waiting * rounds).await;
    let endpoints = redeemed(stack, far_side, &people).await;
    let prepared = seconds(now() - begun);
    eprintln!(
        "{} phones are invited, and have redeemed their codes, after {prepared:.0} s",
        people.len()
    );

    let (mut answers, mut times, mut totals) = (Vec::new(), Vec::new(), Vec::new());
    for round in endpoints.chunks(waiting) {
        let sent = now();
        let callbacks = stream::iter(round).map(async |endpoint| (endpoint.id, far_side.tell_active(endpoint).await));
        let callbacks: BTreeMap<i64, (i64, i64)> = callbacks.buffer_unordered(AT_ONCE).collect().await;
        let every = if waiting < MANY { LOOK_EVERY } else { LOOK_FOR_MANY_EVERY };
        let issued = far_side
            .wait_for("a credential on each phone", every, |ledger| ledger.issued_to(round))
            .await;
        for (endpoint, (sent, answered)) in &callbacks {
            answers.push(answered - sent);
            times.push(issued[endpoint].asked_for_at - answered);
        }
        totals.push(issued.values().map(|issued| issued.asked_for_at).max().unwrap() - sent);

        // Brought to their end, so that the next ones have the machine for themselves.
        let ends = stream::iter(round).map(|endpoint| far_side.tell_issued(endpoint, &issued[&endpoint.id]));
        ends.buffer_unordered(AT_ONCE).collect::<()>().await;
        if waiting < MANY {
            tokio::time::sleep(REST).await;
        } else {
            settle(stack).await;
        }
    }
    settle(stack).await;
    let run = format!("{phones_in_table} in the table, {waiting} waiting");
    report.wrong(what_is_wrong(&run, &people, 1, far_side).await);

    let total = totals.iter().sum::<i64>();
    let about = Figure {
        phones_in_table: Some(phones_in_table),
        waiting: Some(waiting),
        ..Figure::default()
    };
    report.add(Figure {
        what: "ENDPOINT_ACTIVE until its answer",
        micros: answers,
        ..about.clone()
    });
    // One phone after the other says nothing of how many there could be in a second.
    let is_crowd = waiting > 1;
    report.add(Figure {
        what: "ENDPOINT_ACTIVE answered until issue call",
        per_second: is_crowd.then(|| per_second(times.len(), total)),
        total: is_crowd.then(|| total / i64::try_from(totals.len()).unwrap()),
        micros: times,
        ..about
    });
}

/// All of them register a phone, and each phone redeems its code. The system does not know that yet.
async fn redeemed(stack: &Stack, far_side: &FarSide, people: &[Person]) -> Vec<Endpoint> {
    let registered = stream::iter(people).map(|person| person.register("phone"));
    registered.buffer_unordered(AT_ONCE).map(drop).collect::<()>().await;
    let mut invitations = far_side
        .wait_for("an invitation for each phone", LOOK_FOR_MANY_EVERY, |ledger| {
            let newest = ledger.newest_invitations();
            let found = people.iter().map(|person| newest.get(person.external_id().as_str()).cloned());
            found.collect::<Option<Vec<_>>>()
        })
        .await;
    settle(stack).await;
    let redeemed = stream::iter(people.iter().zip(invitations.drain(..))).map(|(person, invitation)| person.redeem(invitation));
    redeemed.buffered(AT_ONCE).collect().await
}
