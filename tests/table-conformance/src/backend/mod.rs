//! The tables that the list is held against.

mod embedded;
mod in_memory;
mod server;
mod whereabouts;

use std::fmt;

pub(crate) use self::whereabouts::Whereabouts;
use self::{
    embedded::Embedded,
    in_memory::{Pages, in_memory},
    server::Server,
};
use crate::{case::Case, difference::Difference, table::Table};

/// Somebody who says to be DynamoDB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Backend {
    /// The simulation's table, by way of JSON.
    InMemory,
    /// The same with the short cut of the simulation: pages of a query are handed over as the SDK has them.
    InMemoryHandingOver,
    /// The DynamoDB of `cargo dev`.
    Embedded,
    /// moto's server.
    Moto,
    /// ministack, on which the template is deployed without AWS.
    Ministack,
    /// AWS's own DynamoDB Local, of which a person has a copy.
    DynamoDbLocal,
}

impl Backend {
    pub(crate) const ALL: [Self; 6] = [
        Self::InMemory,
        Self::InMemoryHandingOver,
        Self::Embedded,
        Self::Moto,
        Self::Ministack,
        Self::DynamoDbLocal,
    ];
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InMemory => "in_memory",
            Self::InMemoryHandingOver => "in_memory_handing_over",
            Self::Embedded => "embedded",
            Self::Moto => "moto",
            Self::Ministack => "ministack",
            Self::DynamoDbLocal => "dynamodb_local",
        })
    }
}

/// A backend that is up. It stops when it is dropped.
pub(crate) enum Running {
    InMemory(Pages),
    Embedded(Embedded),
    Server(Server),
}

impl Running {
    pub(crate) async fn start(whereabouts: &Whereabouts) -> Result<Self, String> {
        Ok(match whereabouts {
            Whereabouts::InMemory(pages) => Self::InMemory(*pages),
            Whereabouts::Embedded => Self::Embedded(Embedded::start().await?),
            Whereabouts::Moto(program) => Self::Server(Server::moto(program).await?),
            Whereabouts::Ministack(program) => Self::Server(Server::ministack(program).await?),
            Whereabouts::DynamoDbLocal(jar) => Self::Server(Server::dynamodb_local(jar).await?),
        })
    }

    /// An empty table for a case, as the product defines it.
    pub(crate) async fn table(&self, case: &Case) -> Result<Table, Difference> {
        // Long enough for real clients, which refuse the short names of shards that some make from the table's.
        let name = format!("fobless.{}.{}", case.group, case.sentence);
        match self {
            Self::InMemory(pages) => in_memory(name, *pages),
            Self::Embedded(embedded) => embedded.table(name),
            Self::Server(server) => server.table(name).await,
        }
    }
}
