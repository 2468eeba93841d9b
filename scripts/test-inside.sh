#!/usr/bin/env bash
# Runs this repository's own tests, already built, in the sandbox of a daemon of its own. Tests that need another sandbox
# or openat2 skip themselves there, and say so. Not part of ./test: the tests would wait for the lock on .build that the
# outer `swift test` holds.
#
# In the parts of ./test --fast by default, through shell_exec. `--whole` runs all of it in one process through run_tests,
# which takes no filter: on a busy machine the deadlines of the server's tests pass then while others use the processor.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# shellcheck source=scripts/lib.sh
source "$root/scripts/lib.sh"

binary=$root/.build/debug/execlayer
[[ -x $binary ]] || fail "Nothing is built yet." "Type swift build --build-tests, then start again."
need_sandbox

scratch=$(mktemp -d)
export EXECUTION_HOME=$scratch/home
cd "$root"
"$binary" init --write >"$scratch/init" 2>&1 || fail "init failed:" "$(cat "$scratch/init")"
"$binary" serve --workspace "$root" --port 0 >"$scratch/serve" 2>&1 &
daemon=$!
finish() {
    kill "$daemon" 2>/dev/null || true
    wait "$daemon" 2>/dev/null || true
    rm -rf "$scratch"
}
trap finish EXIT
for _ in {1..200}; do
    grep -q 'answers at' "$scratch/serve" && break
    kill -0 "$daemon" 2>/dev/null || fail "The daemon did not start:" "$(cat "$scratch/serve")"
    sleep 0.1
done

base=$(sed -n 's/.*answers at //p' "$scratch/serve" | head -n 1)
check() {
    "$binary" run "$@" --json --base "$base" --timeout 930 >"$scratch/answer" || true
    grep -o '➜ Suite [^}]*' "$scratch/answer" | sed 's/\\n/\n/g' | grep -o '➜ Suite .* skipped: .*' | sort -u >&2 || true
    grep -o '. Test run with [^\\]*' "$scratch/answer" | tail -n 1 >&2 || true
    grep -q '"returncode": *0[,}]' "$scratch/answer" || fail "The tests failed inside:" "$(tail -c 4000 "$scratch/answer")"
}

if [[ ${1:-} == --whole ]]; then
    say "Running swift test inside the sandbox"
    check run_tests runner="swift test" timeout=900
    exit
fi
for part in '"--skip","^HTTPServerTests\\.","--skip","^EndToEndTests\\.","--skip","^DashboardTests\\."' '"--filter","^HTTPServerTests\\."'; do
    say "Running swift test inside the sandbox, $part"
    check shell_exec --args "{\"command\":[\"swift\",\"test\",\"--skip-build\",\"--disable-xctest\",$part],\"timeout_sec\":900}"
done
