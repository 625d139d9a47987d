//! The functions that nobody calls from outside: the table's stream and the schedule wake them.

use fobless::{clock::Clock, reconcile::Reconciler, store::Store, telemetry::Telemetry, webhook_delivery::Sender};
use reqwest::{Client, Url};

use crate::{
    function::{Emulated, StreamFunction},
    sweep_schedule::Sweeper,
};

pub(crate) const ISSUER: &str = "credential-issuer";
pub(crate) const SENDER: &str = "webhook-sender";
const SWEEPER: &str = "sweeper";

/// The functions that nobody calls from outside.
pub(crate) struct Woken {
    pub(crate) issuer: StreamFunction,
    pub(crate) sender: StreamFunction,
    pub(crate) sweeper: Sweeper,
}

impl Woken {
    pub(crate) fn here(store: Store, clock: &Clock, reconciler: Reconciler, sender: Sender) -> Self {
        let clock = || clock.clone();
        Self {
            issuer: StreamFunction::CredentialIssuer(credential_issuer::State {
                reconciler,
                clock: clock(),
            }),
            sender: StreamFunction::WebhookSender(webhook_sender::State { sender, clock: clock() }),
            sweeper: Sweeper::Here(sweeper::State {
                store,
                clock: clock(),
                telemetry: Telemetry::nowhere(),
            }),
        }
    }

    pub(crate) fn elsewhere(client: &Client, emulator: &Url) -> Self {
        let function = |name| Emulated::new(client.clone(), emulator, name);
        Self {
            issuer: StreamFunction::Elsewhere(function(ISSUER)),
            sender: StreamFunction::Elsewhere(function(SENDER)),
            sweeper: Sweeper::Elsewhere(function(SWEEPER)),
        }
    }
}
