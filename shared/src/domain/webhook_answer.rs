//! What a receiver's answer to a webhook means. Everything that is not a clear success is a failure, redirects among them: the
//! signature proves who sends, not that whoever the receiver points at may be told.

use std::time::Duration;

use super::webhook_health::DisabledBecause;

/// What came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// An answer in time.
    Answered {
        /// Its status.
        status: u16,
        /// Its header `webhook-delivery`.
        control: Option<DeliveryControl>,
        /// Its header `retry-after`.
        retry_after: Option<Duration>,
    },
    /// None.
    Nothing(NoAnswer),
}

/// What a receiver asks for in the header `webhook-delivery`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryControl {
    /// Stop trying this message.
    AbortMessage,
    /// Stop all messages.
    Disable,
}

impl DeliveryControl {
    /// Reads the header's value; `None`: it asks for nothing that we know.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        match value.trim().to_ascii_lowercase().as_str() {
            "abort-message" => Some(Self::AbortMessage),
            "disable" => Some(Self::Disable),
            _ => None,
        }
    }
}

/// Why there was no answer. The texts are for logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    /// It took too long.
    #[error("the receiver did not answer in time")]
    TimedOut,
    /// Nobody is there, or the name is unknown, or TLS did not come about.
    #[error("no connection to the receiver")]
    NoConnection,
    /// The connection broke.
    #[error("the connection to the receiver broke")]
    Broken,
    /// The address must not be called.
    #[error("the receiver's address must not be called")]
    ForbiddenTarget,
    /// The webhook's own record can't be used.
    #[error("the request could not be made")]
    Unusable,
}

/// What an answer means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meaning {
    /// For the message.
    pub message: MessageVerdict,
    /// For the webhook: it is to be disabled.
    pub disables: Option<DisabledBecause>,
}

/// What an answer means for the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageVerdict {
    /// It is delivered.
    Delivered,
    /// It is tried again, no sooner than the receiver asked for.
    Failed {
        /// How long the receiver wants to be left alone.
        retry_after: Option<Duration>,
    },
    /// It is not tried again.
    Aborted,
}

impl Answer {
    /// What it means.
    #[must_use]
    pub const fn meaning(self) -> Meaning {
        let Self::Answered {
            status,
            control,
            retry_after,
        } = self
        else {
            return Meaning {
                message: MessageVerdict::Failed { retry_after: None },
                disables: None,
            };
        };
        let disables = match (control, status) {
            (Some(DeliveryControl::Disable), _) => Some(DisabledBecause::AskedByReceiver),
            (_, 410) => Some(DisabledBecause::Gone),
            _ => None,
        };
        let message = match (control, status) {
            (_, 200..=299) => MessageVerdict::Delivered,
            (Some(_), _) | (None, 410) => MessageVerdict::Aborted,
            // Only who says that it is too busy may say for how long.
            (None, 429 | 503) => MessageVerdict::Failed { retry_after },
            (None, _) => MessageVerdict::Failed { retry_after: None },
        };
        Meaning { message, disables }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_each_answer_means() {
        const MINUTE: Option<Duration> = Some(Duration::from_mins(1));
        let failed = MessageVerdict::Failed { retry_after: None };
        let later = MessageVerdict::Failed { retry_after: MINUTE };
        let (abort, disable) = (Some(DeliveryControl::AbortMessage), Some(DeliveryControl::Disable));
        let asked = Some(DisabledBecause::AskedByReceiver);
        let table = [
            (200, None, MessageVerdict::Delivered, None),
            (204, None, MessageVerdict::Delivered, None),
            (299, None, MessageVerdict::Delivered, None),
            (200, abort, MessageVerdict::Delivered, None),
            (200, disable, MessageVerdict::Delivered, asked),
            (199, None, failed, None),
            (301, None, failed, None),
            (308, None, failed, None),
            (400, None, failed, None),
            (404, None, failed, None),
            (410, None, MessageVerdict::Aborted, Some(DisabledBecause::Gone)),
            (429, None, later, None),
            (500, None, failed, None),
            (503, None, later, None),
            (500, abort, MessageVerdict::Aborted, None),
            (503, disable, MessageVerdict::Aborted, asked),
            (301, disable, MessageVerdict::Aborted, asked),
        ];
        for (status, control, message, disables) in table {
            let answer = Answer::Answered {
                status,
                control,
                retry_after: MINUTE,
            };
            assert_eq!(answer.meaning(), Meaning { message, disables }, "{answer:?}");
        }
        for nothing in [NoAnswer::TimedOut, NoAnswer::NoConnection, NoAnswer::ForbiddenTarget] {
            let meaning = Answer::Nothing(nothing).meaning();
            assert_eq!((meaning.message, meaning.disables), (failed, None), "{nothing}");
        }
    }

    #[test]
    fn a_header_that_asks_for_something_else_asks_for_nothing() {
        assert_eq!(DeliveryControl::parse(" Disable "), Some(DeliveryControl::Disable));
        assert_eq!(DeliveryControl::parse("abort-message"), Some(DeliveryControl::AbortMessage));
        assert_eq!(DeliveryControl::parse("faster"), None);
    }
}
