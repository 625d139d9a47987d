//! Verification: from a request that anyone may have sent to one that a workspace's sender did send.

use std::{fmt, time::Duration};

use http::HeaderMap;

use super::{
    headers::WebhookHeaders,
    key::{ActiveKey, SignedContent},
    message_id::MessageId,
    rejection::Rejection,
};
use crate::domain::{ids::WorkspaceId, time::Timestamp};

/// How far a timestamp may be from now, to either side. Each attempt is signed anew, so this has nothing to do with how long a
/// sender goes on trying.
pub const TOLERANCE: Duration = Duration::from_mins(5);

/// A request as it came in. It has no way to its body but [`verify`](Self::verify).
pub struct UnverifiedWebhook<'r> {
    headers: &'r HeaderMap,
    body: &'r [u8],
}

impl<'r> UnverifiedWebhook<'r> {
    /// Takes the request's headers and its body, byte for byte as received. Whoever calls has bounded the size of the body.
    #[must_use]
    pub const fn new(headers: &'r HeaderMap, body: &'r [u8]) -> Self {
        Self { headers, body }
    }

    /// Finds the key that signed this request, `now` being the time.
    ///
    /// The headers come first, then the timestamp, the signatures last: a request that cannot pass costs no cryptography. Of the
    /// body nothing is interpreted.
    pub fn verify(self, keys: &[ActiveKey], now: Timestamp) -> Result<VerifiedWebhook<'r>, Rejection> {
        let headers = WebhookHeaders::parse(self.headers)?;
        if !is_within_tolerance(headers.seconds, now) {
            return Err(Rejection::OutsideTolerance);
        }
        let content = SignedContent {
            id: headers.id.as_str().as_bytes(),
            timestamp: headers.timestamp,
            body: self.body,
        };
        // To the last key, whichever it is: how long it takes must not tell whose webhook this is, or how many keys there are before it.
        let signers = keys.iter().filter(|active| active.key.signed_any(&headers.signatures, &content));
        let signer = signers.fold(None, |first, signer| first.or(Some(signer)));
        let signer = signer.ok_or(Rejection::NoKeyMatches)?;
        Ok(VerifiedWebhook {
            workspace_id: signer.workspace_id,
            message_id: headers.id,
            sent_at: Timestamp::from_millis(headers.seconds.saturating_mul(1000)),
            body: self.body,
        })
    }
}

/// Whole seconds, as senders count. The distance of two `i64` always fits a `u64`.
fn is_within_tolerance(seconds: i64, now: Timestamp) -> bool {
    now.millis().div_euclid(1000).abs_diff(seconds) <= TOLERANCE.as_secs()
}

/// A webhook that is proven to come from a workspace's sender. To hold one is the proof: nothing else makes it.
pub struct VerifiedWebhook<'r> {
    workspace_id: WorkspaceId,
    message_id: MessageId,
    sent_at: Timestamp,
    body: &'r [u8],
}

impl<'r> VerifiedWebhook<'r> {
    /// The workspace whose key signed it.
    #[must_use]
    pub const fn workspace_id(&self) -> WorkspaceId {
        self.workspace_id
    }

    /// The sender's name for the message, the same for each attempt to deliver it.
    #[must_use]
    pub const fn message_id(&self) -> &MessageId {
        &self.message_id
    }

    /// When this attempt was signed.
    #[must_use]
    pub const fn sent_at(&self) -> Timestamp {
        self.sent_at
    }

    /// The body, byte for byte; it need not be text.
    #[must_use]
    pub const fn body(&self) -> &'r [u8] {
        self.body
    }
}

/// Without the body, which may say things about a person that a log has no need of.
impl fmt::Debug for VerifiedWebhook<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedWebhook")
            .field("workspace_id", &self.workspace_id)
            .field("message_id", &self.message_id)
            .field("sent_at", &self.sent_at)
            .field("body_bytes", &self.body.len())
            .finish()
    }
}
