//! What people do in a world.

use crate::chance::Chance;

/// How many phones a person has, and how many parents.
pub(crate) const PHONES: usize = 2;
pub(crate) const PARENTS: usize = 2;

/// One thing that somebody does, or that happens.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Action {
    Register(usize),
    Deactivate(usize),
    /// A phone event that was told before is told again.
    Repeat,
    CreateParent(usize),
    DeleteParent(usize),
    Launch,
    DeleteAutomation,
    Redeem(usize),
    Fetch,
    Sweep,
    /// Somebody's clock jumps.
    ClockJumps,
    /// Things go wrong more often, or less.
    WeatherChanges,
}

/// What happens next.
pub(crate) fn next(chance: &Chance) -> Action {
    let (phone, slot) = (chance.below(PHONES), chance.below(PARENTS));
    match chance.below(26) {
        0..=3 => Action::Register(phone),
        4 => Action::Deactivate(phone),
        5 => Action::Repeat,
        6..=7 => Action::CreateParent(slot),
        8 => Action::DeleteParent(slot),
        9 => Action::Launch,
        10 if chance.happens(300) => Action::DeleteAutomation,
        10..=15 => Action::Redeem(phone),
        16..=19 => Action::Fetch,
        20..=22 => Action::Sweep,
        23..=24 => Action::ClockJumps,
        _ => Action::WeatherChanges,
    }
}
