//! Workspaces.

use super::{Store, error::StoreError, item::Record, keys::Key};
use crate::domain::{happenings::Tells, ids::WorkspaceId, workspace::Workspace};

impl Tells for Workspace {}

impl Record for Workspace {
    fn key(&self) -> Key {
        Key::workspace(self.workspace_id)
    }
}

impl Store {
    /// Whether phones may be simulated in the workspace. Not in one that nobody described.
    pub async fn is_sandbox(&self, workspace: WorkspaceId) -> Result<bool, StoreError> {
        let found = self.get::<Workspace>(Key::workspace(workspace)).await?;
        Ok(found.is_some_and(|found| found.record.is_sandbox))
    }
}
