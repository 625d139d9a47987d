//! `cargo dev sign`: makes a signed phone event, to look at, to paste, or to send.

use std::{
    io::{Write as _, stdout},
    path::PathBuf,
    time::Duration,
};

use clap::{Args, ValueEnum};
use fobless::{
    clock::Clock,
    domain::{
        ids::{InstallationId, UserIdentityId, WorkspaceId},
        phone_metadata::{DeviceType, PhoneMetadata},
        time::Timestamp,
    },
    webhook::signed_webhook::{PhoneEvent, PhoneEventType, SigningError},
};

use crate::{
    DEFAULT_DATA_DIR, Secrets, SecretsError,
    http_client::{HttpClientError, loopback_client},
    seed,
};

/// Where phone events go.
const DEFAULT_URL: &str = "http://127.0.0.1:9000/webhooks/phones";

/// What to sign, and what to do with it.
#[derive(Args, Clone, Debug)]
pub struct SignOptions {
    /// Whose phone it is.
    #[arg(long, value_name = "UUID", default_value_t = seed::USER_IDENTITY)]
    user_identity: UserIdentityId,
    /// The app's own name for its installation.
    #[arg(long, value_name = "NAME")]
    installation: String,
    /// What happened: `phone.registered` or `phone.deactivated`.
    #[arg(long = "type", value_name = "TYPE", default_value = "phone.registered")]
    event_type: PhoneEventType,
    /// The workspace of the person.
    #[arg(long, value_name = "UUID", default_value_t = seed::WORKSPACE)]
    workspace: WorkspaceId,
    /// The kind of phone.
    #[arg(long, value_enum)]
    device_type: Option<Kind>,
    /// Who made it.
    #[arg(long)]
    manufacturer: Option<String>,
    /// Which model it is.
    #[arg(long)]
    model: Option<String>,
    /// The secret to sign with; without it the one in the data directory.
    #[arg(long, value_name = "WHSEC")]
    secret: Option<String>,
    /// Where the secret is kept.
    #[arg(long, default_value = DEFAULT_DATA_DIR)]
    data_dir: PathBuf,
    /// When it happened; without it now.
    #[arg(long, value_name = "RFC3339", value_parser = moment)]
    occurred_at: Option<Timestamp>,
    /// Print a curl command instead.
    #[arg(long, value_name = "URL", num_args = 0..=1, default_missing_value = DEFAULT_URL, conflicts_with = "send")]
    curl: Option<String>,
    /// Send it, and print the answer's status.
    #[arg(long, value_name = "URL", num_args = 0..=1, default_missing_value = DEFAULT_URL)]
    send: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    #[value(name = "ios_phone")]
    Ios,
    #[value(name = "android_phone")]
    Android,
}

/// Why there is no signed event.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// No secret is given, and none is kept.
    #[error("--secret is not given, and {0}")]
    NoSecret(#[from] SecretsError),
    /// The secret is none.
    #[error("--secret: {0}")]
    Signing(#[from] SigningError),
    /// No HTTP client.
    #[error("{0}")]
    HttpClient(#[from] HttpClientError),
    /// It could not be sent.
    #[error("--send: {0}")]
    Sending(#[from] reqwest::Error),
    /// It was not taken.
    #[error("the webhook was refused with {0}")]
    Refused(http::StatusCode),
    /// It could not be printed.
    #[error("{0}")]
    Printing(#[from] std::io::Error),
}

fn moment(text: &str) -> Result<Timestamp, &'static str> {
    Timestamp::parse_rfc3339(text).ok_or("not an RFC 3339 date, such as 2024-01-09T05:45:33Z")
}

impl SignOptions {
    /// Signs, and prints or sends.
    pub async fn run(self) -> Result<(), SignError> {
        let secret = match &self.secret {
            Some(secret) => secret.clone(),
            None => Secrets::load(&self.data_dir)?.webhook_secret,
        };
        let now = Clock::system().now();
        let webhook = self.event(now).sign(&secret, now)?;
        let mut out = stdout();
        match (&self.curl, &self.send) {
            (Some(url), _) => writeln!(out, "{}", webhook.as_curl(url))?,
            (None, None) => write!(out, "{}", webhook.as_message())?,
            (None, Some(url)) => {
                let mut request = loopback_client(Duration::from_secs(15))?.post(url);
                for (name, value) in webhook.headers {
                    request = request.header(name, value);
                }
                let status = request.body(webhook.body).send().await?.status();
                writeln!(out, "{status}")?;
                if !status.is_success() {
                    return Err(SignError::Refused(status));
                }
            }
        }
        Ok(out.flush()?)
    }

    fn event(&self, now: Timestamp) -> PhoneEvent {
        PhoneEvent {
            event_type: self.event_type,
            workspace_id: self.workspace,
            user_identity_id: self.user_identity,
            installation_id: InstallationId::new(&self.installation),
            metadata: PhoneMetadata {
                device_type: self.device_type.map(|kind| match kind {
                    Kind::Ios => DeviceType::IosPhone,
                    Kind::Android => DeviceType::AndroidPhone,
                }),
                manufacturer: self.manufacturer.clone(),
                model: self.model.clone(),
                ..PhoneMetadata::default()
            },
            occurred_at: self.occurred_at.unwrap_or(now),
        }
    }
}
