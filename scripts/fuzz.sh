#!/usr/bin/env bash
# Every fuzz target in turn, FUZZTIME each (10s). What is found lands in the package's testdata and is to be committed.
set -euo pipefail
cd "$(dirname "$0")/.."
grep -rE --include='*_test.go' --exclude-dir='.[a-z]*' '^func Fuzz[A-Za-z0-9_]*\(' . | sed -E 's|^(.*)/[^/]*:func (Fuzz[A-Za-z0-9_]*).*|\1 \2|' | sort |
	while read -r package target; do
		echo "$package $target"
		go test -run '^$' -fuzz "^$target\$" -fuzztime "${FUZZTIME:-10s}" "$package" </dev/null
	done
