//! The headers of a signed webhook, in every shape that HTTP lets through. They are believed if and only if one of the signatures in them is
//! right for one of the keys, and nothing else about them is odd.

use std::sync::LazyLock;

use arbitrary::{Arbitrary, Unstructured};
use base64::{Engine, engine::general_purpose::STANDARD};
use fobless::{
    domain::ids::WorkspaceId,
    webhook::{ActiveKey, HeaderFamily, SignedHeader, UnverifiedWebhook, VerificationKey},
};
use http::{HeaderMap, HeaderValue};
use ring::signature::{Ed25519KeyPair, KeyPair};
use uuid::Uuid;

use crate::{
    secrets::{NOBODYS_SECRET, WEBHOOK_SECRET},
    table::NOW,
};

/// More entries than this are refused, whatever they are.
const MOST_ENTRIES: usize = 32;
const TOLERANCE_SECONDS: u64 = 300;

/// A request's headers, before anything is signed.
#[derive(Debug, Arbitrary)]
struct Input<'a> {
    /// How often each header is there: Svix's three, then the standard's.
    copies: [Copies; 6],
    id: Option<&'a [u8]>,
    timestamp: Stamp<'a>,
    entries: Vec<Entry<'a>>,
    body: &'a [u8],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Arbitrary)]
enum Copies {
    One,
    None,
    Two,
}

#[derive(Debug, Arbitrary)]
enum Stamp<'a> {
    /// So many seconds from now.
    FromNow(i16),
    /// Anything.
    Text(&'a [u8]),
}

/// One entry of the list of signatures.
#[derive(Debug, Arbitrary)]
struct Entry<'a> {
    separator: Separator,
    kind: Kind<'a>,
}

#[derive(Clone, Copy, Debug, Arbitrary)]
enum Separator {
    Space,
    Tab,
    /// What a gateway puts between two headers of one name.
    Comma,
    CommaSpace,
    /// Another header of the same name.
    NextHeader,
}

#[derive(Clone, Copy, Debug, Arbitrary)]
enum Kind<'a> {
    /// What our sender would write.
    Shared,
    /// What our other sender would write.
    Public,
    /// By a key that is nobody's.
    Nobodys,
    /// Right, but for another body.
    OtherBody,
    /// Right, but under the other scheme's tag, or under one that does not exist.
    WrongTag(bool, u8),
    /// Right, but for one bit.
    Flipped(bool, u16),
    /// Right, but without its end.
    Cut(bool, u8),
    /// Anything.
    Raw(&'a [u8]),
}

struct Keys {
    pair: Ed25519KeyPair,
    active: [ActiveKey; 2],
}

/// Two workspaces, each with a sender: one with a shared secret, one with a key pair.
static KEYS: LazyLock<Keys> = LazyLock::new(|| {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[42; 32]).unwrap();
    let public = format!("whpk_{}", STANDARD.encode(pair.public_key()));
    let active = |workspace, text: &str| ActiveKey {
        workspace_id: WorkspaceId::new(Uuid::from_u128(workspace)),
        key: VerificationKey::parse(text).unwrap(),
    };
    Keys {
        active: [active(1, WEBHOOK_SECRET), active(2, &public)],
        pair,
    }
});

/// The three headers under both names.
const FAMILIES: [HeaderFamily; 2] = [HeaderFamily::Svix, HeaderFamily::Standard];
const HEADERS: [SignedHeader; 3] = [SignedHeader::Id, SignedHeader::Timestamp, SignedHeader::Signature];

/// Takes headers through the door.
pub fn check(data: &[u8]) {
    let Ok(input) = Input::arbitrary_take_rest(Unstructured::new(data)) else {
        return;
    };
    let id = input.id.unwrap_or(b"msg_1");
    let timestamp = input.timestamp.text();
    let values = input.signature_values(id, &timestamp);
    let Some(headers) = input.headers(id, &timestamp, &values) else {
        // What HTTP does not let through cannot arrive.
        return;
    };
    let verified = UnverifiedWebhook::new(&headers, input.body).verify(&KEYS.active, NOW);
    let signer = input.signer(id, &timestamp, &values);
    match (&verified, signer) {
        (Ok(verified), Expected::Signer(workspace)) => {
            assert_eq!(verified.workspace_id(), workspace);
            assert_eq!((verified.message_id().as_str().as_bytes(), verified.body()), (id, input.body));
        }
        (Ok(verified), Expected::PerhapsOneOf(workspaces)) => assert!(workspaces.contains(&verified.workspace_id())),
        (Err(_), Expected::Nobody | Expected::PerhapsOneOf(_)) => {}
        (verified, expected) => panic!("{verified:?} in place of {expected:?} for {headers:?}"),
    }
}

/// Who signed it, as far as that can be told without reading the list of signatures as the product does.
#[derive(Debug)]
enum Expected {
    Nobody,
    Signer(WorkspaceId),
    /// Something in the list is of the fuzzer's own making, and may spoil what stands beside it.
    PerhapsOneOf(Vec<WorkspaceId>),
}

impl Stamp<'_> {
    fn text(&self) -> Vec<u8> {
        match self {
            Self::FromNow(seconds) => (NOW.millis() / 1000 + i64::from(*seconds)).to_string().into_bytes(),
            Self::Text(text) => text.to_vec(),
        }
    }
}

impl Input<'_> {
    /// The values of the signature headers.
    fn signature_values(&self, id: &[u8], timestamp: &[u8]) -> Vec<Vec<u8>> {
        let mut values = vec![Vec::new()];
        for (place, entry) in self.entries.iter().enumerate() {
            let separator: &[u8] = match entry.separator {
                _ if place == 0 => b"",
                Separator::Space => b" ",
                Separator::Tab => b"\t",
                Separator::Comma => b",",
                Separator::CommaSpace => b", ",
                Separator::NextHeader => {
                    values.push(Vec::new());
                    b""
                }
            };
            let value = values.last_mut().unwrap();
            value.extend_from_slice(separator);
            value.extend(entry.kind.text(id, timestamp, self.body));
        }
        values
    }

    fn headers(&self, id: &[u8], timestamp: &[u8], signatures: &[Vec<u8>]) -> Option<HeaderMap> {
        let mut headers = HeaderMap::new();
        let places = FAMILIES
            .iter()
            .flat_map(|family| HEADERS.map(|header| (family.header_name(header), header)));
        for ((name, header), copies) in places.zip(self.copies) {
            let values: Vec<&[u8]> = match header {
                SignedHeader::Id => vec![id],
                SignedHeader::Timestamp => vec![timestamp],
                SignedHeader::Signature => signatures.iter().map(Vec::as_slice).collect(),
            };
            for _ in 0..copies.count() {
                for value in &values {
                    headers.append(name, HeaderValue::from_bytes(value).ok()?);
                }
            }
        }
        Some(headers)
    }

    /// The rules of the scheme, in the plainest words.
    fn signer(&self, id: &[u8], timestamp: &[u8], values: &[Vec<u8>]) -> Expected {
        let complete = |family: &&[Copies]| family.iter().all(|copies| *copies != Copies::None);
        let Some([ids, timestamps, signatures]) = self.copies.chunks(3).find(complete) else {
            return Expected::Nobody;
        };
        let is_once = [ids, timestamps].iter().all(|copies| **copies == Copies::One);
        let entries = self.entries.len() * signatures.count();
        let is_sane = is_once && is_message_id(id) && is_within_tolerance(timestamp);
        let signers: Vec<WorkspaceId> = [
            (1, self.shows_right(id, timestamp, values, Kind::Shared)),
            (2, self.shows_right(id, timestamp, values, Kind::Public)),
        ]
        .into_iter()
        .filter(|(_, shown)| *shown)
        .map(|(workspace, _)| WorkspaceId::new(Uuid::from_u128(workspace)))
        .collect();
        let is_clear = self.entries.iter().all(|entry| entry.kind.is_clear());
        match signers.first() {
            Some(signer) if is_sane && is_clear && entries <= MOST_ENTRIES => Expected::Signer(*signer),
            Some(_) if is_sane && !is_clear => Expected::PerhapsOneOf(signers),
            _ => Expected::Nobody,
        }
    }

    /// Whether the right signature of this kind stands anywhere in the headers.
    fn shows_right(&self, id: &[u8], timestamp: &[u8], values: &[Vec<u8>], kind: Kind<'_>) -> bool {
        let right = kind.text(id, timestamp, self.body);
        values.iter().any(|value| value.windows(right.len()).any(|part| part == right))
    }
}

impl Copies {
    const fn count(self) -> usize {
        match self {
            Self::None => 0,
            Self::One => 1,
            Self::Two => 2,
        }
    }
}

impl Kind<'_> {
    fn text(&self, id: &[u8], timestamp: &[u8], body: &[u8]) -> Vec<u8> {
        let shared = |secret: &str, body: &[u8]| {
            // By ring, and not by what is tested here.
            let secret = STANDARD.decode(secret.trim_start_matches("whsec_")).unwrap();
            let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &secret);
            format!("v1,{}", STANDARD.encode(ring::hmac::sign(&key, &content(id, timestamp, body))))
        };
        let right = |is_shared: bool| {
            if is_shared {
                shared(WEBHOOK_SECRET, body)
            } else {
                format!("v1a,{}", STANDARD.encode(KEYS.pair.sign(&content(id, timestamp, body))))
            }
        };
        let text = match *self {
            Self::Shared => right(true),
            Self::Public => right(false),
            Self::Nobodys => shared(NOBODYS_SECRET, body),
            Self::OtherBody => shared(WEBHOOK_SECRET, &[body, b"!"].concat()),
            Self::WrongTag(is_shared, tag) => {
                let right = right(is_shared);
                let (_, signature) = right.split_once(',').unwrap();
                let tags = if is_shared {
                    ["v1a", "v2", "v0", "v10"]
                } else {
                    ["v1", "v2a", "v1b", "v"]
                };
                format!("{},{signature}", tags[usize::from(tag) % tags.len()])
            }
            Self::Flipped(is_shared, bit) => {
                let right = right(is_shared);
                let (tag, signature) = right.split_once(',').unwrap();
                let mut bytes = STANDARD.decode(signature).unwrap();
                let bit = usize::from(bit) % (bytes.len() * 8);
                bytes[bit / 8] ^= 1 << (bit % 8);
                format!("{tag},{}", STANDARD.encode(bytes))
            }
            Self::Cut(is_shared, by) => {
                let right = right(is_shared);
                let length = right.len() - 1 - usize::from(by) % (right.len() - 4);
                right[..length].to_owned()
            }
            Self::Raw(bytes) => return bytes.to_vec(),
        };
        text.into_bytes()
    }

    /// Whether it is one entry for sure, which spoils nothing beside it. A cut one may end in the comma behind its tag.
    const fn is_clear(&self) -> bool {
        !matches!(self, Self::Raw(_) | Self::Cut(..) | Self::WrongTag(..))
    }
}

/// What is signed.
fn content(id: &[u8], timestamp: &[u8], body: &[u8]) -> Vec<u8> {
    [id, b".", timestamp, b".", body].concat()
}

fn is_message_id(id: &[u8]) -> bool {
    (1..=256).contains(&id.len()) && id.iter().all(|byte| (0x21..=0x7e).contains(byte) && *byte != b'.')
}

fn is_within_tolerance(timestamp: &[u8]) -> bool {
    let digits = timestamp.strip_prefix(b"-").unwrap_or(timestamp);
    let is_plain = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    let seconds = std::str::from_utf8(timestamp).ok().and_then(|text| text.parse::<i64>().ok());
    is_plain && seconds.is_some_and(|seconds| (NOW.millis() / 1000).abs_diff(seconds) <= TOLERANCE_SECONDS)
}
