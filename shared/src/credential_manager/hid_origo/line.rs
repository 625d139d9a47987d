//! What carries a request to HID and its answer back: the network, or whatever else a test puts in its place.

use futures_util::future::BoxFuture;
use reqwest::{Client, Request, Response};

/// Sends requests that are written down in full.
pub trait Line: Send + Sync {
    /// Sends one, and answers what came back.
    fn send(&self, request: Request) -> BoxFuture<'_, reqwest::Result<Response>>;
}

impl Line for Client {
    fn send(&self, request: Request) -> BoxFuture<'_, reqwest::Result<Response>> {
        Box::pin(self.execute(request))
    }
}
