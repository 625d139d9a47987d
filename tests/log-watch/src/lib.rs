//! Keeps every log line and every secret of a run of the tests, and looks for the ones in the others.
//!
//! Where `FOBLESS_LOG_WATCH` names a folder, each process that has this crate in it begins two files there before its `main`: one of the
//! lines that it logs, of every level that a deployment may ask for and of every crate, and one of the secrets that come to be in it. The
//! library `fobless` has it by its feature `log-watch`, and notes them where no secret can get around it. The functions that are deployed
//! never have that feature, and nothing is written without the variable.
//!
//! `fobless-log-search FOLDER` looks for the secrets in the lines afterwards.

mod folder;
mod lines;
mod noted;
mod search;

pub use self::{
    noted::note,
    search::{Found, Least, Searched, search},
};

ctor::declarative::ctor! {
    #[ctor(unsafe)]
    fn before_main() {
        lines::begin();
    }
}
