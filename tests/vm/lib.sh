# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the harness's scripts share. To be sourced by them.

# shellcheck disable=SC2034 # used by those who source this
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/mymem

# The processor that QEMU emulates. Not its cmpxchg16b: in Debian 12's QEMU 7.2 it is
# wrong now and then, and Linux 6.12, which allocates memory by it, crashes while it boots.
# shellcheck disable=SC2034 # used by those who source this
emulated_cpu=qemu64,-cx16

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

# The parts of a kernel's name, as in bookworm/cloud-amd64 or trixie/s390x/s390x: the
# suite, the flavour, and the architecture, if it is not that of a PC.
suite_of() {
	case $1 in
	?*/?*) echo "${1%%/*}" ;;
	*) die "$1: give a kernel as SUITE/FLAVOUR, for example bookworm/cloud-amd64" ;;
	esac
}

flavour_of() {
	echo "$1" | cut -d/ -f2
}

architecture_of() {
	case $1 in
	*/*/?*) echo "${1##*/}" ;;
	*) echo amd64 ;;
	esac
}

# foreign ARCHITECTURE triplet|linux|qemu: what Debian's architecture is called by the
# compiler and by the kernel, and the package with the QEMU for it.
foreign() {
	local triplet linux qemu
	case $1 in
	i386) triplet=i686-linux-gnu linux=i386 qemu=qemu-system-x86 ;;
	arm64) triplet=aarch64-linux-gnu linux=arm64 qemu=qemu-system-arm ;;
	s390x) triplet=s390x-linux-gnu linux=s390 qemu=qemu-system-misc ;;
	*) die "$1: not an architecture that is known here, such as i386, arm64 or s390x" ;;
	esac
	echo "${!2}"
}

# The chroot that is for a kernel, as tests/vm/chroot takes it.
chroot_of() {
	local architecture
	architecture=$(architecture_of "$1")
	echo "$(suite_of "$1")$([ "$architecture" = amd64 ] || echo ":$architecture")"
}

# What has to be in the environment there, for make to build modules for the kernel.
environment_of() {
	local architecture
	architecture=$(architecture_of "$1")
	[ "$architecture" = amd64 ] ||
		echo "ARCH=$(foreign "$architecture" linux) CROSS_COMPILE=$(foreign "$architecture" triplet)-"
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

# copy_foreign_libraries ROOT FROM PROGRAM...: the same for programs that cannot run
# here, from the system that is unpacked in FROM.
copy_foreign_libraries() {
	local root=$1 from=$2 name file more
	shift 2
	while [ $# -gt 0 ]; do
		more=()
		while read -r name; do
			# The program that loads the others is known by its path.
			file=$root/lib/$name
			[ "$name" = "${name#/}" ] || file=$root$name
			[ ! -e "$file" ] || continue
			mkdir -p "${file%/*}"
			cp -L "$(find "$from"/lib/*-linux-gnu/ "$from"/usr/lib/*-linux-gnu/ -name "${name##*/}" | head -n 1)" "$file"
			more+=("$file")
		done < <(readelf -W -d -l "$@" 2>/dev/null |
			sed -n 's/.*(NEEDED).*\[\(.*\)\]$/\1/p; s/.*program interpreter: \(.*\)\]$/\1/p' | sort -u)
		set -- "${more[@]}"
	done
}
