//! Percent-encoding for queries and forms.

use std::fmt::Write;

/// Encodes everything but the characters that RFC 3986 calls unreserved. A space becomes `%20`, which forms accept too.
pub(super) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string can't fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::encode;

    #[test]
    fn what_has_a_meaning_in_a_form_is_encoded() {
        assert_eq!(encode("a-Z_0.9~"), "a-Z_0.9~");
        assert_eq!(encode("a b&c=d+e%é"), "a%20b%26c%3Dd%2Be%25%C3%A9");
    }
}
