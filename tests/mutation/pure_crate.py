"""Writes the manifests of the pure part of the crate `fobless`: the workspace's own dependencies, and none that calls anybody."""

import sys
import tomllib
from pathlib import Path

USED = "base64 bytes fastrand futures-util hmac http ring serde serde_json sha2 subtle thiserror time tracing uuid".split()
MODULES = """//! The part of `fobless` that knows no I/O.
pub mod digest;
pub mod domain;
mod same_secret;
pub mod webhook;
"""


def inline(value):
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "[" + ", ".join(inline(item) for item in value) + "]"
    return "{ " + ", ".join(f"{name} = {inline(item)}" for name, item in value.items()) + " }"


def main(place: Path) -> None:
    workspace = tomllib.loads(Path("Cargo.toml").read_text())["workspace"]
    known = workspace["dependencies"]
    lines = ["[workspace]", 'resolver = "3"', 'members = ["shared"]', "[workspace.dependencies]"]
    lines += [f"{name} = {inline(known[name])}" for name in [*USED, "proptest"]]
    # Built once and run hundreds of times.
    lines += ["[profile.dev]", "debug = false", '[profile.dev.package."*"]', "opt-level = 1"]
    (place / "Cargo.toml").write_text("\n".join(lines) + "\n")
    edition = workspace["package"]["edition"]
    package = ["[package]", 'name = "fobless"', 'version = "0.1.0"', f'edition = "{edition}"', "[features]", "log-watch = []"]
    package += ["[dependencies]", *(f"{name}.workspace = true" for name in USED), "[dev-dependencies]", "proptest.workspace = true"]
    (place / "shared" / "Cargo.toml").write_text("\n".join(package) + "\n")
    (place / "shared" / "src" / "lib.rs").write_text(MODULES)


main(Path(sys.argv[1]))
