//! Text that must not be seen: its `Debug` is redacted, it has no `Display`, and reading it takes a word that stands out in review.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A secret text: an invitation code, an access token, a client secret. It serialises in the clear, since the table keeps it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String")]
pub struct Secret(String);

impl Secret {
    /// Takes the text in.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        note(&text);
        Self(text)
    }

    /// Gives the text out, to the one place that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

/// There is this secret: for tests, which look for it in every log line. Also for texts that are secrets on their way to become something
/// else. Does nothing in what is deployed.
#[cfg_attr(
    not(feature = "log-watch"),
    expect(clippy::missing_const_for_fn, reason = "it is one only where nobody watches")
)]
pub(crate) fn note(text: &str) {
    #[cfg(feature = "log-watch")]
    fobless_log_watch::note(text);
    #[cfg(not(feature = "log-watch"))]
    let _ = text;
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_shown_by_debug() {
        assert_eq!(format!("{:?}", Secret::new("AAAA-BBBB")), "Secret(redacted)");
    }
}
