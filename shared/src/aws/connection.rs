//! The connection to a service, opened before it is needed: name resolution, TCP and TLS begin while a function starts, and not with its
//! first request.

use aws_sdk_dynamodb::{
    config::{BehaviorVersion, SharedHttpClient},
    error::DisplayErrorContext,
};
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;

use super::timeouts;

/// The service could not be reached. A later request may reach it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no connection to {endpoint}: {reason}")]
pub(crate) struct NotReached {
    endpoint: String,
    reason: String,
}

/// Asks the endpoint for `/`, which DynamoDB answers with its health, without a signature and to everybody; its developer guide has one
/// see by this whether its certificate is trusted. Any answer is one, since only the connection is wanted: it stays in the pool of
/// the client, where the first request finds it. A signed read takes 0.3 million instructions more, and a read unit.
pub(crate) async fn open_connection(https: &SharedHttpClient, endpoint: &str) -> Result<(), NotReached> {
    let asked = Operation::builder()
        .service_name("health")
        .operation_name("Health")
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(endpoint)
        .http_client(https.clone())
        // The pool is one for each connect timeout: this one's is that of the requests that come.
        .timeout_config(timeouts())
        .no_retry()
        .no_auth()
        .serializer(|()| Ok(HttpRequest::empty()))
        .deserializer::<_, std::convert::Infallible>(|_| Ok(()))
        .build();
    asked.invoke(()).await.map_err(|error| NotReached {
        endpoint: endpoint.to_owned(),
        reason: DisplayErrorContext(error).to_string(),
    })
}

#[cfg(test)]
pub(super) mod tests {
    use std::{
        io::{Read, Write},
        net::TcpListener,
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
        thread,
    };

    use super::*;
    use crate::{
        aws::{AwsAddress, https_client},
        store::connect_over,
    };

    /// Answers every request with an empty object, keeps every connection, and counts them.
    pub(in crate::aws) fn stand_in() -> (String, Arc<AtomicUsize>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let connections = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&connections);
        thread::spawn(move || {
            for connection in listener.incoming() {
                let mut connection = connection.unwrap();
                counter.fetch_add(1, Ordering::SeqCst);
                thread::spawn(move || {
                    while connection.read(&mut [0; 8192]).is_ok_and(|length| length > 0) {
                        let _ = connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}");
                    }
                });
            }
        });
        (url, connections)
    }

    #[tokio::test]
    async fn the_first_request_goes_over_the_connection_that_was_opened() {
        let (url, connections) = stand_in();
        let https = https_client(None).unwrap();
        open_connection(&https, &url).await.unwrap();
        assert_eq!(connections.load(Ordering::SeqCst), 1);
        let table = connect_over(&AwsAddress::stand_in(url), https);
        table.list_tables().send().await.unwrap();
        table.list_tables().send().await.unwrap();
        assert_eq!(connections.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn what_can_not_be_reached_is_said_with_its_reason() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        drop(listener);
        let not_reached = open_connection(&https_client(None).unwrap(), &url).await.unwrap_err().to_string();
        assert!(not_reached.starts_with(&format!("no connection to {url}: ")), "{not_reached}");
        assert!(not_reached.contains("refused"), "{not_reached}");
    }
}
