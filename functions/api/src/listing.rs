//! Listing a collection of the whole workspace: ids from the index, and each user identity behind them with one query, because
//! what is shown of a thing depends on what stands beside it. An ACS user who is nobody's stands alone.

use std::collections::{BTreeMap, BTreeSet};

use fobless::{
    domain::{acs::AcsUser, aggregate::Aggregate},
    store::{Collection, Key, PartitionOwner, StoreError},
};
use futures_util::{StreamExt, TryStreamExt, stream};
use uuid::Uuid;

use crate::{
    endpoint::Call,
    page::{Page, PageRequest},
    problem::Problem,
};

/// How many user identities are loaded at once.
const LOADS_AT_ONCE: usize = 8;
/// How many ids are taken from the index at once.
const KEYS_AT_ONCE: u16 = 200;
/// How often ids are taken for one page. A rare thing among many then comes on a later page, and no request takes for ever.
const MOST_ROUNDS: u32 = 25;

/// User identities, each with everything about it.
pub(crate) type Aggregates = BTreeMap<PartitionOwner, Aggregate>;
/// Everything in a partition, by the partition's key.
type Partitions = BTreeMap<String, Aggregate>;

impl Call {
    /// One page of a collection. `show` answers what to show of the thing with this key, and its id; `None` leaves it out.
    pub(crate) async fn page<T>(
        &self,
        collection: Collection,
        request: &PageRequest,
        show: impl Fn(&Key, &Aggregate) -> Option<(Uuid, T)> + Send,
    ) -> Result<Page<T>, Problem> {
        let mut partitions = Partitions::new();
        let mut shown: Vec<(Uuid, T)> = Vec::new();
        let mut after = request.after;
        for _ in 0..MOST_ROUNDS {
            // One more than the page has, to know whether there is a next one. A short page costs little that way, and the further
            // rounds, which only a filter makes necessary, take more at once.
            let missing = u16::try_from(request.limit.saturating_add(1)).unwrap_or(u16::MAX);
            let at_once = if after == request.after {
                missing.min(KEYS_AT_ONCE)
            } else {
                KEYS_AT_ONCE
            };
            let (keys, next) = self.store.list_keys(collection, self.workspace_id, after, at_once).await?;
            self.load_missing(&mut partitions, &keys).await?;
            shown.extend(keys.iter().filter_map(|key| show(key, partitions.get(&key.partition)?)));
            if shown.len() > request.limit || next.is_none() {
                return Ok(request.cut(shown));
            }
            after = next;
        }
        Ok(Page {
            items: shown.into_iter().map(|(_, item)| item).collect(),
            next: after,
        })
    }

    /// These user identities, each with everything about it.
    pub(crate) async fn load_all(&self, owners: impl IntoIterator<Item = PartitionOwner>) -> Result<Aggregates, Problem> {
        let owners: BTreeSet<PartitionOwner> = owners.into_iter().collect();
        let loads = stream::iter(owners).map(|owner| async move { self.store.load(owner).await.map(|aggregate| (owner, aggregate)) });
        Ok(loads.buffer_unordered(LOADS_AT_ONCE).try_collect().await?)
    }

    async fn load_missing(&self, partitions: &mut Partitions, keys: &[Key]) -> Result<(), Problem> {
        let missing: BTreeMap<String, Key> = keys
            .iter()
            .filter(|key| !partitions.contains_key(&key.partition))
            .map(|key| (key.partition.clone(), key.clone()))
            .collect();
        let loads =
            stream::iter(missing).map(|(partition, key)| async move { self.load_around(key).await.map(|loaded| (partition, loaded)) });
        let loaded: Vec<(String, Aggregate)> = loads.buffer_unordered(LOADS_AT_ONCE).try_collect().await?;
        partitions.extend(loaded);
        Ok(())
    }

    /// Everything in the partition of `key`.
    async fn load_around(&self, key: Key) -> Result<Aggregate, StoreError> {
        if let Some(owner) = PartitionOwner::of_partition(&key.partition) {
            return self.store.load(owner).await;
        }
        let unlinked = self.store.get::<AcsUser>(key).await?;
        Ok(Aggregate {
            acs_users: unlinked.into_iter().collect(),
            ..Aggregate::default()
        })
    }
}
