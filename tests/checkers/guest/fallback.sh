#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Where no large pieces of memory can be had, the block is made of smaller ones. Pages in
# pairs are not refused: a kernel with KASAN cannot even load a module without them.
# shellcheck source=../../check.sh
. /tests/check.sh

faults=/sys/kernel/debug/fail_page_alloc

# Loads it while no allocation of 2^$1 pages or more succeeds. The block is one of
# 2^7, which is refused, as are all down to that order.
refused_from() {
	echo "$1" >$faults/min-order
	echo 10000 >$faults/times
	sh -c 'echo 1 >/proc/self/make-it-fail && exec insmod "$MYMEM_KO"' || return
	refused=$((10000 - $(cat $faults/times)))
	echo "refused: $refused"
	[ $refused -ge $((8 - $1)) ] || return
	for test in read write map; do
		/tests/device/$test || return
	done
	rmmod mymem
}

rmmod mymem
echo 0 >$faults/verbose
echo N >$faults/ignore-gfp-wait
echo Y >$faults/task-filter
echo 100 >$faults/probability
for order in 7 4 2; do
	check "no $((4 << order)) KiB in one piece" refused_from $order
done
echo 0 >$faults/probability
insmod "$MYMEM_KO"
check_end
