#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# mymem-race in all of its modes: in those that are right, threads and processes
# lose nothing, and each mode is possible on the device.
# shellcheck source=../../check.sh
. /tests/check.sh

device=${MYMEM_DEVICE:-/dev/mymem}
file=/tmp/race

# Enough that some are lost where nothing is locked; see loses().
workers=4
increments=2500
target=$((workers * increments + 69))

# summary OPTION...: a line for each of the modes in the order of --help, with
# the right target; nothing is lost in those that are right.
summary() {
	mymem-race -d "$device" -m all -w $workers -n $increments "$@" >$file || return
	cat $file
	same "$(mymem-race --help | sed -n '/^Modes:/,/^ all /s/^ \([a-z-]*\) .*/\1/p')" \
		"$(tail -n +4 $file | sed 's/ .*//'; echo all)" || return
	awk -v target=$target 'NR > 3 {
		rows++
		if (NF != 7 || $3 != target || $5 != target - $4 || $7 <= 0)
			bad = 1
		if ($2 == "right" && $5 != 0)
			bad = 1
	}
	END { exit bad || rows != 11 }' $file
}

# right MODE...: these are the modes of the last summary in which nothing may be lost.
right() {
	same "$*" "$(awk 'NR > 3 && $2 == "right" { print $1 }' $file | xargs)"
}

threads() {
	summary && right flock ofd-lock mutex atomic cas mmap-atomic
}

processes() {
	summary --processes && right posix-lock flock ofd-lock mutex atomic cas mmap-atomic
}

# exact MODE OPTION...: alone, with more increments, as these are quick; and the
# device has what is printed.
exact() {
	mymem-race -d "$device" -w 4 -n 50000 -m "$@" >$file || return
	cat $file
	same "Target 200069 Actual 200069" "$(head -n 2 $file | xargs)" &&
		same 200069 "$(od -An -tu8 -N8 "$device" | xargs)"
}

# Few and short as they are, they would show it: of ten runs without a lock, one
# loses something.
loses() {
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		mymem-race -d "$device" -w $workers -n $increments | grep -q '^Lost   0 ' || return 0
	done
	return 1
}

# A mapped increment takes so little that the workers meet only if there are many.
mapped() {
	mymem-race -d "$device" -w 2 -n 3000000 -m mmap-atomic "$@" >$file || return
	cat $file
	same "Actual 6000069" "$(sed -n 2p $file)"
}

# interrupted MODE OPTION...: it ends, and what was done is what is there.
interrupted() {
	head -c 8 /dev/zero >"$device"
	mymem-race -d "$device" -w 3 -n 1000000000000 -m "$@" >$file 2>&1 &
	pid=$!
	# Not before it counts, which on a slow machine is long after it has begun.
	while kill -0 $pid && [ "$(od -An -tu8 -N8 "$device")" -le 69 ]; do sleep 0.1; done
	kill -INT $pid
	status=0
	wait $pid || status=$?
	cat $file
	same 130 $status && grep -qx "mymem-race: interrupted" $file || return
	awk '{ is[$1] = $2 } END { exit !(is["Target"] > 69 && is["Actual"] == is["Target"]) }' $file
}

check "all modes, threads" threads
check "all modes, processes" processes
check "without a lock, this many lose some" loses
for mode in atomic cas; do
	check "$mode is exact" exact $mode
	check "$mode is exact, processes" exact $mode --processes
	check "$mode, SIGINT" interrupted $mode
	check "$mode, processes, SIGINT" interrupted $mode --processes
done
check "mmap-atomic is exact" mapped
check "mmap-atomic is exact, processes" mapped --processes
# As many increments in all
check "more workers" summary -w 40 -n 250
rm -f $file
check_end
