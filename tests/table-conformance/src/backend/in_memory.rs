//! The simulation's table, reached as the simulation reaches it.

use std::sync::Arc;

use aws_sdk_dynamodb::{
    Client,
    config::{BehaviorVersion, Region},
};
use fobless::store::DEFINITION;
use fobless_table_in_memory::{Database, InMemory, OpenGate, TakesPages};

use crate::{difference::Difference, stream::Streams, table::Table};

/// How what a query finds comes to the client.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Pages {
    AsJson,
    HandedOver,
}

pub(super) fn in_memory(name: String, pages: Pages) -> Result<Table, Difference> {
    let database = Database::new(|| 0);
    if !database.create_table(&DEFINITION.create_request(&name)) {
        return Err(Difference::new("the definition is not understood"));
    }
    let client = InMemory::new(database.clone(), Arc::new(OpenGate));
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url("http://in-memory")
        .allow_no_auth()
        .interceptor(TakesPages);
    let config = match pages {
        Pages::AsJson => config.http_client(client).build(),
        Pages::HandedOver => config.http_client(client.handing_over_pages()).build(),
    };
    Ok(Table {
        client: Client::from_conf(config),
        name,
        streams: Streams::InMemory(database),
    })
}
