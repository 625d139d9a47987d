//! `fobless audit`: what the daily review does for everybody, for one person and now.

use clap::Args;
use fobless::{
    domain::{
        ids::{UserIdentityId, WorkspaceId},
        time::Timestamp,
    },
    store::{PartitionOwner, Store},
};
use serde_json::json;

use crate::{error::OperatorError, report::Report};

#[derive(Args, Debug)]
pub(crate) struct Audit {
    /// Whose.
    #[arg(long, value_name = "UUID")]
    workspace: WorkspaceId,
    /// The person, by their `user_identity_id`.
    user_identity: UserIdentityId,
}

impl Audit {
    pub(crate) async fn run(&self, store: &Store, now: Timestamp) -> Result<Report, OperatorError> {
        let owner = PartitionOwner {
            workspace_id: self.workspace,
            user_identity_id: self.user_identity,
        };
        let person = store.load(owner).await?;
        if person.identity.is_none() {
            return Err(OperatorError::UnknownUserIdentity(self.user_identity));
        }
        let mut called = 0;
        for automation in person.automations {
            let amended = store.amend(automation, |record| record.call_review(now)).await?;
            called += usize::from(amended.is_some());
        }
        let text = if called == 0 {
            "no automation of this person has a review ahead: there is none, or it is under way".to_owned()
        } else {
            "the credential manager is asked now; what is found otherwise than it should be is in the issuer's log, and on the timeline of \
             each phone"
                .to_owned()
        };
        Ok(Report::of(json!({ "audits": called }), text))
    }
}
