//! The machine that a report is of.

/// What stands for a processor that Linux does not name, as it does none of arm64.
pub(crate) const UNKNOWN: &str = "unknown processor";

/// Its cores and processor.
pub(crate) fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let about = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = about
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or(UNKNOWN, |(_, model)| model);
    format!("{cores} cores, {model}")
}
