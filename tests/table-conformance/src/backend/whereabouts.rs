//! Where the backends are. Those that are not part of this project a person or CI names in the environment.

use std::{env, path::PathBuf};

use super::{Backend, in_memory::Pages};

/// The folder that holds the programs `moto_server` and `ministack`.
const SERVERS: &str = "FOBLESS_TABLE_SERVERS";
/// The file `DynamoDBLocal.jar`.
const DYNAMODB_LOCAL: &str = "FOBLESS_DYNAMODB_LOCAL";

/// Where a backend is.
pub(crate) enum Whereabouts {
    /// The simulation's table is compiled in.
    InMemory(Pages),
    /// So is the embedded DynamoDB.
    Embedded,
    /// moto's program.
    Moto(PathBuf),
    /// ministack's program.
    Ministack(PathBuf),
    /// The jar of DynamoDB Local.
    DynamoDbLocal(PathBuf),
}

impl Whereabouts {
    /// Where the backend is, or why it is not here.
    pub(crate) fn of(backend: Backend) -> Result<Self, String> {
        let found = match backend {
            Backend::InMemory => Ok(Self::InMemory(Pages::AsJson)),
            Backend::InMemoryHandingOver => Ok(Self::InMemory(Pages::HandedOver)),
            Backend::Embedded => Ok(Self::Embedded),
            Backend::Moto => server("moto_server").map(Self::Moto),
            Backend::Ministack => server("ministack").map(Self::Ministack),
            Backend::DynamoDbLocal => named(DYNAMODB_LOCAL).and_then(file).map(Self::DynamoDbLocal),
        };
        found.map_err(|reason| format!("{backend}: {reason}"))
    }
}

fn server(program: &str) -> Result<PathBuf, String> {
    named(SERVERS).and_then(|folder| file(folder.join(program)))
}

fn file(path: PathBuf) -> Result<PathBuf, String> {
    if path.is_file() {
        Ok(path)
    } else {
        Err(format!("there is no file {}", path.display()))
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "settings of this test alone, which the product must not know"
)]
fn named(setting: &str) -> Result<PathBuf, String> {
    let path = env::var_os(setting).filter(|path| !path.is_empty()).map(PathBuf::from);
    path.ok_or_else(|| format!("{setting} is not set"))
}
