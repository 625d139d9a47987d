//! What is measured: the names by which alarms and the dashboard know it.

use std::{borrow::Cow, time::Duration};

use crate::domain::failure::FailureCode;

/// A measurement.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Measure {
    /// A process began to serve.
    ColdStart,
    /// A webhook was written down, or known before.
    WebhookAccepted,
    /// A webhook was turned away, for a reason of this name.
    WebhookRefused(&'static str),
    /// A phone credential was issued.
    CredentialIssued,
    /// How long that took, since both the phone and the multi-phone sync credential were there.
    TimeToCredential(Duration),
    /// A step failed for this reason.
    StepFailed(FailureCode),
    /// For how long something has been tried in vain though nobody has to act.
    OldestPending(Duration),
    /// The audit found something at the credential manager otherwise than it should be.
    AuditDrift,
    /// Something was left alone, since it can't be used.
    LeftAlone,
    /// A call to a credential manager, allowed by the shared budget.
    CredentialManagerCall,
    /// How many calls the shared budget had left after a lease.
    CallBudgetLeft(u32),
    /// How many items were due when the sweeper looked.
    ItemsDue(usize),
}

/// How the measurements of one invocation go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sum {
    /// They are added up.
    Total,
    /// The largest counts.
    Largest,
    /// The smallest counts.
    Smallest,
    /// Each is told, so that percentiles can be asked for.
    Each,
}

impl Measure {
    /// The metric's name.
    pub(super) fn name(self) -> Cow<'static, str> {
        match self {
            Self::ColdStart => "ColdStart".into(),
            Self::WebhookAccepted => "WebhooksAccepted".into(),
            Self::WebhookRefused(reason) => format!("WebhooksRefused.{reason}").into(),
            Self::CredentialIssued => "CredentialsIssued".into(),
            Self::TimeToCredential(_) => "TimeToCredential".into(),
            Self::StepFailed(code) => format!("StepsFailed.{code}").into(),
            Self::OldestPending(_) => "OldestPending".into(),
            Self::AuditDrift => "AuditDrift".into(),
            Self::LeftAlone => "LeftAlone".into(),
            Self::CredentialManagerCall => "CredentialManagerCalls".into(),
            Self::CallBudgetLeft(_) => "CallBudgetLeft".into(),
            Self::ItemsDue(_) => "ItemsDue".into(),
        }
    }

    /// CloudWatch's name of the unit.
    pub(super) const fn unit(self) -> &'static str {
        match self {
            Self::TimeToCredential(_) => "Milliseconds",
            Self::OldestPending(_) => "Seconds",
            _ => "Count",
        }
    }

    pub(super) fn value(self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "no count comes near 2^53")]
        match self {
            Self::TimeToCredential(time) => time.as_millis() as f64,
            Self::OldestPending(age) => age.as_secs() as f64,
            Self::CallBudgetLeft(calls) => f64::from(calls),
            Self::ItemsDue(items) => items as f64,
            _ => 1.0,
        }
    }

    pub(super) const fn sum(self) -> Sum {
        match self {
            Self::TimeToCredential(_) => Sum::Each,
            Self::OldestPending(_) | Self::ItemsDue(_) => Sum::Largest,
            Self::CallBudgetLeft(_) => Sum::Smallest,
            _ => Sum::Total,
        }
    }
}
