//! The cases as tests: each of them against each backend that is here.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use libtest_mimic::{Arguments, Conclusion, Failed, Trial};
use tokio::runtime::Runtime;

use crate::{
    backend::{Backend, Running, Whereabouts},
    case::Case,
    cases,
    difference::Difference,
    known_differences::known,
    verdict::verdict,
};

/// The longest that a case may take.
const DEADLINE: Duration = Duration::from_mins(2);

/// A backend that is started by the first case that needs it.
struct Stage {
    backend: Backend,
    whereabouts: Whereabouts,
    runtime: Arc<Runtime>,
    running: OnceLock<Result<Running, String>>,
}

impl Stage {
    fn running(&self) -> Result<&Running, String> {
        let start = || self.runtime.block_on(Running::start(&self.whereabouts));
        let running = self.running.get_or_init(start);
        running
            .as_ref()
            .map_err(|error| format!("{} does not start: {error}", self.backend))
    }
}

/// Runs the list against every backend that is here, and says which are not. Their tests are ignored; whoever wants them runs ignored
/// tests too, and then a backend that is not here fails.
///
/// # Panics
///
/// When there can be no runtime.
pub fn run(mut arguments: Arguments) -> Conclusion {
    // Some servers get into disorder when several cases use them at once.
    arguments.test_threads.get_or_insert(1);
    let runtime = Arc::new(Runtime::new().expect("a runtime"));
    let (mut trials, mut stages) = (Vec::new(), Vec::new());
    for backend in Backend::ALL {
        match Whereabouts::of(backend) {
            Ok(whereabouts) => {
                let stage = Arc::new(Stage {
                    backend,
                    whereabouts,
                    runtime: Arc::clone(&runtime),
                    running: OnceLock::new(),
                });
                trials.extend(cases::all().map(|case| trial(&stage, case)));
                stages.push(stage);
            }
            Err(missing) => {
                if !arguments.list {
                    eprintln!("not here: {missing}");
                }
                trials.push(Trial::test(format!("{backend}::is_here"), move || Err(Failed::from(missing))).with_ignored_flag(true));
            }
        }
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    // Servers stop with their stages.
    drop(stages);
    conclusion
}

fn trial(stage: &Arc<Stage>, case: &'static Case) -> Trial {
    let (name, stage) = (format!("{}::{}", stage.backend, case.name()), Arc::clone(stage));
    let known = known(stage.backend, case);
    let kind = if known.is_some() { "known to differ" } else { "" };
    let test = move || {
        let running = stage.running().map_err(Failed::from)?;
        let tried = async {
            let table = running.table(case).await?;
            (case.run)(table).await
        };
        let tried = stage.runtime.block_on(async { tokio::time::timeout(DEADLINE, tried).await });
        let outcome = tried.unwrap_or_else(|_| Err(Difference::new("no end within the deadline")));
        verdict(outcome, known).map_err(Failed::from)
    };
    Trial::test(name, test).with_kind(kind)
}
