//! Finding an ACS user who is nobody's by e-mail address or phone number, without looking at all of them.

use super::{
    Store,
    error::StoreError,
    item::from_item,
    keys::Key,
    unique::{UniqueKey, UniqueKind, in_system},
};
use crate::domain::{acs::AcsUser, aggregate::Versioned, deletion::Deletable, ids::AcsSystemId, user_identity::UserIdentity};

impl Store {
    /// An ACS user of the system who is nobody's and has the person's e-mail address, else one who has the phone number. Of several
    /// with the same one it is the one who was made first.
    pub async fn unlinked_acs_user_of(
        &self,
        identity: &UserIdentity,
        system: AcsSystemId,
    ) -> Result<Option<Versioned<AcsUser>>, StoreError> {
        let contacts = [
            (UniqueKind::UnlinkedEmailAddress, &identity.email_address),
            (UniqueKind::UnlinkedPhoneNumber, &identity.phone_number),
        ];
        for (kind, contact) in contacts {
            let Some(contact) = contact else { continue };
            let place = Key::unique(identity.workspace_id, kind, &in_system(system, contact));
            for item in self.query_partition(place.partition, "").await? {
                let claim: Versioned<UniqueKey> = from_item(item)?;
                let found: Option<Versioned<AcsUser>> = self.get(claim.record.holder()).await?;
                // What a claim says counts only as far as the record says it too.
                if let Some(found) = found.filter(|found| is_free(&found.record, system) && has(&found.record, kind, contact)) {
                    return Ok(Some(found));
                }
            }
        }
        Ok(None)
    }
}

fn is_free(user: &AcsUser, system: AcsSystemId) -> bool {
    user.acs_system_id == system && user.user_identity_id.is_none() && user.is_wanted()
}

fn has(user: &AcsUser, kind: UniqueKind, contact: &str) -> bool {
    let own = match kind {
        UniqueKind::UnlinkedEmailAddress => &user.email_address,
        _ => &user.phone_number,
    };
    own.as_ref().is_some_and(|own| kind.hash(own) == kind.hash(contact))
}
