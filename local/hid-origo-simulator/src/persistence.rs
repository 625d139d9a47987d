//! The data file: one `SQLite` table of JSON documents, written in one transaction per change before its answer leaves.

use std::fmt::Display;
use std::path::Path;
use std::str::FromStr;

use rusqlite::{Connection, params};
use serde::de::DeserializeOwned;

use crate::table::{Change, Table};

/// Why the data file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataFileError {
    /// `SQLite` refuses.
    #[error("SQLite: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// A document is not what this version writes.
    #[error("the {kind} {id} cannot be read: {cause}")]
    Damaged {
        /// The kind of the record.
        kind: &'static str,
        /// Its id as the file has it.
        id: String,
        /// What is wrong with it.
        cause: String,
    },
    /// A record cannot be written as JSON.
    #[error("JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// The open data file.
pub(crate) struct DataFile {
    connection: Connection,
}

impl DataFile {
    pub(crate) fn open(path: &Path) -> Result<Self, DataFileError> {
        let connection = Connection::open(path)?;
        // A write-ahead log without a sync per commit loses nothing when the process is killed, only when the machine loses power.
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.execute(
            "CREATE TABLE IF NOT EXISTS entities (kind TEXT NOT NULL, id TEXT NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID",
            [],
        )?;
        Ok(Self { connection })
    }

    /// Fills a table with what the file has of its kind.
    pub(crate) fn load<K, T>(&self, table: &mut Table<K, T>) -> Result<(), DataFileError>
    where
        K: Ord + Clone + Display + FromStr,
        T: DeserializeOwned,
    {
        let kind = table.kind();
        let mut statement = self.connection.prepare("SELECT id, doc FROM entities WHERE kind = ?1")?;
        let rows = statement.query_map([kind], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
        for row in rows {
            let (id, document) = row?;
            let damaged = |cause: String| DataFileError::Damaged {
                kind,
                id: id.clone(),
                cause,
            };
            let key = id.parse::<K>().map_err(|_| damaged("its id has another form".to_owned()))?;
            let record = serde_json::from_str(&document).map_err(|error| damaged(error.to_string()))?;
            table.restore(key, record);
        }
        Ok(())
    }

    /// Writes all changes or none.
    pub(crate) fn write(&mut self, changes: &[Change]) -> Result<(), DataFileError> {
        if changes.is_empty() {
            return Ok(());
        }
        let transaction = self.connection.transaction()?;
        {
            let mut put = transaction.prepare_cached("INSERT OR REPLACE INTO entities (kind, id, doc) VALUES (?1, ?2, ?3)")?;
            let mut delete = transaction.prepare_cached("DELETE FROM entities WHERE kind = ?1 AND id = ?2")?;
            for change in changes {
                match &change.document {
                    Some(document) => put.execute(params![change.kind, change.id, document])?,
                    None => delete.execute(params![change.kind, change.id])?,
                };
            }
        }
        transaction.commit()?;
        Ok(())
    }
}
