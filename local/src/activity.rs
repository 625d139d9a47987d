//! What happens, told in a line each: which phone was registered, invited, enrolled, got its credential, and what went wrong.
//! It is read off the stream, so it shows what was written and not what somebody was about to do. Codes and secrets are not in it.

use std::{collections::HashMap, fmt};

use fobless::{
    clock::Clock,
    domain::{
        effort::Effort,
        enrollment::{Enrollment, EnrollmentState},
        enrollment_automation::EnrollmentAutomation,
        failure::Failure,
        ids::DeviceId,
        multi_phone_sync_credential::MultiPhoneSyncCredential,
        phone::{Phone, Presence},
        phone_credential::{PhoneCredential, PhoneCredentialState},
        time::Timestamp,
    },
    store::PartitionOwner,
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::mpsc::UnboundedSender;

use crate::stream_record::StreamRecord;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activity {
    at: Timestamp,
    text: String,
}

impl fmt::Display for Activity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.at.to_string();
        // Of 2024-01-09T05:45:33.068Z the time of day.
        write!(f, "{}  {}", at.get(11..23).unwrap_or(&at), self.text)
    }
}

/// Tells what happens to whoever wants to know.
pub(crate) struct ActivityLog {
    sink: Option<UnboundedSender<Activity>>,
    clock: Clock,
    names: HashMap<DeviceId, String>,
}

impl ActivityLog {
    pub(crate) fn new(sink: Option<UnboundedSender<Activity>>, clock: Clock) -> Self {
        Self {
            sink,
            clock,
            names: HashMap::new(),
        }
    }

    /// Tells what a change of an item means, if it means anything to a person.
    pub(crate) fn see(&mut self, record: &StreamRecord) {
        if self.sink.is_none() || PartitionOwner::of_partition(record.partition()).is_none() {
            return;
        }
        let texts = self.read(record.item(), record.old_image(), record.new_image());
        if let Some(sink) = &self.sink {
            for text in texts {
                // Nobody listens any more: that is their choice.
                let _ = sink.send(Activity {
                    at: self.clock.now(),
                    text,
                });
            }
        }
    }

    fn read(&mut self, item: &str, old: Option<Value>, new: Option<Value>) -> Vec<String> {
        let kind = item.split_once('#').map_or(item, |(kind, _)| kind);
        match kind {
            "AUTOMATION" => pair(old, new).map(|(old, new)| automation(old.as_ref(), &new)),
            "CREDENTIAL" => parent(old, new),
            "PHONE" => pair(old, new).map(|(old, new)| self.phone(old.as_ref(), &new)),
            "ENROLLMENT" => pair(old, new).map(|(old, new)| self.enrollment(old.as_ref(), &new)),
            "PHONE_CREDENTIAL" => pair(old, new).map(|(old, new)| self.phone_credential(old.as_ref(), &new)),
            _ => None,
        }
        .unwrap_or_default()
    }

    fn phone(&mut self, old: Option<&Phone>, new: &Phone) -> Vec<String> {
        let name = new.metadata.shown_name().into_owned();
        let text = match (old.map(|old| old.presence), new.presence) {
            (Some(before), after) if before == after => None,
            (_, Presence::Registered) => Some("phone registered"),
            (_, Presence::Deactivated) => Some("phone deactivated"),
        };
        let installation = new.installation_id.as_ref().map(ToString::to_string).unwrap_or_default();
        let text = text.map(|text| line(text, &name, &format!("installation {installation}, device {}", new.device_id)));
        self.names.insert(new.device_id, name);
        text.into_iter().collect()
    }

    fn enrollment(&self, old: Option<&Enrollment>, new: &Enrollment) -> Vec<String> {
        let name = self.name(new.device_id);
        let changed = old.is_none_or(|old| enrollment_step(&old.state) != enrollment_step(&new.state));
        let told = changed.then(|| enrollment_step(&new.state)).flatten();
        let more = match &new.state {
            EnrollmentState::Invited { expires_at, .. } => format!("code good until {expires_at}"),
            EnrollmentState::Active { endpoint_id, .. } => format!("endpoint {endpoint_id}"),
            _ => String::new(),
        };
        let step = told.map(|text| line(text, &name, &more));
        step.into_iter()
            .chain(trouble(old.map(|old| &old.effort), &new.effort, &name))
            .collect()
    }

    fn phone_credential(&self, old: Option<&PhoneCredential>, new: &PhoneCredential) -> Vec<String> {
        let name = self.name(new.device_id);
        let changed = old.is_none_or(|old| credential_step(&old.state) != credential_step(&new.state));
        let told = changed.then(|| credential_step(&new.state)).flatten();
        let more = match &new.state {
            PhoneCredentialState::Issuing {
                card_number: Some(card_number),
                ..
            }
            | PhoneCredentialState::Issued { card_number, .. } => {
                format!("card number {card_number}")
            }
            _ => String::new(),
        };
        let step = told.map(|text| line(text, &name, &more));
        step.into_iter()
            .chain(trouble(old.map(|old| &old.effort), &new.effort, &name))
            .collect()
    }

    /// What the phone is called; after a restart that may not have come by yet.
    fn name(&self, device: DeviceId) -> String {
        self.names.get(&device).cloned().unwrap_or_else(|| format!("device {device}"))
    }
}

/// The records of both images. `None` when the item was removed, or can't be understood: then there is nothing to tell.
fn pair<T: DeserializeOwned>(old: Option<Value>, new: Option<Value>) -> Option<(Option<T>, T)> {
    let new = serde_json::from_value(new?).ok()?;
    Some((old.and_then(|old| serde_json::from_value(old).ok()), new))
}

fn automation(old: Option<&EnrollmentAutomation>, new: &EnrollmentAutomation) -> Vec<String> {
    let was_running = old.is_some_and(EnrollmentAutomation::is_running);
    let id = new.enrollment_automation_id.to_string();
    let step = match (was_running, new.is_running()) {
        (false, true) => Some(line("automation launched", &id, "")),
        (true, false) => Some(line("automation deleted", &id, "")),
        _ => None,
    };
    let ensure = trouble(
        old.map(|old| &old.ensure_user),
        &new.ensure_user,
        "the person at the credential manager",
    );
    let read = trouble(old.map(|old| &old.read), &new.read, "the person at the credential manager");
    step.into_iter().chain(ensure).chain(read).collect()
}

fn parent(old: Option<Value>, new: Option<Value>) -> Option<Vec<String>> {
    let read = |image| serde_json::from_value::<MultiPhoneSyncCredential>(image).ok();
    let told = match (old, new) {
        (None, Some(new)) => line("credential created", &read(new)?.acs_credential_id.to_string(), "for all phones"),
        (Some(old), None) => line("credential deleted", &read(old)?.acs_credential_id.to_string(), ""),
        _ => return None,
    };
    Some(vec![told])
}

const fn enrollment_step(state: &EnrollmentState) -> Option<&'static str> {
    match state {
        EnrollmentState::Pending => None,
        EnrollmentState::Invited { .. } => Some("invited"),
        EnrollmentState::Active { .. } => Some("enrolled"),
        EnrollmentState::Deactivating { .. } => Some("being deactivated"),
        EnrollmentState::Deactivated { .. } => Some("deactivated"),
        EnrollmentState::Failed => Some("enrollment failed"),
    }
}

const fn credential_step(state: &PhoneCredentialState) -> Option<&'static str> {
    match state {
        PhoneCredentialState::Pending => None,
        PhoneCredentialState::Issuing { .. } => Some("credential issuing"),
        PhoneCredentialState::Importing { .. } => Some("credential importing"),
        PhoneCredentialState::Issued { .. } => Some("credential issued"),
        PhoneCredentialState::Revoking { .. } => Some("credential revoking"),
        PhoneCredentialState::Revoked { .. } => Some("credential revoked"),
        PhoneCredentialState::Failed => Some("credential failed"),
    }
}

/// A failure that was not there before.
fn trouble(old: Option<&Effort>, new: &Effort, name: &str) -> Option<String> {
    let Failure { code, message, at } = new.last_failure.as_ref()?;
    if old
        .and_then(|old| old.last_failure.as_ref())
        .is_some_and(|known| known.at == *at && known.code == *code)
    {
        return None;
    }
    let again = new.not_before.map(|until| format!("; tried again at {until}")).unwrap_or_default();
    Some(line("trouble", name, &format!("{code}: {message}{again}")))
}

fn line(what: &str, name: &str, more: &str) -> String {
    format!("{what:<18}  {name:<24}  {more}").trim_end().to_owned()
}

#[cfg(test)]
#[path = "activity_tests.rs"]
mod tests;
