#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The device as the shell and the core utilities see it: a file with an end.
# shellcheck source=../../check.sh
. /tests/check.sh

device=${MYMEM_DEVICE:-/dev/mymem}
size=$(wc -c <"$device")
cd /tmp || exit

head -c "$size" /dev/urandom >random
head -c "$size" /dev/zero >zeros

# The command fails, and for that reason.
no_room() {
	"$@" 2>errors && return 1
	cat errors
	grep -q 'No space left on device' errors
}

copy_in() {
	cat random >"$device"
}

check "redirection writes it all" copy_in
check "cmp finds the same" cmp "$device" random
check "cat ends at the end" sh -c "cat $device | cmp - random"
check "cat reads it by its name" sh -c "cat <$device >copy && cmp copy random"
check "cp copies it out" sh -c "cat /dev/null >copy && cp $device copy2 && cmp copy2 random"
check "one byte more finds no room" no_room sh -c "cat random zeros >$device"
check "what fitted is there" cmp "$device" random

check "head -c" sh -c "head -c 1000 $device >a && head -c 1000 random >b && cmp a b"
check "tail -c" sh -c "tail -c 1000 $device >a && tail -c 1000 random >b && cmp a b"
check "tail -c from a place" sh -c "tail -c +70001 $device >a && tail -c +70001 random >b && cmp a b"
check "od at the last bytes" sh -c "od -j $((size - 3)) $device >a && od -j $((size - 3)) random >b && cmp a b"

check "dd reads it all" sh -c "dd if=$device of=copy bs=4096 status=none && cmp copy random"
check "dd reads with blocks that do not fit" sh -c "dd if=$device of=copy bs=7777 status=none && cmp copy random"
check "dd writes and syncs" dd if=zeros of="$device" bs=64K conv=fsync,notrunc status=none
check "dd wrote" cmp "$device" zeros
check "dd seeks" sh -c "printf hello | dd of=$device bs=1 seek=12345 conv=notrunc,fdatasync status=none"
check "dd skips" same hello "$(dd if="$device" bs=1 skip=12345 count=5 status=none)"
check "dd at the end finds no room" no_room dd if=/dev/zero of="$device" bs="$size" seek=1 count=1 conv=notrunc status=none
check_fails "dd past the end does not get there" dd if=/dev/zero of="$device" bs="$size" seek=2 count=1 conv=notrunc status=none
check_fails "dd past the end reads nothing" sh -c "dd if=$device bs=$size skip=1 status=none | grep -q ."

check "to append finds no room" no_room sh -c "cat random >>$device"
check "and changes nothing" same hello "$(dd if="$device" bs=1 skip=12345 count=5 status=none)"
check "the size is as it was" same "$size" "$(wc -c <"$device")"
check_end
