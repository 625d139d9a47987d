//! The machine that a report is of.

/// What stands for a processor that Linux does not name, as it does none of arm64.
pub(crate) const UNKNOWN: &str = "unknown processor";

/// Its cores and processor. Under a hypervisor the name may be no more than the maker's, so the numbers that tell its generations apart
/// are there too.
pub(crate) fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let about = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    format!("{cores} cores, {}", processor(&about))
}

/// The first processor of `/proc/cpuinfo`. Its tests: `tests/benchmarks/src/machine_tests.rs`, since a benchmark has none.
pub(crate) fn processor(about: &str) -> String {
    let field = |wanted: &str| {
        let mut fields = about.lines().filter_map(|line| line.split_once(':'));
        fields.find_map(|(name, value)| (name.trim() == wanted).then(|| value.trim()))
    };
    match (field("model name"), field("cpu family"), field("model")) {
        (Some(name), Some(family), Some(model)) => format!("{name} (family {family}, model {model})"),
        (Some(name), ..) => name.to_owned(),
        (None, ..) => UNKNOWN.to_owned(),
    }
}
