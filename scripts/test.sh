#!/usr/bin/env bash
# Every check and every test, or those of the packages given. Needs Go; installs the rest on Debian (see needs.sh).
# The last line is "N passed, N failed, N skipped"; the status is 0 only if everything passed.
set -euo pipefail

# Tests write much and keep nothing. In memory, where there is plenty of it and programs may run from there, they wait for no disk; those that
# are about the disk bring their own.
in_memory() {
	local probe=/dev/shm/ustaz.probe.$$ status=0
	[ "$(df -k --output=avail /dev/shm 2>/dev/null | tail -n 1)" -gt 6000000 ] 2>/dev/null || return 1
	{ cp "$(type -P true)" "$probe" && "$probe"; } 2>/dev/null || status=1
	rm -f "$probe"
	return "$status"
}
if [ -z "${TMPDIR:-}" ] && in_memory; then export TMPDIR=/dev/shm; fi

. "$(dirname "$0")/session.sh"

ensure_needs "$session/install.log"
axe=$(ensure_axe)
postgres_start "$session/postgres" fast

export USTAZ_TEST_POSTGRES=$postgres_url USTAZ_TEST_AXE=$axe USTAZ_TEST_REQUIRE=1
mkdir "$session/tmp"
export TMPDIR=$session/tmp # what a test leaves behind goes with the session

# There is more memory than time. And a program under the race detector waits a second when it ends, in case somebody still writes: the scripts of
# the command line end hundreds of programs.
export GOGC=300 GORACE=atexit_sleep_ms=20

packages=("$@")
[ $# -gt 0 ] || packages=(./...)

checks() {
	local status=0
	bash scripts/format.sh || status=1
	echo "vet"
	go vet "${build[@]}" "${packages[@]}" || status=1
	return "$status"
}

# Everything under the race detector, but for what only counts: SQLite and the C library that it stands on (C made into Go, whose memory is not
# shared with ours), and what turns one value into another: ciphers, hashes, compression, numbers and letters, patterns, rules, TOML, PDF, pictures, HTML,
# a browser's messages. Watching them found nothing and took more than half of the time. Nothing of it may hold what several goroutines share: a package
# that goes unwatched and has a sync.Map or an atomic pointer takes the detector's knowledge of who waits for whom from all others. Unsafe pointers,
# which the detector looks after as well unless told not to, are in no package of ours (internal/arch).
unwatched='-d=checkptr=0 -race=false'
build=(-race -gcflags=all=-d=checkptr=0)
for packages_of in modernc.org/sqlite/lib modernc.org/libc/... golang.org/x/crypto/... golang.org/x/text/... github.com/cedar-policy/cedar-go/... \
	github.com/BurntSushi/toml/... codeberg.org/go-pdf/... ustaz/internal/paper regexp/... compress/... hash/... strconv unicode/... \
	image/jpeg image/png image/gif image/draw image/color/... golang.org/x/image/... golang.org/x/net/html/... github.com/chromedp/cdproto/...; do
	build+=("-gcflags=$packages_of=$unwatched")
done

# All of vet has run by then. The order of tests is shuffled, so that none leans on another. One package more than there are cores: some wait for
# a disk or a browser. The longest come first, so that none is alone at the end.
#
# Three kinds of tests do one thing after the other, so that nothing in them races, and the detector makes them many times slower: walks in a browser (…InABrowser); thousands of steps, or of megabytes, one after the other (…StepByStep); and those that start the program
# hundreds of times. They run without it; what they call is tested with it elsewhere.
tests() {
	local raced=() walked=() programs=() status=0 package folder single='(InABrowser|StepByStep)$'
	local common=(-json -vet=off -shuffle=on -timeout 14m -p "$(($(nproc) + 1))")
	while read -r package folder; do
		case $package in
		*/internal/teste2e | */internal/testchrome | */internal/cli | */internal/testcrash)
			programs=("$package" "${programs[@]}")
			continue
			;;
		esac
		case $package in
		*/internal/web/* | */internal/account) raced=("$package" "${raced[@]}") ;;
		*) raced+=("$package") ;;
		esac
		if grep -qsE '^func Test\w*(InABrowser|StepByStep)\(' "$folder"/*_test.go; then walked+=("$package"); fi
	done < <(go list -f '{{.ImportPath}} {{.Dir}}' "${packages[@]}")
	set -o pipefail
	{
		[ ${#raced[@]} -eq 0 ] || go test "${common[@]}" "${build[@]}" -skip "$single" "${raced[@]}" || status=1
		{ [ ${#programs[@]} -eq 0 ] || go test "${common[@]}" "${programs[@]}"; } >"$session/programs.json" &
		[ ${#walked[@]} -eq 0 ] || go test "${common[@]}" -run "$single" "${walked[@]}" || status=1
		wait $! || status=1
		cat "$session/programs.json"
		exit "$status"
	} | "$session/testsummary"
}

# What vet, the summary and the tests share is compiled once.
go build "${build[@]}" -o "$session/testsummary" ./internal/tools/testsummary
status=0
run_job checks || status=1
run_job tests || status=1
exit "$status"
