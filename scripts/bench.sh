#!/usr/bin/env bash
# Benchmarks of every package, or of those given, one package at a time. PostgreSQL is durable here, as in real use.
set -euo pipefail
. "$(dirname "$0")/session.sh"

has_postgres || ensure_needs "$session/install.log"
postgres_start "$session/postgres" durable
export USTAZ_TEST_POSTGRES=$postgres_url USTAZ_TEST_REQUIRE=1
mkdir "$session/tmp"
export TMPDIR=$session/tmp

packages=("$@")
[ $# -gt 0 ] || packages=(./...)
run_job go test -p 1 -run '^$' -bench "${BENCH:-.}" -benchmem -timeout 80m "${packages[@]}"
