//! Which kinds of events a webhook is told of.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// Stands for every kind, those that later versions add included.
const ALL: &str = "*";
/// Longer names than this are nobody's.
const LONGEST_NAME: usize = 100;

/// Which kinds of events are wanted. Written as the list that the API takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<String>", into = "Vec<String>")]
pub enum EventTypes {
    /// All of them.
    All,
    /// These.
    Only(BTreeSet<String>),
}

/// A text that is no event type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no event type: it is \"*\" for all, or a name such as \"acs_credential.issued\"")]
pub struct InvalidEventType(String);

impl EventTypes {
    /// Reads the list. A name may be one that this version does not know: clients are sometimes newer, and what they ask for then
    /// begins to come with an update.
    pub fn parse(names: Vec<String>) -> Result<Self, InvalidEventType> {
        match names.iter().find(|name| *name != ALL && !is_name(name)) {
            Some(odd) => Err(InvalidEventType(odd.chars().take(LONGEST_NAME).collect())),
            None => Ok(names.into()),
        }
    }

    /// Whether an event of this type is wanted.
    #[must_use]
    pub fn include(&self, event_type: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(names) => names.contains(event_type),
        }
    }
}

/// Two or more words with dots between them.
fn is_name(text: &str) -> bool {
    let is_word = |word: &str| {
        !word.is_empty()
            && word
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    };
    text.len() <= LONGEST_NAME && text.contains('.') && text.split('.').all(is_word)
}

impl From<Vec<String>> for EventTypes {
    fn from(names: Vec<String>) -> Self {
        if names.iter().any(|name| name == ALL) {
            Self::All
        } else {
            Self::Only(names.into_iter().collect())
        }
    }
}

impl From<EventTypes> for Vec<String> {
    fn from(types: EventTypes) -> Self {
        match types {
            EventTypes::All => vec![ALL.to_owned()],
            EventTypes::Only(names) => names.into_iter().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(names: &[&str]) -> Result<EventTypes, InvalidEventType> {
        EventTypes::parse(names.iter().map(|&name| name.to_owned()).collect())
    }

    #[test]
    fn a_star_anywhere_means_everything() {
        let all = parse(&["phone.registered", "*"]).unwrap();
        assert_eq!(all, EventTypes::All);
        assert!(all.include("door.repainted"));
        assert_eq!(Vec::from(all), ["*"]);
    }

    #[test]
    fn names_are_words_with_dots_between_known_or_not() {
        let some = parse(&["phone.registered", "acs_credential.issued", "lock.unlocked"]).unwrap();
        assert!(some.include("phone.registered") && !some.include("phone.deactivated"));
        for odd in [
            "",
            ".",
            "phone",
            "phone.",
            ".phone",
            "phone..x",
            "Phone.registered",
            "phone registered",
            "phone.*",
            "**",
        ] {
            assert!(parse(&["phone.registered", odd]).is_err(), "{odd}");
        }
        assert!(parse(&[&format!("a.{}", "b".repeat(200))]).unwrap_err().to_string().len() < 250);
    }
}
