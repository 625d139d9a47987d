//! What of HID's error texts may be shown: they end up in logs and in the table, and HID may quote what we sent.

use serde_json::Value;

use crate::domain::secret::Secret;

/// How much of an error text is kept.
const LONGEST: usize = 200;

/// No word is as long as this; an access token or a key is.
const LONGEST_WORD: usize = 32;

const MASK: &str = "****";

/// The text of an error body, made safe. HID puts it in `detail` or in `message`; the body may as well be empty or HTML.
pub(super) fn of_error_body(body: &[u8], secrets: &[&Secret]) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let text = ["detail", "message"].iter().find_map(|key| super::json::text(&body, key))?;
    Some(safe(text, secrets))
}

/// Masks the given secrets and whatever looks like an invitation code or a key; then cuts the text short.
pub(crate) fn safe(text: &str, secrets: &[&Secret]) -> String {
    let mut text = text.replace(char::is_control, " ");
    for secret in secrets.iter().filter(|secret| !secret.expose().is_empty()) {
        text = text.replace(secret.expose(), MASK);
    }
    let masked: String = text.split_inclusive(|c: char| !is_of_a_key(c)).map(mask_word).collect();
    masked.chars().take(LONGEST).collect()
}

/// The characters of base64, of a JSON Web Token and of an invitation code.
fn is_of_a_key(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '+' | '=' | '~')
}

/// A word and the character that ends it.
fn mask_word(piece: &str) -> String {
    let word = piece.trim_end_matches(|c| !is_of_a_key(c));
    if word.len() >= LONGEST_WORD || has_invitation_code(word) {
        piece.replacen(word, MASK, 1)
    } else {
        piece.to_owned()
    }
}

/// An invitation code is sixteen characters in four groups with dashes between. Letters may stand right before it or behind it.
fn has_invitation_code(word: &str) -> bool {
    word.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').any(|run| {
        let groups: Vec<usize> = run.split('-').map(str::len).collect();
        groups
            .windows(4)
            .any(|four| matches!(*four, [first, 4, 4, last] if first.min(last) >= 4))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn invitation_codes_and_keys_are_masked_and_words_are_not() {
        let shown = safe(
            "code AAAA-BBBB-CCCC-1234. is used, 'zzzz-yyyy-xxxx-wwww' (x=AB12-CD34-EF56-GH78)",
            &[],
        );
        assert_eq!(shown, "code **** is used, '****' (****)");
        assert_eq!(safe("codeAAAA-BBBB-CCCC-1234 and AAAA-BBBB-CCCC-1234x", &[]), "**** and ****");
        assert_eq!(safe(&format!("Bearer {} expired", "eyJh.".repeat(10)), &[]), "Bearer **** expired");
        let plain = "The credential MID-SUB-CRD_0000 is already delivered to this credentialContainer";
        assert_eq!(safe(plain, &[]), plain);
    }

    #[test]
    fn given_secrets_are_masked_however_short() {
        assert_eq!(safe("token-1 is bad", &[&Secret::new("token-1"), &Secret::new("")]), "**** is bad");
    }

    #[test]
    fn detail_or_message_is_shown_and_nothing_else() {
        assert_eq!(of_error_body(br#"{"detail":"no","message":"x"}"#, &[]), Some("no".to_owned()));
        assert_eq!(of_error_body(br#"{"message":"no","other":"x"}"#, &[]), Some("no".to_owned()));
        assert_eq!(of_error_body(b"<html>secret</html>", &[]), None);
        assert_eq!(of_error_body(b"", &[]), None);
    }

    proptest! {
        #[test]
        fn no_code_gets_through(before in "\\PC{0,250}[ '(,:a-z]", code in "[A-Z0-9]{4}(-[A-Z0-9]{4}){3}", after in "[ '),;a-z]\\PC{0,20}") {
            let shown = safe(&format!("{before}{code}{after}"), &[]);
            prop_assert!(!shown.contains(&code));
            prop_assert!(shown.chars().count() <= LONGEST);
        }
    }
}
