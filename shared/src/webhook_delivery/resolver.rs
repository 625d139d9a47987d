//! Names to addresses, those left out that must not be called. The connection is made to an address that was looked at here: there is
//! no second look-up whose answer could be another one.

use std::net::SocketAddr;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::net::lookup_host;

use super::target::WebhookTargets;

/// Resolves names for webhooks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Resolver(pub(super) WebhookTargets);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let targets = self.0;
        Box::pin(async move {
            let mut refused = None;
            let mut allowed: Vec<SocketAddr> = Vec::new();
            // The port is the URL's.
            for address in lookup_host((name.as_str(), 0)).await? {
                match targets.refusal(address.ip()) {
                    Some(refusal) => refused = Some(refusal),
                    None => allowed.push(address),
                }
            }
            match refused {
                Some(refusal) if allowed.is_empty() => Err(refusal.into()),
                _ => Ok(Box::new(allowed.into_iter()) as Addrs),
            }
        })
    }
}
