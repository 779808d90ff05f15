#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The header for programs: usable alone, from C and C++, and the same for 32-bit
# programs; and the examples of its use.
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.." || exit
# shellcheck source=../check.sh
. tests/check.sh

tests/need gcc g++ libc6-dev || exit
header=src/uapi/linux/mymem.h
warnings=(-Wall -Wextra -Werror)

# compiles COMPILER OPTION... FILE: without a warning, and makes nothing of it.
compiles() {
	"$@" "${warnings[@]}" -Isrc/uapi -fsyntax-only
}

# The kernel's headers take 32-bit programs; where they lie is said for 64 only.
compiles_32() {
	compiles "$@" -m32 -idirafter "/usr/include/$(gcc -print-multiarch)"
}

# A header alone, included twice.
alone() {
	printf '#include <linux/mymem.h>\n#include <linux/mymem.h>\n' |
		compiles "$@" -
}

builds() {
	"$@" "${warnings[@]}" -O2 -Isrc/uapi -o /dev/null docs/examples/counter.c
}

# As the kernel's own headers are tested. -pedantic is not for C90, which knows no
# comma at the end of an enum.
check "alone, C90" alone gcc -x c -std=c90
check "alone, C11" alone gcc -x c -std=c11 -pedantic
check "alone, C++98" alone g++ -x c++ -std=c++98
check "alone, C++17" alone g++ -x c++ -std=c++17 -pedantic
for dialect in "gcc -x c -std=c11" "g++ -x c++ -std=c++17"; do
	# shellcheck disable=SC2086 # the dialect is words
	{
		check "what it says, ${dialect##*=}" compiles $dialect tests/host/header.c
		if [ "$(uname -m)" = x86_64 ]; then
			check "what it says, ${dialect##*=}, 32 bits" compiles_32 $dialect tests/host/header.c
		else
			skip "what it says, ${dialect##*=}, 32 bits" "this machine's compiler takes no -m32"
		fi
	}
done
check "it includes nothing but the kernel's" same "linux/ioctl.h linux/types.h" \
	"$(sed -n 's/^#include <\(.*\)>$/\1/p' $header | xargs)"
check "counter.c is C" builds gcc -std=c11
check "counter.c is C++" builds g++ -x c++
check_end
