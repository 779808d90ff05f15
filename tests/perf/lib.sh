# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the programs of this folder share. To be sourced by them, which have a
# function usage().
. "$(dirname "${BASH_SOURCE[0]}")/../vm/lib.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Reads the options --kernel and --module. Sets kernel, and names, the names of
# the modules given: module NAME is to be found in $work/NAME.ko.
options() {
	local file
	kernel=bookworm/cloud-amd64
	names=()
	while [ $# -gt 0 ]; do
		case $1 in
		--help) usage && exit 0 ;;
		--kernel | --module) [ $# -ge 2 ] || bad_usage "$1 wants an argument" ;;
		*) bad_usage "$1: no such option" ;;
		esac
		case $1 in
		--kernel) kernel=$2 ;;
		--module)
			file=${2#*=}
			names+=("$(basename "${2%%=*}" .ko)")
			[ ! -e "$work/${names[-1]}.ko" ] ||
				bad_usage "two modules are called ${names[-1]}: name one, as NAME=FILE"
			cp "$file" "$work/${names[-1]}.ko"
			;;
		esac
		shift 2
	done
}

# Builds module NAME, from src/ or from the tree that is given.
module() {
	names+=("$1")
	"$top/tests/vm/module" --source "${2:-$top}" "$kernel" "$work/$1.ko"
}

# The tree from which to build the module and, beside it, NAME_scull.ko.
with_scull() {
	mkdir "$work/with-scull"
	cp -r "$top/src" "$top/Makefile" "$work/with-scull"
	cp "$top/tests/perf/scull.c" "$work/with-scull/src/mymem_scull.c"
	echo "obj-m += mymem_scull.o" >>"$work/with-scull/src/Kbuild"
	echo "$work/with-scull"
}

# Gets the kernel's own block ramdisk into $work/brd.ko; an empty file, if it has none.
brd() {
	local file
	file=$("$top/tests/vm/kernel" "$kernel")/brd.ko
	# shellcheck disable=SC2016 # expanded by that shell
	[ -e "$file" ] || "$top/tests/vm/chroot" "$(chroot_of "$kernel")" sh -ec '
		cd "$(mktemp -d)"
		{
			apt-get -q download "linux-modules-$1" || apt-get -q download "linux-image-$1"
			dpkg-deb --fsys-tarfile ./*.deb | tar -x --wildcards "*/brd.ko*"
			xz -d $(find . -name "*.ko.xz")
		} >/dev/null 2>&1 || true
		find . -name brd.ko -exec cat {} +
		rm -rf "$PWD"' sh "$(cat "${file%/*}/version")" >"$file.new"
	[ ! -e "$file.new" ] || mv "$file.new" "$file"
	cp "$file" "$work/brd.ko"
}

bad_usage() {
	say "$*; see tests/perf/${0##*/} --help"
	exit 2
}

# Builds the C file NAME of this folder for the guest: $work/NAME.
build() {
	"$top/tests/need" gcc libc6-dev
	gcc -std=gnu11 -O2 -Wall -Wextra \
		-Wno-missing-field-initializers -D_GNU_SOURCE -pthread -static \
		-I "$top/src/uapi" -o "$work/$1" "$top/tests/perf/$1.c"
}

# boot OPTIONS... -- COMMAND...: in the guest, with the modules in /added. The
# kernel clears all memory that it gives away, as Debian has it: there are
# drivers that pay for that in each call.
boot() {
	local name added=()
	for name in "${names[@]}"; do
		added+=(--add "$work/$name.ko")
	done
	"$top/tests/vm/run" --kernel "$kernel" --append init_on_alloc=1 --no-load \
		--module "$work/${names[0]}.ko" "${added[@]}" "$@"
}
