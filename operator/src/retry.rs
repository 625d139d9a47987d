//! `fobless retry`: what failed and waits is tried now, since somebody has done something about the cause.

use clap::Args;
use fobless::{
    domain::{
        aggregate::Aggregate,
        effort::Effort,
        failure::FailureCode,
        ids::{DeviceId, WorkspaceId},
        time::Timestamp,
    },
    store::{Collection, PartitionOwner, Store},
};
use serde_json::json;

use crate::{error::OperatorError, people::People, report::Report};

#[derive(Args, Debug)]
pub(crate) struct Retry {
    /// Which workspace.
    #[arg(long, value_name = "UUID")]
    workspace: WorkspaceId,
    #[command(flatten)]
    which: Which,
}

#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
struct Which {
    /// All that last failed for this reason, such as `credential_manager_misconfigured`: `fobless status` counts them.
    #[arg(long, value_name = "REASON", value_parser = reason)]
    failed: Option<FailureCode>,
    /// All of this phone, by its `device_id`.
    phone: Option<DeviceId>,
}

fn reason(text: &str) -> Result<FailureCode, String> {
    serde_json::from_value(json!(text)).map_err(|_| "there is no such reason; `fobless status` shows those that there are".to_owned())
}

impl Retry {
    pub(crate) async fn run(&self, store: &Store, now: Timestamp) -> Result<Report, OperatorError> {
        let mut hastened = 0;
        if let Some(phone) = self.which.phone {
            let unknown = || OperatorError::UnknownPhone(phone);
            let key = store.find(Collection::Phones, self.workspace, phone.uuid()).await?;
            let owner = key
                .and_then(|key| PartitionOwner::of_partition(&key.partition))
                .ok_or_else(unknown)?;
            hastened += self.hasten(store, &store.load(owner).await?, now).await?;
        } else {
            let mut people = People::of(store, self.workspace);
            while let Some((_, person)) = people.next().await? {
                hastened += self.hasten(store, &person, now).await?;
            }
        }
        let text = match hastened {
            0 => "nothing waits for that; what waits for room, or is being tried, goes on by itself".to_owned(),
            1 => "one thing is tried now".to_owned(),
            several => format!("{several} things are tried now"),
        };
        Ok(Report::of(json!({ "hastened": hastened }), text))
    }

    /// Whatever of the person is asked for. What is written leaves a record in the stream, and that wakes the issuer.
    async fn hasten(&self, store: &Store, person: &Aggregate, now: Timestamp) -> Result<usize, OperatorError> {
        let concerns = |device: DeviceId| self.which.phone.is_none_or(|phone| phone == device);
        let hasten = |efforts: [&mut Effort; 2]| {
            let asked = efforts.into_iter().filter(|effort| self.asks_for(effort));
            // Each, and not only the first.
            asked.filter_map(|effort| effort.hasten(now).then_some(())).count() > 0
        };
        let mut hastened = 0;
        for automation in &person.automations {
            let amended = store.amend(automation.clone(), |record| hasten(record.efforts_mut())).await?;
            hastened += usize::from(amended.is_some());
        }
        for enrollment in person.enrollments.iter().filter(|found| concerns(found.record.device_id)) {
            let amended = store.amend(enrollment.clone(), |record| hasten(record.efforts_mut())).await?;
            hastened += usize::from(amended.is_some());
        }
        for child in person.phone_credentials.iter().filter(|found| concerns(found.record.device_id)) {
            let amended = store.amend(child.clone(), |record| hasten(record.efforts_mut())).await?;
            hastened += usize::from(amended.is_some());
        }
        Ok(hastened)
    }

    fn asks_for(&self, effort: &Effort) -> bool {
        let code = effort.last_failure.as_ref().map(|failure| failure.code);
        self.which.failed.is_none() || code == self.which.failed
    }
}
