//! How a person is reached: simple checks that catch a swapped field. Whether mail arrives, only mail can tell.

use crate::fields::Fields;

/// An e-mail address.
pub(super) fn email_address(fields: &Fields<'_>, name: &str) -> Option<String> {
    let text = fields.text(name)?;
    if is_email_address(&text) {
        return Some(text);
    }
    fields.issue(name, "Invalid email");
    None
}

/// A phone number, E.164.
pub(super) fn phone_number(fields: &Fields<'_>, name: &str) -> Option<String> {
    let text = fields.text(name)?;
    if is_phone_number(&text) {
        return Some(text);
    }
    fields.issue(name, "Invalid phone number (expected E.164, such as +15551234567)");
    None
}

fn is_email_address(text: &str) -> bool {
    let is_clean = !text.chars().any(|character| character.is_whitespace() || character.is_control());
    let parts = text.rsplit_once('@');
    is_clean && parts.is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.starts_with('.') && !host.ends_with('.'))
}

fn is_phone_number(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or_default();
    (7..=15).contains(&digits.len()) && !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_numbers_are_told_from_other_text() {
        assert!(is_email_address("jane+test@example.com"));
        assert!(
            ["jane", "@example.com", "jane@", "jane doe@example.com", "jane@.com"]
                .iter()
                .all(|text| !is_email_address(text))
        );
        assert!(is_phone_number("+15551234567"));
        assert!(
            ["15551234567", "+0155512345", "+1 555 1234567", "+", "+123"]
                .iter()
                .all(|text| !is_phone_number(text))
        );
    }
}
