# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# For tests written in shell, on the host and in the guest: to be sourced.

checks=0
failures=0

# check WHAT COMMAND...: a test, which passes if the command succeeds.
check() {
	check_what=$1
	shift
	checks=$((checks + 1))
	if check_output=$("$@" 2>&1); then
		echo "ok $checks - $check_what"
	else
		echo "not ok $checks - $check_what"
		echo "$check_output" | sed 's/^/# /'
		failures=$((failures + 1))
	fi
}

# check_fails WHAT COMMAND...: passes if the command fails.
check_fails() {
	check_what=$1
	shift
	check "$check_what" fails "$@"
}

fails() {
	if "$@"; then
		echo "succeeded: $*"
		return 1
	fi
}

# skip WHAT WHY: a test that cannot be run here.
skip() {
	checks=$((checks + 1))
	echo "ok $checks - $1 # SKIP $2"
}

# same EXPECTED GOT: whether two texts are the same, and what they are if not.
same() {
	[ "$1" = "$2" ] && return
	echo "expected: $1"
	echo "got:      $2"
	return 1
}

# catches_interrupt PID: waits until it does. A shell has its background commands ignore
# SIGINT until then.
catches_interrupt() {
	while kill -0 "$1" && ! grep -q '^SigCgt:.*[2367abef]$' "/proc/$1/status"; do sleep 0.1; done
}

# check_end: to be the script's last command.
check_end() {
	echo "1..$checks"
	[ $failures -eq 0 ]
}
