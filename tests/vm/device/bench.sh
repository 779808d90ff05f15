#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# mymem-bench on the device: all that it can do there, that wrong data is noticed, and
# that nothing of it stays behind. What it does elsewhere is tested on the host.
# shellcheck source=../../check.sh
. /tests/check.sh

device=/dev/mymem
attributes=/sys/class/misc/mymem
work=/tmp/bench
mkdir $work
cd $work || exit
operations=$(mymem-bench --help | sed -n '/^Operations:/,/^$/s/^ \([a-z-]*\) .*/\1/p' | xargs | tr ' ' ,)
# Those that have a position, which --shared does not take
positioned=read,write,readv,writev,

# columns NAME...: these columns of the cells, a line for each.
columns() {
	awk -F, -v names="$*" 'NR == 1 {
		n = split(names, name, " ")
		for (i = 1; i <= NF; i++)
			at[$i] = i
		next
	}
	{
		for (i = 1; i <= n; i++)
			printf "%s%s", $at[name[i]], i < n ? " " : "\n"
	}' run.csv
}

# measures CELLS THREADS PROCESSES OPTION...: so many cells are measured by such workers,
# each with as many calls as it was to have, of which no time is out of order.
measures() {
	cells=$1
	threads=$2
	processes=$3
	shift 3
	rm -f run.*
	mymem-bench -t mymem -n 10 -r 2 "$@" --json=run.json --csv=run.csv >out || return
	same '"complete": true,' "$(grep -o '"complete": .*' run.json)" &&
		same "$cells" "$(grep -c '"again": ' run.json)" &&
		same "$cells" "$(columns operation | wc -l)" || return
	columns operation threads processes batch samples calls min_ns median_ns max_ns |
		awk -v threads="$threads" -v processes="$processes" '
		{
			samples = $4 < 10 ? int(10 / $4) : 1
			if ($2 != threads || $3 != processes || $5 != samples * 2 * threads ||
			    $6 != $5 * $4 || !(0 < $7 && $7 <= $8 && $8 <= $9)) {
				print
				bad = 1
			}
		}
		END { exit bad }'
}

# sum PATTERN: the calls of such operations
sum() {
	columns operation calls | awk -v pattern="$1" '$1 ~ pattern { n += $2 } END { print n + 0 }'
}

# counted ATTRIBUTE BEFORE PATTERN: the device has counted as many calls at least.
counted() {
	now=$(cat $attributes/"$1")
	echo "$1: the device counted $((now - $2)), mymem-bench $(sum "$3")"
	[ $((now - $2)) -ge "$(sum "$3")" ]
}

every_operation() {
	reads=$(cat $attributes/reads)
	writes=$(cat $attributes/writes)
	atomics=$(cat $attributes/atomics)
	measures $((2 * 17)) 1 false --access fixed -o "$operations" -s 64K || return
	same "$operations" "$(columns operation | uniq | xargs | tr ' ' ,)" || return
	counted reads "$reads" '^(p?readv?|uring-read.*)$' &&
		counted writes "$writes" '^(p?writev?|uring-write.*)$' &&
		counted atomics "$atomics" '^atomic$'
}

# Somebody else writes to the device all the time, where the calls go: not twice the same,
# as what is only read is compared with what was there.
disturb() {
	while :; do
		echo one >$device
		echo other >$device
	done
}

# noticed OPERATION: it ends with 4, and says so.
noticed() {
	status=0
	disturb &
	disturber=$!
	timeout 60 mymem-bench -t mymem -o "$1" -s 64K -n 10 -r 100000 --json >run.json 2>err || status=$?
	kill $disturber
	cat err
	same 4 $status && grep -q '"complete": false' run.json && grep -q '"error": "wrong data: ' run.json
}

# used: how many descriptors and mappings of the device there are, and requests of rings
used() {
	cat /sys/module/mymem/refcnt
}

# left: nobody has the device open. A ring gives its files back a little after its end.
left() {
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		[ "$(used)" -eq 0 ] || sleep 0.5
	done
	same 0 "$(used)" && fails sh -c "ls -l /proc/[0-9]*/fd 2>/dev/null | grep -e '-> $device'"
}

# Starts processes that run for long, and waits until both have the device open.
start() {
	mymem-bench -t mymem -o read,uring-write,map-write -s 64 -T 2 --processes -r 100000 \
		--json=run.json >out 2>err &
	pid=$!
	while kill -0 $pid && [ "$(used)" -lt 2 ]; do sleep 0.1; done
	workers=$(grep -l "^PPid:[[:blank:]]*$pid\$" /proc/[0-9]*/status | cut -d/ -f3)
	same 2 "$(echo "$workers" | wc -w)"
}

# interrupted WHO: SIGINT to the program alone or, as a terminal does, to its workers too
interrupted() {
	status=0
	start || return
	# shellcheck disable=SC2086 # the workers are words
	[ "$1" = alone ] || kill -INT $workers
	kill -INT $pid
	wait $pid || status=$?
	cat err
	same 130 $status && grep -q '"error": "interrupted"' run.json && left
}

killed() {
	status=0
	start || return
	kill -KILL $pid
	wait $pid || status=$?
	same 137 $status && left
}

# There are 17 operations. Each is measured twice, for the noise.
check "every operation" every_operation
check "two threads" measures $((2 * 17)) 2 false -T 2 -o "$operations" -s 64
check "two threads, one descriptor" measures $((2 * 13)) 2 false -T 2 --shared \
	-o "${operations#"$positioned"}" -s 64
check "two processes" measures $((2 * 17)) 2 true -T 2 --processes -o "$operations" -s 64
for access in sequential random; do
	check "--access $access" measures $((2 * 17)) 1 false --access $access -o "$operations" -s 4K
done
check "two threads, --access random" measures $((2 * 17)) 2 false -T 2 --access random -o "$operations" -s 64K
for operation in read pwrite uring-read-batch map-write; do
	check "wrong data is noticed, $operation" noticed $operation
done
check "nothing is left of processes after SIGINT" interrupted alone
check "nothing is left of processes after SIGINT to them all" interrupted all
check "nothing is left of processes whose leader is killed" killed
check "nothing is left at all" left
check_end
