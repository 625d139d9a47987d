//! What a handler asks for. It is run without a request: it reads its parameters first, and that is where it is made to end.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use crate::{findings::Findings, kind::Kind, problem::Problem};

/// The parameters that were asked for in one run, outermost name first, and those of them whose absence was noted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    /// In the order in which they were asked for, each once.
    pub(crate) parameters: Vec<(Vec<String>, OwnedKind)>,
    /// Of the outermost ones those that it was only looked for: how the others are read may depend on them.
    pub(crate) looked_for: BTreeSet<String>,
    /// Those that must be there and were not.
    pub(crate) missing: Vec<Vec<String>>,
}

/// The kind of a parameter, to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum OwnedKind {
    /// As [`Kind::Id`].
    Id,
    /// As [`Kind::Ids`].
    Ids(usize),
    /// As [`Kind::OnlyId`].
    OnlyId,
    /// As [`Kind::Text`].
    Text,
    /// As [`Kind::Texts`].
    Texts(usize),
    /// As [`Kind::Word`].
    Word(Vec<String>),
    /// As [`Kind::Parsed`].
    Parsed,
    /// As [`Kind::Moment`].
    Moment,
    /// As [`Kind::MomentPair`].
    MomentPair,
    /// As [`Kind::Flag`].
    Flag,
    /// As [`Kind::WholeNumber`].
    WholeNumber(u16, u16),
    /// As [`Kind::Object`].
    Object,
}

impl Asked {
    /// Notes that a parameter is asked for. An id is asked for as a text, too; the first word on a parameter counts.
    pub(crate) fn add<'a>(&mut self, path: impl Iterator<Item = &'a str>, kind: Kind<'_>) {
        let path: Vec<String> = path.map(str::to_owned).collect();
        if self.parameters.iter().all(|(known, _)| *known != path) {
            self.parameters.push((path, OwnedKind::of(kind)));
        }
    }
}

impl OwnedKind {
    fn of(kind: Kind<'_>) -> Self {
        match kind {
            Kind::Id => Self::Id,
            Kind::Ids { most } => Self::Ids(most),
            Kind::OnlyId => Self::OnlyId,
            Kind::Text => Self::Text,
            Kind::Texts { most } => Self::Texts(most),
            Kind::Word(words) => Self::Word(words.iter().map(|&word| word.to_owned()).collect()),
            Kind::Parsed => Self::Parsed,
            Kind::Moment => Self::Moment,
            Kind::MomentPair => Self::MomentPair,
            Kind::Flag => Self::Flag,
            Kind::WholeNumber { least, most } => Self::WholeNumber(least, most),
            Kind::Object => Self::Object,
        }
    }
}

/// Where a handler that is run for its parameters only leaves them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Description(Arc<Mutex<Option<Asked>>>);

impl Description {
    /// Keeps what was asked for. The answer ends the handler before it does anything.
    pub(crate) fn end_of_reading(&self, findings: Findings) -> Problem {
        let known = self.0.lock().unwrap().replace(findings.into_asked());
        assert!(known.is_none(), "a handler reads its parameters once");
        Problem::internal("only described")
    }

    /// What was asked for; `None`: the handler did not read.
    pub(crate) fn take(&self) -> Option<Asked> {
        self.0.lock().unwrap().take()
    }
}
