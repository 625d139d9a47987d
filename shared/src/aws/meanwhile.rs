//! A connection that is opened while a function goes on starting: it asks for its first event at once, and what that event needs of the
//! service waits for the connection that is on its way, instead of opening another one beside it.
//!
//! In a cold start an event is there as soon as it is asked for, so that the handshake and the event are on their way at the same time.
//! An instance that was started ahead of its first event may be frozen in the midst of the handshake; what then comes first gives it
//! [`PATIENCE`] and goes over a connection of its own, as it would if the one that was open had been closed meanwhile.

use std::{future::Future, time::Duration};

use aws_sdk_dynamodb::config::{HttpClient as _, SharedHttpClient};
use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn},
    orchestrator::HttpRequest,
};
use tokio::{sync::watch, time::timeout};

/// A handshake within a region takes milliseconds. One that is not over by then is with a service that has given it up.
const PATIENCE: Duration = Duration::from_millis(500);

/// The same connections, for requests that wait until `opening` is over, whatever came of it. It runs by itself, in the Tokio runtime
/// that this is called in.
pub(crate) fn meanwhile(https: SharedHttpClient, opening: impl Future<Output = ()> + Send + 'static) -> SharedHttpClient {
    let (end, ended) = watch::channel(());
    tokio::spawn(async move {
        opening.await;
        // What waits, waits for this one to be gone: by then also if it panicked.
        drop(end);
    });
    http_client_fn(move |settings, components| {
        let connector = https.http_connector(settings, components);
        if ended.has_changed().is_err() {
            return connector;
        }
        SharedHttpConnector::new(Waiting {
            connector,
            ended: ended.clone(),
        })
    })
}

/// Sends a request once the connection has been opened.
#[derive(Clone, Debug)]
struct Waiting {
    connector: SharedHttpConnector,
    /// Closed as soon as the opening is over.
    ended: watch::Receiver<()>,
}

impl HttpConnector for Waiting {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let Self { connector, mut ended } = self.clone();
        HttpConnectorFuture::new(async move {
            let _ = timeout(PATIENCE, ended.changed()).await;
            connector.call(request).await
        })
    }
}

#[cfg(test)]
mod tests {
    use std::{future, sync::atomic::Ordering};

    use super::*;
    use crate::{
        aws::{
            AwsAddress,
            connection::{open_connection, tests::stand_in},
            https_client,
        },
        store::connect_over,
    };

    #[tokio::test]
    async fn a_request_waits_for_the_connection_that_is_on_its_way() {
        let (url, connections) = stand_in();
        let https = https_client(None).unwrap();
        let opening = {
            let (https, url) = (https.clone(), url.clone());
            async move { open_connection(&https, &url).await.unwrap() }
        };
        let table = connect_over(&AwsAddress::stand_in(url), meanwhile(https, opening));
        // It is asked for before the connection has even been begun.
        table.list_tables().send().await.unwrap();
        table.list_tables().send().await.unwrap();
        assert_eq!(connections.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn what_hangs_keeps_no_request_for_long() {
        let (url, connections) = stand_in();
        let table = connect_over(
            &AwsAddress::stand_in(url),
            meanwhile(https_client(None).unwrap(), future::pending()),
        );
        timeout(PATIENCE * 4, table.list_tables().send()).await.unwrap().unwrap();
        assert_eq!(connections.load(Ordering::SeqCst), 1);
    }
}
