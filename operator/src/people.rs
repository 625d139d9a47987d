//! Everybody in a workspace, one after the other.

use fobless::{
    domain::{aggregate::Aggregate, ids::WorkspaceId},
    store::{Collection, PageStart, PartitionOwner, Store},
};

use crate::{error::OperatorError, progress::Progress};

/// How many people are listed with one request.
const PAGE: u16 = 100;

/// Who comes next.
pub(crate) struct People<'a> {
    store: &'a Store,
    workspace: WorkspaceId,
    listed: std::vec::IntoIter<PartitionOwner>,
    next: PageStart,
    is_last_page: bool,
    progress: Progress,
}

impl<'a> People<'a> {
    pub(crate) fn of(store: &'a Store, workspace: WorkspaceId) -> Self {
        Self {
            store,
            workspace,
            listed: Vec::new().into_iter(),
            next: None,
            is_last_page: false,
            progress: Progress::of("people"),
        }
    }

    /// The next person, loaded whole: strongly consistent, about a read unit each.
    pub(crate) async fn next(&mut self) -> Result<Option<(PartitionOwner, Aggregate)>, OperatorError> {
        loop {
            if let Some(owner) = self.listed.next() {
                self.progress.step();
                return Ok(Some((owner, self.store.load(owner).await?)));
            }
            if self.is_last_page {
                return Ok(None);
            }
            let page = self
                .store
                .list_keys(Collection::UserIdentities, self.workspace, self.next.take(), PAGE);
            let (keys, next) = page.await?;
            let owners = keys.iter().filter_map(|key| PartitionOwner::of_partition(&key.partition));
            self.listed = owners.collect::<Vec<_>>().into_iter();
            self.is_last_page = next.is_none();
            self.next = next;
        }
    }
}
