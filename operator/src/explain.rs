//! `fobless explain`: the timeline of a phone, as `/phones/timeline` tells it, for whoever stands before the table.

use clap::Args;
use fobless::{
    domain::{
        ids::{DeviceId, WorkspaceId},
        time::Timestamp,
        timeline::{Subject, Timeline, TimelineEvent, timeline},
    },
    store::{Collection, PartitionOwner, Store},
};
use serde_json::{Value, json};

use crate::{error::OperatorError, report::Report};

#[derive(Args, Debug)]
pub(crate) struct Explain {
    /// Whose phone it is.
    #[arg(long, value_name = "UUID")]
    workspace: WorkspaceId,
    /// The phone, by its `device_id`.
    phone: DeviceId,
}

impl Explain {
    pub(crate) async fn run(&self, store: &Store, now: Timestamp) -> Result<Report, OperatorError> {
        let key = store.find(Collection::Phones, self.workspace, self.phone.uuid()).await?;
        let owner = key.and_then(|key| PartitionOwner::of_partition(&key.partition));
        let unknown = || OperatorError::UnknownPhone(self.phone);
        let aggregate = store.load(owner.ok_or_else(unknown)?).await?;
        let told = timeline(&aggregate, self.phone, now).ok_or_else(unknown)?;
        Ok(Report::of(shown(&told), in_words(&told)))
    }
}

fn in_words(told: &Timeline) -> String {
    let row = |event: &TimelineEvent| {
        [
            event.at.to_string(),
            subject(event.subject)["type"].as_str().unwrap_or_default().to_owned(),
            event.step.to_owned(),
            event.outcome.to_owned(),
            event.message.clone().unwrap_or_else(|| event.cause.to_owned()),
        ]
    };
    let rows = told.events.iter().map(row).collect();
    let steps = Report::table(Value::Null, ["WHEN", "ABOUT", "STEP", "OUTCOME", "WHY, OR WHAT CAME OF IT"], rows).text();
    let forgotten = match told.forgotten {
        0 => String::new(),
        number => format!("{number} older steps are not kept any more.\n"),
    };
    let waits: Vec<String> = told.waiting_for.iter().map(|sentence| format!("- {sentence}")).collect();
    format!(
        "Phone {} of user identity {}\n\n{forgotten}{steps}\n\nNow:\n{}",
        told.device_id,
        told.user_identity_id,
        waits.join("\n")
    )
}

fn shown(told: &Timeline) -> Value {
    let event = |event: &TimelineEvent| {
        json!({
            "at": event.at.to_string(),
            "subject": subject(event.subject),
            "step": event.step,
            "cause": event.cause,
            "attempt": event.attempt,
            "outcome": event.outcome,
            "message": event.message,
        })
    };
    json!({
        "device_id": told.device_id,
        "user_identity_id": told.user_identity_id,
        "events": told.events.iter().map(event).collect::<Vec<Value>>(),
        "omitted_event_count": told.forgotten,
        "waiting_for": told.waiting_for,
    })
}

/// What a step was about, as the API names it.
fn subject(subject: Subject) -> Value {
    match subject {
        Subject::Phone => json!({ "type": "phone" }),
        Subject::Automation(id) => json!({ "type": "enrollment_automation", "enrollment_automation_id": id }),
        Subject::Enrollment(id) => json!({ "type": "enrollment", "enrollment_automation_id": id }),
        Subject::Credential(id) => json!({ "type": "acs_credential", "acs_credential_id": id }),
    }
}
