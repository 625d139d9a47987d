//! Takes the number of a phone's credential out of the access control system. An answer to that is not the end where an import was not answered: the
//! system may still be at it, and the number would come after its removal.

use super::{attempt::Setback, import::setback, step::StepContext};
use crate::domain::{allocation::Allocation, phone_credential::PhoneCredential, retry::settled_at};

impl StepContext<'_> {
    /// Takes the number out of the access control system, if it may be there.
    pub(super) async fn remove_from_access_control(&self, child: &PhoneCredential) -> Result<(), Setback> {
        self.remove_allocation(child, child.allocation.as_ref()).await
    }

    /// Takes what is allocated for `child` out of the access control system. While an import of it may be at work there, it is removed at once, since that is what
    /// closes the doors, and once more when that is over ([`Allocation::claim_removal`]).
    pub(super) async fn remove_allocation(&self, child: &PhoneCredential, allocation: Option<&Allocation>) -> Result<(), Setback> {
        let Some(allocation) = allocation else { return Ok(()) };
        let number = self.number_of(child, allocation);
        let system = self.acs_system(number.acs_system_id).await?;
        let told = async { self.access_control.get(&system)?.remove(&number).await }.await;
        told.map_err(|error| setback(&error))?;
        if allocation.settled_at().is_some() {
            return Err(Setback::Postponed(settled_at(self.now())));
        }
        Ok(())
    }
}
