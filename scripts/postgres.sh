# shellcheck shell=bash
# Sourced, after needs.sh. A PostgreSQL cluster of our own in a temporary folder, reached through a socket in that folder
# alone: no network port that could be taken, and nobody else may enter.

# as_postgres COMMAND...: PostgreSQL refuses to run as root, so root becomes somebody else.
as_postgres() {
	if [ "$(id -u)" -ne 0 ]; then
		"$@"
	elif id postgres >/dev/null 2>&1; then
		runuser -u postgres -- "$@"
	else
		runuser -u nobody -- "$@"
	fi
}

# postgres_start DIR durable|fast: makes and starts a cluster in DIR and sets postgres_url to its administrator's URL.
# A fast one may lose data in a power cut.
postgres_start() {
	local dir=$1 bin settings="-c listen_addresses='' -c unix_socket_directories='$1/socket' -c max_connections=200 -c jit=off -c wal_level=minimal -c max_wal_senders=0"
	[ "$2" = durable ] || settings="$settings -c autovacuum=off -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
	bin=$(postgres_bin)
	mkdir -m 0700 "$dir" "$dir/socket"
	if [ "$(id -u)" -eq 0 ]; then chown -R "$(as_postgres id -u)" "$dir"; fi
	(
		cd "$dir" || exit 1
		as_postgres "$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$dir.log" 2>&1 &&
			as_postgres "$bin/pg_ctl" start -D "$dir/data" -w -t 60 -s -l "$dir/server.log" -o "$settings" </dev/null >>"$dir.log" 2>&1
	) || { cat "$dir.log" "$dir/server.log" >&2; return 1; }
	postgres_url="postgres://postgres@/postgres?host=$dir/socket&port=5432"
}

# postgres_stop DIR: at once, without saving anything. It may be called whether or not the cluster ever started.
postgres_stop() {
	if [ -f "$1/data/postmaster.pid" ]; then
		(cd "$1" && as_postgres "$(postgres_bin)/pg_ctl" stop -D "$1/data" -m immediate -w -s)
	fi
}
