//! The signature header: a list of `tag,base64`, of which a receiver uses those that it understands.

/// More entries than any rotation needs; each one costs a comparison per key.
const MAX_ENTRIES: usize = 32;

/// How a signature was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scheme {
    /// `v1`: HMAC-SHA256 with a shared secret.
    HmacSha256,
    /// `v1a`: Ed25519.
    Ed25519,
}

impl Scheme {
    /// The scheme of a tag; those of the future are skipped, as the sender lists a signature that we know beside them.
    fn of_tag(tag: &[u8]) -> Option<Self> {
        match tag {
            b"v1" => Some(Self::HmacSha256),
            b"v1a" => Some(Self::Ed25519),
            _ => None,
        }
    }
}

/// One entry of the list whose scheme is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Signature<'r> {
    pub(super) scheme: Scheme,
    /// Base64, not yet decoded.
    pub(super) encoded: &'r [u8],
}

impl<'r> Signature<'r> {
    /// Collects the entries of all signature headers; `None` when there are none at all or more than anyone needs.
    ///
    /// Entries are separated by spaces. A gateway that received the header twice joins both values with a comma, the very character
    /// that stands between tag and base64; therefore a comma separates entries too where a version tag follows it.
    pub(super) fn parse_all(values: impl Iterator<Item = &'r [u8]>) -> Option<Vec<Self>> {
        let mut known = Vec::new();
        let mut seen = 0;
        for value in values {
            for entry in value.split(u8::is_ascii_whitespace).flat_map(split_joined) {
                seen += 1;
                if seen > MAX_ENTRIES {
                    return None;
                }
                known.extend(Self::parse(entry));
            }
        }
        (seen > 0).then_some(known)
    }

    fn parse(entry: &'r [u8]) -> Option<Self> {
        let (tag, encoded) = split_at_comma(entry)?;
        Some(Self {
            scheme: Scheme::of_tag(tag)?,
            encoded,
        })
    }
}

/// The entries within a word: more than one only where a gateway joined them. Commas at its ends are what `", "` leaves behind.
fn split_joined(word: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = trim_commas(word);
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (entry, behind) = rest.split_at(end_of_entry(rest));
        rest = trim_commas(behind);
        Some(entry)
    })
}

/// Where the first entry ends: at the first comma, its own tag's aside, behind which another tag begins.
fn end_of_entry(entries: &[u8]) -> usize {
    let commas = entries
        .iter()
        .enumerate()
        .filter(|(_, byte)| **byte == b',')
        .map(|(position, _)| position);
    let starts_entry = |comma: &usize| split_at_comma(&entries[comma + 1..]).is_some_and(|(tag, _)| looks_like_tag(tag));
    commas.into_iter().find(starts_entry).unwrap_or(entries.len())
}

/// `v`, a small number, perhaps a letter. No signature is as short, so none is mistaken for a tag.
fn looks_like_tag(text: &[u8]) -> bool {
    let Some(version) = text.strip_prefix(b"v") else { return false };
    let number = version.strip_suffix(b"a").unwrap_or(version);
    (1..=3).contains(&number.len()) && number.iter().all(u8::is_ascii_digit)
}

fn split_at_comma(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let comma = text.iter().position(|&byte| byte == b',')?;
    Some((&text[..comma], &text[comma + 1..]))
}

fn trim_commas(mut text: &[u8]) -> &[u8] {
    while let [b',', rest @ ..] | [rest @ .., b','] = text {
        text = rest;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_a_letter_and_a_small_number() {
        let tags = ["v1", "v1a", "v123", "v", "va", "v1234", "v1b", "vab", "1"];
        let are_tags = tags.map(|text| looks_like_tag(text.as_bytes()));
        assert_eq!(are_tags, [true, true, true, false, false, false, false, false, false]);
    }

    fn parsed(values: &[&'static str]) -> Option<Vec<(Scheme, &'static str)>> {
        let signatures = Signature::parse_all(values.iter().map(|value| value.as_bytes()))?;
        Some(
            signatures
                .into_iter()
                .map(|signature| (signature.scheme, std::str::from_utf8(signature.encoded).unwrap()))
                .collect(),
        )
    }

    #[test]
    fn entries_are_separated_by_spaces_or_by_a_comma_before_a_tag() {
        use Scheme::{Ed25519, HmacSha256};
        let both = Some(vec![(HmacSha256, "aaa="), (Ed25519, "bbb")]);
        for values in [
            &["v1,aaa= v1a,bbb"][..],
            &["v1,aaa=", "v1a,bbb"],
            &["v1,aaa=,v1a,bbb"],
            &["v1,aaa=, v1a,bbb"],
            &["v1,aaa= ,v1a,bbb"],
            &["  v1,aaa=\tv1a,bbb, "],
            &["v2,xxx v1,aaa=,v1a,bbb,v3,yyy", "v99b,zzz"],
        ] {
            assert_eq!(parsed(values), both, "{values:?}");
        }
    }

    #[test]
    fn a_comma_before_anything_else_does_not_separate() {
        assert_eq!(parsed(&["v1,aaa,bbb"]), Some(vec![(Scheme::HmacSha256, "aaa,bbb")]));
        assert_eq!(parsed(&["v1,aaa,version,bbb"]), Some(vec![(Scheme::HmacSha256, "aaa,version,bbb")]));
    }

    #[test]
    fn an_entry_without_tag_or_without_signature_is_skipped() {
        assert_eq!(parsed(&["v1"]), Some(vec![]));
        assert_eq!(parsed(&["v1 aaa"]), Some(vec![]));
        assert_eq!(parsed(&["V1,aaa aaa v1,"]), Some(vec![]));
        assert_eq!(parsed(&["v1,v1,aaa"]), Some(vec![(Scheme::HmacSha256, "aaa")]));
    }

    #[test]
    fn an_empty_list_and_an_endless_one_are_malformed() {
        assert_eq!(parsed(&[""]), None);
        assert_eq!(parsed(&[" , ,,"]), None);
        let many = |count: usize| Signature::parse_all(vec![b"v1,aaa".as_slice(); count].into_iter()).map(|all| all.len());
        assert_eq!(many(32), Some(32));
        assert_eq!(many(33), None);
        let unknown = "v9,a ".repeat(33);
        assert_eq!(Signature::parse_all(std::iter::once(unknown.as_bytes())), None);
    }
}
