//! The multi-phone sync credential that a request wants to change. A phone's own credential is none: it follows its parent and its
//! phone, so a request that names one is told what to change instead.

use fobless::domain::{
    aggregate::{Aggregate, Versioned},
    ids::AcsCredentialId,
    multi_phone_sync_credential::MultiPhoneSyncCredential,
};

use super::acs_credentials::not_found;
use crate::{endpoint::Call, problem::Problem, shown::Shown};

/// A parent, and everything about its person.
pub(super) struct NamedParent {
    pub(super) found: Versioned<MultiPhoneSyncCredential>,
    pub(super) aggregate: Aggregate,
}

impl NamedParent {
    /// Be it gone or not. `instead` tells what to do about the credential of a phone.
    async fn find(call: &Call, id: AcsCredentialId, instead: &str) -> Result<Self, Problem> {
        let aggregate = call.load_owner_of_credential(id).await?.ok_or_else(|| not_found(id))?;
        Self::of(aggregate, id, instead)
    }

    /// The same, where everything about its person is known.
    pub(super) fn of(aggregate: Aggregate, id: AcsCredentialId, instead: &str) -> Result<Self, Problem> {
        match aggregate.credential(id).cloned() {
            Some(found) => Ok(Self { found, aggregate }),
            None if super::acs_credentials::shown(id, &aggregate).is_some() => {
                let message = format!("This is the credential of one phone: {instead}");
                Err(Problem::invalid_field("acs_credential_id", &message))
            }
            None => Err(not_found(id)),
        }
    }

    /// One that is not gone.
    pub(super) async fn shown(call: &Call, id: AcsCredentialId, instead: &str) -> Result<Self, Problem> {
        let parent = Self::find(call, id, instead).await?;
        let is_shown = parent.aggregate.shown_parent(id).is_some();
        is_shown.then_some(parent).ok_or_else(|| not_found(id))
    }

    /// One that is neither gone nor on its way there.
    pub(super) async fn wanted(call: &Call, id: AcsCredentialId, instead: &str) -> Result<Self, Problem> {
        let parent = Self::shown(call, id, instead).await?;
        match parent.aggregate.deletion_of(&parent.found.record) {
            None => Ok(parent),
            Some(_) => Err(Problem::invalid_field("acs_credential_id", "This credential is being deleted")),
        }
    }
}
