#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# In the guest: fio writes the device and looks whether it is all there, by each
# way to do I/O; stress-ng does whatever can be done to a device.
# shellcheck source=../check.sh
. /tests/check.sh

device=/dev/mymem

# verified ENGINE OPTION...: writes the device and reads back what it wrote, 10 times.
verified() {
	engine=$1
	shift
	fio --name=all --filename=$device --size=512k --loops=10 --allow_file_create=0 \
		--ioengine="$engine" --iodepth=4 --verify=crc32c --verify_fatal=1 \
		--do_verify=1 --randseed=1 "$@" >/tmp/fio || {
		cat /tmp/fio
		return 1
	}
	# As "read: IOPS=110k, BW=1667MiB/s (1748MB/s)(5120KiB/3msec)".
	read=$(sed -n 's/^ *read: .*(\([0-9]*\)KiB.*/\1/p' /tmp/fio)
	written=$(sed -n 's/^ *write: .*(\([0-9]*\)KiB.*/\1/p' /tmp/fio)
	echo "KiB read: $read, written: $written"
	# Of many sizes, not all of the last ones fit.
	[ "$read" = "$written" ] && [ "$read" -gt 2000 ]
}

# Several at once, for those that can.
for engine in psync pvsync2 libaio io_uring mmap; do
	check "fio, $engine, in order by 4k" verified $engine --rw=write --bs=4k
	check "fio, $engine, anywhere, of many sizes" \
		verified $engine --rw=randwrite --bsrange=512-64k
done
check "fio, splice, in order by 4k" verified splice --rw=write --bs=4k
check "fio, io_uring, fixed buffers and files" \
	verified io_uring --rw=randwrite --bs=8k --fixedbufs --registerfiles

# It opens, polls, maps, seeks, reads, locks, and calls ioctls that are not there.
check "stress-ng, whatever can be done to a device" \
	stress-ng --dev 4 --dev-file $device --timeout 6 --metrics --verify --temp-path /tmp
check_end
