//! Registrations of new phones: how many webhooks are accepted in a second when the next is sent as soon as one is answered, and how
//! long the answers take when they come at half of that rate.
//!
//! The phones are of people without an enrollment automation. So HID Origo is never called, whose limit would be what is measured; all the
//! rest works as ever beside the webhooks: the stream, the issuer, which lists each phone and tells of it, and the sender of webhooks.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use fobless::{
    domain::{
        ids::{InstallationId, UserIdentityId},
        phone_metadata::PhoneMetadata,
    },
    webhook::signed_webhook::{PhoneEvent, PhoneEventType},
};
use fobless_local::{loopback_client, seed};
use fobless_tests::{PATIENCE, RawWebhook, Stack};
use futures_util::future::join_all;
use tokio::{runtime::Handle, time::Instant};

use crate::{
    fill::{newcomers, settle},
    measuring::moments::in_micros,
    report::{Figure, Report, per_second},
};

/// How many senders there are, each of which waits for its answer.
const SENDERS: usize = 32;

/// What is measured differs from run to run; the run in the middle counts. At a fixed rate one stall makes all behind it late: of three runs
/// alike, one had a median of 105 ms and the others of 4 and 16.
const RUNS: usize = 3;

/// Where phone events go.
#[derive(Clone)]
struct Door {
    http: reqwest::Client,
    url: String,
}

/// Measures with so many registrations in each run.
pub(crate) async fn measure(stack: &Stack, count: usize, phones_in_table: usize, report: &mut Report) {
    let door = Door {
        http: loopback_client(PATIENCE).unwrap(),
        url: format!("{}/webhooks/phones", stack.ready().api),
    };
    // The first ones find no connection yet, and nothing that anybody remembers.
    let mut people = newcomers(stack, count.div_ceil(10) + count * RUNS * 2).await;
    let warm_up = people.split_off(count * RUNS * 2);
    as_fast_as_answered(&door, registrations(stack, &warm_up)).await;
    settle(stack).await;

    let mut crowds = people.chunks(count);
    let mut runs = Vec::new();
    for crowd in crowds.by_ref().take(RUNS) {
        runs.push(as_fast_as_answered(&door, registrations(stack, crowd)).await);
        // The issuer comes behind; the next run begins when it is done.
        settle(stack).await;
    }
    runs.sort_by_key(|(_, total)| *total);
    let rates: Vec<String> = runs
        .iter()
        .map(|(times, total)| format!("{:.0}", per_second(times.len(), *total)))
        .collect();
    eprintln!("webhooks accepted per second, each run: {}", rates.join(", "));
    let (times, total) = runs.swap_remove(RUNS / 2);
    let rate = per_second(times.len(), total);
    let about = Figure {
        phones_in_table: Some(phones_in_table),
        ..Figure::default()
    };
    report.add(Figure {
        what: "phone.registered until its answer, at saturation",
        per_second: Some(rate),
        micros: times,
        ..about.clone()
    });

    let mut runs = Vec::new();
    for crowd in crowds {
        let mut times = at_rate(&door, registrations(stack, crowd), rate / 2.0).await;
        settle(stack).await;
        times.sort_unstable();
        runs.push(times);
    }
    runs.sort_by_key(|times| times[times.len() / 2]);
    report.add(Figure {
        what: "phone.registered planned until answered, at half of saturation",
        micros: runs.swap_remove(RUNS / 2),
        ..about
    });
}

/// A signed registration of a new phone for each of these people, made before it is sent: signing is no part of what is measured.
fn registrations(stack: &Stack, people: &[UserIdentityId]) -> Vec<RawWebhook> {
    let now = stack.now();
    let registration = |person: &UserIdentityId| {
        let event = PhoneEvent {
            event_type: PhoneEventType::Registered,
            workspace_id: seed::WORKSPACE,
            user_identity_id: *person,
            installation_id: InstallationId::new("phone"),
            metadata: PhoneMetadata::default(),
            occurred_at: now,
        };
        let signed = event.sign(&stack.ready().webhook_secret, now).unwrap();
        let headers: Vec<(&str, &str)> = signed.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        RawWebhook::with_headers(&headers, signed.body)
    };
    people.iter().map(registration).collect()
}

impl Door {
    async fn send(&self, webhook: &RawWebhook) {
        assert_eq!(webhook.send(&self.http, &self.url).await, 200);
    }
}

/// A closed loop: each sender sends its next webhook when the last one is answered. Answers the times, and what all took together.
async fn as_fast_as_answered(door: &Door, webhooks: Vec<RawWebhook>) -> (Vec<i64>, i64) {
    let rest = Arc::new(Mutex::new(webhooks.into_iter()));
    let begun = Instant::now();
    let senders = (0..SENDERS).map(|_| {
        let (door, rest) = (door.clone(), Arc::clone(&rest));
        tokio::spawn(async move {
            let mut times = Vec::new();
            loop {
                let next = rest.lock().unwrap().next();
                let Some(webhook) = next else { return times };
                let sent = Instant::now();
                door.send(&webhook).await;
                times.push(in_micros(sent.elapsed()));
            }
        })
    });
    let times = join_all(senders).await.into_iter().flat_map(Result::unwrap).collect();
    (times, in_micros(begun.elapsed()))
}

/// An open loop: when each is sent stands fixed before the first is, whatever becomes of those before it, and its time counts from then.
/// So answers that are late make all behind them late, as they would be for those who wait for them.
async fn at_rate(door: &Door, webhooks: Vec<RawWebhook>, rate: f64) -> Vec<i64> {
    let (door, runtime) = (door.clone(), Handle::current());
    // A thread of its own keeps time: the runtime's timers are as coarse as the times that are measured.
    let sending = tokio::task::spawn_blocking(move || {
        let begun = Instant::now();
        let send = |(webhook, number): (RawWebhook, u32)| {
            let planned = begun + Duration::from_secs_f64(f64::from(number) / rate);
            std::thread::sleep(planned.saturating_duration_since(Instant::now()));
            let door = door.clone();
            runtime.spawn(async move {
                door.send(&webhook).await;
                in_micros(planned.elapsed())
            })
        };
        webhooks.into_iter().zip(0_u32..).map(send).collect::<Vec<_>>()
    });
    join_all(sending.await.unwrap()).await.into_iter().map(Result::unwrap).collect()
}
