//! Chance, as the operating system gives it: for what nobody may guess.

use ring::rand::{SecureRandom, SystemRandom};

/// Letters and digits that no eye takes for each other, as Bitcoin's base58 has them.
const BASE58: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/// The operating system gives no random bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gives no random bytes")]
pub struct NoChance;

/// Random bytes.
pub fn bytes<const N: usize>() -> Result<[u8; N], NoChance> {
    let mut drawn = [0; N];
    SystemRandom::new().fill(&mut drawn).map_err(|_| NoChance)?;
    Ok(drawn)
}

/// Random base58 of this length, each letter as likely as the others.
pub fn base58(length: usize) -> Result<String, NoChance> {
    let mut text = String::with_capacity(length);
    while text.len() < length {
        // Of the 64 values of six bits, those beyond the alphabet are drawn again.
        let letters = bytes::<64>()?.map(|byte| BASE58.get(usize::from(byte & 0x3f)));
        text.extend(
            letters
                .iter()
                .flatten()
                .take(length - text.len())
                .map(|&&letter| char::from(letter)),
        );
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_drawn_has_the_length_that_was_asked_for_and_only_letters_of_the_alphabet() {
        for length in [0, 1, 24, 100] {
            let text = base58(length).unwrap();
            assert_eq!(text.len(), length);
            assert!(text.bytes().all(|letter| BASE58.contains(&letter)), "{text}");
        }
        assert_ne!(base58(24).unwrap(), base58(24).unwrap());
    }
}
