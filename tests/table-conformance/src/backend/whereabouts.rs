//! Where the backends are that are not part of this project. A person or CI says so in the environment.

use std::{
    env,
    path::{Path, PathBuf},
};

use super::Backend;

/// The folder that holds the programs `moto_server` and `ministack`.
const SERVERS: &str = "FOBLESS_TABLE_SERVERS";
/// The file `DynamoDBLocal.jar`.
const DYNAMODB_LOCAL: &str = "FOBLESS_DYNAMODB_LOCAL";

/// Where a backend is.
pub(crate) enum Whereabouts {
    /// It is compiled in.
    InThisProcess,
    /// Its program.
    At(PathBuf),
}

impl Whereabouts {
    /// Where the backend is, or why it is not here.
    pub(crate) fn of(backend: Backend) -> Result<Self, String> {
        let found = match backend {
            Backend::InMemory | Backend::Embedded => return Ok(Self::InThisProcess),
            Backend::Moto => setting(SERVERS).map(|folder| folder.join("moto_server")),
            Backend::Ministack => setting(SERVERS).map(|folder| folder.join("ministack")),
            Backend::DynamoDbLocal => setting(DYNAMODB_LOCAL),
        };
        let setting = if backend == Backend::DynamoDbLocal {
            DYNAMODB_LOCAL
        } else {
            SERVERS
        };
        match found {
            Some(program) if is_there(&program) => Ok(Self::At(program)),
            Some(program) => Err(format!("{backend}: {setting} leads to {}, where nothing is", program.display())),
            None => Err(format!("{backend}: {setting} is not set")),
        }
    }
}

fn is_there(program: &Path) -> bool {
    program.is_file()
}

#[expect(
    clippy::disallowed_methods,
    reason = "settings of this test alone, which the product must not know"
)]
fn setting(name: &str) -> Option<PathBuf> {
    env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}
