//! Asking before what can't be taken back.

use std::io::{IsTerminal as _, stdin};

use clap::Args;
use dialoguer::Confirm;

use crate::error::OperatorError;

/// Whether the operator means it.
#[derive(Args, Debug)]
pub(crate) struct Consent {
    /// Do not ask.
    #[arg(long)]
    yes: bool,
}

impl Consent {
    /// Asks. Where there is nobody to ask, only `--yes` is consent.
    pub(crate) fn ask(&self, question: &str) -> Result<(), OperatorError> {
        if self.yes {
            return Ok(());
        }
        if !stdin().is_terminal() {
            return Err(OperatorError::NobodyToAsk);
        }
        let answer = Confirm::new().with_prompt(question).default(false).interact();
        match answer {
            Ok(true) => Ok(()),
            Ok(false) => Err(OperatorError::NotWanted),
            Err(_) => Err(OperatorError::NobodyToAsk),
        }
    }
}
