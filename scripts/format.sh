#!/usr/bin/env bash
# Fails with the names of Go files that gofmt would write otherwise.
set -euo pipefail
cd "$(dirname "$0")/.."
echo "gofmt"
unformatted=$(find . -name '*.go' -not -path './.*/*' -exec gofmt -l {} +)
if [ -n "$unformatted" ]; then
	printf 'not formatted, run gofmt -w:\n%s\n' "$unformatted" >&2
	exit 1
fi
