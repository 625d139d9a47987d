//! Plays worlds: one of chance for each seed, and the happy path with a crash at one point of it.

use std::time::Duration;

use crate::{
    chance::Trace,
    line::Shared,
    script::{self, Action},
    world::{Batches, Break, World},
};

/// How many things happen in a world of chance. Most worlds are small, since many small ones find more in the same time; a few are long.
const FEWEST_ACTIONS: usize = 3;
const MORE_ACTIONS: usize = 12;
/// The longest pause between two of them.
const LONGEST_PAUSE: u64 = 25_000;

/// What came of a world.
#[derive(Clone, Debug)]
pub struct Played {
    /// What must be, and was not.
    pub checked: Result<(), String>,
    /// What happened.
    pub trace: Trace,
    /// At how many points somebody could have died.
    pub points: usize,
}

/// Plays the world of a seed. Its trace can be read afterwards if `is_read`.
#[must_use]
pub fn play(seed: u64, is_read: bool) -> Played {
    of_chance(seed, is_read, None)
}

/// The same, but with something that is broken.
#[must_use]
pub fn play_broken(seed: u64, broken: Break) -> Played {
    of_chance(seed, false, Some(broken))
}

/// Plays the happy path: nothing goes wrong.
#[must_use]
pub fn happy_path() -> Played {
    happy(None)
}

/// Plays the happy path, but whoever comes by the point dies there.
#[must_use]
pub fn crash_at(point: usize) -> Played {
    happy(Some(point))
}

fn of_chance(seed: u64, is_read: bool, broken: Option<Break>) -> Played {
    let shared = Shared::new(seed, None, is_read);
    let mut world = World::begin(shared.clone(), broken);
    let checked = chance(&mut world);
    played(&shared, checked)
}

fn played(shared: &Shared, checked: Result<(), String>) -> Played {
    Played {
        checked,
        trace: shared.take_trace(),
        points: shared.points(),
    }
}

fn chance(world: &mut World) -> Result<(), String> {
    let shared = world.shared.clone();
    for action in [Action::Launch, Action::CreateParent(0), Action::Register(0), Action::WeatherChanges] {
        world.happen(action);
    }
    let more = shared.chance().below(MORE_ACTIONS) + 1;
    for _ in 0..FEWEST_ACTIONS + shared.chance().below(more) {
        let pause = shared.chance().millis(LONGEST_PAUSE);
        world.go_on(Some(shared.time().now().plus(pause)))?;
        world.happen(script::next(shared.chance()));
    }
    world.rest()
}

/// A phone is given its credential, a second one too, the first is lost, and at last the credential is taken back.
fn happy(crash_at: Option<usize>) -> Played {
    let shared = Shared::new(0, crash_at, false);
    let mut world = World::begin(shared.clone(), None);
    // The more points there are at which somebody can die, the better.
    world.batches = Batches::Overlap;
    let checked = walk(&mut world);
    played(&shared, checked)
}

fn walk(world: &mut World) -> Result<(), String> {
    let stages: [&[Action]; 4] = [
        &[Action::Launch, Action::CreateParent(0), Action::Register(0)],
        &[Action::Register(1), Action::CreateParent(1)],
        &[Action::Deactivate(0)],
        &[Action::DeleteParent(0)],
    ];
    for stage in stages {
        for action in stage {
            world.happen(*action);
        }
        world.go_on(None)?;
        for action in [Action::Redeem(0), Action::Redeem(1), Action::Fetch, Action::Fetch] {
            world.happen(action);
            world.go_on(None)?;
        }
        world.rest()?;
        world.go_on(Some(world.shared.time().now().plus(Duration::from_secs(1))))?;
    }
    Ok(())
}
