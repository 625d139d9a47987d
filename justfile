# What one can do here. `just` alone lists it; nothing needs it: each line can be typed by hand.

_default:
    @{{ just_executable() }} --list --unsorted

# Shows the main job once, on throw-away data.
demo:
    cargo demo

# Keeps the whole system up on this machine.
dev *OPTIONS:
    cargo dev {{ OPTIONS }}

# What an operator does: keys, systems, status, explain, retry, ...
fobless *COMMAND:
    cargo fobless {{ COMMAND }}

# All tests.
test *OPTIONS:
    cargo test --workspace {{ OPTIONS }}

# The whole check, as CI runs it, or some of its steps.
check *STEPS:
    bash .ci/run {{ STEPS }}

# Deploys the template with the release binaries, into a stand-in of AWS.
deploy-here:
    bash .ci/run deploy

# Builds what AWS runs.
arm64:
    bash .ci/run arm64

# Ten minutes of hostile input at each door.
fuzz SECONDS="600":
    FOBLESS_FUZZ_SECONDS={{ SECONDS }} bash .ci/run fuzz

# A hundred thousand simulated worlds, and a backlog of two thousand phones.
simulation SEEDS="100000":
    FOBLESS_SEEDS={{ SEEDS }} bash .ci/run simulation

# Small changes of the rules, each of which a test has to notice.
mutants:
    bash .ci/run mutants

# Times, throughput and memory, with few and with many in the table, and beside peers: docs/PERFORMANCE.md.
benchmarks:
    bash .ci/run benchmarks
