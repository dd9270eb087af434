# shellcheck shell=bash
# Sourced first by the scripts that test. Goes to the root of the checkout, makes the temporary folder $session, and sees
# to it that whatever happens, Ctrl-C included, no process and no file of the session stays behind.

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
. scripts/needs.sh
. scripts/postgres.sh

session=$(mktemp -d "${TMPDIR:-/tmp}/ustaz.XXXXXX")
chmod 0711 "$session" # the user of the database passes through
job=

# run_job COMMAND...: in a process group of its own, so that all of it can be ended; gives its status.
run_job() {
	local status=0
	set -m
	"$@" </dev/null &
	job=$!
	set +m
	wait "$job" || status=$?
	job=
	return "$status"
}

end_session() {
	local status=$?
	trap '' INT TERM HUP
	set +e
	if [ -n "$job" ]; then
		kill -TERM -- "-$job" 2>/dev/null
		for _ in 1 2 3 4 5 6 7 8 9 10; do
			kill -0 -- "-$job" 2>/dev/null || break
			sleep 0.2
		done
		kill -KILL -- "-$job" 2>/dev/null
	fi
	postgres_stop "$session/postgres"
	rm -rf "$session"
	exit "$status"
}
trap end_session EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP
