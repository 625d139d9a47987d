//! The machine that a report is of.

/// Its cores and processor.
pub(crate) fn machine() -> String {
    let cores = std::thread::available_parallelism().unwrap();
    let about = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = about
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or("unknown processor", |(_, model)| model);
    format!("{cores} cores, {model}")
}
