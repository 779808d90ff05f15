#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# docs/examples: each counts in the same word, and they see each other.
# shellcheck source=../../check.sh
. /tests/check.sh

device=/dev/mymem
dd if=/dev/zero of=$device bs=8 count=1 conv=notrunc status=none

# An example prints the size, and what it found: each way sees the other.
counts() {
	expected=$1
	shift
	same "524288 bytes
$expected" "$("$@" | tr -s ' ')"
}

word() {
	od -An -t u8 -N 8 $device | tr -d ' '
}

at_once() {
	for _ in 1 2 3 4 5; do
		/tests/examples/counter >/dev/null &
		python3 -S /tests/examples/counter.py >/dev/null &
	done
	wait
	same 21 "$(word)"
}

# refuses COMMAND...: what is not the device, in one line
refuses() {
	status=0
	"$@" >/tmp/said 2>&1 || status=$?
	cat /tmp/said
	same 1 $status && same 1 "$(wc -l </tmp/said)" && grep -q '^counter: ' /tmp/said
}

check "counter.c" counts "the driver found 0
the program found 1" /tests/examples/counter
check "counter.c, again" counts "the driver found 2
the program found 3" /tests/examples/counter
check "counter.py" counts "the driver found 4
the program sees 5" python3 -S /tests/examples/counter.py
check "counter.py, again" counts "the driver found 5
the program sees 6" python3 -S /tests/examples/counter.py
check "several at once" at_once
check "counter.c: no such device" refuses /tests/examples/counter /dev/none
check "counter.c: another device" refuses /tests/examples/counter /dev/null
check "counter.py: no such device" refuses python3 -S /tests/examples/counter.py /dev/none
check "counter.py: another device" refuses python3 -S /tests/examples/counter.py /dev/null
rm -f /tmp/said
check_end
