#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The tools on a plain file: good, bad and missing arguments, wrong data, a full
# disk, a signal.
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.." || exit
# shellcheck source=../check.sh
. tests/check.sh

tests/need jq procps bsdextrautils python3 tidy gnuplot-nox libxml2-utils || exit
bench=$PWD/build/tools/mymem-bench
race=build/tools/mymem-race
ctl=build/tools/mymemctl
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
file=$work/file
truncate -s 512K "$file"

# said: stderr, but for what it warns of, as that the machine is busy.
said() {
	sed -e '/^warning: /d' -e '/^         /d' "$work/err"
}

# ends STATUS COMMAND...: it ends so, and says one line on stderr if that is not
# 0; output and errors are in $work/out and $work/err.
ends() {
	local expected=$1 status=0
	shift
	"$@" >"$work/out" 2>"$work/err" </dev/null || status=$?
	cat "$work/out" "$work/err"
	same "$expected" "$status" || return
	[ "$expected" -eq 0 ] || [ "$expected" -eq 2 ] || same 1 "$(said | wc -l)" || return
	[ "$expected" -ne 0 ] || same "" "$(said)"
}

# Usage: one line on what is wrong and what was expected, one on where to look,
# and nothing on stdout.
usage() {
	local pattern=$1
	shift
	ends 2 "$@" || return
	same 2 "$(wc -l <"$work/err")" || return
	[ ! -s "$work/out" ] && head -n 1 "$work/err" | grep -qE -e "$pattern"
}

says() {
	local status=$1 pattern=$2
	shift 2
	ends "$status" "$@" && grep -qE -e "$pattern" "$work/out" "$work/err"
}

# A device that is there belongs to somebody, and is not for tests.
missing_device() {
	if [ -e /dev/mymem ]; then
		skip "$1" "this machine has one"
	else
		# shellcheck disable=SC2086 # the command is words
		check "$1" says 1 'not loaded.*modprobe mymem' $2
	fi
}

# --- mymem-bench

# Little of everything, on a target that is a plain file.
quick=("$bench" -d "$file" -n 10 -r 2 -s 64)

bench_table() {
	ends 0 "$bench" -d "$file" -n 10 -r 5 || return
	local operation
	for operation in read write; do
		same "1 64 1 64 512" "$(sed -n "/^$operation: time of a call/,/^\$/p" "$work/out" |
			awk '$2 ~ /B$/ { print $1 }' | xargs)" || return
	done
	grep -q 'where the time goes' "$work/out" && grep -q '^noise: .* measured a second time' "$work/out" &&
		[ "$(LC_ALL=C.UTF-8 wc -L <"$work/out")" -le 80 ]
}

# Every cell is there, in the order in which it is shown, and its numbers fit together.
bench_json() {
	ends 0 "${quick[@]}" -r 5 -s 1,4K -T 1,2 --json || return
	jq -e --arg file "$file" '.schema == "mymem-bench/2" and .complete and (has("error") | not)
		and .clock.cost_ns > 0 and .method.calls == 10 and .method.repetitions == 5
		and ([.cells[] | select(.again | not)] | length == (2 * 2 * 2 * 4 + 2))
		and ([.cells[] | select(.operation == "read" and .target == $file and (.again | not))
			| [.size, .threads]] == [[1, 1], [1, 2], [4096, 1], [4096, 2]])
		and ([.cells[] | (.repetition_median_ns | length == 5)
			and .min_ns > 0 and .min_ns <= .median_ns and .median_ns <= .max_ns
			and .mean_ns >= .min_ns and .mean_ns <= .max_ns
			and .calls == .samples * .batch and .calls >= .threads * 5] | all)
		and (.noise | length == 8) and (.comparisons | length == 24)
		and ([.breakdown[] | .total_ns - .syscall_ns - .copy_ns - .driver_ns | fabs < 0.001] | all)
		and (.breakdown | length == 4)' "$work/out"
}

# A percentile has samples beyond it, or it is not there.
bench_percentiles() {
	ends 0 "$bench" -d "$file" -t "$file" -n 1 -r 1 -s 512K --json || return
	jq -e '[.cells[] | .samples == 1 and .p95_ns == null and .p99_ns == null] | all' "$work/out" || return
	ends 0 "$bench" -d "$file" -t "$file" -n 5000 -r 2 -s 64K --json || return
	jq -e '[.cells[] | .samples == 10000 and .p99_ns > 0 and .p999_ns > 0] | all' "$work/out"
}

# The means of the first target, in microseconds, as the JSON of the same run has them.
bench_lab_table() {
	ends 0 "$bench" -d "$file" -n 50 -r 2 -s 1,4K,512K --lab-table --json="$work/json" || return
	same "bytes read us write us" "$(head -n 1 "$work/out" | xargs)" || return
	jq -r --arg file "$file" '.cells | map(select(.target == $file and (.again | not))) | group_by(.size)[]
		| [.[0].size, (.[] | select(.operation == "read"), select(.operation == "write") | .mean_ns)]
		| @tsv' "$work/json" | awk '{ printf "%d %.3f %.3f\n", $1, $2 / 1000, $3 / 1000 }' >"$work/means"
	same 3 "$(wc -l <"$work/means")" && same "$(cat "$work/means")" "$(tail -n +2 "$work/out" | awk '{ print $1, $2, $3 }')" || return
	ends 0 "${quick[@]}" --lab-table -T 2 -o pread && same "64 -" "$(awk 'NR == 2 { print $1, $3 }' "$work/out")" || return
	ends 1 "$bench" -d "$work/none" --lab-table && [ ! -s "$work/out" ]
}

# A repetition goes on where the last one ended, so that all of a file is gone over: by 160
# calls on 128 places, each of which leaves bytes of which few are zeros.
bench_sequential() {
	truncate -s 0 "$work/zeros" && truncate -s 512K "$work/zeros" || return
	ends 0 "$bench" -t "$work/zeros" -o pwrite -s 4K -n 40 -r 4 --access sequential --csv || return
	[ "$(tr -d '\0' <"$work/zeros" | wc -c)" -gt 510000 ]
}

# Everything that it can do, on all that it makes itself.
bench_operations() {
	local operations
	operations=$("$bench" --help | sed -n '/^Operations:/,/^$/s/^ \([a-z-]*\) .*/\1/p' | grep -vx atomic | paste -sd,)
	ends 0 "${quick[@]}" -t "$file,tmpfs,memfd,zero,pipe,memcpy,syscall" -o "$operations" --json || return
	same "$operations,getppid" "$(jq -r '.cells[].operation' "$work/out" | uniq | paste -sd,)"
}

bench_shapes() {
	local shape
	for shape in "--access sequential" "--access random" "--access random -T 2" "--processes -T 2" \
		"--rate 100000"; do
		# shellcheck disable=SC2086 # the options are words
		ends 0 "${quick[@]}" $shape -t "$file,zero" -o pread,pwrite,read,write --json &&
			jq -e '.complete and (.cells | length == 4 * 3)' "$work/out" || return
	done
	ends 0 "${quick[@]}" --shared -T 2 -t "$file,zero" -o pread,pwrite --json &&
		jq -e '.complete and (.cells | length == 2 * 3)' "$work/out"
}

# Random calls go all over a file that is there, be it larger than what is made for a run.
bench_random_goes_everywhere() {
	truncate -s 64M "$work/large" || return
	ends 0 "${quick[@]}" --access random -n 100 -t "$work/large,memfd" -o pwrite || return
	[ "$(tail -c 32M "$work/large" | tr -d '\0' | wc -c)" -gt 0 ]
}

# A file that is too small grows, for as many as there are and wherever they go.
bench_grows() {
	local shape
	for shape in "-T 1" "-T 2" "-T 2 --processes" "--access random" "--access sequential -T 2"; do
		rm -f "$work/small" && : >"$work/small" || return
		# shellcheck disable=SC2086 # the options are words
		ends 0 "${quick[@]}" $shape -s 64,4K -t "$work/small" -o pread,pwrite,map-read || return
	done
}

# Each line is drawn from left to right.
bench_in_order() {
	ends 0 "${quick[@]}" -s 4K,1,64 -T 2,1 -t "$file" -o pread --json || return
	same "1 1 64 64 4096 4096 1 2 1 2 1 2" 		"$(jq -r '[.cells[] | select(.again | not)] | map(.size), map(.threads) | .[]' "$work/out" | xargs)"
}

# What is no call is not taken apart.
bench_only_calls_apart() {
	ends 0 "${quick[@]}" -t "memcpy,syscall,$file" --json && same 0 "$(jq '.breakdown | length' "$work/out")" || return
	ends 0 "${quick[@]}" -t "$file,memcpy,syscall" -o read,map-read --json &&
		same read "$(jq -r '.breakdown[].operation' "$work/out")"
}

# By a rate, samples say how late a call is; and of those that are submitted together, each has
# its share of the system call.
bench_costs_apart() {
	local targets=$file,memcpy,syscall
	ends 0 "${quick[@]}" -t "$targets" --rate 100000 --json && same 0 "$(jq '.breakdown | length' "$work/out")" || return
	ends 0 "${quick[@]}" -t "$targets" -o uring-read,uring-read-batch --json &&
		jq -e '.breakdown | (.[0].syscall_ns / .[1].syscall_ns - 16 | fabs) < 0.001' "$work/out"
}

# A short call is timed in batches of as many whatever else is measured, as far as the clock
# tells: with a call of 64 bytes alone there is room for more than one, too.
bench_room_for_batches() {
	ends 0 "$bench" -t memfd -o read -s 1 -n 1000 -r 3 --json && jq -e '.cells[0].batch > 1' "$work/out"
}

# What is written to by its name and is stdout is added to, as it was opened.
bench_stdout_by_name() {
	local log=$work/log
	echo kept >"$log"
	"${quick[@]}" --csv=/dev/stdout >>"$log" 2>"$work/err" || return
	same kept "$(head -n 1 "$log")" && grep -q '^read: time of a call' "$log" && grep -q '^target,path,' "$log"
}

# Of a user who may have few threads, which root alone can be.
bench_few_threads() {
	local few=(setpriv --reuid=65534 --regid=65534 --clear-groups prlimit --nproc=12) how
	chmod 755 "$work" && cp "$bench" "$work/bench" && chmod 666 "$file" || return
	for how in "" --processes; do
		# shellcheck disable=SC2086 # there or not
		says 1 "cannot start (thread|process) [0-9]+: .*; use fewer with --threads" 			"${few[@]}" "$work/bench" -d "$file" -n 1 -r 1 -s 64 -T 64 $how || return
	done
}

# What cannot be opened so often says what to do, but for the low limit of shells.
bench_many_files() {
	# shellcheck disable=SC2016 # expanded by that shell
	local limited=(bash -c 'ulimit "$1" 40 && shift && exec "$@"' -)
	ends 0 "${limited[@]}" -Sn "${quick[@]}" -T 64 -t "$file" -r 1 -n 1 || return
	says 1 "Too many open files.*use fewer with --threads" "${limited[@]}" -n "${quick[@]}" -T 64 || return
	says 1 "Too many open files; have fewer do it" "${limited[@]}" -n $race -d "$file" -w 64
}

# The whole command is in the report, whatever letters it has.
bench_report_command() {
	truncate -s 64K "$work/é'ü" || return
	ends 0 "$bench" -d "$work/é'ü" -t mymem -n 1 -r 1 -s 64 --report "$work/run.html" &&
		python3 -c 'import html, sys; print(html.unescape(sys.stdin.read()))' <"$work/run.html" |
		grep -F "/é'\''ü'"
}

bench_report_stdout() {
	ends 0 "${quick[@]}" --report - || return
	mv "$work/out" "$work/run.html" && valid_html "$work/run.html"
}

# stdout_json COMMAND...: there is nothing but the document.
stdout_json() {
	ends 0 "$@" --json=- && jq -es 'length == 1 and .[0].complete' "$work/out"
}

bench_seed() {
	ends 0 "${quick[@]}" --seed 7 --json && same 7 "$(jq .seed "$work/out")" || return
	ends 0 "${quick[@]}" --json && fails same 7 "$(jq .seed "$work/out")"
}

# order_of SEED ROUNDS: in which order six files were written to in the last round, by
# their times; a repetition takes longer than the step of those.
order_of() {
	local files=("$work"/order.{a,b,c,d,e,f})
	truncate -s 64K "${files[@]}"
	"$bench" -t "$(printf '%s\n' "${files[@]}" | paste -sd,)" -o pwrite -s 64K -n 10000 --seed "$1" -r "$2" >"$work/out" || return
	stat -c '%.Y %n' "${files[@]}" | sort -n | sed 's/.*order\.//' | xargs
}

# The order that is drawn is that of the seed, and another one in each round.
bench_order() {
	local order
	order=$(order_of 7 1) || return
	same "$order" "$(order_of 7 1)" && fails same "$order" "$(order_of 8 1)" && fails same "$order" "$(order_of 7 2)"
}

# Each first call has its page faults: 16 pages are not there before it.
bench_cold() {
	ends 0 "${quick[@]}" --cold -t "$file,tmpfs" -s 64K || return
	grep -q 'first calls, each with an untouched buffer' "$work/out" || return
	ends 0 "${quick[@]}" --cold -t "$file,tmpfs" -s 64K --json || return
	jq -e '(.cold | length == 4) and ([.cold[] | (.calls | length == 10)
		and ([.calls[] | .ns > 0 and .faults > 0] | all)] | all)' "$work/out"
}

# 16 pages have to be found, and the copy alone is none of it. What is only a file has
# nothing in the kernel that could be timed apart, and a mapping's copy is no call.
bench_first_touch() {
	ends 0 "${quick[@]}" -s 64K -o read,uring-read,map-write && grep -q 'first touch$' "$work/out" &&
		fails grep 'in kernel' "$work/out" || return
	ends 0 "${quick[@]}" -s 64K -o read,uring-read,map-write --json || return
	jq -e '.in_kernel == null and .cold == []
		and ([.breakdown[] | [.operation, (.first_touch_ns | type), .in_kernel_ns]] ==
			[["read", "number", null], ["uring-read", "null", null]])
		and .breakdown[0].first_touch_ns > .breakdown[0].copy_ns' "$work/out" || return
	# A ring has none of these buffers.
	ends 0 "${quick[@]}" --cold -o read,uring-read,uring-write-fixed --json &&
		jq -e '[.cold[].operation] == ["read", "read", "read"]' "$work/out"
}

# /dev/zero gives io_uring less than it was asked for, if somebody else wants the processor.
bench_crowded() {
	cpu=$(sed -n 's/^Cpus_allowed_list:[^0-9]*\([0-9]*\).*/\1/p' /proc/self/status)
	taskset -c "$cpu" sh -c 'while :; do :; done' &
	ends 0 taskset -c "$cpu" "${quick[@]}" -t zero -s 512K -n 50 -o uring-read,uring-read-batch
	result=$?
	kill $!
	return $result
}

# valid_csv FILE LINES: as others read it
valid_csv() {
	python3 -c 'import csv, sys
rows = list(csv.DictReader(open(sys.argv[1], newline=""), strict=True))
sys.exit(len(rows) != int(sys.argv[2]) or any(None in row or None in row.values() for row in rows))' "$1" "$2"
}

valid_html() {
	tidy -q -e "$1" 2>&1 | grep -vE 'proprietary attribute "id"|trimming empty <span>' | fails grep .
}

# Of one sample, and of many: all ways to show a run, at once.
bench_views() {
	cd "$work" || return
	ends 0 "$@" --json=run.json --csv=run.csv --markdown=run.md --report=run.html --plot=run.svg || return
	jq -e .complete run.json && valid_csv run.csv "$(jq '.cells | length' run.json)" && valid_html run.html &&
		xmllint --noout run.svg && grep -q '^| ' run.md || return
	for view in csv markdown; do
		ends 0 "$@" --$view && [ -s out ] || return
	done
}

# interrupted_run SECONDS WHO OPTION...: a run into run.*, in a session of its own, upon
# which SIGINT is sent to the program alone or, as a terminal does, to all of its
# processes. None of them is left.
interrupted_run() {
	local seconds=$1 who=$2 pid status=0
	shift 2
	rm -rf run.* data
	XDG_DATA_HOME=$work/data setsid "$bench" -d "$file" -s 1,64K -r 100000 "$@" --json=run.json \
		--csv=run.csv --markdown=run.md --plot=run.svg --report=run.html --save=run >out 2>err &
	pid=$!
	catches_interrupt $pid
	sleep "$seconds"
	case $who in
	alone) kill -INT $pid ;;
	all) kill -INT -- -$pid ;;
	esac
	# One that does not end would outlive this test, in its own session.
	for _ in {1..600}; do
		kill -0 $pid 2>/dev/null || break
		sleep 0.1
	done
	pgrep -a -s $pid && kill -KILL -- -$pid && return 1
	wait $pid || status=$?
	cat err
	same 130 $status
}

# What is written is whole also when the run was cut short. A busy machine may take long
# until there is something that was measured.
bench_interrupted() {
	local seconds=1
	cd "$work" || return
	until interrupted_run $seconds "$@" || return && jq -e '.cells | length > 0' run.json; do
		seconds=$((seconds * 2))
		[ $seconds -le 64 ] || return
	done
	grep -q '^partial: interrupted' out && jq -e '.complete == false and .error == "interrupted"' run.json || return
	grep -q 'is not kept as run' err && [ ! -e data/mymem/run.json ] || return
	valid_csv run.csv "$(jq '.cells | length' run.json)" && valid_html run.html && xmllint --noout run.svg || return
	grep -q '^| ' run.md && grep -q interrupted run.md && grep -q interrupted run.html || return
	ends 0 "$bench" compare ./run.json ./run.json && grep 'run.json is partial: interrupted' out
}

# The others do not wait for one that is gone.
bench_killed() {
	"$bench" -d "$file" -s 1 -T 2 --processes -r 100000 --json >"$work/out" 2>"$work/err" &
	local pid=$! status=0 children
	until children=$(pgrep -P $pid) && [ "$(wc -l <<<"$children")" -eq 2 ]; do sleep 0.1; done
	kill -KILL "$(tail -n 1 <<<"$children")"
	wait $pid || status=$?
	cat "$work/err"
	same 1 $status && jq -e '.complete == false and (.error | test("^worker [01] was killed$"))' "$work/out"
}

# Files that do not fit leave those that were there.
bench_no_room() {
	cd "$work" || return
	local status=0 name
	mkdir -p data/mymem
	local files=(run.json run.csv run.md run.svg run.html data/mymem/run.json)
	for name in "${files[@]}"; do echo kept >"$name"; done
	(
		trap '' XFSZ
		ulimit -f 1
		exec env XDG_DATA_HOME="$work/data" "${quick[@]}" -t "$file,zero,memcpy,syscall" --json=run.json --csv=run.csv \
			--markdown=run.md --plot=run.svg --report=run.html --save=run
	) >/dev/null 2>err || status=$?
	cat err
	same 1 $status && same 6 "$(grep -c 'File too large' err)" || return
	for name in "${files[@]}"; do same kept "$(cat "$name")" || return; done
}

# Each that does not fit on the disk is said, and the table is there.
bench_full_files() {
	local option
	mkdir -p "$work/full/mymem" && ln -s /dev/full "$work/full/mymem/run.json" && ln -s /dev/full "$work/full/run.svg" || return
	for option in --json=/dev/full --csv=/dev/full --markdown=/dev/full --report=/dev/full \
		--plot="$work/full/run.svg" --save=run; do
		says 1 'No space left' env XDG_DATA_HOME="$work/full" "${quick[@]}" "$option" &&
			grep -q '^read: time of a call' "$work/out" || return
	done
}

# What cannot be drawn is not measured first, and where nothing was measured, nothing else is said.
bench_no_gnuplot() {
	ends 1 env PATH=/nonexistent "${quick[@]}" --plot "$work/none.svg" && [ ! -s "$work/out" ] &&
		grep -q 'apt install gnuplot-nox' "$work/err" && [ ! -e "$work/none.svg" ] || return
	says 1 'no such file' "$bench" -d "$work/none" --plot "$work/none.svg"
}

# A file that keeps nothing: fast, and wrong.
bench_wrong_data() {
	says 4 'wrong data' "$bench" -d /dev/zero -s 64 || return
	ends 4 "$bench" -d /dev/zero -s 64 --json || return
	jq -e '.complete == false and (.error | contains("wrong data"))' "$work/out"
}

bench_missing() {
	says 1 'no such file.*truncate' "$bench" -d "$work/none" || return
	ends 1 "$bench" -d "$work/none" --json || return
	jq -e '.complete == false and .cells == [] and (.error | contains("no such file"))' "$work/out"
}

# Two runs of made-up times, so that it is known which are longer
bench_made_up() {
	"${quick[@]}" --json >"$work/measured.json" || return
	jq '.cells[] |= (.repetition_median_ns = [range(20) + 1000] | .median_ns = 1009.5)
		| .noise = [.cells[] | {operation, size, threads, floor: 0.01}]' "$work/measured.json" >"$work/run.json" &&
		jq '.cells[] |= (.repetition_median_ns = [range(20) + 2000] | .median_ns = 2009.5)' "$work/run.json" >"$work/slow.json"
}

# A run that is kept, one that is compared with it, and two that are.
bench_compares() {
	local saved=$work/data/mymem/one.json status=0
	export XDG_DATA_HOME=$work/data
	"${quick[@]}" -r 5 --save one >"$work/out" 2>"$work/err" || return
	grep -q "kept in $saved" "$work/err" && jq -e .complete "$saved" || return
	ends 0 "${quick[@]}" --compare one && grep -q '^this run beside one' "$work/out" || return

	bench_made_up || return
	ends 0 "$bench" compare "$work/run.json" "$work/run.json" && grep -q '^of 9: 0 slower, 0 faster' "$work/out" || return
	ends 0 "$bench" compare "$work/run.json" "$work/slow.json" && grep -q '^of 9: 9 slower' "$work/out" || return
	ends 0 "$bench" compare --fail-if-slower 150 "$work/run.json" "$work/slow.json" &&
		ends 0 "$bench" compare --fail-if-slower 5 "$work/slow.json" "$work/run.json" || return
	"$bench" compare --fail-if-slower 50 "$work/run.json" "$work/slow.json" >"$work/out" || status=$?
	same 3 $status || return
	says 1 'no run was saved as none' "${quick[@]}" --compare none &&
		says 1 'No such file' "$bench" compare one ./none.json
}

# A run that was cut short, or read wrong data, does not take the place of a good one.
bench_keeps_whole_runs() {
	export XDG_DATA_HOME=$work/data
	local saved=$work/data/mymem/good.json status=0
	"${quick[@]}" --save good >"$work/out" 2>"$work/err" && cp "$saved" "$work/good.json" || return
	"$bench" -d "$file" -s 64 -r 100000 --save good >"$work/out" 2>"$work/err" &
	local pid=$!
	catches_interrupt $pid
	sleep 1
	kill -INT $pid
	wait $pid || status=$?
	same 130 $status && grep -q 'is partial, and is not kept as good' "$work/err" && cmp "$saved" "$work/good.json" || return
	status=0
	"$bench" -d /dev/zero -s 64 --save good >"$work/out" 2>"$work/err" || status=$?
	cat "$work/err"
	same 4 $status && same 1 "$(grep -c 'is not kept as good' "$work/err")" && cmp "$saved" "$work/good.json"
}

# A comparison does not get into what programs read, but where it is told of there.
# Runs where a clock counts instructions, and one of such beside one of times, where there
# is room for the times
bench_compares_instructions() {
	ends 0 "${quick[@]}" --json="$work/run.json" &&
		jq '.environment.instruction_ns = 1' "$work/run.json" >"$work/counted.json" || return
	wide "$bench" compare "$work/counted.json" "$work/counted.json" &&
		grep -q ' instr ' "$work/out" && ! grep -q 'instruction differs' "$work/out" || return
	wide "$bench" compare "$work/counted.json" "$work/run.json" &&
		grep -q ' ns ' "$work/out" && ! grep -q ' instr ' "$work/out" &&
		grep -q 'time of an instruction differs' "$work/out"
}

wide() {
	script -qec "stty cols 200; $*" /dev/null >"$work/out"
}

bench_compares_for_programs() {
	export XDG_DATA_HOME=$work/data
	"${quick[@]}" --save two 2>"$work/err" >/dev/null || return
	ends 0 "${quick[@]}" --compare two --json || return
	jq -e '.complete and (.compared | .complete and .before == "two" and .now == "this run"
		and .limit_percent == null and .only_before == 0 and .only_now == 0
		and ([.warnings[].text | select(startswith("batches") | not)] == []))
		and ([.cells[] | select(.again | not) | [.operation, .size, .target, .median_ns, .batch]] ==
			[.compared.cells[] | [.operation, .size, .target, .now.median_ns, .now.batch]])' "$work/out" || return
	ends 0 "${quick[@]}" --compare two --json="$work/run.json" && grep -q '^this run beside two' "$work/out" &&
		jq -e .compared.complete "$work/run.json" || return
	local view
	for view in csv markdown; do
		"${quick[@]}" --compare two --$view >"$work/out" 2>"$work/err" || return
		fails grep "this run beside" "$work/out" && grep -q '^this run beside two' "$work/err" || return
	done
	# With what was kept before, not with itself
	"${quick[@]}" --compare two --save two --json 2>"$work/err" >"$work/out" &&
		jq -e '[.compared.cells[].ratio] | any(. != 1)' "$work/out" || return
	ends 1 "${quick[@]}" -s 3 -t "$file" --compare two --json &&
		jq -e '.complete and .compared.complete == false and (.compared.error | test("no measurement in common"))' "$work/out"
}

# Runs that are kept, for programs: one document of the comparison, whatever happens.
bench_compare_json() {
	local run="$work/run.json" slow="$work/slow.json" status=0
	bench_made_up || return
	ends 0 "$bench" compare --json "$run" "$run" && jq -e '.schema == "mymem-bench-compare/1" and .complete
		and ([.cells[] | .ratio == 1 and .verdict != "slower"] | all)' "$work/out" || return
	"$bench" compare --json --fail-if-slower 50 "$run" "$slow" >"$work/out" || status=$?
	same 3 $status && jq -e '.limit_percent == 50 and ([.cells[] | .beyond_limit == (.verdict == "slower")] | all)
		and .untested == 0 and ([.cells[] | select(.beyond_limit)] | length == 9)' "$work/out" || return
	ends 0 "$bench" compare --json="$work/compared.json" "$run" "$run" && grep -q '^of 9: 0 slower' "$work/out" &&
		jq -e .complete "$work/compared.json" || return
	ends 1 "$bench" compare --json "$run" "$work/none.json" &&
		jq -e '.complete == false and (.error | test("No such file"))' "$work/out"
}

# What a limit cannot be tested for is counted: a noise that is not known, too few
# repetitions, and what only one run has.
bench_limit_untested() {
	local run="$work/run.json" other="$work/other.json"
	bench_made_up || return
	jq 'del(.noise[] | select(.operation == "getppid")) | .cells[] |= if .operation == "write" and .target == "zero"
		then .repetition_median_ns |= .[:4] elif .target == "memcpy" then .target = "copy" else . end' "$run" >"$other" || return
	jq 'del(.noise[] | select(.operation == "getppid"))' "$run" >"$work/noiseless.json" || return
	"$bench" compare --fail-if-slower 5 "$work/noiseless.json" "$other" >"$work/out" 2>"$work/err" || return
	cat "$work/err"
	same 1 "$(wc -l <"$work/err")" && grep -q -e '--fail-if-slower: 6 of 11 measurements not tested' "$work/err" || return
	# Without a limit nothing is tested, with nothing amiss all is.
	ends 0 "$bench" compare "$work/noiseless.json" "$other" && ends 0 "$bench" compare --fail-if-slower 5 "$run" "$run"
}

full_disk() {
	local status=0
	"$@" >/dev/full 2>"$work/err" || status=$?
	cat "$work/err"
	same 1 $status && grep -q 'cannot write the results: No space left' "$work/err"
}

# On a terminal it says how far it is, elsewhere it does not.
progress_on_terminal_only() {
	ends 0 "${quick[@]}" || return
	script -qec "${quick[*]} 2>&1 >/dev/null" /dev/null >"$work/tty" || return
	grep -qE '[0-9]+ of [0-9]+, [0-9]+ s left' "$work/tty"
}

json_file() {
	ends 0 "$@" --json="$work/json" && [ -s "$work/out" ] && jq -e .complete "$work/json" || return
	says 1 'cannot write the results to .*: No such file' "$@" --json="$work/none/json"
}

check "bench: a table" bench_table
check "bench: JSON" bench_json
check "bench: JSON into a file" json_file "${quick[@]}"
check "race: JSON into a file" json_file $race -d "$file" -n 10
check "bench: no percentile without samples" bench_percentiles
check "bench: the lab's table" bench_lab_table
check "bench: every operation" bench_operations
check "bench: other shapes" bench_shapes
check "bench: random calls go all over a file" bench_random_goes_everywhere
check "bench: a file that is too small" bench_grows
check "bench: lists in any order" bench_in_order
check "bench: only calls are taken apart" bench_only_calls_apart
check "bench: by a rate, and submitted together" bench_costs_apart
check "bench: room for batches" bench_room_for_batches
check "bench: stdout by its name" bench_stdout_by_name
if [ "$(id -u)" -eq 0 ]; then
	check "bench: too many threads" bench_few_threads
else
	skip "bench: too many threads" "only root can be somebody else"
fi
check "bench: too many files" bench_many_files
check "bench: a report's command" bench_report_command
check "bench: a report on stdout" bench_report_stdout
check "bench: JSON on stdout" stdout_json "${quick[@]}"
check "race: JSON on stdout" stdout_json $race -d "$file" -n 10
check "bench: the seed" bench_seed
check "bench: the seed's order" bench_order
check "bench: first calls" bench_cold
check "bench: first touch" bench_first_touch
check "bench: rings on a busy processor" bench_crowded
check "bench: all views" bench_views "${quick[@]}" -s 1,64K --cold
check "bench: all views of one sample" bench_views "$bench" -d "$file" -n 1 -r 1 -s 64
check "bench: a run that is compared" bench_compares
check "bench: what a limit was not tested for" bench_limit_untested
check "bench: a partial run is not kept" bench_keeps_whole_runs
check "bench: runs that are compared, in instructions" bench_compares_instructions
check "bench: a run that is compared, for programs" bench_compares_for_programs
check "bench: runs that are compared, for programs" bench_compare_json
check "bench: no gnuplot" bench_no_gnuplot
check "bench: wrong data" bench_wrong_data
check "bench: a missing file" bench_missing
check "bench: a directory" says 1 'Is a directory' "$bench" -d /
missing_device "bench: the missing device" "$bench"
check "bench: a size list" says 0 ' 3 B ' "${quick[@]}" -s 3,2K
check "bench: SIGINT" bench_interrupted alone
check "bench: SIGINT, two threads" bench_interrupted alone -T 2
check "bench: SIGINT, processes" bench_interrupted alone --processes -T 2
check "bench: SIGINT, to the processes too" bench_interrupted all --processes -T 2
check "bench: a worker that is killed" bench_killed
check "bench: files that do not fit" bench_no_room
check "bench: files on a full disk" bench_full_files
check "bench: a full disk" full_disk "${quick[@]}"
for view in json csv markdown; do
	check "bench: a full disk, --$view" full_disk "${quick[@]}" --$view
done
check "bench: a full disk, help" full_disk "$bench" --help
check "bench: progress on a terminal only" progress_on_terminal_only
while read -r expected arguments; do
	# shellcheck disable=SC2086 # the arguments are words
	check "bench: $arguments" usage "${expected//_/ }" "$bench" -d "$file" $arguments
done <<'ARGUMENTS'
--sizes_0:_give_sizes --sizes 0
--sizes_1,,2:_give_sizes -s 1,,2
--sizes_2G:_give_sizes -s 2G
--calls_0:_give_a_number -n 0
--calls_1x:_give_a_number -n 1x
--calls_-1:_give_a_number -n -1
--repetitions_0:_give_a_number -r 0
--targets_a,,b:_give_up_to_32 -t a,,b
--operations_nix:_no_such_operation -o nix
--operations_getppid:_no_such_operation -o read,getppid
--threads_1,x:_give_numbers -T 1,x
--rate_0:_give_a_number --rate 0
--seed_x:_give_a_number --seed x
--access_up:_give_fixed,_sequential_or_random --access up
--plot_a.gif:_give_a_file_that_ends_in --plot a.gif
--targets:_zero_is_there_twice -t zero,tmpfs,zero
--targets:_mymem_is_there_twice -d /x/y -t /x/y,mymem
--operations:_read_is_there_twice -o read,write,read
--sizes:_1024_is_there_twice -s 1K,1024
--threads:_2_is_there_twice -T 1,2,02
--lab-table:_one_number_of_threads --lab-table -T 1,2
--lab-table:_pread_does_not_fit --lab-table -o read,write,pread
--lab-table:_atomic_does_not_fit --lab-table -o atomic
--save_v1.json:_a_run's_name --save v1.json
--save_a/b:_a_run's_name --save a/b
--save_-x:_a_run's_name --save -x
--compare_a:b:_a_run's_name --compare a:b
--fail-if-slower_x:_give_a_percentage --fail-if-slower x
--fail-if-slower:_say_than_what --fail-if-slower 5
--fail-if-slower:_of_fewer_than_5_repetitions --fail-if-slower 5 --compare one -r 4
give_all_but_one_of_them_a_file --json --csv
--shared_and_--processes:_give_one --shared --processes -o pread
as_--operations_pread --shared -T 2
unrecognized_option_'--nonsense' --nonsense
requires_an_argument -s
file:_no_argument file
compare:_it_has_to_come_first --json compare one two
ARGUMENTS
check "bench: --sizes ''" usage '--sizes : give sizes' "$bench" -d "$file" -s ''
check "bench: compare, nothing is measured" usage 'compare: --calls is for measuring; give no options but --json' "$bench" compare -n 9 one two
check "bench: compare, a name that is none" usage "compare a:b: a run's name" "$bench" compare one a:b
check "bench: compare, one run" usage 'compare: give two runs' "$bench" compare one
check "bench: an unknown target" usage '--targets nix: no such target; --help lists them' "$bench" -d "$file" -t nix
check "bench: --access sequential" bench_sequential
check "bench: an operation that no target has" says 1 'atomic cannot be done to any' "$bench" -d "$file" -o atomic
check "bench: an operation that is no copy" says 1 'atomic cannot be done to any' "$bench" -t memcpy -o atomic
long=$(printf '%0100d' 7)
check "bench: a long name of a run" says 1 "or name a file as ./$long" "$bench" compare "$long" "$long"

# --- mymem-race

# totals MODE OPTION...: the numbers printed are those of W = 3, N = 1000.
totals() {
	ends 0 $race -d "$file" -w 3 -n 1000 -m "$@" || return
	same "Target 3069" "$(sed -n 1p "$work/out")" || return
	sed -n 2p "$work/out" | grep -qE '^Actual [0-9]+$' || return
	same "Lost Wall User System" "$(sed -n '3,$s/^\([A-Z][a-z]*\) .*/\1/p' "$work/out" | xargs)"
}

# exact INCREMENTS MODE OPTION...: so many that some would be lost.
exact() {
	local sum=$((4 * $1 + 69))
	ends 0 $race -d "$file" -w 4 -n "$1" -m "${@:2}" || return
	same "Target $sum Actual $sum" "$(head -n 2 "$work/out" | xargs)"
}

# uses MODE DESCRIPTORS [LOCK]: what the kernel says that three workers use. In the
# modes that are wrong, nobody need lose anything to show it.
uses() {
	local pid result=1 kind inode
	inode=$(stat -c %i "$file")
	$race -d "$file" -w 3 -n 1000000000000 -m "$1" >/dev/null 2>&1 &
	pid=$!
	for _ in $(seq 100); do
		sleep 0.05
		kind=$(sed -nE "s/^[0-9]+: ([A-Z]+) +ADVISORY +WRITE .*:$inode [0-9]+ .*/\1/p" /proc/locks)
		[ "${kind%%$'\n'*}" != "${3-}" ] || [ "$(find /proc/$pid/fd -lname "$file" | wc -l)" -ne "$2" ] || result=0
		[ $result -ne 0 ] || break
	done
	find /proc/$pid/fd -lname "$file"
	echo "$kind"
	kill -INT $pid
	wait $pid
	return $result
}

# right EXPECTED MODE OPTION...: what the mode is said to be.
right() {
	local expected=$1
	shift
	ends 0 $race -d "$file" -w 1 -n 10 --json -m "$@" || return
	same "$expected" "$(jq .right "$work/out")"
}

# not_possible MODE FILE PATTERN: one line, with the next step.
not_possible() {
	says 1 "mode $1 is not possible on $2: $3; name /dev/mymem with -d" $race -d "$2" -m "$1" || return
	ends 1 $race -d "$2" -m "$1" --json || return
	jq -e '(.possible or .complete or has("target") | not)
		and (.error | contains("not possible"))' "$work/out"
}

race_json() {
	ends 0 $race -d "$file" -m mutex -w 2 -n 500 -i 5 --json || return
	jq -e '.schema == "mymem-race/1" and .complete and .mode == "mutex"
		and .possible and .right
		and (.increments_per_s * .wall_s | . > 999 and . < 1001)
		and .workers == 2 and .increments == 500 and .initial == 5
		and .target == 1005 and .actual == 1005 and .lost == 0
		and .wall_s > 0 and .user_s >= 0 and .system_s >= 0' "$work/out"
}

# In a list, and in "all", a mode that is not possible here says why on its line.
race_summary() {
	local posix=$1
	ends 0 $race -d "$file" -w 3 -n 1000 -m all "${@:2}" || return
	same "none wrong shared wrong flock-shared wrong posix-lock $posix flock right ofd-lock right mutex right atomic right cas right mmap-plain wrong mmap-atomic right" \
		"$(tail -n +4 "$work/out" | awk '{ print $1, $2 }' | xargs)" || return
	same "atomic cas" "$(awk '/not possible: the file has no atomic operations$/ { print $1 }' "$work/out" | xargs)" || return
	# Target and actual, what is lost, in per cent, and a speed.
	awk 'NR > 3 && !/not possible/ && (NF != 7 || $3 != 3069 || $5 != $3 - $4 ||
		$6 < $5 / 30 - 0.01 || $6 > $5 / 30 + 0.01 || $7 <= 0 ||
		$2 == "right" && $5 != 0) { print; bad = 1 } END { exit bad }' "$work/out"
}

# The descriptors and threads of one mode are gone when the next one begins.
race_summary_of_many() {
	says 0 '^mutex +right +1069 +1069 ' bash -c 'ulimit -n 120 && exec "$@"' - \
		$race -d "$file" -w 100 -n 10 -m all
}

# With nobody to race with, the wrong modes are right too.
race_alone() {
	ends 0 $race -d "$file" -w 1 -n 1000 -m all "$@" || return
	same 9 "$(grep -cE '(wrong|right) +1069 +1069 +0 +0.00 ' "$work/out")"
}

race_summary_json() {
	ends 0 $race -d "$file" -w 2 -n 100 -m all --json || return
	jq -e '.schema == "mymem-race-summary/1" and .complete and (has("error") | not)
		and .workers == 2 and .increments == 100 and .processes == false
		and (.results | length) == 11
		and ([.results[] | .possible == (.mode != "atomic" and .mode != "cas")
			and .complete == .possible
			and has("error") != .possible
			and (.possible | not) or .target == 269
			and .lost == .target - .actual and .increments_per_s > 0
			and (.right | not) or .lost == 0] | all)' "$work/out"
}

race_list() {
	ends 0 $race -d "$file" -w 2 -n 10 -m mutex,none,mutex --json || return
	jq -e '[.results[].mode] == ["mutex", "none", "mutex"]' "$work/out"
}

# Nothing on stdout, and the reason on stderr.
race_list_impossible() {
	says 1 'mode atomic is not possible' $race -d "$file" -m atomic,cas && [ ! -s "$work/out" ] || return
	ends 1 $race -d "$file" -m atomic,cas --json || return
	jq -e '.complete == false and (.error | contains("not possible")) and (.results | length) == 2' "$work/out"
}

# The others are run all the same, and the wrong ones are no error.
race_list_wrong_sum() {
	local status=0
	$race -d /dev/zero -w 1 -n 10 -m all --json="$work/json" >"$work/out" 2>"$work/err" || status=$?
	cat "$work/out" "$work/err"
	same 4 $status || return
	same "flock ofd-lock mutex mmap-atomic" \
		"$(sed -n 's/.*wrong sum in mode \([a-z-]*\); .*/\1/p' "$work/err" | xargs)" || return
	same 4 "$(wc -l <"$work/err")" && same 14 "$(wc -l <"$work/out")" || return
	same "mmap-atomic" "$(sed -n '$s/ .*//p' "$work/out")" || return
	same "mutex 10 10" "$(awk '$1 == "mutex" { print $1, $3 - 69, $5 - 69 }' "$work/out")" || return
	jq -e '.complete == false and (.error | contains("mode flock;"))' "$work/json"
}

race_list_missing() {
	says 1 'no such file.*truncate' $race -d "$work/none" -m all && [ ! -s "$work/out" ] || return
	ends 1 $race -d "$work/none" -m all --json || return
	jq -e '.complete == false and (.error | contains("no such file")) and (.results | length) == 1' "$work/out"
}

# mapped PID yes|no: waits until it has, or has not, mapped the file.
mapped() {
	local is
	for _ in $(seq 1000); do
		is=no
		grep -q "$file" "/proc/$1/maps" && is=yes
		[ $is != "$2" ] || return 0
		sleep 0.03
	done
	return 1
}

# What had come to its end is there, and so is what was done of the next one.
race_list_interrupted() {
	local pid waited=0 status=0
	$race -d "$file" -w 2 -n 100000000 -m mmap-atomic,mutex,none --json="$work/json" \
		>"$work/out" 2>"$work/err" &
	pid=$!
	# The first mode has it mapped; the second one has not.
	mapped $pid yes && mapped $pid no || waited=$?
	sleep 1
	kill -INT $pid
	wait $pid || status=$?
	cat "$work/out" "$work/err"
	same 0 $waited && same 130 $status &&
		same "mymem-race: interrupted" "$(cat "$work/err")" || return
	jq -e '.complete == false and .error == "interrupted"
		and [.results[] | .mode, .complete, .lost] == ["mmap-atomic", true, 0, "mutex", false, 0]
		and .results[1].target > 69' "$work/json"
}

# The counter is a 64-bit number as od and the processor read it, and what is
# around it stays.
race_word() {
	head -c 32 /dev/zero | tr '\0' '\377' >"$work/word"
	ends 0 $race -d "$work/word" -m mutex -w 1 -n 1 -i 72623859790382855 || return
	same "0102030405060708 ffffffffffffffff" "$(od -An -tx8 -N16 "$work/word" | xargs)"
}

# 64-bit sums: 32 bits would end before.
race_large() {
	ends 0 $race -d "$file" -m mutex -w 2 -n 1000 -i 4294967000 || return
	same "Actual 4294969000" "$(sed -n 2p "$work/out")"
}

race_missing() {
	says 1 'no such file.*truncate' $race -d "$work/none" || return
	ends 1 $race -d "$work/none" --json || return
	jq -e '.complete == false and (.error | contains("no such file")) and (has("target") | not)' "$work/out"
}

# What the file cannot keep is a wrong sum.
race_wrong_sum() {
	local mode
	for mode in flock ofd-lock mutex mmap-atomic; do
		says 4 "wrong sum in mode $mode" $race -d /dev/zero -m $mode -w 1 -n 10 || return
	done
	says 4 'wrong sum' $race -d /dev/zero -m posix-lock -w 1 -n 10 --processes || return
	ends 0 $race -d /dev/zero -m posix-lock -w 1 -n 10
}

# race_interrupted WORKERS MODE OPTION...: by SIGINT to all of its processes, as
# from a terminal. What was done until then is counted.
race_interrupted() {
	local workers=$1 pid status=0 child
	shift
	dd if=/dev/zero of="$file" bs=8 count=1 conv=notrunc status=none
	$race -d "$file" -w "$workers" -n 1000000000000 --json -m "$@" >"$work/out" 2>"$work/err" &
	pid=$!
	# Not before it counts, which on a slow machine is long after it has begun.
	while kill -0 $pid && [ "$(od -An -tu8 -N8 "$file")" -le 69 ]; do sleep 0.1; done
	sleep 0.5
	mapfile -t children < <(pgrep -P $pid)
	SECONDS=0
	kill -INT "${children[@]}" $pid
	wait $pid || status=$?
	cat "$work/err" "$work/out"
	same 130 $status && [ $SECONDS -lt 10 ] || return
	jq -e '.complete == false and .error == "interrupted" and .target > 69
		and (.actual == .target or (.right | not))' "$work/out" || return
	for child in "${children[@]}"; do
		fails kill -0 "$child" || return
	done
}

race_processes_interrupted() {
	race_interrupted 5 "$1" --processes && [ ${#children[@]} -eq 5 ]
}

# Also while somebody else, who does not go, keeps the lock that the workers wait for.
race_waiting_interrupted() {
	local holder pid
	flock "$file" sleep 60 &
	holder=$!
	while flock -n "$file" true; do sleep 0.1; done
	$race -d "$file" -w 2 -n 1000 --json "$@" >"$work/out" 2>"$work/err" &
	pid=$!
	while [ "$(cat /proc/$pid/task/*/stat /proc/[0-9]*/stat 2>/dev/null |
		awk '/mymem-race/ && $3 == "S"' | wc -l)" -lt 3 ]; do sleep 0.1; done
	sleep 0.5
	SECONDS=0
	kill -INT $pid
	wait $pid
	local status=$? took=$SECONDS
	pkill -P $holder
	wait $holder
	cat "$work/err"
	same 130 $status && [ $took -lt 20 ] && jq -e '.complete == false and .target == 69' "$work/out"
}

# It may hold the mutex: the others must not wait for ever.
race_worker_killed() {
	local pid status=0 racer
	timeout -s KILL 60 $race -d "$file" -m mutex -w 5 -n 1000000000 --processes \
		>"$work/out" 2>"$work/err" &
	pid=$!
	while racer=$(pgrep -P $pid || echo 0); kill -0 $pid && [ "$(pgrep -P "$racer" | wc -l)" -ne 5 ]; do sleep 0.1; done
	kill -KILL "$(pgrep -P "$racer" | head -n 1)"
	wait $pid || status=$?
	cat "$work/err"
	same 1 $status && grep -q 'a worker was killed' "$work/err"
}

# All but those of the device alone
for mode in none shared flock-shared posix-lock flock ofd-lock mutex mmap-plain mmap-atomic; do
	check "race: mode $mode" totals $mode
	check "race: mode $mode, processes" totals $mode --processes
	check "race: mode $mode, pread" totals $mode --pread
	check "race: mode $mode, SIGINT" race_interrupted 2 $mode
	check "race: mode $mode, processes, SIGINT" race_processes_interrupted $mode
done
for mode in flock ofd-lock mutex; do
	check "race: $mode is exact" exact 10000 $mode
	check "race: $mode is exact, processes" exact 10000 $mode --processes
	check "race: $mode is exact, pread" exact 10000 $mode --pread
done
check "race: posix-lock is exact, processes" exact 10000 posix-lock --processes
check "race: posix-lock is exact, processes, pread" exact 10000 posix-lock --processes --pread
check "race: mmap-atomic is exact" exact 10000000 mmap-atomic
check "race: mmap-atomic is exact, processes" exact 10000000 mmap-atomic --processes
for mode in flock ofd-lock mutex mmap-atomic; do
	check "race: $mode is right" right true $mode
	check "race: $mode is right, processes" right true $mode --processes
done
check "race: none has descriptors" uses none 3
check "race: shared has one descriptor" uses shared 1
check "race: flock-shared has one descriptor, and locks it" uses flock-shared 1 FLOCK
check "race: posix-lock locks descriptors" uses posix-lock 3 POSIX
check "race: flock locks descriptors" uses flock 3 FLOCK
check "race: ofd-lock locks descriptors" uses ofd-lock 3 OFDLCK
for mode in none shared flock-shared mmap-plain; do
	check "race: $mode is wrong" right false $mode
	check "race: $mode is wrong, processes" right false $mode --processes
done
check "race: posix-lock is wrong" right false posix-lock
check "race: posix-lock is right, processes" right true posix-lock --processes
check "race: atomic on a plain file" not_possible atomic "$file" "the file has no atomic operations"
check "race: cas on a plain file" not_possible cas "$file" "the file has no atomic operations"
check "race: mmap-plain of what has no memory" not_possible mmap-plain /dev/null "the file cannot be mapped"
check "race: mmap-atomic of what has no memory" not_possible mmap-atomic /dev/null "the file cannot be mapped"
check "race: all modes" race_summary wrong
check "race: all modes, processes" race_summary right --processes
check "race: all modes, pread" race_summary wrong --pread
check "race: all modes, JSON" race_summary_json
check "race: all modes, JSON into a file" json_file $race -d "$file" -n 10 -m all
check "race: all modes, many workers" race_summary_of_many
check "race: a list of modes" race_list
check "race: a list of modes, none possible" race_list_impossible
check "race: a list of modes, wrong sums" race_list_wrong_sum
check "race: a list of modes, a missing file" race_list_missing
check "race: a list of modes, SIGINT" race_list_interrupted
check "race: SIGINT, waiting for a lock" race_waiting_interrupted -m flock
check "race: SIGINT, processes that wait for a lock" race_waiting_interrupted -m flock --processes
check "race: a list of modes, a full disk" full_disk $race -d "$file" -n 10 -m none,mutex
check "race: one worker is exact in all modes" race_alone
check "race: one worker is exact in all modes, pread" race_alone --pread
check "race: JSON" race_json
check "race: a word in the processor's byte order and no byte more" race_word
check "race: sums of 64 bits" race_large
check "race: a wrong sum" race_wrong_sum
check "race: a missing file" race_missing
missing_device "race: the missing device" $race
check "race: many workers" says 0 '^Target 200069$' $race -d "$file" -m mutex -w 2000 -n 100
check "race: a worker is killed" race_worker_killed
check "race: a full disk" full_disk $race -d "$file" -w 1 -n 1
check "race: --mode nonsense" usage '--mode nonsense: no such mode' $race -m nonsense
check "race: --mode none,,mutex" usage '--mode none,,mutex: no such mode' $race -m none,,mutex
check "race: --mode none,all" usage '--mode none,all: no such mode' $race -m none,all
check "race: --mode ''" usage '--mode : no such mode' $race -m ''
check "race: --mode mute" usage '--mode mute: no such mode' $race -m mute
check "race: --workers 0" usage '--workers 0: give a number from 1 to' $race -w 0
check "race: --workers 5000" usage '--workers 5000: give a number from 1 to' $race -w 5000
check "race: --increments 0" usage '--increments 0: give a number' $race -n 0
check "race: --increments 10K" usage '--increments 10K: give a number' $race -n 10K
check "race: --initial -1" usage '--initial -1: give a number' $race -i -1
check "race: an overflow of the sum" usage 'give smaller numbers' $race -w 2 -n 9223372036854775807
check "race: an overflow by the initial value" usage 'give smaller numbers' $race -w 1 -n 1 -i 9223372036854775807
check "race: an unknown option" usage "unrecognized option" $race --nonsense
check "race: an argument too many" usage 'file: no argument' $race file

# --- mymemctl

# doctor STATUS PATTERN OPTION...: what it finds is its result, on stdout.
doctor() {
	local status=0 expected=$1 pattern=$2
	shift 2
	$ctl doctor "$@" >"$work/out" 2>"$work/err" </dev/null || status=$?
	cat "$work/out" "$work/err"
	same "$expected" $status || return
	[ ! -s "$work/err" ] && grep -qE -e "$pattern" "$work/out"
}

# Each line is a state, a name and what was found; the last one is the verdict.
doctor_lines() {
	doctor 1 '^(fault|note|ok) ' || return
	head -n -1 "$work/out" | no_other '^(ok   |note |fault) [a-z]{4,10} +[^ ]' || return
	same "$(grep -c '^fault' "$work/out")" "$(tail -n 1 "$work/out" | grep -oE '^[1-9][0-9]* fault' | cut -d' ' -f1)" || return
	# A next step for each fault.
	grep '^fault' "$work/out" | no_other ': (run|install|boot|load|reboot|remove|start) '
}

no_other() {
	! grep -vE "$1"
}

doctor_json() {
	doctor 1 . --json || return
	jq -e '.schema == "mymemctl-doctor/1" and .works == false and .device == "/dev/mymem"
		and .version and .kernel
		and ([.checks[] | (.name | length > 0) and (.found | length > 0)
			and (.state == "ok" or .state == "note" or .state == "fault")
			and (.state != "fault" or (.next | length > 0))] | all)
		and ([.checks[] | select(.state == "fault")] | length > 0)' "$work/out"
}

# Whoever asks: a user finds the same kernel, and is told so by name.
doctor_of_a_user() {
	local status=0
	cp $ctl "$work/ctl"
	chmod 755 "$work" "$work/ctl"
	setpriv --reuid=65534 --regid=65534 --clear-groups "$work/ctl" doctor \
		>"$work/out" 2>"$work/err" || status=$?
	cat "$work/out" "$work/err"
	same 1 $status && [ ! -s "$work/err" ] && grep -q '^fault ' "$work/out" &&
		fails grep 'root needs none' "$work/out"
}

doctor_file() {
	doctor 0 '^ok +device +524288 bytes' -d "$file" || return
	same "the file works" "$(tail -n 1 "$work/out")" || return
	doctor 0 . -d "$file" --json || return
	jq -e --arg file "$file" '.works and .device == $file
		and ([.checks[].name] == ["node", "device"])
		and ([.checks[].next] == [null, null])' "$work/out"
}

doctor_json_file() {
	doctor 0 '^the file works' -d "$file" --json="$work/json" && jq -e .works "$work/json" || return
	says 1 'cannot write the results to .*: No such file' $ctl doctor -d "$file" --json="$work/none/json"
}

# Neither the content nor the times of what it looks at.
doctor_changes_nothing() {
	local before
	echo kept >"$work/kept"
	before=$(stat -c '%s %y %z' "$work/kept")
	doctor 0 . -d "$work/kept" || return
	same kept "$(cat "$work/kept")" && same "$before" "$(stat -c '%s %y %z' "$work/kept")"
}

# A file that is missing is not made by opening it.
doctor_makes_no_file() {
	doctor 1 'No such file.*truncate -s' -d "$work/none" && [ ! -e "$work/none" ]
}

# content BYTES: the file holds these, as "printf '%b'" takes them.
content() {
	printf '%b' "$1" | cmp - "$file"
}

# holds BYTES: make it hold these.
holds() {
	printf '%b' "$1" >"$file"
}

# dump OPTION-OF-HEXDUMP... -- ARGUMENT...: it is what hexdump prints.
dump() {
	local options=()
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	ends 0 $ctl -d "$work/dumped" dump "$@" || return
	hexdump -C "${options[@]}" "$work/dumped" | cmp - "$work/out"
}

# Runs that are alike, within a MiB and across it, and bytes of all kinds.
dump_like_hexdump() {
	{
		printf '%b' "$(printf '\\x%02x' {0..255})"
		head -c 1000 /dev/zero
		head -c 3333 /dev/urandom
		head -c 2M /dev/zero
		printf 'the end'
	} >"$work/dumped"
	dump -- && dump -s 4K -- 4096 && dump -s 5 -n 1 -- 0x5 1 &&
		dump -s 1234 -n 5000 -- 1234 5000 && dump -s 1K -n 1M -- 1K 1M || return
	head -c 4K /dev/zero >"$work/dumped"
	dump -- && dump -n 16 -- 0 16 && dump -n 17 -- 0 17 && dump -n 32 -- 0 32
}

fills() {
	holds 0123456789
	ends 0 $ctl -d "$file" fill 0x41 8 && content 01234567AA || return
	ends 0 $ctl -d "$file" fill 66 2 3 && content 01BBB567AA || return
	ends 0 $ctl -d "$file" fill 255 && content '\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff'
}

clears() {
	holds 0123456789
	ends 0 $ctl clear 8 -d "$file" && content '01234567\0\0' || return
	ends 0 $ctl clear -d "$file" 0 1 && content '\x001234567\0\0' || return
	ends 0 $ctl clear -d "$file" && content '\0\0\0\0\0\0\0\0\0\0'
}

# load_pipe TEXT ARGUMENT...: through a pipe, in two parts.
load_pipe() {
	{
		printf '%b' "${1:0:1}"
		sleep 0.1
		printf '%b' "${1:1}"
	} | $ctl -d "$file" load - "${@:2}"
}

loads() {
	holds 0123456789
	printf AB >"$work/in"
	ends 0 $ctl -d "$file" load "$work/in" && content AB23456789 || return
	ends 0 $ctl -d "$file" load "$work/in" 8 && content AB234567AB || return
	load_pipe CDE 3 && content AB2CDE67AB || return
	printf abcdefghij >"$work/in"
	ends 0 $ctl -d "$file" load "$work/in" && content abcdefghij || return
	: >"$work/in"
	ends 0 $ctl -d "$file" load "$work/in" && content abcdefghij
}

# What does not fit, by a byte or for ever, leaves all as it was.
load_too_large() {
	holds 0123456789
	printf abcdefghijk >"$work/in"
	says 1 'in does not fit: there is room for 10 bytes; nothing was written' \
		$ctl -d "$file" load "$work/in" && content 0123456789 || return
	printf abc >"$work/in"
	says 1 'room for 2 bytes' $ctl -d "$file" load "$work/in" 8 && content 0123456789 || return
	says 1 'room for 10 bytes' $ctl -d "$file" load /dev/zero && content 0123456789 || return
	fails load_pipe abc 8 && content 0123456789
}

load_unreadable() {
	holds 0123456789
	says 1 "cannot read $work/none: No such file" $ctl -d "$file" load "$work/none" || return
	says 1 'cannot read /: Is a directory; nothing was written' $ctl -d "$file" load / || return
	content 0123456789
}

# Stopped while it waits for the rest.
load_interrupted() {
	holds 0123456789
	mkfifo "$work/pipe"
	$ctl -d "$file" load - <"$work/pipe" 2>"$work/err" &
	local pid=$! status=0
	{
		printf abc
		catches_interrupt $pid
		sleep 1
		kill -INT $pid
		wait $pid || status=$?
	} >"$work/pipe"
	rm "$work/pipe"
	cat "$work/err"
	same 130 $status && content 0123456789
}

saves() {
	holds 0123456789
	rm -rf "$work/saved"
	mkdir "$work/saved"
	(umask 027 && ends 0 $ctl -d "$file" save "$work/saved/a") || return
	same 0123456789 "$(cat "$work/saved/a")" && same 640 "$(stat -c %a "$work/saved/a")" || return
	ends 0 $ctl -d "$file" save "$work/saved/a" 8 && same 89 "$(cat "$work/saved/a")" || return
	ends 0 $ctl -d "$file" save "$work/saved/a" 2 3 && same 234 "$(cat "$work/saved/a")" || return
	ends 0 $ctl -d "$file" save - 9 && same 9 "$(cat "$work/out")" || return
	same a "$(ls "$work/saved")"
}

# The name goes to another file, which whoever has the old one open does not see.
save_replaces() {
	holds 0123456789
	echo before >"$work/a"
	chmod 604 "$work/a"
	ln -sf a "$work/link"
	exec 3<"$work/a"
	ends 0 $ctl -d "$file" save "$work/link" 0 2 || return
	same before "$(cat <&3)" || return
	exec 3<&-
	[ -L "$work/link" ] && same 01 "$(cat "$work/a")" && same 604 "$(stat -c %a "$work/a")"
}

# A pipe stays one. So does a device, which is tried in the VM: this machine's own
# would be lost if it does not.
save_in_place() {
	holds 0123456789
	mkfifo "$work/pipe"
	timeout 10 cat "$work/pipe" >"$work/piped" &
	ends 0 $ctl -d "$file" save "$work/pipe" || return
	wait $!
	same 0123456789 "$(cat "$work/piped")" && [ -p "$work/pipe" ] && rm "$work/pipe"
}

# A file size limit stands in for a full disk; 512 bytes of its block fit.
save_cut_off() {
	local status=0
	head -c 4K /dev/zero >"$file"
	rm -rf "$work/saved"
	mkdir "$work/saved"
	echo before >"$work/saved/a"
	(
		trap '' XFSZ
		ulimit -f 1
		$ctl -d "$file" save "$work/saved/a"
	) 2>"$work/err" || status=$?
	cat "$work/err"
	same 1 $status && grep -q 'cannot save to .*a: File too large' "$work/err" &&
		same before "$(cat "$work/saved/a")" && same a "$(ls "$work/saved")"
}

save_full_disk() {
	local status=0
	head -c 4K /dev/zero >"$file"
	$ctl -d "$file" save - >/dev/full 2>"$work/err" || status=$?
	cat "$work/err"
	same 1 $status && same "mymemctl: cannot save to -: No space left on device" "$(cat "$work/err")"
}

save_nowhere() {
	says 1 "cannot save to $work/none/a: No such file" $ctl -d "$file" save "$work/none/a"
}

# Content outside of the file
out_of_range() {
	local command=$1
	shift
	holds 0123456789
	# shellcheck disable=SC2086 # the command is words
	{
		says 1 'offset 10 is behind its 10 bytes: give at most 9' $ctl -d "$file" $command 10 &&
			says 1 'length 4 goes beyond its 10 bytes: from 7 give at most 3' $ctl -d "$file" $command 7 4 &&
			says 1 'length 18446744073709551614 goes beyond' $ctl -d "$file" $command 7 0xfffffffffffffffe &&
			usage 'offset 1x: give a number of bytes' $ctl -d "$file" $command 1x &&
			usage 'length 0: give a number of bytes from 1' $ctl -d "$file" $command 1 0 &&
			content 0123456789 && [ ! -e "$work/saved-not" ]
	}
}

# What is not the device has no words, and no statistics.
no_device() {
	local name=$1
	shift
	says 1 "$file: not the device mymem.*name the device with -d" $ctl -d "$file" "$@" || return
	ends 1 $ctl --json -d "$file" "$@" || return
	jq -e --arg schema "mymemctl-$name/1" --arg file "$file" '.schema == $schema
		and .device == $file and .complete == false
		and (.error | contains("not the device mymem")) and .version and .kernel' "$work/out" || return
	says 1 "not the device mymem" $ctl -d /dev/null "$@" || return
	says 1 "not the device mymem" $ctl -d /dev/urandom "$@" || return
	says 1 'No such file|no such file.*truncate' $ctl -d "$work/none" "$@"
}

no_words() {
	holds 0123456789
	no_device get get 0 && no_device set set 0 -1 && no_device add add 8 0x10 &&
		no_device cas cas 0 -1 -2 && content 0123456789
}

word_usage() {
	usage 'offset 12: a word begins at a multiple of 8: give 8' $ctl -d "$file" get 12 &&
		usage 'offset 12: a word begins' $ctl --json -d "$file" set 12 0 &&
		usage 'offset -8: give a number of bytes' $ctl -d "$file" get -8 &&
		usage 'offset 0x7: .*give 0,' $ctl -d "$file" set 0x7 1 &&
		usage 'value 1K: give a number of 64 bits' $ctl -d "$file" set 0 1K &&
		usage 'value 18446744073709551616: give' $ctl -d "$file" add 0 18446744073709551616 &&
		usage 'value -x: give' $ctl -d "$file" cas 0 1 -- -x &&
		usage "expected was 'mymemctl get OFFSET'" $ctl -d "$file" get &&
		usage "expected was 'mymemctl cas OFFSET OLD NEW'" $ctl -d "$file" cas 0 1 &&
		usage "3: no argument was expected behind 'mymemctl set OFFSET VALUE'" $ctl -d "$file" set 0 1 3
}

# An error in the JSON document is in it, and in its file.
json_error_file() {
	says 1 'not the device' $ctl get 0 -d "$file" --json="$work/json" || return
	[ ! -s "$work/out" ] && jq -e '.complete == false' "$work/json"
}

no_json() {
	local command
	for command in dump "fill 0" clear "load /dev/null" "save -"; do
		# shellcheck disable=SC2086 # the command is words
		usage "--json: ${command%% *} prints none" $ctl -d "$file" $command --json || return
	done
}

stats_usage() {
	usage '--watch 0: give a number of seconds, from 1 to' $ctl stats --watch=0 &&
		usage '--watch 1.5: give' $ctl stats --watch=1.5 &&
		usage '--watch 86401: give' $ctl stats --watch=86401 &&
		usage '--watch: only stats takes it' $ctl info --watch &&
		usage '--prometheus: only stats takes it' $ctl get 0 --prometheus &&
		usage 'one of --json, --prometheus and --watch' $ctl stats --watch --json &&
		usage 'one of --json, --prometheus and --watch' $ctl stats --prometheus --json &&
		usage 'one of --json, --prometheus and --watch' $ctl stats --watch=2 --prometheus
}

no_size() {
	: >"$work/empty"
	says 1 'it has no size.*truncate' $ctl -d "$work/empty" dump &&
		says 1 'it has no size' $ctl -d /dev/zero fill 0 &&
		says 1 'it has no size' $ctl -d /dev/zero save - &&
		says 1 'Is a directory' $ctl -d / dump &&
		says 1 'Is a directory' $ctl -d / info &&
		says 1 'no such file.*truncate' $ctl -d "$work/none" clear && [ ! -e "$work/none" ]
}

# A file that its user may only read can be looked at, and only that.
read_only_file() {
	holds 0123456789
	cp $ctl "$work/ctl"
	chmod 755 "$work" "$work/ctl"
	chmod 644 "$file"
	local user=(setpriv --reuid=65534 --regid=65534 --clear-groups "$work/ctl" -d "$file")
	ends 0 "${user[@]}" dump && ends 0 "${user[@]}" save - || return
	says 1 'permission denied: only its owner' "${user[@]}" clear && says 1 'permission denied' "${user[@]}" add 0 1 &&
		content 0123456789 || return
	chown 65534 "$file" && chmod 444 "$file"
	says 1 'permission denied.*mode 0444.*chmod u.rw' "${user[@]}" clear
	local status=$?
	chown 0 "$file" && chmod 644 "$file"
	[ $status -eq 0 ] || return
	mkdir -m 700 "$work/closed" && cp "$file" "$work/closed/file" &&
		says 1 'permission denied.*folders' "${user[@]}" -d "$work/closed/file" clear
}

check "dump: as hexdump -C" dump_like_hexdump
check "dump: a full disk" full_disk $ctl dump -d /bin/sh
check "fill" fills
check "clear" clears
check "load" loads
check "load: a file that does not fit" load_too_large
check "load: a file that cannot be read" load_unreadable
check "load: SIGINT" load_interrupted
check "save" saves
check "save: over a file, by a link" save_replaces
check "save: into a pipe" save_in_place
check "save: it does not fit, and leaves nothing" save_cut_off
check "save: a missing folder" save_nowhere
check "save: a full disk" save_full_disk
for command in dump "fill 65" clear "save $work/saved-not"; do
	check "${command%% *}: out of range" out_of_range "$command"
done
check "load: out of range" says 1 'offset 11 is behind' $ctl -d "$file" load /dev/null 11
check "fill: 256" usage 'value 256: give a byte' $ctl -d "$file" fill 256
check "fill: -1" usage 'value -1: give a byte' $ctl -d "$file" fill -1
check "ctl: no size, a directory, a missing file" no_size
if [ "$(id -u)" -eq 0 ]; then
	check "ctl: a user who may only read" read_only_file
else
	skip "ctl: a user who may only read" "this is no root"
fi
check "info: a plain file" no_device info info
check "get, set, add, cas: a plain file" no_words
check "get, set, add, cas: usage" word_usage
check "stats: a plain file" no_device stats stats
check "stats: a plain file, --watch" says 1 'not the device' $ctl -d "$file" stats --watch
check "stats: a plain file, --prometheus" says 1 'not the device' $ctl -d "$file" stats --prometheus
check "stats: usage" stats_usage
for command in info "get 0" dump stats; do
	missing_device "ctl: the missing device, ${command%% *}" "$ctl $command"
done
check "ctl: an error in a JSON file" json_error_file
check "ctl: no JSON where there is none" no_json
truncate -s 512K "$file"

for what in lines json; do
	if [ -e /dev/mymem ]; then
		skip "doctor: the missing device, $what" "this machine has one"
	else
		check "doctor: the missing device, $what" doctor_$what
	fi
done
if [ -e /dev/mymem ] || [ "$(id -u)" -ne 0 ]; then
	skip "doctor: a user, not root" "this machine has the device, or this is no root"
else
	check "doctor: a user, not root" doctor_of_a_user
fi
: >"$work/empty"
check "doctor: a plain file" doctor_file
check "doctor: JSON into a file" doctor_json_file
check "doctor: changes nothing" doctor_changes_nothing
check "doctor: a missing file" doctor_makes_no_file
check "doctor: an empty file" doctor 1 'has no size: give it one by .truncate -s 524288' -d "$work/empty"
check "doctor: another device" doctor 1 'not the device mymem' -d /dev/zero
check "doctor: a directory" doctor 1 'Is a directory' -d /
check "doctor: options before the command" says 0 'the file works' $ctl --device="$file" doctor
check "doctor: a full disk" full_disk $ctl doctor -d "$file"
check "doctor: a full disk, JSON" full_disk $ctl doctor -d "$file" --json
check "ctl: a full disk, help" full_disk $ctl --help
check "ctl: no command" usage 'a command was expected' $ctl
check "ctl: an unknown command" usage 'nonsense: no such command' $ctl nonsense
check "ctl: an unknown option" usage "unrecognized option '--nonsense'" $ctl --nonsense
check "ctl: a missing argument" usage 'requires an argument' $ctl -d
check "ctl: an argument too many" usage 'file: no argument' $ctl doctor file
check_end
