# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the steps share. To be sourced by them, in the guest, after check.sh.

# shellcheck disable=SC2034 # used by those who source this
kernel=$(uname -r)
printf '# in Debian %s, kernel %s, dkms %s\n' "$(cat /etc/debian_version)" "$kernel" \
	"$(dpkg-query -W -f '${Version}' dkms)"

# repository NAME: what the README of that folder of the web server says, up to the
# installation.
repository() {
	# shellcheck disable=SC2016 # expanded by sed
	sed -n '/^Debian/,/^Fedora/ { s/^    //p }' "www/$1/README" |
		sed "s,URL,http://127.0.0.1/$1,; s/sudo wget/busybox wget/; s/sudo //; / apt /d; /^apt /d" \
			>/var/tmp/readme
	cat /var/tmp/readme
	bash -e /var/tmp/readme && apt_get update
}

apt_get() {
	apt-get -q -y -o Dpkg::Use-Pty=0 -o APT::Color=0 "$@"
}

# as USER COMMAND...: as one who has just logged in.
as() {
	local user=$1
	shift
	runuser -l "$user" -c "$(printf '%q ' "$@")"
}

# The version of the module that a kernel has, and of the one that is loaded.
# shellcheck disable=SC2120 # the argument may be left out
installed() {
	modinfo -k "${1:-$kernel}" -F version mymem 2>/dev/null
}

loaded() {
	cat /sys/module/mymem/version
}

# What dkms knows: "VERSION: added", or "VERSION KERNEL: installed".
registered() {
	dkms status mymem 2>/dev/null | sed 's,^mymem[/, ]*,,; s/, [^,]*:/:/; s/, / /' | sort
}

# What dkms says of what it knows besides. dkms 3.0.10 breaks its own pipe at times.
complaints() {
	dkms status 2>&1 | grep -v 'write error: Broken pipe' | grep -iE 'broken|error|missing|warn'
}

# Debian 12's dkms takes a kernel that it is to skip for one that failed.
dkms_skips() {
	dpkg --compare-versions "$(dpkg-query -W -f '${Version}' dkms)" ge 3.1
}

node() {
	udevadm settle
	stat -c '%F %U:%G %a' /dev/mymem
}

works() {
	udevadm settle
	mymemctl doctor && as student mymem-bench -n 10 -s 64,4K >/dev/null
}

# one_line COMMAND...: that it fails with one line, which is printed.
one_line() {
	local output
	if output=$("$@" 2>&1 >/dev/null); then
		echo "succeeded: $*"
		return 1
	fi
	echo "$output"
	[ "$(echo "$output" | wc -l)" -eq 1 ]
}

# listing FILE: what is on the disk, but for what apt and systemd keep for
# themselves. A folder's size is what it once was.
listing() {
	find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp \
		-o -path /var/tmp -o -path /var/log -o -path /var/cache -o -path /var/lib/apt \
		-o -path /var/lib/dpkg -o -path /var/lib/systemd \) -prune -o \
		-type d -printf '%y %m %u:%g - %p %l\n' -o \
		-printf '%y %m %u:%g %s %p %l\n' | sort -k 5 >"$1"
}

no_failed_unit() {
	systemctl is-system-running --wait
	same "" "$(systemctl --failed --no-legend --plain)"
}
