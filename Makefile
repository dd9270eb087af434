# What a developer does here. Each target works on a clean clone; the scripts say in their heads what they need.
.DEFAULT_GOAL := help
.PHONY: run build test bench lint fuzz clean help

run: build ## build the platform and serve it (ARGS="--listen 127.0.0.1:8081"; all settings: bin/ustaz serve --help)
	./bin/ustaz serve $(ARGS)

build: ## build bin/ustaz
	go build -trimpath -o bin/ustaz ./cmd/ustaz

test: ## every test, on SQLite, PostgreSQL and Chromium, which it installs on Debian (PACKAGES=./internal/... for some)
	@bash scripts/test.sh $(PACKAGES)

bench: ## the table of speeds, on SQLite and PostgreSQL (ARGS="-subjects 20000 -scale=false" for a short one; PACKAGES=... for Go benchmarks of packages)
	@ARGS="$(ARGS)" bash scripts/bench.sh $(PACKAGES)

lint: ## formatting, vet and staticcheck
	@bash scripts/lint.sh

fuzz: ## each fuzz target for FUZZTIME (10s)
	@bash scripts/fuzz.sh

clean: ## remove what was built and fetched; the data folder stays
	rm -rf bin .cache

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-7s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
