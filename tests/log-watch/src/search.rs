//! Looking for secrets in log lines.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, fs, io,
    path::{Path, PathBuf},
};

use aho_corasick::{AhoCorasick, MatchKind};

use crate::folder::{LINES, SECRETS};

/// Shorter texts are words, which stand in lines for reasons of their own.
const SHORTEST: usize = 8;

/// A secret in a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The file.
    pub file: PathBuf,
    /// The line's number, from 1.
    pub line: usize,
    /// The line itself.
    pub text: String,
}

/// What was looked for, and where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Searched {
    /// How many processes logged anything, by the name of their program.
    pub programs: BTreeMap<String, usize>,
    /// How many different secrets there were, by what kind of secret they look like.
    pub secrets: BTreeMap<&'static str, usize>,
    /// How many were too short to look for.
    pub too_short: usize,
    /// How many lines there were.
    pub lines: usize,
    /// What was found.
    pub found: Vec<Found>,
}

/// Looks for every secret of the folder in every line of it.
pub fn search(folder: &Path) -> io::Result<Searched> {
    let mut searched = Searched::default();
    let mut files: Vec<PathBuf> = Vec::new();
    let mut secrets: BTreeSet<String> = BTreeSet::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match name.split('.').next() {
            Some(LINES) => files.push(path),
            Some(SECRETS) => secrets.extend(noted(&path)?),
            _ => {}
        }
    }
    let looked_for: Vec<&String> = secrets.iter().filter(|secret| secret.len() >= SHORTEST).collect();
    searched.too_short = secrets.len() - looked_for.len();
    for secret in &looked_for {
        *searched.secrets.entry(kind(secret)).or_default() += 1;
    }
    let spellings: BTreeSet<String> = looked_for.iter().flat_map(|secret| spellings(secret)).collect();
    let automaton = AhoCorasick::builder()
        .match_kind(MatchKind::Standard)
        .build(&spellings)
        .map_err(io::Error::other)?;
    for file in files {
        let text = fs::read(&file)?;
        if !text.is_empty() {
            *searched.programs.entry(program(&file)).or_default() += 1;
        }
        for (number, line) in text.split(|byte| *byte == b'\n').enumerate().filter(|(_, line)| !line.is_empty()) {
            searched.lines += 1;
            if automaton.is_match(line) {
                searched.found.push(Found {
                    file: file.clone(),
                    line: number + 1,
                    text: String::from_utf8_lossy(line).into_owned(),
                });
            }
        }
    }
    Ok(searched)
}

fn noted(path: &Path) -> io::Result<Vec<String>> {
    let text = fs::read_to_string(path)?;
    text.lines()
        .map(|line| serde_json::from_str(line).map_err(io::Error::other))
        .collect()
}

/// `lines.end_to_end-0123456789abcdef.42` -> `end_to_end`.
fn program(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let program = name.split('.').nth(1).unwrap_or_default();
    let hashed = program
        .rsplit_once('-')
        .filter(|(_, hash)| hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()));
    hashed.map_or(program, |(plain, _)| plain).to_owned()
}

/// The ways in which a line could show a secret.
fn spellings(secret: &str) -> BTreeSet<String> {
    let quoted = serde_json::Value::from(secret).to_string();
    let debugged = format!("{secret:?}");
    let bare = secret.strip_prefix("whsec_").unwrap_or(secret).trim_end_matches('=');
    let percent: String = secret
        .bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect();
    // The short part of an API key is there to be shown.
    let long_part = secret
        .strip_prefix("seam_")
        .and_then(|rest| rest.rsplit_once('_'))
        .map_or(secret, |(_, long)| long);
    let within = |quoted: &'_ str| quoted[1..quoted.len() - 1].to_owned();
    let all = [secret, &within(&quoted), &within(&debugged), bare, &percent, long_part];
    all.into_iter().filter(|text| text.len() >= SHORTEST).map(str::to_owned).collect()
}

/// What kind of secret it looks like.
fn kind(secret: &str) -> &'static str {
    let groups: Vec<&str> = secret.split('-').collect();
    if secret.starts_with("seam_cst") {
        "client session tokens"
    } else if secret.starts_with("seam_") {
        "API keys"
    } else if secret.starts_with("whsec_") {
        "signing secrets"
    } else if groups.len() == 4 && groups.iter().all(|group| group.len() == 4) {
        "invitation codes"
    } else {
        "other secrets"
    }
}

/// What there has to be at least, or nothing was found since nothing was looked at.
#[derive(Clone, Debug, Default)]
pub struct Least {
    /// Programs that log.
    pub programs: &'static [&'static str],
    /// Secrets by kind.
    pub secrets: &'static [(&'static str, usize)],
    /// Lines.
    pub lines: usize,
}

impl Least {
    /// What `cargo test --workspace` leaves.
    pub const OF_ALL_TESTS: Self = Self {
        programs: &["api", "end_to_end"],
        secrets: &[
            ("API keys", 40),
            ("client session tokens", 2),
            ("invitation codes", 19),
            ("signing secrets", 50),
        ],
        lines: 100_000,
    };
}

impl Searched {
    /// What is wrong: a secret in a line, or too little of anything.
    #[must_use]
    pub fn complaints(&self, least: &Least) -> Vec<String> {
        let found = self.found.iter().map(|found| {
            format!(
                "{}:{}: a secret stands in this line: {}",
                found.file.display(),
                found.line,
                found.text
            )
        });
        let silent = least.programs.iter().filter(|program| !self.programs.contains_key(**program));
        let silent = silent.map(|program| format!("{program} has left no line"));
        let few = least.secrets.iter().filter_map(|(kind, least)| {
            let there = self.secrets.get(kind).copied().unwrap_or_default();
            (there < *least).then(|| format!("{there} {kind} are too few to look for: there should be {least}"))
        });
        let lines = (self.lines < least.lines).then(|| format!("{} lines are too few: there should be {}", self.lines, least.lines));
        found.chain(silent).chain(few).chain(lines).collect()
    }
}

impl fmt::Display for Searched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let processes: usize = self.programs.values().sum();
        writeln!(
            f,
            "{} different lines of {processes} processes of {} programs",
            self.lines,
            self.programs.len()
        )?;
        for (kind, count) in &self.secrets {
            writeln!(f, "{count} {kind}")?;
        }
        writeln!(f, "{} texts were too short to look for", self.too_short)
    }
}
