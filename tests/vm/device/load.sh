#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Loading and unloading: sizes, refusals, fresh memory, and a module in use.
# shellcheck source=../../check.sh
. /tests/check.sh

device=${MYMEM_DEVICE:-/dev/mymem}
module=${device##*/}

loaded() {
	[ -d "/sys/module/$module" ]
}

# The lines that the module has logged since "mark" was called.
mark() {
	lines=$(dmesg | wc -l)
}
logged() {
	dmesg | tail -n +$((lines + 1)) | grep "$module: "
}

size_is() {
	insmod "$MYMEM_KO" "$1" || return
	same "$2" "$(wc -c <"$device")"
	result=$?
	rmmod "$module"
	return $result
}

# Refused, with one line that names the parameter and says that it is $2, and
# nothing left behind.
refused() {
	mark
	if insmod "$MYMEM_KO" "$1" 2>/dev/null; then
		rmmod "$module"
		echo "size was taken"
		return 1
	fi
	logged | tee /tmp/logged
	[ "$(wc -l </tmp/logged)" -eq 1 ] || return
	grep -qF "$module: $1 is $2" /tmp/logged || return
	! loaded && [ ! -e "$device" ] && ! grep -q "$module" /proc/misc /proc/modules
}

one_line_each() {
	mark
	insmod "$MYMEM_KO" && rmmod "$module" || return
	logged | tee /tmp/logged
	[ "$(wc -l </tmp/logged)" -eq 2 ]
}

zeroed() {
	insmod "$MYMEM_KO" || return
	tr '\0' '\377' </dev/zero | head -c 524288 >"$device" &&
		rmmod "$module" && insmod "$MYMEM_KO" || return
	head -c 524288 /dev/zero | cmp - "$device"
	result=$?
	rmmod "$module"
	return $result
}

# The content stays while nobody has the device open.
kept() {
	insmod "$MYMEM_KO" || return
	echo kept >"$device"
	same kept "$(head -n 1 "$device")"
	result=$?
	rmmod "$module"
	return $result
}

in_use() {
	insmod "$MYMEM_KO" || return
	exec 3<"$device"
	rmmod "$module" 2>/dev/null && return 1
	loaded && [ -c "$device" ] || return
	exec 3<&-
	rmmod "$module" && [ ! -e "$device" ]
}

node() {
	insmod "$MYMEM_KO" || return
	same "crw------- 0:0" "$(stat -c '%A %u:%g' "$device")"
	result=$?
	rmmod "$module"
	return $result
}

# Pages that have been given out since the machine started.
allocated() {
	awk '/^pgalloc/ { n += $2 } END { print n }' /proc/vmstat
}

available() {
	awk '/^MemAvailable/ { print $2 }' /proc/meminfo
}

# More than there is, by a little and by far: nobody is killed, nothing is lost.
too_large() {
	before=$(available)
	pages=$(allocated)
	refused "size=$((before + 65536))K" "$too_much" || return
	refused size=1000G "$too_much" || return
	refused size=17179869183G "$too_much" || return
	pages=$(($(allocated) - pages))
	after=$(available)
	# What there is was not even taken: others would have gone without it.
	echo "pages allocated: $pages"
	[ $((pages * 4)) -lt $((before / 2)) ] || return
	# The kernel's own lists of free pages make it go up and down.
	echo "available before: $before KiB, after: $after KiB"
	[ $((before - after)) -lt 65536 ]
}

# Killed while it gets its memory, which has to take long enough: nothing is left
# behind, not even a line.
killed() {
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		mark
		before=$(available)
		pages=$(allocated)
		insmod "$MYMEM_KO" "size=$((before * 3 / 4))K" &
		until [ $(($(allocated) - pages)) -gt 20000 ]; do
			kill -0 $! 2>/dev/null || break
		done
		kill -9 $! 2>/dev/null
		wait $!
		[ $? -eq 137 ] && ! loaded && break
		rmmod "$module"
	done
	if loaded || [ $(($(allocated) - pages)) -le 20000 ]; then
		echo "it was never killed in the midst of it"
		return 1
	fi
	logged && return 1
	after=$(available)
	echo "available before: $before KiB, after: $after KiB"
	[ $((before - after)) -lt 65536 ]
}

too_much="more memory than can be had"
rmmod "$module"
check "the default size" size_is "" 524288
check "size=1" size_is size=1 4096
check "size=4096" size_is size=4096 4096
check "size=4097" size_is size=4097 8192
check "size=64K" size_is size=64K 65536
check "size=64k" size_is size=64k 65536
check "size=64KiB" size_is size=64KiB 65536
check "size=3M" size_is size=3M 3145728
check "size=524289" size_is size=524289 528384
for size in 0 0K -1 +1 abc K 12x 12KB 1.5M 0x1000 1T ""; do
	check "size=$size is refused" refused "size=$size" "not a size"
done
check "size=1099511627776 is refused" refused size=1099511627776 "$too_much"
# More than 64 bits; the last would be 4 KiB without those before.
for size in 18446744073709551616 18014398509481984K 18014398509481988K; do
	check "size=$size is refused" refused "size=$size" "$too_much"
done
check "more memory than there is is refused" too_large
check "killed in the midst of loading" killed
check "a line when it is loaded, a line when it is unloaded" one_line_each
check "zeros after loading" zeroed
check "the content is kept between users" kept
check "it cannot be unloaded while it is open" in_use
check "the node is for root alone, until udev says otherwise" node
insmod "$MYMEM_KO"
check_end
