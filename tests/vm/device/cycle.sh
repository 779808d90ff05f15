#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Loaded, used and unloaded a thousand times (or $CYCLES): no memory lost, no line
# in the log but the two of each time. And again while others open the node all
# the time.
# shellcheck source=../../check.sh
. /tests/check.sh

device=${MYMEM_DEVICE:-/dev/mymem}
module=${device##*/}
cycles=${CYCLES:-1000}

# So long that writing it takes more than the stack.
text=$(printf '%0600d' 1234567)

# By busybox: kmod takes ten times as long to start in an emulated machine.
cycle() {
	busybox insmod "$MYMEM_KO" || return
	echo "$text" >"$device" && read -r line <"$device" && [ "$line" = "$text" ]
	result=$?
	busybox rmmod "$module" && return $result
}

# Notes the objects in use in each slab cache, and the free pages in KiB: those
# in the lists of each CPU, which hold tens of MiB, are free too. The slab that a
# CPU allocates from counts as full, so nothing may be started between putting
# these back and looking, and the least of several looks is what counts. To write to
# a file in sysfs takes some bytes itself, so the smallest objects come last.
memory() {
	sync
	echo 3 >/proc/sys/vm/drop_caches
	for shrink in /sys/kernel/slab/*/shrink \
		/sys/kernel/slab/kmalloc-64/shrink /sys/kernel/slab/kmalloc-32/shrink \
		/sys/kernel/slab/kmalloc-16/shrink /sys/kernel/slab/kmalloc-8/shrink; do
		[ ! -e "$shrink" ] || echo 1 >"$shrink"
	done
	while read -r name active _; do
		echo "$name $active"
	done </proc/slabinfo >>"/tmp/slab.$1"
	awk '/^MemFree:/ { free += $2 } /^ +count:/ { free += 4 * $2 }
		END { print free }' /proc/meminfo /proc/zoneinfo >"/tmp/free.$1"
}

many() {
	n=0
	while [ $n -lt "$cycles" ]; do
		cycle || return
		n=$((n + 1))
	done
}

# A single object lost each time makes as many as there are cycles. kmemleak has one of its
# own for each object in the kernel, whose caches are here as well.
slab_same() {
	awk -v limit=$((cycles * 8 / 10)) '
		NR == FNR && (!($1 in before) || $2 < before[$1]) { before[$1] = $2 }
		NR != FNR && (!($1 in after) || $2 < after[$1]) { after[$1] = $2 }
		END {
			delete after["kmemleak_object"]
			for (name in after)
				if (after[name] - before[name] >= limit) {
					print name ": " before[name] " -> " after[name]
					bad = 1
				}
			exit bad || !NR
		}' /tmp/slab.before /tmp/slab.after
}

# A single page lost each time makes 4 KiB for each.
pages_same() {
	lost=$(($(cat /tmp/free.before) - $(cat /tmp/free.after)))
	echo "KiB that are not free any more: $lost"
	[ $lost -lt $((3 * cycles)) ]
}

# What the kernel gives back late is given back soon; what is lost stays lost.
memory_same() {
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		memory after
		slab_same && pages_same && return
		sleep 1
	done
	return 1
}

# The kernel's own words, on what memory() does and on a slow machine, do not count, nor what
# KCSAN reports, between two lines of its own: that the harness looks at.
log_same() {
	dmesg | tail -n +$((lines + 1)) | sed 's/^[^]]*\] //; /^=\{9,\}$/,/^=\{9,\}$/d' |
		grep -vE 'drop_caches: 3$|^hrtimer: interrupt took' | sort | uniq -c >/tmp/log
	cat /tmp/log
	[ "$(wc -l </tmp/log)" -eq 2 ] &&
		grep -q "^ *$cycles $module: version [0-9.]*, 524288 bytes at $device\$" /tmp/log &&
		grep -q "^ *$cycles $module: unloaded\$" /tmp/log
}

# The node must be usable to its last byte as soon as it can be opened. With more
# memory there is more time to come too early.
crowd() {
	for _ in 1 2; do
		while [ ! -e /tmp/stop ]; do
			[ -e /tmp/leave ] && sleep 0.01 && continue
			{ tail -c 8 "$device" && printf x >"$device"; } >/dev/null 2>&1
		done &
	done
	n=0
	while [ $n -lt $((cycles / 10)) ]; do
		busybox insmod "$MYMEM_KO" size=33554432 || break
		# Refused while one of the others has it open. On a slow machine one of
		# them always has, so they are asked to leave.
		until busybox rmmod "$module" 2>/dev/null; do : >/tmp/leave; done
		# One of them may have made a plain file where the node was not.
		rm -f /tmp/leave "$device"
		n=$((n + 1))
	done
	: >/tmp/stop
	wait
	rm -f /tmp/stop "$device"
	same $((cycles / 10)) $n
}

rmmod "$module"
# A CPU that finds its slab full takes several at once, which all count as full.
for file in /sys/kernel/slab/*/cpu_partial; do
	[ ! -e "$file" ] || echo 0 >"$file"
done
# What the kernel makes only once is not lost.
for _ in 1 2 3 4 5; do cycle || exit; done
for _ in 1 2 3 4 5; do memory before; done
lines=$(dmesg | wc -l)
check "$cycles times" many
check "no memory is lost" memory_same
check "no line in the log but two each time" log_same
check "loading and unloading among users" crowd
insmod "$MYMEM_KO"
check_end
