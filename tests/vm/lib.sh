# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the harness's scripts share. To be sourced by them.

# shellcheck disable=SC2034 # used by those who source this
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/mymem

say() {
	echo "${0##*/}: $*" >&2
}

die() {
	say "$*"
	exit 1
}

as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	else
		sudo "$@"
	fi
}

# quietly WHAT COMMAND...: says what it does; shows the output if it fails.
quietly() {
	local what=$1 log
	shift
	say "$what"
	log=$(mktemp)
	if ! "$@" >"$log" 2>&1 </dev/null; then
		cat "$log" >&2
		rm -f "$log"
		die "$what: failed, see above"
	fi
	rm -f "$log"
}

# lock NAME: one at a time, for as long as this script runs.
lock() {
	mkdir -p "$cache"
	exec {lock_fd}>"$cache/$1.lock"
	flock "$lock_fd"
}

# The suite and the flavour of a kernel's name, as in bookworm/cloud-amd64.
suite_of() {
	case $1 in
	?*/?*) echo "${1%%/*}" ;;
	*) die "$1: give a kernel as SUITE/FLAVOUR, for example bookworm/cloud-amd64" ;;
	esac
}

flavour_of() {
	echo "${1#*/}"
}

# copy_libraries ROOT PROGRAM...: the libraries that programs need, into ROOT. ldd
# prints "name => path (address)" or "path (address)"; it fails for scripts.
copy_libraries() {
	local root=$1 library
	shift
	{ ldd "$@" 2>/dev/null || true; } |
		sed -n 's/.*[[:space:]]\(\/[^ ]*\) (0x.*/\1/p' | sort -u |
		while read -r library; do
			mkdir -p "$root${library%/*}"
			cp -L "$library" "$root$library"
		done
}
