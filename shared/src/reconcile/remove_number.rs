//! Takes the number of a phone's credential out of the access control system. An answer to that is not the end where an import was not answered: the
//! system may still be at it, and the number would come after its removal.

use super::{attempt::Setback, import::setback, step::StepContext};
use crate::domain::{allocation::Allocation, phone_credential::PhoneCredential, time::Timestamp};

/// What became of a removal that the access control system answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Removal {
    /// The number is not there, and will not be.
    Done,
    /// An earlier call may still bring it there: it is removed once more, at that time.
    ToRepeat(Timestamp),
}

impl Removal {
    pub(super) fn done(self) -> Result<(), Setback> {
        match self {
            Self::Done => Ok(()),
            Self::ToRepeat(at) => Err(Setback::Postponed(at)),
        }
    }
}

impl StepContext<'_> {
    /// Takes the number out of the access control system, if it may be there.
    pub(super) async fn remove_from_access_control(&self, child: &PhoneCredential) -> Result<Removal, Setback> {
        self.remove_allocation(child, child.allocation.as_ref()).await
    }

    /// Takes what is allocated for `child` out of the access control system.
    pub(super) async fn remove_allocation(&self, child: &PhoneCredential, allocation: Option<&Allocation>) -> Result<Removal, Setback> {
        let Some(allocation) = allocation else {
            return Ok(Removal::Done);
        };
        // Before the call: what comes while it is under way, or after it, it does not remove.
        let sent_at = self.now();
        let number = self.number_of(child, allocation);
        let system = self.acs_system(number.acs_system_id).await?;
        let told = async { self.access_control.get(&system)?.remove(&number).await }.await;
        told.map_err(|error| setback(&error))?;
        let unsettled = allocation.settled_at().filter(|settled_at| *settled_at > sent_at);
        Ok(unsettled.map_or(Removal::Done, Removal::ToRepeat))
    }
}
