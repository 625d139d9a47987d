//! The DynamoDB of `cargo dev`: its requests over HTTP as the functions send them, its stream read as the pump reads it.

use aws_sdk_dynamodb::Client;
use dynoxide::Database;
use fobless::store::DEFINITION;
use tokio::{net::TcpListener, sync::oneshot};

use super::server::client;
use crate::{difference::Difference, stream::Streams, table::Table};

pub(crate) struct Embedded {
    database: Database,
    client: Client,
    /// The server stops when this is dropped.
    _stop: oneshot::Sender<()>,
}

impl Embedded {
    pub(super) async fn start() -> Result<Self, String> {
        let database = Database::memory().map_err(|error| error.to_string())?;
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(|error| error.to_string())?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        let (stop, stopped) = oneshot::channel::<()>();
        tokio::spawn(dynoxide::server::serve_with_shutdown(listener, database.clone(), async {
            let _ = stopped.await;
        }));
        Ok(Self {
            database,
            client: client(&format!("http://{address}"))?,
            _stop: stop,
        })
    }

    pub(super) fn table(&self, name: String) -> Result<Table, Difference> {
        let request = serde_json::from_value(DEFINITION.create_request(&name)).map_err(|error| Difference::new(error.to_string()))?;
        self.database
            .create_table(request)
            .map_err(|error| Difference::new(error.to_string()))?;
        Ok(Table {
            client: self.client.clone(),
            name,
            streams: Streams::Embedded(self.database.clone()),
        })
    }
}
