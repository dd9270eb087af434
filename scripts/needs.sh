# shellcheck shell=bash
# Sourced. What the tests need besides Go: found, installed on Debian, or named.

# as_root COMMAND...: run it as root, directly or through sudo without a question.
as_root() {
	if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

# postgres_bin prints the folder of PostgreSQL's programs, the newest where there are several.
postgres_bin() {
	local dir
	for dir in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -t/ -k5,5nr) "$(pg_config --bindir 2>/dev/null)" "$(dirname "$(command -v initdb)" 2>/dev/null)"; do
		if [ -x "$dir/initdb" ] && [ -x "$dir/pg_ctl" ]; then
			echo "$dir"
			return 0
		fi
	done
	return 1
}

has_shell() { command -v chromium-headless-shell; } >/dev/null
has_chromium() { command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null
has_postgres() { postgres_bin; } >/dev/null
has_compiler() { command -v gcc || command -v clang; } >/dev/null # the race detector needs one
has_npm() { command -v npm; } >/dev/null
has_hunspell() { command -v hunspell; } >/dev/null
has_dictionary() { ls /usr/share/hunspell/"$1".dic || ls /usr/share/myspell/dicts/"$1".dic; } >/dev/null 2>&1
has_fonts() { fc-list :lang=kk | grep -q .; } 2>/dev/null # pages that ask for a system font need one with all Kazakh letters

can_install() { command -v apt-get >/dev/null && { [ "$(id -u)" -eq 0 ] || sudo -n true 2>/dev/null; }; }
offers_shell() { apt-cache show chromium-headless-shell >/dev/null 2>&1; }

# missing_browser prints the one that opens no windows where it can be had: it takes half the time of a whole Chromium, which does as well.
missing_browser() {
	if has_shell; then return; fi
	if can_install && offers_shell; then
		echo chromium-headless-shell
	else
		has_chromium || echo chromium
	fi
}

# missing prints the Debian packages of what is not there.
missing() {
	has_compiler || echo gcc libc6-dev
	missing_browser
	has_fonts || echo fontconfig fonts-dejavu-core
	has_postgres || echo postgresql
	has_npm || echo npm
	has_hunspell || echo hunspell
	has_dictionary kk_KZ || echo hunspell-kk
	has_dictionary ru_RU || echo hunspell-ru
}

# install_packages PACKAGE...: without questions, and without the database server that the package would start by itself.
install_packages() {
	local no_cluster=/etc/postgresql-common/createcluster.d/no-cluster-for-tests.conf status=0
	as_root mkdir -p "$(dirname "$no_cluster")"
	echo 'create_main_cluster = false' | as_root tee "$no_cluster" >/dev/null
	{ as_root apt-get update -q && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"; } </dev/null || status=$?
	as_root rm -f "$no_cluster"
	return "$status"
}

# ensure_needs installs what is missing where it can, and fails with its names where it cannot.
ensure_needs() {
	local packages
	if can_install && ! has_shell && ! offers_shell; then
		as_root apt-get update -q </dev/null >"$1" 2>&1 || echo "The lists of packages can't be fetched; what is there has to do."
	fi
	packages=$(missing | tr '\n' ' ')
	[ -n "$packages" ] || return 0
	if [ "$packages" = "chromium-headless-shell " ] && has_chromium; then
		echo "installing $packages"
		install_packages chromium-headless-shell >"$1" 2>&1 || echo "It can't be had now; the whole Chromium does as well, only slower."
		return 0
	fi
	if ! command -v apt-get >/dev/null; then
		echo "Not found, and this is no Debian: please install what Debian calls $packages" >&2
		return 1
	fi
	if ! can_install; then
		echo "Not found: run  sudo apt-get install $packages" >&2
		return 1
	fi
	echo "installing $packages"
	# shellcheck disable=SC2086 # the names are words
	install_packages $packages >"$1" 2>&1 || { tail -n 20 "$1" >&2; return 1; }
	packages=$(missing | tr '\n' ' ')
	[ -z "$packages" ] || { echo "Still not found after the installation: $packages" >&2; return 1; }
}

readonly axe_version=4.14.1
readonly axe_sha512=1477dafa598d8d065f273d6af302aa203c02e83131707b7fa648cd41bd3d6b734f8c22a0dab86ee6a6f64b8afbe804b214d36db85a2826965edfb3a0b9d546b5

# ensure_axe leaves axe-core in .cache and prints the path of its script. Only tests use it; it is not part of the product.
ensure_axe() {
	local dir=$PWD/.cache/axe-core-$axe_version archive=axe-core-$axe_version.tgz fetched
	if [ ! -f "$dir/package/axe.min.js" ]; then
		mkdir -p "$PWD/.cache"
		fetched=$(mktemp -d "$PWD/.cache/fetch.XXXXXX")
		npm pack --loglevel=error --pack-destination "$fetched" "axe-core@$axe_version" </dev/null >/dev/null &&
			echo "$axe_sha512  $fetched/$archive" | sha512sum --check --quiet >&2 &&
			tar -xzf "$fetched/$archive" -C "$fetched" package/axe.min.js package/LICENSE &&
			rm -rf "$dir" && mkdir "$dir" && mv "$fetched/package" "$dir/"
		rm -rf "$fetched"
	fi
	[ -f "$dir/package/axe.min.js" ] && echo "$dir/package/axe.min.js"
}
