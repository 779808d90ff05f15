#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What can be said of the sources without running them.
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.." || exit
# shellcheck source=../check.sh
. tests/check.sh

mapfile -t driver < <(git ls-files -co --exclude-standard 'src/*.[ch]' | grep -v src/compat.h)
mapfile -t programs < <(git ls-files -co --exclude-standard 'tools/*.[ch]' 'tests/*.[ch]')

tests/need shellcheck perl bash-completion || exit
kernel=${KERNEL:-bookworm/cloud-amd64}
checkpatch=$(tests/host/kernel-scripts)/scripts/checkpatch.pl || exit

patch_style() {
	perl "$checkpatch" --no-tree --strict --terse --show-types --file "$@"
}

# Outside of the kernel there are no kernel types, and a message may be long.
user_space=PREFER_KERNEL_TYPES,PREFER_DEFINED_ATTRIBUTE_MACRO,CAMELCASE
user_space+=,VOLATILE,EMBEDDED_FUNCTION_NAME,OPEN_ENDED_LINE,SPLIT_STRING

# checkpatch wants the code to be for one version; compat.h is for the others.
versions=LINUX_VERSION_CODE,CONSTANT_COMPARISON

no_version_but_in_compat() {
	! grep -nE 'LINUX_VERSION|KERNEL_VERSION|linux/version.h' "${driver[@]}"
}

kbuild_is_a_list() {
	! grep -vE '^(#|obj-|mymem-y|$)' src/Kbuild
}

scripts() {
	git ls-files -co --exclude-standard |
		while read -r file; do
			[ -f "$file" ] || continue
			head -n 1 "$file" | grep -qE '^#!.*sh$|^# bash completion' && echo "$file"
		done
	printf '%s\n' tests/vm/lib.sh tests/check.sh
}

# A build without any warning, by gcc and by sparse.
builds_clean() {
	module=build/check/mymem.ko
	tests/vm/module "$kernel" "$module" W=1 C=2 2>/dev/null || return
	cat "$module.log"
	grep -q 'CHECK .*memory.c' "$module.log" && grep -q 'CC .*memory.o' "$module.log" &&
		! grep -iE 'warning|error|sparse:' "$module.log"
}

tools_build_clean() {
	make -s -C tools V=1 BUILD="$here/../../build/check/tools" \
		CFLAGS='-O2 -Werror -D_FORTIFY_SOURCE=2'
}

no_trailing_blanks() {
	! git grep -nIE '[[:blank:]]$' -- . ':!LICENSE'
}

# Neither hosts of packages nor paths of a machine belong in here.
no_hosts() {
	! git grep -nIE 'deb\.debian|snapshot\.debian|ftp\.[a-z]+\.debian|/root/\.|/home/[a-z]' -- . ':!tests/host/static.sh'
}

check "clang-format with the kernel's settings" tests/host/format
check "checkpatch --strict, the driver" patch_style "${driver[@]}"
check "checkpatch --strict, compat.h" patch_style --ignore $versions src/compat.h
check "checkpatch --strict, tools and tests" patch_style --ignore $user_space \
	"${programs[@]}"
check "kernel versions stand in compat.h and nowhere else" no_version_but_in_compat
check "src/Kbuild is the object list and nothing else" kbuild_is_a_list
check "the module builds without a warning under W=1 and sparse" builds_clean
check "the tools build without a warning" tools_build_clean
mapfile -t scripts < <(scripts)
check "shellcheck" shellcheck "${scripts[@]}"
check "no blanks at the ends of lines" no_trailing_blanks
check "no package host and no path of a machine" no_hosts
check_end
