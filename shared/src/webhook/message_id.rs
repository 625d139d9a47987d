//! The sender's name for a message: the same for each attempt to deliver it.

use std::{fmt, str::FromStr};

/// Longer ids are in nobody's use, and this one becomes part of keys and log lines.
const MAX_BYTES: usize = 256;

/// A message id: visible ASCII without a dot, 1 to 256 bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MessageId(String);

/// A text that cannot be a message id: empty, too long, or with a dot, a space or anything but visible ASCII in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a message id is 1 to 256 visible ASCII characters without a dot")]
pub struct InvalidMessageId;

impl MessageId {
    /// The id as the sender wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<&[u8]> for MessageId {
    type Error = InvalidMessageId;

    fn try_from(bytes: &[u8]) -> Result<Self, InvalidMessageId> {
        // A dot would let the boundary between id, timestamp and body be shifted without a change of the signed bytes.
        let well_formed = (1..=MAX_BYTES).contains(&bytes.len()) && bytes.iter().all(|&byte| byte.is_ascii_graphic() && byte != b'.');
        let text = std::str::from_utf8(bytes).map_err(|_| InvalidMessageId)?;
        if well_formed {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidMessageId)
        }
    }
}

impl FromStr for MessageId {
    type Err = InvalidMessageId;

    fn from_str(text: &str) -> Result<Self, InvalidMessageId> {
        text.as_bytes().try_into()
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_short_visible_text_without_a_dot() {
        let longest = "m".repeat(256);
        for accepted in ["m", "msg_p5jXN8AQM9LWM0D4loKWxJek", "a:b/c", &longest] {
            assert_eq!(accepted.parse::<MessageId>().unwrap().as_str(), accepted);
        }
        let too_long = "m".repeat(257);
        for refused in ["", ".", "msg.1", "msg 1", "msg\n", "m\u{fc}", &too_long] {
            assert_eq!(refused.parse::<MessageId>(), Err(InvalidMessageId), "{refused:?}");
        }
    }
}
