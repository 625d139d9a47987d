//! Thousands of worlds, each from its seed, and every crash of the happy path.

#![expect(clippy::unwrap_used, reason = "what does not work ends the test")]

use std::sync::{
    Mutex,
    atomic::{AtomicU64, Ordering},
};

use fobless_simulation::{Break, crash_at, happy_path, play, play_broken};
use mimalloc::MiMalloc;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// How many seeds are played, unless `FOBLESS_SEEDS` says otherwise.
const SEEDS: u64 = 150;
/// Fewer points than this would mean that the happy path is not walked.
const FEWEST_POINTS: usize = 250;
/// Within so many seeds what is broken is noticed.
const SEEDS_TO_NOTICE: u64 = 2_000;

#[expect(clippy::disallowed_methods, reason = "how many seeds a person wants is no setting of the product")]
fn asked(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

/// Does `work` for each number on every processor until `enough` failed, and answers the failures in order.
fn on_all_processors(numbers: std::ops::Range<u64>, enough: usize, work: impl Fn(u64) -> Result<(), String> + Sync) -> Vec<(u64, String)> {
    let (next, failures) = (AtomicU64::new(numbers.start), Mutex::new(Vec::new()));
    let processors = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..processors {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= numbers.end || failures.lock().unwrap().len() >= enough {
                        return;
                    }
                    if let Err(failure) = work(number) {
                        failures.lock().unwrap().push((number, failure));
                    }
                }
            });
        }
    });
    let mut failures = failures.into_inner().unwrap();
    failures.sort();
    failures
}

#[test]
fn a_seed_of_every_world_ends_as_wished() {
    if let Some(seed) = asked("FOBLESS_SEED") {
        let played = play(seed, true);
        for line in played.trace.lines.iter().flatten() {
            println!("{line}");
        }
        assert_eq!(played.checked, Ok(()), "seed {seed}");
        return;
    }
    let seeds = asked("FOBLESS_SEEDS").unwrap_or(SEEDS);
    let points = AtomicU64::new(0);
    let failures = on_all_processors(0..seeds, 5, |seed| {
        let played = play(seed, false);
        points.fetch_add(played.points as u64, Ordering::Relaxed);
        played.checked
    });
    println!("{seeds} seeds, {} points at which somebody could have died", points.into_inner());
    for (seed, failure) in &failures {
        println!("seed {seed} (again: FOBLESS_SEED={seed}): {failure}");
    }
    assert!(failures.is_empty(), "{} of the seeds failed", failures.len());
}

#[test]
fn a_crash_at_every_point_of_the_happy_path_neither_loses_nor_doubles_anything() {
    let happy = happy_path();
    assert_eq!(happy.checked, Ok(()));
    println!("{} points of the happy path, each with a crash", happy.points);
    assert!(happy.points > FEWEST_POINTS, "{} points are no happy path", happy.points);
    let failures = on_all_processors(0..happy.points as u64, 5, |point| crash_at(usize::try_from(point).unwrap()).checked);
    assert!(failures.is_empty(), "crashes at these points: {failures:#?}");
}

#[test]
fn a_seed_replays_exactly() {
    for seed in 0..50 {
        let (once, again) = (play(seed, false), play(seed, true));
        assert_eq!(
            (once.trace.hash, once.trace.length),
            (again.trace.hash, again.trace.length),
            "seed {seed}"
        );
        assert!(once.trace.length > 20, "seed {seed} is nearly empty");
    }
}

#[test]
fn a_table_whose_conditions_always_hold_is_noticed() {
    noticed(Break::Conditions);
}

#[test]
fn a_far_side_that_shows_no_credentials_is_noticed() {
    noticed(Break::ReadBack);
}

fn noticed(broken: Break) {
    let failures = on_all_processors(0..SEEDS_TO_NOTICE, 1, |seed| play_broken(seed, broken).checked);
    let (seed, failure) = failures.first().expect("it is noticed");
    println!("{broken:?} noticed by seed {seed}: {failure}");
}
