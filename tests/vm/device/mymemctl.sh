#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# mymemctl's commands on the device; on another than mymem's, those that take one. What
# they do to plain files is tested on the host, and doctor in doctor.sh.
# shellcheck source=../../check.sh
. /tests/check.sh

device=${MYMEM_DEVICE:-/dev/mymem}
sysfs=/sys/class/misc/${device##*/}
work=/tmp/mymemctl
mkdir $work
size=$(wc -c <"$device")
head -c "$size" /dev/urandom >$work/random

if [ "$device" != /dev/mymem ]; then
	mymemctl() {
		command mymemctl -d "$device" "$@"
	}
fi

# ends STATUS COMMAND...: it ends so, and says a line on stderr if it failed.
ends() {
	expected=$1
	shift
	status=0
	"$@" >$work/out 2>$work/err </dev/null || status=$?
	cat $work/out $work/err
	same "$expected" $status || return
	[ "$expected" -eq 0 ] && lines=0 || lines=1
	same "$lines" "$(wc -l <$work/err)"
}

# says STATUS PATTERN COMMAND...
says() {
	pattern=$2
	expected=$1
	shift 2
	ends "$expected" "$@" && grep -qE -e "$pattern" $work/out $work/err
}

# prints TEXT COMMAND...: that, and it succeeds.
prints() {
	text=$1
	shift
	ends 0 "$@" && same "$text" "$(cat $work/out)"
}

# documents COMMAND...: it prints one document and nothing else.
documents() {
	ends 0 "$@" --json && same "{ }" "$(sed -n '1p;$p' $work/out | xargs)"
}

# The word at an offset, as others read it.
word() {
	od -An -t "u8" -j "$1" -N 8 "$device" | tr -d ' '
}

# json TEXT: the document has this line, but for the comma.
json() {
	sed 's/,$//; s/^ *//' $work/out | grep -qxF -e "$1"
}

counter() {
	cat "$sysfs/$1"
}

# calls NAME NUMBER COMMAND...: the device counts so many of these calls.
calls() {
	name=$1 number=$2 before=$(counter "$1")
	shift 2
	"$@" || return
	same "$number" $(($(counter "$name") - before))
}

info() {
	prints "device   $device
abi      1
bytes    $size
features map atomic atomic-map" mymemctl info || return
	documents mymemctl info && json '"schema": "mymemctl-info/1"' && json '"abi": 1' &&
		json "\"bytes\": $size" && json '"complete": true' || return
	same '"features": [ "map", "atomic", "atomic-map" ]' \
		"$(tr -s '\n ' ' ' <$work/out | grep -o '"features": [^]]*\]')"
}

words() {
	mymemctl clear || return
	prints 0 mymemctl set 8 42 && same 42 "$(word 8)" || return
	prints 42 mymemctl get 8 || return
	prints 42 mymemctl add 8 0x16 && same 64 "$(word 8)" || return
	prints 64 mymemctl add 8 -66 && prints 18446744073709551614 mymemctl get 0x8 || return
	prints 18446744073709551614 mymemctl cas 8 -2 7 && same 7 "$(word 8)" || return
	prints 7 mymemctl set 8 3 && same 3 "$(word 8)" || return
	# What is around it stays.
	same "0 0" "$(word 0) $(word 16)" || return
	prints 0 mymemctl set $((size - 8)) -1 && same 18446744073709551615 "$(word $((size - 8)))" &&
		mymemctl clear
}

words_json() {
	mymemctl set 64K 18446744073709551615 >/dev/null &&
		documents mymemctl get 64K && json '"schema": "mymemctl-get/1"' &&
		json '"offset": 65536' && json '"value": "18446744073709551615"' &&
		json '"complete": true' || return
	documents mymemctl add 64K 1 && json '"schema": "mymemctl-add/1"' &&
		json '"old": "18446744073709551615"' || return
	documents mymemctl set 64K 5 && json '"old": "0"' || return
	documents mymemctl cas 64K 5 6 && json '"old": "5"' && json '"swapped": true' || return
	# Into a file, and the text too.
	prints 6 mymemctl get 64K --json=$work/json && cp $work/json $work/out && json '"value": "6"'
}

# No error, and for a script to see.
cas_does_not_match() {
	mymemctl set 0 5 >/dev/null
	status=0
	mymemctl cas 0 4 6 >$work/out 2>$work/err || status=$?
	same "1 5" "$status $(cat $work/out $work/err)" && same 5 "$(word 0)" || return
	mymemctl cas 0 4 6 --json >$work/out && return 1
	json '"old": "5"' && json '"swapped": false' && json '"complete": true'
}

behind_the_end() {
	for offset in "$size" 0xfffffffffffffff8; do
		says 1 "offset .* is behind the last word: .* $size bytes, so give at most $((size - 8))$" \
			mymemctl add "$offset" 1 || return
	done
	ends 1 mymemctl get "$size" --json && json '"complete": false' && grep -q '"error": ".*behind' $work/out
}

# Each of them sees a value that no other one sees.
adds_at_once() {
	mymemctl set 0 0 >/dev/null
	for worker in 1 2 3; do
		(
			for _ in $(seq 50); do
				mymemctl add 0 1
			done
		) >$work/seen$worker &
	done
	wait
	same 150 "$(word 0)" && same "$(seq 0 149)" "$(sort -n $work/seen?)"
}

# Each by one call, whole against all others.
content() {
	calls writes 1 ends 0 mymemctl load $work/random && cmp "$device" $work/random || return
	calls reads 1 ends 0 mymemctl save $work/saved && cmp $work/saved $work/random || return
	calls reads 1 ends 0 mymemctl save - 4095 2 &&
		same "$(tail -c +4096 $work/random | head -c 2 | od)" "$(od <$work/out)" || return
	calls writes 1 ends 0 mymemctl fill 0x41 8 9 || return
	printf AAAAAAAAA | dd of=$work/random bs=1 seek=8 conv=notrunc status=none
	cmp "$device" $work/random || return
	printf hello >$work/hello
	calls written_bytes 5 ends 0 mymemctl load $work/hello $((size - 5)) || return
	same hello "$(tail -c 5 "$device")" || return
	calls writes 1 ends 0 mymemctl clear && head -c "$size" /dev/zero | cmp - "$device"
}

load_does_not_fit() {
	head -c $((size + 1)) /dev/urandom >$work/large
	calls writes 0 says 1 "large does not fit: there is room for $size bytes" mymemctl load $work/large &&
		head -c "$size" /dev/zero | cmp - "$device"
}

dump() {
	mymemctl load $work/random &&
		mymemctl dump >$work/out && busybox hexdump -C "$device" | cmp - $work/out || return
	mymemctl clear && prints "\
00000000  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|
*
$(printf %08x "$size")" mymemctl dump
}

save_into_a_device() {
	ends 0 mymemctl save /dev/null && [ -c /dev/null ] &&
		says 1 'cannot save to /dev/full: No space left' mymemctl save /dev/full && [ -c /dev/full ]
}

# A disk that is full after 64 KiB, which a file of holes does not know before.
full_disk() {
	mkdir $work/disk && mount -t tmpfs -o size=64k tmpfs $work/disk || return
	truncate -s 512K $work/disk/file
	full_disk_tests
	result=$?
	umount $work/disk
	return $result
}

full_disk_tests() {
	says 1 'only 65536 of 524288 bytes could be written' \
		mymemctl -d $work/disk/file fill 1 && rm $work/disk/file || return
	echo before >$work/disk/saved
	says 1 'cannot save to .*: No space left' mymemctl save $work/disk/saved &&
		same saved "$(ls $work/disk)" && same before "$(cat $work/disk/saved)"
}

# What stands in sysfs, a name and a number a line.
expected_stats() {
	for name in size reads writes atomics read_bytes written_bytes faults waits; do
		echo "$name $(counter $name)"
	done
}

stats() {
	mymemctl clear && mymemctl set 0 1 >/dev/null
	[ "$(counter atomics)" -gt 0 ] && [ "$(counter written_bytes)" -gt 0 ] || return
	ends 0 mymemctl stats && same "$(expected_stats)" "$(tr -s ' ' <$work/out)" || return
	documents mymemctl stats && json '"schema": "mymemctl-stats/1"' && json '"complete": true' || return
	expected_stats >$work/expected
	while read -r name number; do
		json "\"$name\": $number" || return
	done <$work/expected
}

# The sample of each is the file's number, behind its own HELP and TYPE.
prometheus() {
	ends 0 mymemctl stats --prometheus || return
	same 24 "$(wc -l <$work/out)" || return
	awk '
		$1 " " $2 == "# HELP" && NF > 3 { help = $3; next }
		$1 " " $2 == "# TYPE" && NF == 4 && $3 == help { type = $3; next }
		NF == 2 && $1 == type && $2 ~ /^[0-9]+$/ { print; next }
		{ print "not expected: " $0 }' $work/out >$work/samples
	same "$(expected_stats | sed 's/ /_total /; s/^/mymem_/; s/size_total/size_bytes/')" "$(cat $work/samples)"
}

by_another_name() {
	ln -s "$device" $work/link
	mknod $work/node c "$(cut -d: -f1 "$sysfs/dev")" "$(cut -d: -f2 "$sysfs/dev")"
	says 0 '^atomics' mymemctl stats -d $work/link && says 0 '^atomics' mymemctl stats -d $work/node
}

# They are for everybody; the device is not.
user() {
	setpriv --reuid=1000 --regid=1000 --clear-groups "$@"
}

of_a_user() {
	says 0 '^reads' user mymemctl stats &&
		says 1 'permission denied' user mymemctl get 0 || return
	chmod 644 "$device"
	says 0 '^[0-9]' user mymemctl get 0 && says 1 'permission denied' user mymemctl set 0 1 &&
		says 0 '^bytes' user mymemctl info && says 0 '^0' user mymemctl dump
	result=$?
	chmod 600 "$device"
	return $result
}

# 17 reads, in one row or in two; nothing before them, and nothing behind. How many
# that is in a second, is not looked at: the machine may be busy, and a row late.
watch() {
	: >$work/rows
	mymemctl stats --watch >$work/rows 2>$work/err &
	pid=$!
	while [ "$(wc -l <$work/rows)" -lt 2 ]; do sleep 0.1; done
	dd if="$device" of=/dev/null bs=32K status=none
	rows=$(wc -l <$work/rows)
	while [ "$(wc -l <$work/rows)" -lt $((rows + 3)) ]; do sleep 0.1; done
	kill -INT $pid
	status=0
	wait $pid || status=$?
	cat $work/rows $work/err
	same 130 $status && same "" "$(cat $work/err)" || return
	same "reads/s writes/s atomics/s read-B/s written-B/s faults/s waits/s" \
		"$(head -n 1 $work/rows | xargs)" || return
	same "0 0 0 0 0 0 0" "$(sed -n 2p $work/rows | xargs)" || return
	same "0 0 0 0 0 0 0" "$(tail -n 1 $work/rows | xargs)" || return
	awk 'NR > 2 { reads += $1; bytes += $4; rest += $2 + $3 + $5 + $6 + $7 }
		END { exit !(reads > 0 && rest == 0 &&
			bytes > reads * 24576 && bytes < reads * 36864) }' $work/rows
}

watch_interval() {
	begin=$(cut -d. -f1 /proc/uptime)
	: >$work/rows
	mymemctl stats --watch=2 >$work/rows &
	pid=$!
	while [ "$(wc -l <$work/rows)" -lt 3 ]; do sleep 0.1; done
	kill -INT $pid
	wait $pid
	took=$(($(cut -d. -f1 /proc/uptime) - begin))
	echo "took $took s"
	# Longer on a busy machine, never shorter
	[ $took -ge 3 ]
}

# Where what it would print is lost, it does not go on.
watch_full_disk() {
	status=0
	timeout 20 mymemctl stats --watch >/dev/full 2>$work/err || status=$?
	cat $work/err
	same 1 $status && grep -q 'cannot write the results: No space left' $work/err
}

watch_until_unloaded() {
	: >$work/rows
	mymemctl stats --watch >$work/rows 2>$work/err &
	pid=$!
	while [ "$(wc -l <$work/rows)" -lt 2 ]; do sleep 0.1; done
	rmmod mymem || return
	status=0
	wait $pid || status=$?
	cat $work/err
	same 1 $status && grep -q 'cannot read the statistics.*the module was unloaded' $work/err
}

# Called when the module is gone.
unloaded() {
	for command in info dump "get 0" "set 0 1" "add 0 1" "cas 0 0 1" "fill 1" clear \
		"load $work/random" "save $work/none" stats "stats --prometheus"; do
		# shellcheck disable=SC2086 # the command is words
		says 1 "$device: the module is not loaded.*modprobe mymem" mymemctl $command || return
	done
	[ ! -e $work/none ]
}

check "info" info
check "get, set, add, cas" words
check "get, set, add, cas: JSON" words_json
check "cas: another value than expected" cas_does_not_match
check "a word behind the end" behind_the_end
check "add: several at once" adds_at_once
check "fill, clear, load, save" content
check "load: a file that does not fit" load_does_not_fit
check "dump" dump
check "save: into a device" save_into_a_device
check "a full disk" full_disk
if [ "$device" != /dev/mymem ]; then
	check_end
	exit
fi
check "stats" stats
check "stats: --prometheus" prometheus
check "stats: by another name" by_another_name
check "a user without permission, or to read only" of_a_user
check "stats: --watch" watch
check "stats: --watch=2" watch_interval
check "stats: --watch on a full disk" watch_full_disk
check "stats: --watch until the module is gone" watch_until_unloaded
check "the module is not loaded" unloaded

rm -r $work
insmod "$MYMEM_KO"
check_end
