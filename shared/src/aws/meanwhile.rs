//! A connection that is opened while a function goes on starting: it asks for its first event at once, and what that event needs of the
//! service waits for the connection that is on its way, instead of opening another one beside it.
//!
//! In a cold start an event is there as soon as it is asked for, so that the handshake and the event are on their way at the same time.
//! An instance that was started ahead of its first event may be frozen in the midst of the handshake. The first request then gives it
//! [`PATIENCE`]; it and all others go over connections of their own, as they would if the one that was open had been closed since.

use std::{future::Future, time::Duration};

use aws_sdk_dynamodb::config::{HttpClient, RuntimeComponents, SharedHttpClient};
use aws_smithy_runtime_api::client::{
    connector_metadata::ConnectorMetadata,
    http::{HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector},
    orchestrator::HttpRequest,
};
use tokio::{sync::watch, time::timeout};

/// A handshake within a region takes milliseconds. One that is not over by then is with a service that has given it up.
const PATIENCE: Duration = Duration::from_millis(500);

/// The same connections, for requests that wait until `opening` is over, whatever came of it. It runs by itself, in the Tokio runtime
/// that this is called in.
pub(crate) fn meanwhile(https: SharedHttpClient, opening: impl Future<Output = ()> + Send + 'static) -> SharedHttpClient {
    let is_over = watch::Sender::new(false);
    let told = is_over.clone();
    tokio::spawn(async move {
        opening.await;
        told.send_replace(true);
    });
    SharedHttpClient::new(Meanwhile { https, is_over })
}

#[derive(Debug)]
struct Meanwhile {
    https: SharedHttpClient,
    /// Whether nobody waits any more: the connection is open, could not be opened, or took too long.
    is_over: watch::Sender<bool>,
}

impl HttpClient for Meanwhile {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let connector = self.https.http_connector(settings, components);
        if *self.is_over.borrow() {
            return connector;
        }
        SharedHttpConnector::new(Waiting {
            connector,
            is_over: self.is_over.clone(),
        })
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.https.connector_metadata()
    }
}

/// Sends a request once the connection has been opened.
#[derive(Clone, Debug)]
struct Waiting {
    connector: SharedHttpConnector,
    is_over: watch::Sender<bool>,
}

impl HttpConnector for Waiting {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let Self { connector, is_over } = self.clone();
        HttpConnectorFuture::new(async move {
            let waited = timeout(PATIENCE, is_over.subscribe().wait_for(|is_over| *is_over)).await.is_ok();
            if !waited {
                // Nor does anybody else wait for it.
                is_over.send_replace(true);
            }
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
    async fn what_hangs_keeps_the_first_requests_for_a_moment_and_no_others() {
        let (url, connections) = stand_in();
        let table = connect_over(
            &AwsAddress::stand_in(url),
            meanwhile(https_client(None).unwrap(), future::pending()),
        );
        let ten_requests = async {
            for _ in 0..10 {
                table.list_tables().send().await.unwrap();
            }
        };
        timeout(PATIENCE * 4, ten_requests).await.unwrap();
        assert_eq!(connections.load(Ordering::SeqCst), 1);
    }
}
