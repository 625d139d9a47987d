//! The complete graph of a model, walked once more in depth: that it has an end.
//!
//! `stateright` follows `eventually` along the paths that it happens to take, so where paths join or run in a circle it can miss a
//! counterexample. Here no state can be come back to: each wish, crash and fault uses something up, and everything else brings a
//! step forward. When that is so, which this walk shows, every run ends in a quiet state, however it is scheduled; and what is wanted
//! "eventually" is exactly what is true of every quiet state, which `stateright` checks as `always`.

use std::{
    collections::{HashMap, hash_map::Entry},
    hash::{BuildHasher, BuildHasherDefault, DefaultHasher},
};

use stateright::Model;

/// What the walk found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Walk {
    /// How many different states there are.
    pub states: usize,
    /// Whether some state can be come back to.
    pub has_circle: bool,
}

/// How far the walk is with a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    /// It is on the way from the start to where the walk is.
    OnTheWay,
    /// Everything that follows it was seen.
    Done,
}

/// Walks through every state that the model can reach. States are told apart by a hash of 64 bits, as `stateright` does.
pub fn walk<M: Model>(model: &M) -> Walk
where
    M::State: std::hash::Hash,
{
    let hasher = BuildHasherDefault::<DefaultHasher>::default();
    let mut progress: HashMap<u64, Progress> = HashMap::new();
    let mut has_circle = false;
    for start in model.init_states() {
        let mut way: Vec<(u64, Vec<M::State>)> = Vec::new();
        let mut arrived = Some(start);
        loop {
            if let Some(state) = arrived.take() {
                let hash = hasher.hash_one(&state);
                match progress.entry(hash) {
                    Entry::Occupied(seen) => has_circle |= *seen.get() == Progress::OnTheWay,
                    Entry::Vacant(new) => {
                        new.insert(Progress::OnTheWay);
                        way.push((hash, model.next_states(&state)));
                    }
                }
            }
            let Some((hash, ahead)) = way.last_mut() else { break };
            arrived = ahead.pop();
            if arrived.is_none() {
                progress.insert(*hash, Progress::Done);
                way.pop();
            }
        }
    }
    Walk {
        states: progress.len(),
        has_circle,
    }
}

#[cfg(test)]
mod tests {
    use stateright::Property;

    use super::*;

    /// Counts to three, and from there perhaps back.
    struct Counter {
        comes_back: bool,
    }

    impl Model for Counter {
        type State = u8;
        type Action = u8;

        fn init_states(&self) -> Vec<u8> {
            vec![0]
        }

        fn actions(&self, state: &u8, actions: &mut Vec<u8>) {
            actions.extend(state + 1..=3);
            if self.comes_back && *state == 3 {
                actions.push(1);
            }
        }

        fn next_state(&self, _: &u8, action: u8) -> Option<u8> {
            Some(action)
        }

        fn properties(&self) -> Vec<Property<Self>> {
            Vec::new()
        }
    }

    #[test]
    fn ways_that_join_are_no_circle() {
        let found = walk(&Counter { comes_back: false });
        assert_eq!(
            found,
            Walk {
                states: 4,
                has_circle: false
            }
        );
    }

    #[test]
    fn a_way_back_is_a_circle() {
        let found = walk(&Counter { comes_back: true });
        assert_eq!(
            found,
            Walk {
                states: 4,
                has_circle: true
            }
        );
    }
}
