#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The VM harness and the TAP runner: a harness that cannot fail proves nothing.
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.." || exit
# shellcheck source=../check.sh
. tests/check.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
kernel=${KERNEL:-bookworm/cloud-amd64}

run() {
	tests/vm/run --kernel "$kernel" --timeout 300 "$@" >"$work/out" 2>"$work/err" </dev/null
}

# ends STATUS PATTERN OPTIONS...: the run ends so and says that.
ends() {
	local expected=$1 pattern=$2 status=0
	shift 2
	run "$@" || status=$?
	cat "$work/err"
	same "$expected" "$status" && grep -qE -e "$pattern" "$work/err"
}

sound() {
	run --out "$work/back" -- sh -c 'echo out; echo err >&2; uname -r >/out/version; test -c /dev/mymem' || return
	same out "$(cat "$work/out")" || return
	grep -qx err "$work/err" && grep -q "$(cat "$work/back/version")" "$work/err"
}

# dies_starting TIMES STATUS PATTERN: a kernel that so often dies before it runs anything
dies_starting() {
	local times=$1
	shift
	echo "$times" >"$work/times"
	cat >"$work/qemu" <<-FAKE
		#!/bin/sh
		case " \$* " in *" kvm "*) exit 1 ;; esac
		times=\$(cat $work/times)
		[ \$times -gt 0 ] || exec qemu-system-x86_64 "\$@"
		echo \$((times - 1)) >$work/times
		for argument; do
			case \$argument in file:*/log) echo "Kernel panic - not syncing" >"\${argument#file:}" ;; esac
		done
	FAKE
	chmod +x "$work/qemu"
	QEMU=$work/qemu ends "$@" -- true
}

# asked TIMES: after one run more, the emulator that can do nothing was so often asked for KVM.
asked() {
	QEMU=$work/no-qemu ends 125 'QEMU failed' --module "$work/module" -- true &&
		same "$1" "$(wc -l <"$work/asked")"
}

# It is asked when it is new, and an hour later.
kvm_refused() {
	printf '#!/bin/sh\ncase " $* " in *" kvm "*) echo >>%s ;; esac\nexit 1\n' \
		"$work/asked" >"$work/no-qemu"
	chmod +x "$work/no-qemu"
	touch "$work/module"
	asked 1 && asked 1 || return
	touch -d '61 minutes ago' "$work/no-qemu.no-kvm"
	asked 2
}

# Lines as kernels write them, none of which must be passed over.
planted() {
	while read -r line; do
		printf '[    1.000000] Linux version 6\n[    2.000000] %s\n' "$line" >"$work/log"
		if tests/vm/log-check "$work/log" 2>/dev/null; then
			echo "passed over: $line"
			return 1
		fi
	done <<'LINES'
BUG: kernel NULL pointer dereference, address: 0000000000000008
BUG: unable to handle page fault for address: ffffc90000000000
BUG: KASAN: slab-out-of-bounds in mymem_read+0x12/0x34 [mymem]
BUG: KCSAN: data-race in mymem_read / mymem_write
BUG: sleeping function called from invalid context at mm/memory.c:1
BUG: scheduling while atomic: mymem-bench/101/0x00000002
BUG: soft lockup - CPU#0 stuck for 22s! [mymem-bench:101]
BUG: workqueue lockup - pool cpus=0 node=0 flags=0x0 nice=0 stuck for 30s!
WARNING: CPU: 0 PID: 1 at mm/page_alloc.c:1 __alloc_pages+0x1/0x2
WARNING: possible circular locking dependency detected
WARNING: possible recursive locking detected
WARNING: inconsistent lock state
WARNING: suspicious RCU usage
Oops: 0000 [#1] PREEMPT SMP PTI
general protection fault, probably for non-canonical address 0xdead: 0000 [#1]
Kernel panic - not syncing: Fatal exception
rcu: INFO: rcu_preempt self-detected stall on CPU
rcu: INFO: rcu_sched detected stalls on CPUs/tasks:
INFO: task mymem-bench:101 blocked for more than 30 seconds.
UBSAN: shift-out-of-bounds in src/memory.c:1:2
kmemleak: 1 new suspected memory leaks (see /sys/kernel/debug/kmemleak)
kmemleak: Kernel memory leak detector disabled
refcount_t: underflow; use-after-free.
usercopy: Kernel memory exposure attempt detected from SLUB object (offset 0, size 9)!
list_add corruption. prev->next should be next
page allocation failure: order:7, mode:0xcc0(GFP_KERNEL)
Out of memory: Killed process 101 (mymem-bench)
memory.c:51 module mymem func:alloc_chunks has 4096 allocated at module unload
unreferenced object 0xffff888001234000 (size 4096):
traps: mymem-bench[101] general protection fault ip:1 sp:2 error:0
LINES
}

harmless() {
	printf '[    0.000000] %s\n' 'Linux version 6.1.0 (debian-kernel)' \
		'rcu: Preemptible hierarchical RCU implementation.' \
		'rcu: 	RCU event tracing is enabled.' \
		'kfence: initialized - using 2097152 bytes for 255 objects' \
		'kmemleak: Kernel memory leak detector initialized (mem pool available: 15000)' \
		'mymem: loading out-of-tree module taints kernel.' \
		'mymem: version 0.1.0, 524288 bytes at /dev/mymem' >"$work/log"
	tests/vm/log-check "$work/log"
}

# race FUNCTION...: the kernel's log says of a data race that it went through these.
race() {
	printf '[    1.000000] %s\n' '==================================================================' \
		'BUG: KCSAN: data-race in _copy_to_iter / _copy_from_iter' '' \
		'read to 0xffff888001234000 of 8 bytes by task 101 on cpu 0:' \
		' _copy_to_iter+0x1/0x2' "${@/#/ }" ' vfs_read+0x1/0x2' '' \
		'Reported by Kernel Concurrency Sanitizer on:' \
		'==================================================================' >"$work/log"
	tests/vm/log-check "$work/log"
}

# tap_says STATUS LAST-LINE OUTPUT [STATUS-OF-PROGRAM]
tap_says() {
	local status=0
	printf '#!/bin/sh\nprintf '\''%s'\''\nexit %d\n' "$3" "${4:-0}" >"$work/program"
	chmod +x "$work/program"
	tests/tap "$work/program" >"$work/tap" || status=$?
	cat "$work/tap"
	same "$1" $status && same "$2" "$(tail -n 1 "$work/tap")"
}

# tap_leaves_nothing COMMAND...: runs tests/tap on that program. What it has started ends with it
# when it takes too long.
tap_leaves_nothing() {
	local said
	printf '#!/bin/sh\n(sleep 6; echo "ok 1 - late") &\nsleep 60\n' >"$work/late"
	chmod +x "$work/late"
	said=$("$@") || true
	echo "$said"
	grep -q '^not ok 1 - late: took too long' <<<"$said" && same "0 passed, 1 failed" "$(tail -n 1 <<<"$said")"
}

# judged VERDICT VALUE...: so is judged what has to be at most 1.25, if it took
# these, and 100 what it is compared with.
judged() {
	local verdict=$1 value
	shift
	for value; do
		echo "zero:pread:1 100"
		echo "mymem:pread:1 $value"
	done >"$work/measured"
	tests/perf/judge native ns "$work/judged.json" <"$work/measured" >"$work/judged"
	cat "$work/judged"
	grep -q "mymem:pread:1 .* zero:pread:1 .* 1.25  $verdict\$" "$work/judged" &&
		grep -qi "\"zero:pread:1\".*\"verdict\": \"$verdict\"" "$work/judged.json"
}

ci_without_time() {
	local status=0
	CI_MINUTES=0 .ci/run >"$work/ci" || status=$?
	cat "$work/ci"
	same 1 $status && grep -q ': make check # SKIP' "$work/ci" &&
		tail -n 1 "$work/ci" | grep -q '0 passed, 0 failed, [1-9] skipped$'
}

check "the guest's output, errors, files and status come home" sound
check "the guest's status is the run's" ends 7 '' -- sh -c 'exit 7'
panic() {
	ends 125 'without a verdict|the kernel complained' -- sh -c 'echo c >/proc/sysrq-trigger' &&
		! grep -q 'once more' "$work/err"
}
check "a panic, for which nothing is tried again" panic
check "a warning in the kernel's log" ends 125 'the kernel complained' -- \
	sh -c 'echo "WARNING: CPU: 0 PID: 1 at planted" >/dev/kmsg'
check "a guest that ends early" ends 125 'without a verdict' -- poweroff -f
check "a time-out" ends 125 'did not end within 5 seconds' --timeout 5 -- sleep 100
check "a kernel that dies while it starts, once" dies_starting 1 0 'once more'
check "and each time" dies_starting 2 125 'without a verdict'
if [ -w /dev/kvm ]; then
	check "KVM that boots nothing is not asked again within an hour" kvm_refused
else
	skip "KVM that boots nothing is not asked again within an hour" "no /dev/kvm here"
fi
check "a module that does not load" ends 125 'size=0 is not a size' --load size=0 -- true
# shellcheck disable=SC2016 # expanded in the guest
check "load arguments" ends 0 '' --load size=8K -- sh -c '[ $(wc -c </dev/mymem) = 8192 ]'
# shellcheck disable=SC2016 # expanded in the guest
check "--add, --append and --icount" ends 0 'a nanosecond is an instruction' \
	--icount --append planted=1 --add tests/perf/targets -- \
	sh -c 'grep -q planted=1 /proc/cmdline && [ -s /added/targets ] && [ $(nproc) = 1 ] &&
		mymem-bench -o pread -s 64 -n 5 -r 1 | grep -qE "^ *64 B +[0-9]+ instr"'
check "--no-load" ends 0 '' --no-load -- sh -c '[ ! -e /dev/mymem ]'
check "a module left in use" ends 125 'could not be loaded or unloaded' -- sh -c 'sleep 100 </dev/mymem >/dev/null 2>&1 &'
check "one left in use in a tainted kernel" ends 125 'could not be loaded or unloaded' -- \
	sh -c 'echo 1 >/proc/sys/kernel/tainted; sleep 100 </dev/mymem >/dev/null 2>&1 &'
check "no command" ends 2 'give a command'
check "an unknown option" ends 2 'no such option' --nonsense
check "an unknown suite" ends 1 'sweet is not a suite' --kernel sweet/cloud-amd64 -- true
check "an unknown flavour" ends 1 'no package linux-headers-vanilla' --kernel bookworm/vanilla -- true
check "an unknown architecture" ends 1 'vax: not an architecture' --kernel bookworm/amd64/vax -- true
check "no suite" ends 1 'give a kernel as SUITE/FLAVOUR' --kernel bookworm -- true
check "reports in a kernel's log are found" planted
check "a sound kernel's log is passed" harmless
check "a race in the core of the kernel is passed over" race 'shmem_file_read_iter+0x1/0x2'
check_fails "a race in mymem is found" race 'mymem_read+0x1/0x2 [mymem]'
check "a race of an interrupt that came upon mymem is passed over" race 'asm_sysvec_apic_timer_interrupt+0x1/0x2' \
	'mymem_read+0x1/0x2 [mymem]'
check_fails "a race of mymem with an interrupt is found" race 'asm_sysvec_apic_timer_interrupt+0x1/0x2' '' \
	'mymem_read+0x1/0x2 [mymem]'
check "tap: a test that passes" tap_says 0 "1 passed, 0 failed" '1..1\nok 1 - a\n'
check "tap: a test that fails" tap_says 1 "1 passed, 1 failed" '1..2\nok 1 - a\nnot ok 2 - b\n' 1
check "tap: a program that says nothing" tap_says 1 "0 passed, 1 failed" ''
check "tap: a program that ends badly" tap_says 1 "1 passed, 1 failed" '1..1\nok 1 - a\n' 3
check "tap: a test that is left out" tap_says 1 "1 passed, 1 failed" '1..2\nok 1 - a\n'
check "tap: a plan that is left out" tap_says 1 "1 passed, 1 failed" 'ok 1 - a\n'
check "tap: a skipped test is not a passed one" tap_says 1 "0 passed, 0 failed, 1 skipped" '1..1\nok 1 - a # SKIP why\n'
# With a terminal, programs have to be in the foreground, and it cannot be so.
check "tap: a program that takes too long" tap_leaves_nothing \
	setsid -w env TAP_TIMEOUT=2 tests/tap "$work/late"
check "tap: one in the guest" tap_leaves_nothing tests/vm/run --kernel "$kernel" --timeout 300 \
	--add "$work/late" -- env TAP_TIMEOUT=2 tap /added/late
check "tap: no program at all" same "0 passed, 0 failed" "$(tests/tap | tail -n 1)"
check "judge: a target that is met" judged met 125
check "judge: a target that is not met" judged "NOT MET" 126
check "judge: the minimum says otherwise than the median" judged unclear 126 124 126
check "judge: what was not measured" judged "not measured"
check ".ci/run: what it leaves out is said, and is not passed" ci_without_time
check_end
