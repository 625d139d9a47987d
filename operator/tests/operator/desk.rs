//! An operator's desk: a table, and the command that works at it.

use std::{
    fs::OpenOptions,
    future::pending,
    io::Write as _,
    path::PathBuf,
    process::{Command, Output},
};

use fobless::{
    aws::AwsAddress,
    store::{DEFINITION, Store, connect},
};
use serde_json::Value;
use tokio::{net::TcpListener, task::spawn_blocking};

const TABLE: &str = "fobless-operator-test";
pub(crate) const WORKSPACE: &str = "398d80b7-3f96-47c2-b85a-6f8ba21d07be";
pub(crate) const ELSEWHERE: &str = "44444444-4444-4444-8444-444444444444";

/// A table, and the file of settings that leads to it.
pub(crate) struct Desk {
    pub(crate) store: Store,
    env_file: PathBuf,
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.env_file);
    }
}

impl Desk {
    pub(crate) async fn prepared(name: &str) -> Self {
        let database = dynoxide::Database::memory().unwrap();
        let request = serde_json::from_value(DEFINITION.create_request(TABLE)).unwrap();
        database.create_table(request).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(dynoxide::server::serve_with_shutdown(listener, database, pending()));
        let env_file = std::env::temp_dir().join(format!("fobless-operator-{}-{name}.env", std::process::id()));
        let settings = format!(
            "FOBLESS_TABLE='{TABLE}'\nAWS_REGION='us-east-1'\nAWS_ACCESS_KEY_ID='local'\nAWS_SECRET_ACCESS_KEY='local'\n\
             AWS_ENDPOINT_URL_DYNAMODB='{endpoint}'\n"
        );
        std::fs::write(&env_file, settings).unwrap();
        let address = AwsAddress::stand_in(endpoint);
        Self {
            store: Store::new(connect(&address).unwrap(), TABLE),
            env_file,
        }
    }

    /// One more setting in the file.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        let mut file = OpenOptions::new().append(true).open(&self.env_file).unwrap();
        writeln!(file, "{name}='{value}'").unwrap();
    }

    pub(crate) async fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fobless"));
        command.env_clear().args(arguments).arg("--env-file").arg(&self.env_file);
        spawn_blocking(move || command.output().unwrap()).await.unwrap()
    }

    /// What a command prints that works.
    pub(crate) async fn text(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments).await;
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    pub(crate) async fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.text(&[arguments, &["--json"]].concat()).await).unwrap()
    }
}
