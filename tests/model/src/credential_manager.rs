//! One endpoint at the credential manager: the credentials on it, and the calls that it still works on though nobody waits for them.

/// A credential's name at the credential manager. Names are only compared, so the model gives a name that nothing holds any more to the
/// next credential.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CredentialName(u8);

impl CredentialName {
    /// The name with that number.
    #[must_use]
    pub fn of_index(index: u8) -> Self {
        Self(index)
    }
}

/// The names that are held, in the order in which they were found.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Names {
    found: [CredentialName; 8],
    count: usize,
}

impl Names {
    fn found(&self) -> &[CredentialName] {
        &self.found[..self.count]
    }

    pub(crate) fn contains(&self, name: CredentialName) -> bool {
        self.found().contains(&name)
    }

    pub(crate) fn add(&mut self, name: CredentialName) {
        if !self.contains(name) {
            self.found[self.count] = name;
            self.count += 1;
        }
    }

    /// Whether each name is its place already.
    pub(crate) fn are_in_order(&self) -> bool {
        (0_u8..).zip(self.found()).all(|(place, name)| name.0 == place)
    }

    /// The name that stands for `name`: its place.
    pub(crate) fn place_of(&self, name: CredentialName) -> CredentialName {
        let place = (0_u8..).zip(self.found()).find(|(_, found)| **found == name);
        place.map_or(name, |(place, _)| CredentialName(place))
    }
}

/// What the credential manager holds for one phone and one pool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Endpoint {
    /// A bit for each live credential.
    live: u8,
    /// Calls to issue that were given up by whoever sent them, and that may yet have an effect.
    pub arriving: u8,
}

impl Endpoint {
    /// The live credentials.
    pub fn live(self) -> impl Iterator<Item = CredentialName> {
        (0..8).filter(move |bit| self.live & (1 << bit) != 0).map(CredentialName)
    }

    /// How many there are.
    #[must_use]
    pub fn live_count(self) -> u32 {
        self.live.count_ones()
    }

    /// Whether `name` is live.
    #[must_use]
    pub fn is_live(self, name: CredentialName) -> bool {
        self.live & (1 << name.0) != 0
    }

    /// Makes one live.
    pub fn issue(&mut self, name: CredentialName) {
        self.live |= 1 << name.0;
    }

    /// Revokes one; one that is revoked already stays so.
    pub fn revoke(&mut self, name: CredentialName) {
        self.live &= !(1 << name.0);
    }

    /// The same endpoint with other names.
    #[must_use]
    pub fn renamed(self, rename: impl Fn(CredentialName) -> CredentialName) -> Self {
        let mut renamed = Self {
            live: 0,
            arriving: self.arriving,
        };
        for name in self.live() {
            renamed.issue(rename(name));
        }
        renamed
    }
}
