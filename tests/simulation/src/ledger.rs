//! What the credential manager holds: users, invitations, endpoints and credentials. It knows what no read shows: which phone an
//! endpoint really is. After each change it looks whether anything is there twice.

use std::{collections::BTreeMap, time::Duration};

use fobless::{
    credential_manager::{
        CallError, CallResult, Cancellation, Endpoint, Invitation, InvitationState, RemoteCredential, RemoteCredentialState, RemoteUser,
    },
    domain::{
        ids::{EndpointId, InvitationId, RemoteCredentialId, RemotePoolId, RemoteUserId, UserIdentityId},
        secret::Secret,
        time::Timestamp,
        trusted_news::TrustedNews,
    },
    store::UserHints,
};

/// How long an invitation can be redeemed.
const CODE_LIFE: Duration = Duration::from_hours(24);

/// How long a far side hides what it is slow to show: an endpoint, though it shows that the invitation was redeemed; a credential, though it gave its
/// name to whoever issued it.
const LATENESS: Duration = Duration::from_secs(45);

/// The number that readers see of a credential.
fn number_of(credential: &RemoteCredentialId) -> String {
    format!("number-of-{credential}")
}

/// A call that is still being worked on.
#[derive(Clone, Debug)]
pub enum Work {
    /// A credential for an endpoint.
    Issue(EndpointId, Option<RemotePoolId>),
    /// The end of a credential.
    Revoke(RemoteCredentialId),
}

/// An invitation.
#[derive(Debug)]
pub struct FarInvitation {
    /// Who is invited.
    pub user: RemoteUserId,
    /// What a read shows.
    pub shown: Invitation,
}

/// An endpoint.
#[derive(Debug)]
pub struct FarEndpoint {
    /// Whose it is.
    pub user: RemoteUserId,
    /// Which invitation it came from.
    pub invitation: InvitationId,
    /// Which phone it is.
    pub phone: usize,
    /// From when on reads show it.
    pub shown_from: Timestamp,
    /// What a read shows.
    pub shown: Endpoint,
}

/// Everything that the credential manager holds.
#[derive(Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a way of far sides by itself, which a world has or has not"
)]
pub struct Ledger {
    users: BTreeMap<RemoteUserId, UserIdentityId>,
    /// Every invitation.
    pub invitations: Vec<FarInvitation>,
    /// Every endpoint.
    pub endpoints: Vec<FarEndpoint>,
    made: u64,
    /// Which phone each endpoint is, those that were removed as well.
    phones: BTreeMap<EndpointId, usize>,
    late: Vec<(Timestamp, Work)>,
    /// From when on reads show a credential.
    credentials_shown_from: BTreeMap<RemoteCredentialId, Timestamp>,
    /// Callbacks that are not delivered yet.
    pub callbacks: Vec<(RemoteUserId, UserHints)>,
    /// Whether an endpoint may be given a second credential of a pool, as if the far side did not look.
    pub takes_repeats: bool,
    /// Whether a phone's app may be installed again: the old endpoint keeps its credential until the new one has its own.
    pub lets_apps_be_reinstalled: bool,
    /// Whether the answer to an issue has the credential's number already.
    pub tells_numbers_at_once: bool,
    /// Whether reads show an endpoint only some time after its invitation was redeemed.
    pub shows_endpoints_late: bool,
    /// Whether reads show a credential only some time after it was issued.
    pub shows_credentials_late: bool,
    /// Whether a credential can only be revoked once it is on its phone.
    pub revokes_only_what_arrived: bool,
    /// A user without an id of ours that somebody made, who has everybody's e-mail address.
    pub made_by_hand: Option<RemoteUserId>,
    /// Whether reads show no credentials: for the proof that a test would notice.
    pub hides_credentials: bool,
    /// What must never be, and was.
    pub violations: Vec<String>,
}

impl Ledger {
    fn next(&mut self) -> u64 {
        self.made += 1;
        self.made
    }

    /// What is due happens.
    pub fn settle(&mut self, now: Timestamp) {
        let (due, waiting) = std::mem::take(&mut self.late).into_iter().partition(|(at, _)| *at <= now);
        self.late = waiting;
        let due: Vec<(Timestamp, Work)> = due;
        for (_, work) in due {
            // Nobody waits for the answer.
            let _ = match work {
                Work::Issue(endpoint, pool) => self.issue(&endpoint, pool.as_ref(), now).map(drop),
                Work::Revoke(credential) => self.revoke(&credential),
            };
        }
        for invitation in &mut self.invitations {
            let shown = &mut invitation.shown;
            if shown.state == InvitationState::Open && shown.expires_at <= Some(now) {
                shown.state = InvitationState::Closed;
            }
        }
    }

    /// Something is done later.
    pub fn postpone(&mut self, until: Timestamp, work: Work) {
        self.late.push((until, work));
    }

    /// Makes a person.
    pub fn create_user(&mut self, external_id: UserIdentityId) -> CallResult<RemoteUserId> {
        if self.made_by_hand.is_some() {
            return Err(CallError::Conflict("the e-mail address is taken".to_owned()));
        }
        if self.users.values().any(|known| *known == external_id) {
            self.violations.push("the person was created twice".to_owned());
        }
        let id = RemoteUserId::new(format!("user-{external_id}-{}", self.next()));
        self.users.insert(id.clone(), external_id);
        Ok(id)
    }

    /// Somebody deletes a person by hand, and everything that is theirs.
    pub fn delete_user(&mut self, external_id: UserIdentityId) {
        let Some(user) = self.find_user(external_id) else { return };
        self.users.remove(&user);
        self.invitations.retain(|found| found.user != user);
        self.endpoints.retain(|found| found.user != user);
    }

    /// Finds a person by our id.
    #[must_use]
    pub fn find_user(&self, external_id: UserIdentityId) -> Option<RemoteUserId> {
        self.users
            .iter()
            .find(|(_, known)| **known == external_id)
            .map(|(id, _)| id.clone())
    }

    /// What a read of a person shows.
    #[must_use]
    pub fn read_user(&self, user: &RemoteUserId, now: Timestamp) -> Option<RemoteUser> {
        self.users.get(user)?;
        let invitations = self.invitations.iter().filter(|found| found.user == *user);
        let endpoints = self.endpoints.iter().filter(|found| found.user == *user && found.shown_from <= now);
        Some(RemoteUser {
            active: true,
            invitations: invitations.map(|found| found.shown.clone()).collect(),
            endpoints: endpoints.map(|found| self.shown(found, now)).collect(),
        })
    }

    fn shown(&self, endpoint: &FarEndpoint, now: Timestamp) -> Endpoint {
        let mut shown = endpoint.shown.clone();
        let is_shown = |credential: &RemoteCredential| self.credentials_shown_from.get(&credential.id).is_none_or(|from| *from <= now);
        shown.credentials.retain(is_shown);
        if self.hides_credentials {
            shown.credentials.clear();
        }
        shown
    }

    /// Invites a person.
    pub fn invite(&mut self, user: &RemoteUserId, now: Timestamp) -> CallResult<Invitation> {
        if !self.users.contains_key(user) {
            return Err(CallError::NotFound("the user".to_owned()));
        }
        let number = self.next();
        let shown = Invitation {
            id: InvitationId::new(format!("invitation-{number}")),
            code: Some(Secret::new(format!("code-{number}"))),
            state: InvitationState::Open,
            created_at: Some(now),
            expires_at: Some(now.plus(CODE_LIFE)),
        };
        self.invitations.push(FarInvitation {
            user: user.clone(),
            shown: shown.clone(),
        });
        Ok(shown)
    }

    /// Cancels an invitation that is open.
    pub fn cancel(&mut self, invitation: &InvitationId) -> Cancellation {
        let Some(found) = self.invitations.iter_mut().find(|found| found.shown.id == *invitation) else {
            return Cancellation::Done;
        };
        match found.shown.state {
            InvitationState::Open => {
                found.shown.state = InvitationState::Closed;
                Cancellation::Done
            }
            _ => Cancellation::TooLate,
        }
    }

    /// Forgets a phone, and what is on it.
    pub fn remove(&mut self, endpoint: &EndpointId) {
        self.endpoints.retain(|found| found.shown.id != *endpoint);
    }

    /// Which phone an endpoint is or was.
    #[must_use]
    pub fn phone_of(&self, endpoint: &EndpointId) -> Option<usize> {
        self.phones.get(endpoint).copied()
    }

    /// The code of an invitation.
    #[must_use]
    pub fn code_of(&self, invitation: &InvitationId) -> Option<Secret> {
        let found = self.invitations.iter().find(|found| found.shown.id == *invitation)?;
        found.shown.code.clone()
    }

    /// Whether there is a code that can be redeemed.
    #[must_use]
    pub fn is_inviting(&self) -> bool {
        self.invitations.iter().any(|found| found.shown.state == InvitationState::Open)
    }

    /// A phone redeems a code, if it still can be redeemed.
    pub fn redeem(&mut self, code: &Secret, phone: usize, now: Timestamp) {
        let number = self.next();
        let shown_from = if self.shows_endpoints_late { now.plus(LATENESS) } else { now };
        let found = self.invitations.iter_mut().find(|found| found.shown.code.as_ref() == Some(code));
        let Some(found) = found.filter(|found| found.shown.state == InvitationState::Open) else {
            return;
        };
        found.shown.state = InvitationState::Redeemed;
        let endpoint = EndpointId::new(format!("endpoint-{number}"));
        let (user, invitation) = (found.user.clone(), found.shown.id.clone());
        self.phones.insert(endpoint.clone(), phone);
        self.endpoints.push(FarEndpoint {
            user: user.clone(),
            invitation: invitation.clone(),
            phone,
            shown_from,
            shown: Endpoint {
                id: endpoint.clone(),
                active: true,
                manufacturer: None,
                model: None,
                credentials: Vec::new(),
            },
        });
        let hints = UserHints {
            enrollment: 1,
            credential: 0,
            pairings: vec![(endpoint, invitation)],
            trusted: Vec::new(),
        };
        self.callbacks.push((user, hints));
    }

    /// One that is being taken away is in the way until its phone has dropped it.
    pub fn issue(&mut self, endpoint: &EndpointId, pool: Option<&RemotePoolId>, now: Timestamp) -> CallResult<RemoteCredential> {
        let number = self.next();
        let found = self.endpoints.iter_mut().find(|found| found.shown.id == *endpoint);
        let Some(found) = found else {
            return Err(CallError::NotFound("the endpoint".to_owned()));
        };
        let held = &mut found.shown.credentials;
        if !self.takes_repeats && held.iter().any(|credential| credential.pool.as_ref() == pool) {
            return Err(CallError::Precondition("the endpoint has one of this pool".to_owned()));
        }
        let id = RemoteCredentialId::new(format!("credential-{number}"));
        let issued = RemoteCredential {
            card_number: self.tells_numbers_at_once.then(|| number_of(&id)),
            id,
            pool: pool.cloned(),
            state: RemoteCredentialState::Issuing,
        };
        held.push(issued.clone());
        if self.shows_credentials_late {
            self.credentials_shown_from.insert(issued.id.clone(), now.plus(LATENESS));
        }
        self.look_for_doubles();
        Ok(issued)
    }

    /// Takes a credential away.
    pub fn revoke(&mut self, credential: &RemoteCredentialId) -> CallResult<()> {
        let too_early = self.revokes_only_what_arrived.then_some(RemoteCredentialState::Issuing);
        let mut all = self.endpoints.iter_mut().flat_map(|endpoint| &mut endpoint.shown.credentials);
        match all.find(|found| found.id == *credential) {
            Some(found) if Some(found.state) == too_early => Err(CallError::Precondition("it is not on its phone yet".to_owned())),
            Some(found) if found.state == RemoteCredentialState::Revoked => Err(CallError::Precondition("it is being revoked".to_owned())),
            Some(found) => {
                found.state = RemoteCredentialState::Revoked;
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Every phone speaks to the far side: what is on its way arrives, what is revoked goes.
    pub fn fetch(&mut self) {
        for endpoint in &mut self.endpoints {
            endpoint
                .shown
                .credentials
                .retain(|credential| credential.state != RemoteCredentialState::Revoked);
            let arriving = endpoint.shown.credentials.iter_mut();
            for credential in arriving.filter(|credential| credential.state == RemoteCredentialState::Issuing) {
                credential.state = RemoteCredentialState::Issued;
                credential.card_number = Some(number_of(&credential.id));
                let hints = UserHints {
                    credential: 1,
                    trusted: vec![TrustedNews::Issued {
                        remote_id: credential.id.clone(),
                    }],
                    ..UserHints::default()
                };
                self.callbacks.push((endpoint.user.clone(), hints));
            }
        }
    }

    /// Every credential that opens doors or may do so soon, with the endpoint that it is on.
    pub fn live(&self) -> impl Iterator<Item = (&FarEndpoint, &RemoteCredential)> {
        let all = |endpoint| FarEndpoint::credentials(endpoint).map(move |credential| (endpoint, credential));
        let all = self.endpoints.iter().flat_map(all);
        all.filter(|(_, credential)| credential.state.is_live())
    }

    /// No endpoint may ever hold two of the same parent, and each parent has a pool of its own. Where no app is installed again, no
    /// phone may either.
    fn look_for_doubles(&mut self) {
        let mut held = BTreeMap::<_, u32>::new();
        for (endpoint, credential) in self.live() {
            let endpoint_id = self.lets_apps_be_reinstalled.then_some(&endpoint.shown.id);
            *held.entry((endpoint.phone, endpoint_id, credential.pool.clone())).or_default() += 1;
        }
        let doubles = held.into_iter().filter(|(_, count)| *count > 1);
        let doubles: Vec<String> = doubles
            .map(|(key, count)| format!("{count} live credentials at once for {key:?}"))
            .collect();
        self.violations.extend(doubles);
    }
}

impl FarEndpoint {
    fn credentials(&self) -> impl Iterator<Item = &RemoteCredential> {
        self.shown.credentials.iter()
    }
}
