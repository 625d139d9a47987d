//! What callbacks said that their operator trusts, and what it means for our records. Pure, like `observe`.
//!
//! A callback is a hint: what it says is confirmed by a read. An operator may say otherwise for a credential manager
//! (decision 25). Then what a callback names is believed where it fits something that we wait for, and what does not fit counts as a hint.
//! An endpoint that is merely believed is marked as such, until a read shows it.

use serde::{Deserialize, Serialize};

use super::{
    aggregate::Aggregate,
    enrollment::{Enrollment, EnrollmentState},
    enrollment_automation::EnrollmentAutomation,
    ids::{EndpointId, InvitationId, RemoteCredentialId},
    observe::{Observation, redeem},
    observe_credential::arrive,
    phone_credential::{PhoneCredential, PhoneCredentialState},
    time::Timestamp,
};

/// One thing that a trusted callback said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrustedNews {
    /// An invitation was redeemed.
    Redeemed {
        /// Which one.
        invitation_id: InvitationId,
        /// The endpoint that came from it.
        endpoint_id: EndpointId,
    },
    /// A credential is on its phone. Its number is not taken from there: it is known from the answer to our own call, or read.
    Issued {
        /// Which one.
        remote_id: RemoteCredentialId,
    },
}

/// What trusted news come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Belief {
    /// The records that they change.
    pub observation: Observation,
    /// What needs no further look: it is in the records, or counts as a hint from now on.
    pub settled: Vec<TrustedNews>,
    /// Those of the settled ones that fit nothing.
    pub doubted: Vec<TrustedNews>,
    /// Whether one of them contradicts what was believed: then everything is to be read and compared.
    pub is_contradicted: bool,
}

/// How news fit what we wait for.
enum Fit {
    /// It changes this enrollment.
    Enrollment(Box<Enrollment>),
    /// It changes this phone credential.
    PhoneCredential(Box<PhoneCredential>),
    /// Our records say so already.
    Known,
    /// It may be about a call whose answer is not written yet.
    Early,
    /// Nothing waits for it, or it contradicts what is known.
    Strange,
}

/// Whether there are news that can be weighed now.
#[must_use]
pub fn is_belief_due(aggregate: &Aggregate, automation: &EnrollmentAutomation, now: Timestamp) -> bool {
    let mut news = automation.hints.trusted.iter();
    news.any(|news| !matches!(fit(aggregate, automation, news, now), Fit::Early))
}

/// What the trusted news of `automation` mean.
#[must_use]
pub fn believe(aggregate: &Aggregate, automation: &EnrollmentAutomation, now: Timestamp) -> Belief {
    let mut belief = Belief::default();
    for news in &automation.hints.trusted {
        // One after the other: what the first one says of an endpoint, the second one must not take for free.
        let told = belief.observation.applied_to(aggregate);
        match fit(&told, automation, news, now) {
            Fit::Early => continue,
            Fit::Enrollment(changed) => belief.observation.enrollments.push(*changed),
            Fit::PhoneCredential(changed) => belief.observation.phone_credentials.push(*changed),
            Fit::Known => {}
            Fit::Strange => {
                belief.is_contradicted |= contradicts(&told, automation, news);
                belief.doubted.push(news.clone());
            }
        }
        belief.settled.push(news.clone());
    }
    belief
}

impl Belief {
    /// Takes what is settled out of the automation's hints, and counts what was doubted among them. Answers whether anything changed.
    pub fn settle(&self, automation: &mut EnrollmentAutomation, now: Timestamp) -> bool {
        if self.is_contradicted {
            automation.call_review(now);
        }
        let hints = &mut automation.hints;
        let before = hints.trusted.len();
        hints.trusted.retain(|news| !self.settled.contains(news));
        let is_believed = |news: &&TrustedNews| !self.doubted.contains(news);
        for news in self.settled.iter().filter(is_believed) {
            if let TrustedNews::Redeemed { endpoint_id, .. } = news {
                hints.pairings.remove(endpoint_id);
            }
        }
        for doubted in &self.doubted {
            match doubted {
                TrustedNews::Redeemed { .. } => hints.enrollment += 1,
                TrustedNews::Issued { .. } => hints.credential += 1,
            }
        }
        hints.trusted.len() != before
    }
}

fn fit(aggregate: &Aggregate, automation: &EnrollmentAutomation, news: &TrustedNews, now: Timestamp) -> Fit {
    match news {
        TrustedNews::Redeemed {
            invitation_id,
            endpoint_id,
        } => fit_of_endpoint(aggregate, automation, invitation_id, endpoint_id, now),
        TrustedNews::Issued { remote_id } => fit_of_credential(aggregate, automation, remote_id, now),
    }
}

fn fit_of_endpoint(
    aggregate: &Aggregate,
    automation: &EnrollmentAutomation,
    invitation: &InvitationId,
    endpoint: &EndpointId,
    now: Timestamp,
) -> Fit {
    let ours = || {
        let found = aggregate.enrollments_of(automation.enrollment_automation_id);
        found.map(|found| &found.record)
    };
    let has_endpoint =
        |enrollment: &&Enrollment| enrollment.endpoint_id() == Some(endpoint) || enrollment.former_endpoints.contains(endpoint);
    if let Some(owner) = ours().find(has_endpoint) {
        let came_from_it = owner.invitation_id() == Some(invitation) || owner.former_invitations.contains(invitation);
        return if came_from_it { Fit::Known } else { Fit::Strange };
    }
    // A phone that is enrolled already has an endpoint to lose: its renewal is read.
    let is_waiting = |enrollment: &&Enrollment| matches!(&enrollment.state, EnrollmentState::Invited { invitation_id, .. } if invitation_id == invitation);
    match ours().find(is_waiting) {
        Some(waiting) => {
            let mut changed = waiting.clone();
            redeem(&mut changed, invitation, endpoint, now);
            changed.believed_endpoints.insert(endpoint.clone());
            Fit::Enrollment(Box::new(changed))
        }
        None => Fit::Strange,
    }
}

/// Whether `news` name another endpoint for an invitation than the one that was believed.
fn contradicts(aggregate: &Aggregate, automation: &EnrollmentAutomation, news: &TrustedNews) -> bool {
    let TrustedNews::Redeemed { invitation_id, .. } = news else {
        return false;
    };
    let mut ours = aggregate.enrollments_of(automation.enrollment_automation_id);
    ours.any(|found| {
        let believed = found.record.endpoint_id().filter(|endpoint| found.record.merely_believes(endpoint));
        found.record.invitation_id() == Some(invitation_id) && believed.is_some()
    })
}

fn fit_of_credential(aggregate: &Aggregate, automation: &EnrollmentAutomation, credential: &RemoteCredentialId, now: Timestamp) -> Fit {
    let ours = || {
        let found = aggregate.phone_credentials_of(automation.enrollment_automation_id);
        found.map(|found| &found.record)
    };
    let is_former = |child: &PhoneCredential| child.former.iter().any(|former| former.remote_id == *credential);
    if let Some(child) = ours().find(|child| child.remote_id() == Some(credential) || is_former(child)) {
        return match &child.state {
            PhoneCredentialState::Issuing {
                remote_id,
                card_number: Some(card_number),
                ..
            } if remote_id == credential => {
                let mut changed = child.clone();
                arrive(&mut changed, credential, card_number, now);
                Fit::PhoneCredential(Box::new(changed))
            }
            PhoneCredentialState::Issuing { remote_id, .. } if remote_id == credential => Fit::Strange,
            _ => Fit::Known,
        };
    }
    // A fast phone fetches its credential before the answer to our own call is written.
    let is_being_issued = |child: &PhoneCredential| matches!(child.state, PhoneCredentialState::Pending) && !child.effort.is_free(now);
    if ours().any(is_being_issued) { Fit::Early } else { Fit::Strange }
}
