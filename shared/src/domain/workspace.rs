//! The tenant.

use serde::{Deserialize, Serialize};

use super::{ids::WorkspaceId, time::Timestamp};

/// What is known of a workspace. One that nobody described is there all the same: ids live in it, and keys open it. It is no sandbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workspace {
    /// The workspace's id.
    pub workspace_id: WorkspaceId,
    /// What it is called, for people.
    pub name: String,
    /// Whether phones may be simulated in it.
    pub is_sandbox: bool,
    /// When it was made.
    pub created_at: Timestamp,
}
