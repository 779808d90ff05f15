#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# In the guest, for device.test: what the tests of the module in C do not look at. The tool
# in Rust in the modes that a plain file does not have, and who pays for the memory of a call,
# of which the one in C needs none where this one does.
# shellcheck source=../check.sh
. /tests/check.sh

export LD_LIBRARY_PATH=/added
device=${MYMEM_DEVICE:-/dev/mymem}

# exact MODE: nothing is lost, and the device has what is printed.
exact() {
	out=$(/added/mymem-race-rs -d "$device" -w 4 -n 20000 -m "$1") || return
	echo "$out"
	same "Target 80069 Actual 80069" "$(echo "$out" | head -n 2 | xargs)" &&
		same 80069 "$(od -An -tu8 -N8 "$device" | xargs)"
}

# In a cgroup that may have less than a large call takes. It is not to wait for reclaim, and
# so has to say EAGAIN.
charged() {
	cgroup=/tmp/cgroup
	# The kernel patches its code for the first one. In QEMU's emulation, another processor in
	# the midst of that code can die of it.
	echo 0 >/sys/devices/system/cpu/cpu1/online
	mkdir -p $cgroup && mount -t cgroup2 none $cgroup && echo +memory >$cgroup/cgroup.subtree_control &&
		mkdir -p $cgroup/small
	result=$?
	echo 1 >/sys/devices/system/cpu/cpu1/online
	[ $result -eq 0 ] || return $result
	python3 -c '
import os, sys
device, cgroup = sys.argv[1:]
fd = os.open(device, os.O_RDWR)
buffer = bytearray(524288)
print("without a limit:", os.preadv(fd, [buffer], 0, os.RWF_NOWAIT))
with open(cgroup + "/cgroup.procs", "w") as file:
    file.write(str(os.getpid()))
with open(cgroup + "/memory.max", "w") as file:
    file.write("400K")
try:
    sys.exit("with one: %d" % os.preadv(fd, [buffer], 0, os.RWF_NOWAIT))
except BlockingIOError:
    pass
' "$device" $cgroup/small
	result=$?
	rmdir $cgroup/small && umount $cgroup
	return $result
}

for mode in mutex atomic cas; do
	check "mymem-race-rs -m $mode loses nothing" exact $mode
done
check "memory for a call that may not wait is charged to its cgroup" charged
check_end
