#!/usr/bin/env bash
# Formatting, vet, staticcheck, and the syntax of the scripts.
set -euo pipefail
cd "$(dirname "$0")/.."
bash scripts/format.sh
for script in scripts/*.sh .ci/run; do bash -n "$script"; done
echo "vet"
go vet ./...
echo "staticcheck"
go run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...
