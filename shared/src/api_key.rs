//! The text of API keys. It is shown once, when the key is made; only its hash is kept.

use crate::{
    chance::{self, NoChance},
    digest::hex_sha256,
    domain::secret::{Secret, note},
};

/// Clients refuse keys that begin otherwise, so no valid key does.
pub const KEY_PREFIX: &str = "seam_";

/// How clients recognise other kinds of token, which they refuse as a key: access tokens, client session tokens, publishable keys.
const OTHER_TOKENS: [&str; 3] = ["at", "cst", "pk"];
/// The part by which people tell keys apart.
const SHORT_LENGTH: usize = 8;
/// 187 bits.
const LONG_LENGTH: usize = 32;

/// The hash under which an API key is kept: SHA-256 of its text, in hex. Keys are long and random, so a slow hash would gain
/// nothing.
#[must_use]
pub fn hash_api_key(key: &str) -> String {
    if key.starts_with(KEY_PREFIX) {
        note(key);
    }
    hex_sha256(key)
}

/// Draws the text of a new key: `seam_` and a short and a long part.
pub fn draw_api_key() -> Result<Secret, NoChance> {
    loop {
        let short = chance::base58(SHORT_LENGTH)?;
        if is_short_part(&short) {
            return Ok(Secret::new(format!("{KEY_PREFIX}{short}_{}", chance::base58(LONG_LENGTH)?)));
        }
    }
}

/// Whether a key with this short part is taken for a key by clients.
fn is_short_part(text: &str) -> bool {
    !OTHER_TOKENS.iter().any(|other| text.starts_with(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_of_the_kind_that_clients_accept() {
        let key = draw_api_key().unwrap();
        let parts: Vec<&str> = key.expose().split('_').collect();
        assert_eq!(parts[0], "seam");
        assert_eq!((parts[1].len(), parts[2].len(), parts.len()), (SHORT_LENGTH, LONG_LENGTH, 3));
        assert_ne!(key, draw_api_key().unwrap());
    }

    /// Keys are looked up by their hash and never compared themselves: what the time of a look-up could tell about the hash says
    /// nothing about the key, since guesses that are nearly right have hashes that have nothing in common.
    #[test]
    fn a_guess_that_is_nearly_right_is_looked_for_where_no_key_is() {
        let key = "seam_test1_abcdefghijklmnopqrstuvwxyz012345";
        let hash = hash_api_key(key);
        for position in KEY_PREFIX.len()..key.len() {
            for letter in ["0", "z", "A"] {
                let mut guess = key.to_owned();
                guess.replace_range(position..=position, letter);
                let same = hash_api_key(&guess)
                    .bytes()
                    .zip(hash.bytes())
                    .take_while(|(one, other)| one == other)
                    .count();
                assert!(guess == key || same <= 4, "{same} of 64 digits of the hash of {guess}");
            }
        }
    }

    #[test]
    fn a_key_is_never_taken_for_another_kind_of_token() {
        for other in ["atXXXXXX", "cst1XXXX", "pkXXXXXX"] {
            assert!(!is_short_part(other));
        }
        assert!(is_short_part("dpkat123"));
    }
}
