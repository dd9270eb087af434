#!/usr/bin/env bash
# The table of speeds, or the Go benchmarks of the packages given, one package at a time. PostgreSQL is durable here, as in real use.
set -euo pipefail
. "$(dirname "$0")/session.sh"

has_postgres || ensure_needs "$session/install.log"
postgres_start "$session/postgres" durable
export USTAZ_TEST_POSTGRES=$postgres_url USTAZ_TEST_REQUIRE=1
mkdir "$session/tmp"
export TMPDIR=$session/tmp

# Without packages: the table of speeds (internal/bench says what it measures; ARGS are its flags).
if [ $# -eq 0 ]; then
	go build -o "$session/bench" ./internal/bench
	# shellcheck disable=SC2086 # flags are to be split
	run_job "$session/bench" ${ARGS:-}
	exit
fi
run_job go test -p 1 -run '^$' -bench "${BENCH:-.}" -benchmem -timeout 80m "$@"
