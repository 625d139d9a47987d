//! What must not be guessed or repeat: invitation codes, tokens, ids of events.

use uuid::Uuid;

/// Letters and digits that cannot be taken for one another.
const ALPHABET: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// `AAAA-BBBB-CCCC-DDDD`: sixteen characters in four groups.
pub(crate) fn invitation_code() -> String {
    let characters: Vec<char> = Uuid::new_v4()
        .into_bytes()
        .iter()
        .map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()]))
        .collect();
    characters
        .chunks(4)
        .map(|group| group.iter().collect::<String>())
        .collect::<Vec<_>>()
        .join("-")
}

/// A bearer token.
pub(crate) fn token() -> String {
    format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())
}

/// The id of an event, a filter or a callback.
pub(crate) fn uuid() -> String {
    Uuid::new_v4().to_string()
}
