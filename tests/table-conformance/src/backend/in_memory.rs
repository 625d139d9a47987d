//! The simulation's table, reached as the simulation reaches it.

use std::sync::Arc;

use aws_sdk_dynamodb::{
    Client,
    config::{BehaviorVersion, Region},
};
use fobless::store::DEFINITION;
use fobless_table_in_memory::{Database, InMemory, OpenGate};

use crate::{difference::Difference, stream::Streams, table::Table};

pub(super) fn in_memory(name: String) -> Result<Table, Difference> {
    let database = Database::new(|| 0);
    if !database.create_table(&DEFINITION.create_request(&name)) {
        return Err(Difference::new("the definition is not understood"));
    }
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url("http://in-memory")
        .allow_no_auth()
        .http_client(InMemory::new(database.clone(), Arc::new(OpenGate)))
        .build();
    Ok(Table {
        client: Client::from_conf(config),
        name,
        streams: Streams::InMemory(database),
    })
}
