//! A server that somebody else wrote: started on a free port of this machine, waited for, and stopped at the end.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use aws_sdk_dynamodb::Client;
use fobless::{
    aws::AwsAddress,
    store::{DEFINITION, connect},
};
use fobless_local::HeldPort;

use crate::{difference::Difference, raw_requests::RawRequests, stream::Streams, table::Table};

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_mins(1);
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

pub(crate) struct Server {
    process: Child,
    client: Client,
    raw: RawRequests,
}

/// The product's own client.
pub(super) fn client(endpoint: &str) -> Result<Client, String> {
    let address = AwsAddress::stand_in(endpoint);
    connect(&address).map_err(|error| error.to_string())
}

impl Server {
    pub(super) async fn moto(program: &Path) -> Result<Self, String> {
        let port = free_port()?;
        let mut command = Command::new(program);
        command.args(["-H", "127.0.0.1", "-p", &port.number().to_string()]);
        Self::start(command, &port).await
    }

    pub(super) async fn ministack(program: &Path) -> Result<Self, String> {
        let port = free_port()?;
        let mut command = Command::new(program);
        // It would listen on every interface.
        command.env("BIND_HOST", "127.0.0.1").env("GATEWAY_PORT", port.number().to_string());
        command.env("SERVICES", "dynamodb,dynamodbstreams");
        Self::start(command, &port).await
    }

    pub(super) async fn dynamodb_local(jar: &Path) -> Result<Self, String> {
        let port = free_port()?;
        let libraries = jar.with_file_name("DynamoDBLocal_lib");
        let mut command = Command::new("java");
        command.arg(format!("-Djava.library.path={}", libraries.display()));
        command.arg("-jar").arg(jar);
        command.args(["-disableTelemetry", "-inMemory", "-sharedDb", "-port", &port.number().to_string()]);
        Self::start(command, &port).await
    }

    async fn start(mut command: Command, port: &HeldPort) -> Result<Self, String> {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let process = command
            .spawn()
            .map_err(|error| format!("{}: {error}", command.get_program().display()))?;
        let endpoint = format!("http://127.0.0.1:{}", port.number());
        let mut server = Self {
            process,
            client: client(&endpoint)?,
            raw: RawRequests::to(&endpoint)?,
        };
        let answers = async {
            while !server.raw.is_up().await {
                if let Ok(Some(status)) = server.process.try_wait() {
                    return Err(format!("it ended: {status}"));
                }
                tokio::time::sleep(BETWEEN_LOOKS).await;
            }
            Ok(())
        };
        let answers = tokio::time::timeout(PATIENCE, answers).await;
        answers.map_err(|_| "it does not answer".to_owned())??;
        Ok(server)
    }

    pub(super) async fn table(&self, name: String) -> Result<Table, Difference> {
        self.raw
            .send("DynamoDB_20120810.CreateTable", &DEFINITION.create_request(&name))
            .await?;
        Ok(Table {
            client: self.client.clone(),
            name,
            streams: Streams::Served(self.raw.clone()),
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It keeps nothing that would be lost.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn free_port() -> Result<HeldPort, String> {
    HeldPort::take().map_err(|error| error.to_string())
}
