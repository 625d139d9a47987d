"""Compares what survived with survivors.txt. A survivor without a written reason fails, and so does a reason that nothing needs any more."""

import re
import sys
from pathlib import Path


def name(line: str) -> str:
    """A mutant less where it stands: lines move."""
    return re.sub(r"^([^:]+):\d+:\d+: ", r"\1: ", line.strip())


def main(report: Path, reasons: Path) -> int:
    lines = lambda file: [line for line in (report / file).read_text().splitlines() if line.strip()]
    survived = {name(line) for file in ("missed.txt", "timeout.txt") for line in lines(file)}
    tried = survived | {name(line) for line in lines("caught.txt")}
    written = [line for line in reasons.read_text().splitlines() if line.strip() and not line.startswith("#")]
    known = {entry.strip() for entry, _, reason in (line.partition(" -- ") for line in written) if reason.strip()}
    print(f"{len(tried)} mutants that compile, {len(survived)} survived, {len(survived & known)} of them with a reason")
    for mutant in sorted(survived - known):
        print(f"SURVIVED without a reason: {mutant}")
    stale = (known & tried) - survived
    for mutant in sorted(stale):
        print(f"a reason that nothing needs: {mutant}")
    return 1 if survived - known or stale else 0


sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
