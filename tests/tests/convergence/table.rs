//! One embedded DynamoDB for all cases: each has a workspace and a person of its own.

use std::sync::OnceLock;

use fobless::{
    aws::AwsAddress,
    store::{DEFINITION, Store},
};
use tokio::{net::TcpListener, runtime::Runtime};

const TABLE: &str = "fobless-convergence";

/// Where the database listens. It runs in a thread of its own, until the process ends.
pub(crate) fn endpoint() -> &'static str {
    static ENDPOINT: OnceLock<String> = OnceLock::new();
    ENDPOINT.get_or_init(|| {
        let database = dynoxide::Database::memory().unwrap();
        let mut request = DEFINITION.create_request(TABLE);
        // Nobody reads the stream, and the database keeps it for ever.
        request.as_object_mut().unwrap().remove("StreamSpecification");
        database.create_table(serde_json::from_value(request).unwrap()).unwrap();
        let runtime = Runtime::new().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            let served = dynoxide::server::serve_with_shutdown(listener, database, std::future::pending());
            runtime.block_on(served).unwrap();
        });
        format!("http://{address}")
    })
}

/// A client of its own for whoever asks: its connections belong to the caller's runtime.
pub(crate) fn store() -> Store {
    store_at(endpoint())
}

/// The same through somebody who stands before the database.
pub(crate) fn store_at(endpoint: &str) -> Store {
    let address = AwsAddress::stand_in(endpoint);
    Store::new(fobless::store::connect(&address).unwrap(), TABLE)
}
