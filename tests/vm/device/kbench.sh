#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The tests inside the kernel, by the interface for other modules.
# shellcheck source=../../check.sh
. /tests/check.sh

module=${MYMEM_KO%/*}/mymem_kbench.ko
debug=/sys/kernel/debug
attributes=/sys/class/misc/mymem
mount -t debugfs debugfs $debug 2>/dev/null

# The numbers of the line of "race" that begins with $1.
race() {
	sed -n "s/^$1 *//p" race.out
}

mymem_stays() {
	rmmod mymem 2>/dev/null && return 1
	[ -c /dev/mymem ]
}

shows_times() {
	cat $debug/mymem_kbench/time >time.out || return
	cat time.out
	awk '!/^#/ { if (NF != 5 || $2 < 1 || $2 < $3 || $4 < 1 || $4 < $5) exit 1; lines++ }
		END { exit lines != 5 }' time.out &&
		same "1 64 1024 65536 524288" "$(awk '!/^#/ { printf "%s%s", s, $1; s = " " }' time.out)"
}

# What the calls inside the kernel do is counted like all others.
counted() {
	before=$(cat $attributes/reads)
	cat $debug/mymem_kbench/time >/dev/null
	same $((before + 5 * 200)) "$(cat $attributes/reads)"
}

# Without a lock the last word written may be an old one: all but two increments can be
# lost, and nothing need be.
raced() {
	cat $debug/mymem_kbench/race >race.out || return
	cat race.out
	for mode in mutex atomic; do
		# shellcheck disable=SC2046 # the numbers
		set -- $(race $mode)
		same 80000 "$1" && same 80000 "$2" && same 0 "$3" || return
	done
	# shellcheck disable=SC2046
	set -- $(race none)
	same 80000 "$1" && [ "$2" -le 80000 ] && [ "$2" -ge 2 ]
}

# Two at once, whose parameter is changed meanwhile: neither is in the other's numbers.
raced_at_once() {
	cat $debug/mymem_kbench/race >one.out &
	cat $debug/mymem_kbench/race >two.out &
	sleep 0.1
	echo 5 >/sys/module/mymem_kbench/parameters/increments
	wait
	echo 20000 >/sys/module/mymem_kbench/parameters/increments
	cat one.out two.out
	same 4 "$(awk '/^(mutex|atomic) / && $4 == 0' one.out two.out | wc -l)"
}

# mymem-bench has the module time what it takes apart, and says if it cannot.
benched() {
	mymem-bench -t mymem,memcpy,syscall -o read,pwrite,preadv -s 64,512K,3 -n 10 -r 2 --json >bench.out || return
	grep in_kernel bench.out
	same 4 "$(grep -c '"in_kernel_ns": [0-9]' bench.out)" && grep -q '"in_kernel": true' bench.out || return
	mymem-bench -t mymem,memcpy,syscall -s 64 -n 10 -r 2 >bench.out || return
	grep -q 'in kernel$' bench.out && ! grep modprobe bench.out || return
	# It would write.
	before=$(cat "$attributes/writes")
	mymem-bench -t mymem,memcpy,syscall -o read -s 64 -n 10 -r 2 >bench.out || return
	! grep 'in kernel$' bench.out && same "$before" "$(cat "$attributes/writes")"
}

not_benched() {
	mymem-bench -t mymem,memcpy,syscall -s 64 -n 10 -r 2 >bench.out || return
	sed -n '/where the time/,$p' bench.out
	grep -q 'in kernel$' bench.out && grep -q 'modprobe mymem_kbench' bench.out || return
	! mymem-bench -t mymem,memcpy -s 64 -n 10 -r 2 | grep 'in kernel'
}

end_is_killed() {
	echo 100000000 >/sys/module/mymem_kbench/parameters/increments || return
	cat $debug/mymem_kbench/race &
	race=$!
	while ! grep -qs '^mymem_kbench/' /proc/[0-9]*/comm; do
		kill -0 $race || return
		sleep 0.1
	done
	# These wait for it.
	for file in time race; do
		timeout -s KILL 1 cat $debug/mymem_kbench/$file
		same 137 $? || return
	done
	kill -KILL $race
	wait $race
	same 137 $? && timeout 20 rmmod mymem_kbench
}

cd /tmp || exit
check "it is not there by itself" test ! -d /sys/module/mymem_kbench
check "mymem-bench says that it is not there" not_benched
check "it loads beside mymem" insmod "$module" calls=200 workers=4 increments=20000
check "mymem stays while it is there" mymem_stays
check "it times each size" shows_times
check "its calls are counted" counted
check "mymem-bench shows its times" benched
check "it races, and loses nothing where nothing may be lost" raced
check "races wait for each other" raced_at_once
check "it is killed in the middle, as are those who wait, and goes" end_is_killed
check_end
