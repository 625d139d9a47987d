"""The commands that the documents tell people to type, the README's apart: readme.py types those."""

import re
import shlex

from processes import ROOT

NEEDS_ACCOUNT = "# needs an AWS account"

# What begins a command, and which step of .ci/run types it. `cargo fobless` is left out: deploy.py compares what it has run.
STEPS = [
    ("cargo lambda build --release --arm64", "arm64"),
    ("cargo bench -p fobless-tests --bench issue_latency", "benchmarks"),
    ("cargo bench -p fobless-tests --bench api_throughput", "benchmarks"),
    ("cargo bench -p fobless-tests --bench throughput", "benchmarks"),
    ("cargo lambda build --release", "deploy"),
    ("cargo run -p fobless-benchmarks -- budgets", "budgets"),
    ("cargo run --profile bench -p fobless-benchmarks -- compare", "benchmarks"),
    ("cargo build --profile bench -p fobless-benchmarks", "benchmarks"),
    ("sudo target/release/fobless-benchmarks cold-start", "benchmarks"),
    ("cargo run --profile bench -p fobless-benchmarks -- memory", "benchmarks"),
    ("cargo run --profile bench -p fobless-benchmarks -- flame-graph", "benchmarks"),
    ("cargo run --profile bench -p fobless-benchmarks -- latency", "benchmarks"),
    ("cargo run --profile bench -p fobless-benchmarks -- record", "benchmarks"),
    ("CARGO_PROFILE_RELEASE_STRIP=none CARGO_TARGET_DIR=target/with-names cargo lambda build --release", "benchmarks"),
    ("tests/benchmarks/peers/install.sh target/peers", "benchmarks"),
]


def documents():
    return [ROOT / "SECURITY.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def commands(path):
    """One by one, each with the comment behind it. A line that ends in a backslash goes on; a quote that is open, too."""
    for block in re.findall(r"^ *```sh\n(.*?)^ *```$", path.read_text(), re.MULTILINE | re.DOTALL):
        begun = ""
        for line in block.splitlines():
            begun = f"{begun} {line.strip()}".strip()
            if begun.endswith("\\"):
                begun = begun.removesuffix("\\")
            elif begun.partition("#")[0].count("'") % 2 == 0:
                yield begun
                begun = ""


def unattended():
    """What nobody types and nobody marks."""
    steps = (ROOT / ".ci" / "run").read_text()
    for path in documents():
        for command in commands(path):
            if not command or command.startswith("#") or command.endswith(NEEDS_ACCOUNT) or f"{NEEDS_ACCOUNT};" in command:
                continue
            if command.startswith("cargo fobless"):
                continue
            step = next((step for beginning, step in STEPS if command.startswith(beginning)), None)
            if step is None or f"step_{step}()" not in steps:
                yield f"{path.relative_to(ROOT)}: {command}"


def of_fobless(command):
    """The subcommand and the names of its options."""
    words = shlex.split(command, comments=True)
    words = words[words.index("fobless") + 1 :]
    options = {word for word in words if word.startswith("--")} - {"--env-file", "--json"}
    plain = []
    for word in words:
        if word.startswith("--env-file") or word.endswith(".env"):
            continue
        if not re.fullmatch(r"[a-z][a-z-]*", word):
            break
        plain.append(word)
    return plain, options


def not_run(run):
    """The documented commands of `fobless` that are not among those that were run, each with its options."""
    ran = [of_fobless(shlex.join(["fobless", *words])) for words in run]
    for path in documents():
        for command in commands(path):
            if not command.startswith("cargo fobless") or command.endswith(NEEDS_ACCOUNT):
                continue
            plain, options = of_fobless(command)
            if not any(words[: len(plain)] == plain and options <= given for words, given in ran):
                yield f"{path.relative_to(ROOT)}: {command}"


if __name__ == "__main__":
    left = list(unattended())
    for command in left:
        print(f"nobody types this, and it is not marked: {command}")
    raise SystemExit(1 if left else 0)
