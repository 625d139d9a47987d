//! The text that leads from one page of a listing to the next. Opaque to clients; it works with the parameters of its listing only.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;

/// A place in one listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cursor {
    /// What the listing was asked for.
    pub(crate) fingerprint: String,
    /// The next page starts behind this id.
    pub(crate) position: Uuid,
}

impl Cursor {
    /// The text for clients.
    pub(crate) fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::json!([self.fingerprint, self.position]).to_string())
    }

    /// What [`encode`](Self::encode) wrote; `None` when it did not write that.
    pub(crate) fn decode(text: &str) -> Option<Self> {
        let json = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (fingerprint, position) = serde_json::from_slice(&json).ok()?;
        // There are many ways to write the same JSON and the same id, and only one of them is ours.
        Some(Self { fingerprint, position }).filter(|cursor| cursor.encode() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_its_journey_and_garbage_is_none() {
        let cursor = Cursor {
            fingerprint: "abc".to_owned(),
            position: Uuid::now_v7(),
        };
        assert_eq!(Cursor::decode(&cursor.encode()), Some(cursor));
        for garbage in ["", "%%%", "bm90IGpzb24", "W10", "WyJhIiwxXQ"] {
            assert_eq!(Cursor::decode(garbage), None, "{garbage}");
        }
    }

    #[test]
    fn what_says_the_same_in_other_letters_is_none() {
        let position = Uuid::from_u128(0x018c_f8b0_0f58_7000_8000_0000_0000_00ab);
        for json in [
            format!(r#"["abc", "{position}"]"#),
            format!(r#"["\u0061bc","{position}"]"#),
            format!(r#"["abc","{}"]"#, position.to_string().to_uppercase()),
            format!(r#"["abc","{}"]"#, position.simple()),
        ] {
            assert_eq!(Cursor::decode(&URL_SAFE_NO_PAD.encode(&json)), None, "{json}");
        }
    }
}
