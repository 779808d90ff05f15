#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What can be said of the sources without running them.
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.." || exit
# shellcheck source=../check.sh
. tests/check.sh

tests/need shellcheck perl git patch || exit
# Whoever owns the tree: git's refusal would leave nothing to check.
git() {
	command git -c safe.directory="$PWD" "$@"
}
mapfile -t files < <(git ls-files -co --exclude-standard)
mapfile -t driver < <(printf '%s\n' "${files[@]}" | grep '^src/.*\.[ch]$' | grep -vE '/(compat|trace)\.h')
mapfile -t programs < <(printf '%s\n' "${files[@]}" | grep -E '^(tools|tests|docs)/.*\.[ch]$')
kernel=${KERNEL:-bookworm/cloud-amd64}
checkpatch=$(tests/host/kernel-scripts)/scripts/checkpatch.pl || exit

patch_style() {
	perl "$checkpatch" --no-tree --strict --terse --show-types --file "$@"
}

# Outside of the kernel there are no kernel types and no CONFIG_ to ask for, a message
# may be long, and a call may not be there.
user_space=PREFER_KERNEL_TYPES,PREFER_DEFINED_ATTRIBUTE_MACRO,CAMELCASE,ARCH_DEFINES
user_space+=,VOLATILE,EMBEDDED_FUNCTION_NAME,OPEN_ENDED_LINE,SPLIT_STRING,ENOSYS

# checkpatch wants the code to be for one version; compat.h is for the others.
versions=LINUX_VERSION_CODE,CONSTANT_COMPARISON

# no_line [-v] PATTERN FILE...: no line of the files is like that; grep's own
# failure is no success.
no_line() {
	local status=0
	grep -nIE "$@" || status=$?
	[ $status -eq 1 ]
}

found_files() {
	[ ${#driver[@]} -ge 5 ] && [ ${#programs[@]} -ge 20 ] && [ ${#scripts[@]} -ge 15 ]
}

no_version_but_in_compat() {
	no_line 'LINUX_VERSION|KERNEL_VERSION|linux/version.h' "${driver[@]}"
}

kbuild_is_a_list() {
	no_line -v '^(#|obj-|mymem(_kbench|_kunit)?-y|CFLAGS_trace.o|$)' src/Kbuild
}

scripts() {
	printf '%s\n' "${files[@]}" |
		while read -r file; do
			head -n 3 "$file" | grep -qE '^#!.*sh$|^# shellcheck shell=' && echo "$file"
		done
}

tools_build_clean() {
	make -s -C tools V=1 BUILD=../build/check/tools \
		CFLAGS='-O2 -Werror -D_FORTIFY_SOURCE=2'
}

no_trailing_blanks() {
	mapfile -t mine < <(printf '%s\n' "${files[@]}" | grep -vE '^LICENSE$|\.patch$')
	no_line '[[:blank:]]$' "${mine[@]}"
}

# lintian takes a file with a longer line for one that was generated.
no_long_lines() {
	mapfile -t mine < <(printf '%s\n' "${files[@]}" | grep -v '\.svg$')
	no_line '^.{513}' "${mine[@]}"
}

# Neither hosts of packages nor paths of a machine belong in here.
no_hosts() {
	mapfile -t mine < <(printf '%s\n' "${files[@]}" | grep -v tests/host/static.sh)
	no_line 'deb\.debian|snapshot\.debian|ftp\.[a-z]+\.debian|/root/\.|/home/[a-z]' "${mine[@]}"
}

# They break the driver where it is as it was when they were made.
patches_fit() {
	local file status=0
	for file in tests/vm/mutants/*.patch tests/checkers/planted/*.patch; do
		patch -s -p1 --fuzz=0 --dry-run <"$file" || {
			echo "$file does not fit the driver any more: make it anew"
			status=1
		}
	done
	return $status
}

mapfile -t scripts < <(scripts)
check "there are files to check" found_files
check "clang-format with the kernel's settings" tests/host/format
check "checkpatch --strict, the driver" patch_style "${driver[@]}"
check "checkpatch --strict, compat.h" patch_style --ignore $versions src/compat.h
check "checkpatch --strict, trace.h" patch_style --ignore OPEN_ENDED_LINE,PARENTHESIS_ALIGNMENT \
	src/trace.h
check "checkpatch --strict, tools and tests" patch_style --ignore $user_space \
	"${programs[@]}"
check "kernel versions stand in compat.h and nowhere else" no_version_but_in_compat
check "src/Kbuild is the object list and nothing else" kbuild_is_a_list
check "the module builds without a warning under W=1 and sparse" \
	tests/kernels/warnings.test "$kernel"
check "the tools build without a warning" tools_build_clean
check "shellcheck" shellcheck "${scripts[@]}"
check "mutants and planted bugs fit the driver" patches_fit
check "no blanks at the ends of lines" no_trailing_blanks
check "no line of more than 512 characters" no_long_lines
check "no package host and no path of a machine" no_hosts
check_end
