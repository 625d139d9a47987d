//! Why a command was not done. One line for a person, without a secret in it.

use std::{io, path::PathBuf};

use fobless::{
    chance::NoChance,
    domain::ids::{AcsSystemId, ApiKeyId, DeviceId, UserIdentityId, WorkspaceId},
    http_client::PostError,
    start::StartError,
    store::{StoreError, WriteError},
    webhook::signed_webhook::SigningError,
};

/// Why a command was not done.
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    /// A setting is missing or wrong.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The file of settings can't be read.
    #[error("{path}: {error}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        error: io::Error,
    },
    /// A line of the file of settings can't be understood.
    #[error("{path}: line {line} is not NAME='value'")]
    Line {
        /// The file.
        path: PathBuf,
        /// Which line, counted from one.
        line: usize,
    },
    /// A line of an export can't be understood.
    #[error("{path}: line {line} is no item of an export")]
    NoItem {
        /// The file.
        path: PathBuf,
        /// Which line, counted from one.
        line: usize,
    },
    /// The table can't be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A record can't be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// No key can be drawn.
    #[error(transparent)]
    NoChance(#[from] NoChance),
    /// There is no such key.
    #[error("there is no API key {0} in this workspace")]
    UnknownKey(ApiKeyId),
    /// There is no such phone.
    #[error("there is no phone {0} in this workspace")]
    UnknownPhone(DeviceId),
    /// There is no such person.
    #[error("there is no user identity {0} in this workspace")]
    UnknownUserIdentity(UserIdentityId),
    /// No key of phone events has this fingerprint.
    #[error("no key of phone events has the fingerprint {0}")]
    UnknownWebhookKey(String),
    /// Nobody signs events of this workspace.
    #[error("there is no key that signs phone events of the workspace {0}: `fobless webhook add-key` draws one")]
    NoWebhookKey(WorkspaceId),
    /// The secrets stand in the settings themselves.
    #[error("the settings hold the secrets themselves, as those of `cargo dev` do: change them there")]
    NoSecretsManager,
    /// A secret is not what it has to be.
    #[error("{0} is not JSON of the right kind")]
    NotJson(String),
    /// The queue or the stream can't be used.
    #[error("the queue of failed records can't be worked on: {0}")]
    FailedRecords(String),
    /// No key can be drawn.
    #[error("the operating system gives no random bytes")]
    NoRandomness,
    /// The credential chain of AWS has none.
    #[error("no AWS credentials: {0}")]
    NoCredentials(String),
    /// An event can't be signed.
    #[error(transparent)]
    Signing(#[from] SigningError),
    /// An event could not be sent.
    #[error("the event could not be sent: {0}")]
    Sending(PostError),
    /// An event was not taken.
    #[error("the event was refused with {0}")]
    Refused(http::StatusCode),
    /// The operator was not sure.
    #[error("nothing was done")]
    NotWanted,
    /// There is no terminal to ask at.
    #[error("this can't be taken back, and there is nobody to ask: --yes says that it is wanted")]
    NobodyToAsk,
    /// There is no such credential manager.
    #[error("there is no credential manager {0} in this workspace")]
    UnknownCredentialManager(AcsSystemId),
    /// What was checked is not as it should be.
    #[error("not everything is as it should be\n{0}")]
    Check(String),
    /// Nobody reads what is printed.
    #[error("the result can't be printed: {0}")]
    Print(#[from] io::Error),
}
