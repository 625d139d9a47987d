//! What a reconcile came to, in figures for operators: the person as found is compared with the person as left.

use std::{collections::BTreeSet, time::Duration};

use super::{
    aggregate::Aggregate,
    effort::Effort,
    failure::{Failure, FailureCode},
    ids::AcsCredentialId,
    phone_credential::{PhoneCredential, PhoneCredentialState},
    time::Timestamp,
};

/// What of a person the figures are about, as it was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    issued: BTreeSet<AcsCredentialId>,
    failures: Vec<Failure>,
}

/// What came of a reconcile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// How many phone credentials were issued.
    pub issued: usize,
    /// Of each that was issued for the first time: how long ago both its phone and its multi-phone sync credential were there. The time
    /// that the person took to redeem the code is in it.
    pub waited: Vec<Duration>,
    /// The failures that were met, one for each record that met one.
    pub failed: Vec<FailureCode>,
    /// For how long a step has been tried that works not yet, though nobody has to do anything about it. The longest.
    pub pending: Option<Duration>,
}

impl Standing {
    /// How the person stands.
    #[must_use]
    pub fn of(aggregate: &Aggregate) -> Self {
        let failures = aggregate.efforts().filter_map(|effort| effort.last_failure.clone());
        Self {
            issued: issued(aggregate).map(|(child, _)| child.acs_credential_id).collect(),
            failures: failures.collect(),
        }
    }

    /// What changed since, and what is still tried at `now`.
    #[must_use]
    pub fn figures(&self, after: &Aggregate, now: Timestamp) -> Figures {
        let newly_issued = issued(after).filter(|(child, _)| !self.issued.contains(&child.acs_credential_id));
        let newly_issued: Vec<_> = newly_issued.collect();
        let failures = after.efforts().filter_map(|effort| effort.last_failure.as_ref());
        Figures {
            issued: newly_issued.len(),
            waited: newly_issued.iter().filter_map(|(child, at)| waited(after, child, *at)).collect(),
            failed: failures
                .filter(|failure| !self.failures.contains(failure))
                .map(|failure| failure.code)
                .collect(),
            pending: after.efforts().filter_map(pending_since).min().map(|since| now.since(since)),
        }
    }
}

fn issued(aggregate: &Aggregate) -> impl Iterator<Item = (&PhoneCredential, Timestamp)> {
    let children = aggregate.phone_credentials.iter().map(|found| &found.record);
    children.filter_map(|child| match child.state {
        PhoneCredentialState::Issued { issued_at, .. } => Some((child, issued_at)),
        _ => None,
    })
}

/// A credential that was issued before has other reasons to be issued now than that a phone came.
fn waited(aggregate: &Aggregate, child: &PhoneCredential, issued_at: Timestamp) -> Option<Duration> {
    if child.allocations > 1 {
        return None;
    }
    let phone = aggregate.phone(child.device_id)?.record.registered_at?;
    let parent = aggregate.credential(child.parent_acs_credential_id)?.record.created_at;
    Some(issued_at.since(phone.max(parent)))
}

/// Since when it is tried. What waits for somebody has its own figure, by what it failed for.
fn pending_since(effort: &Effort) -> Option<Timestamp> {
    let waits_for_somebody = effort.last_failure.as_ref().is_some_and(|failure| !failure.code.heals_by_itself());
    effort
        .history
        .trying_since()
        .filter(|_| !waits_for_somebody && effort.due_at().is_some())
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            history::Deed,
            retry::LEASE,
            scene::{NOW, Scene, at},
        },
        *,
    };

    fn issued_scene() -> Scene {
        Scene::default()
            .running()
            .parent(|parent| parent.created_at = at(700))
            .registered("a")
            .enrolled("a")
            .issued("a")
    }

    fn failing(code: FailureCode) -> Scene {
        let mut effort = Effort::default();
        effort.claim(Deed::Issue, at(100), LEASE);
        let failure = Failure {
            code,
            message: "no".to_owned(),
            at: at(101),
        };
        effort.fail(None, failure, at(2_000));
        Scene::default()
            .running()
            .configured()
            .registered("a")
            .enrolled("a")
            .child("a", PhoneCredentialState::Pending, effort)
    }

    #[test]
    fn a_credential_counts_as_issued_once_and_its_wait_from_when_both_phone_and_parent_were_there() {
        let scene = issued_scene();
        let figures = Standing::default().figures(&scene.aggregate, NOW);
        assert_eq!((figures.issued, figures.waited), (1, vec![Duration::from_secs(250)]));
        let again = Standing::of(&scene.aggregate).figures(&scene.aggregate, NOW);
        assert_eq!(again, Figures::default());
    }

    #[test]
    fn one_that_is_issued_anew_has_no_wait() {
        let mut scene = issued_scene();
        scene.aggregate.phone_credentials[0].record.allocations = 2;
        let figures = Standing::default().figures(&scene.aggregate, NOW);
        assert_eq!((figures.issued, figures.waited), (1, Vec::new()));
    }

    #[test]
    fn a_failure_counts_once_and_what_heals_by_itself_is_pending_since_its_first_try() {
        let scene = failing(FailureCode::CredentialManagerUnavailable);
        let figures = Standing::default().figures(&scene.aggregate, NOW);
        assert_eq!(figures.failed, [FailureCode::CredentialManagerUnavailable]);
        assert_eq!(figures.pending, Some(Duration::from_mins(15)));
        let again = Standing::of(&scene.aggregate).figures(&scene.aggregate, NOW);
        assert_eq!((again.failed, again.pending), (Vec::new(), figures.pending));
    }

    #[test]
    fn an_endpoint_that_does_not_go_counts_as_well() {
        let mut scene = issued_scene();
        let failing = failing(FailureCode::CredentialManagerUnavailable);
        scene.aggregate.enrollments[0].record.removal = failing.aggregate.phone_credentials[0].record.effort.clone();
        let figures = Standing::of(&issued_scene().aggregate).figures(&scene.aggregate, NOW);
        assert_eq!(figures.failed, [FailureCode::CredentialManagerUnavailable]);
    }

    #[test]
    fn what_waits_for_somebody_is_not_pending() {
        let scene = failing(FailureCode::CredentialManagerMisconfigured);
        let figures = Standing::default().figures(&scene.aggregate, NOW);
        assert_eq!(figures.failed, [FailureCode::CredentialManagerMisconfigured]);
        assert_eq!(figures.pending, None);
    }

    #[test]
    fn what_worked_is_tried_no_more() {
        let mut scene = failing(FailureCode::CredentialManagerUnavailable);
        let effort = &mut scene.aggregate.phone_credentials[0].record.effort;
        effort.claim(Deed::Issue, at(500), LEASE);
        effort.succeed();
        assert_eq!(Standing::default().figures(&scene.aggregate, NOW), Figures::default());
    }
}
