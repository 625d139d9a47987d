//! The three headers of a signed webhook: which family they are of, and what they hold.

use http::{HeaderMap, HeaderValue};

use super::{
    message_id::MessageId,
    rejection::{Rejection, SignedHeader},
    signature::Signature,
};

/// The same three headers under two names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderFamily {
    /// `svix-id`, `svix-timestamp`, `svix-signature`.
    Svix,
    /// `webhook-id`, `webhook-timestamp`, `webhook-signature`, as in Standard Webhooks.
    Standard,
}

impl HeaderFamily {
    /// What this family calls a header.
    #[must_use]
    pub const fn header_name(self, header: SignedHeader) -> &'static str {
        match (self, header) {
            (Self::Svix, SignedHeader::Id) => "svix-id",
            (Self::Svix, SignedHeader::Timestamp) => "svix-timestamp",
            (Self::Svix, SignedHeader::Signature) => "svix-signature",
            (Self::Standard, SignedHeader::Id) => "webhook-id",
            (Self::Standard, SignedHeader::Timestamp) => "webhook-timestamp",
            (Self::Standard, SignedHeader::Signature) => "webhook-signature",
        }
    }

    /// The family of a request: the complete one, Svix's if both are. Families are never mixed, or a proxy that adds headers of
    /// one could change what the signature of the other is taken to cover.
    fn of(headers: &HeaderMap) -> Result<Self, Rejection> {
        let first_missing = |family: Self| ALL.into_iter().find(|&header| !headers.contains_key(family.header_name(header)));
        let Some(missing_of_svix) = first_missing(Self::Svix) else {
            return Ok(Self::Svix);
        };
        let Some(missing_of_standard) = first_missing(Self::Standard) else {
            return Ok(Self::Standard);
        };
        // The report is about the family that the sender seems to have meant.
        let svix_was_meant = ALL.into_iter().any(|header| headers.contains_key(Self::Svix.header_name(header)));
        Err(Rejection::MissingHeader {
            which: if svix_was_meant { missing_of_svix } else { missing_of_standard },
        })
    }
}

const ALL: [SignedHeader; 3] = [SignedHeader::Id, SignedHeader::Timestamp, SignedHeader::Signature];

/// Well-formed headers. Nothing about them is proven yet.
pub(super) struct WebhookHeaders<'r> {
    pub(super) id: MessageId,
    /// The timestamp as it was sent, for that is what was signed.
    pub(super) timestamp: &'r [u8],
    /// The same in seconds since 1970.
    pub(super) seconds: i64,
    pub(super) signatures: Vec<Signature<'r>>,
}

impl<'r> WebhookHeaders<'r> {
    pub(super) fn parse(headers: &'r HeaderMap) -> Result<Self, Rejection> {
        let family = HeaderFamily::of(headers)?;
        let id = the_only(headers, family, SignedHeader::Id)?;
        let timestamp = the_only(headers, family, SignedHeader::Timestamp)?;
        let signatures = headers
            .get_all(family.header_name(SignedHeader::Signature))
            .iter()
            .map(HeaderValue::as_bytes);
        Ok(Self {
            id: MessageId::try_from(id).map_err(|_| malformed(SignedHeader::Id))?,
            timestamp,
            seconds: seconds(timestamp).ok_or(malformed(SignedHeader::Timestamp))?,
            signatures: Signature::parse_all(signatures).ok_or(malformed(SignedHeader::Signature))?,
        })
    }
}

/// The value of a header that must not be there twice: whoever reads the other copy would see another message.
fn the_only(headers: &HeaderMap, family: HeaderFamily, header: SignedHeader) -> Result<&[u8], Rejection> {
    let mut values = headers.get_all(family.header_name(header)).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => Ok(value.as_bytes()),
        (Some(_), Some(_)) => Err(malformed(header)),
        (None, _) => Err(Rejection::MissingHeader { which: header }),
    }
}

/// Decimal seconds with an optional minus and nothing else: no plus, no spaces, no fraction, no number that needs more than an `i64`.
fn seconds(text: &[u8]) -> Option<i64> {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    // The standard parser would let a plus through.
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok()
}

const fn malformed(which: SignedHeader) -> Rejection {
    Rejection::MalformedHeader { which }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_is_a_plain_decimal_integer() {
        assert_eq!(seconds(b"1700000000"), Some(1_700_000_000));
        assert_eq!(seconds(b"-1"), Some(-1));
        assert_eq!(seconds(b"9223372036854775807"), Some(i64::MAX));
        assert_eq!(seconds(b"-9223372036854775808"), Some(i64::MIN));
        for refused in [
            "",
            "-",
            "--1",
            "+1",
            " 1",
            "1 ",
            "1.0",
            "1e9",
            "0x10",
            "1_000",
            "9223372036854775808",
            "-9223372036854775809",
            "\u{663}",
        ] {
            assert_eq!(seconds(refused.as_bytes()), None, "{refused:?}");
        }
    }
}
