#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# dkms, in a chroot of the kernel's suite: a checkout is added, built, installed
# and removed; and what the packages run, by hand.
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.." || exit
# shellcheck source=../check.sh
. tests/check.sh

kernel=${KERNEL:-bookworm/cloud-amd64}
version=$(make -s version)
kver=$(cat "$(tests/vm/kernel "$kernel")/version") || exit
in_chroot() {
	tests/vm/chroot "${kernel%%/*}" "$@"
}

tree=$(in_chroot mktemp -d) || exit
trap 'in_chroot rm -rf "$tree" "/usr/src/mymem-$version" /etc/dkms/no-autoinstall \
	/var/lib/{dkms/,}mymem "/lib/modules/$kver/updates/dkms" \
	/usr/lib/{udev/rules.d/60-mymem.rules,{sysusers,modules-load}.d/mymem.conf}' EXIT
tar -c --exclude=./build --exclude=./.git . | in_chroot tar -C "$tree" -x --no-same-owner || exit

installed() {
	in_chroot find "/lib/modules/$kver" -name 'mymem.ko*'
}

installs() {
	in_chroot sh -c "cd '$tree' && dkms add . &&
		dkms install -m mymem -v '$version' -k '$kver'" >"/tmp/dkms.$$" 2>&1
	local status=$?
	cat "/tmp/dkms.$$"
	rm -f "/tmp/dkms.$$"
	[ $status -eq 0 ] && [ "$(installed | wc -l)" -eq 1 ]
}

# A directive that dkms calls obsolete shows here.
no_complaint() {
	output=$(in_chroot dkms status 2>&1)
	echo "$output"
	echo "$output" | grep -q "mymem[/, ]*$version.*installed" &&
		! echo "$output" | grep -iE 'deprecat|obsolete|warning|error'
}

removes() {
	in_chroot dkms remove -m mymem -v "$version" --all &&
		same "" "$(installed)" &&
		same "" "$(in_chroot find /var/lib/dkms -name '*mymem*')"
}

setup() {
	in_chroot "/usr/src/mymem-$version/dkms/setup" "$1"
}

setup_installs() {
	in_chroot make -s -C "$tree" install-dkms && setup install &&
		same 1 "$(installed | wc -l)" && in_chroot getent group mymem
}

stays_out() {
	in_chroot make -s -C "$tree" install-dkms &&
		in_chroot touch /etc/dkms/no-autoinstall && setup install &&
		same "" "$(installed)" && in_chroot rm /etc/dkms/no-autoinstall
}

# An older version, whose module a kernel has and whose source somebody deleted.
lost_its_source() {
	in_chroot sh -ec "
		cp -r /usr/src/mymem-$version /usr/src/mymem-0.0.1
		sed -i 's/^PACKAGE_VERSION=.*/PACKAGE_VERSION=\"0.0.1\"/' /usr/src/mymem-0.0.1/dkms.conf
		dkms remove -m mymem -v '$version' --all
		dkms install -m mymem -v 0.0.1 -k '$kver'
		rm -r /usr/src/mymem-0.0.1" && same 1 "$(installed | wc -l)"
}

# registered VERSION...: that dkms knows these and no other.
registered() {
	same "$*" "$(in_chroot sh -c 'cd /var/lib/dkms/mymem && echo [0-9]*')"
}

old_one_stays_out_of_it() {
	in_chroot touch /etc/dkms/no-autoinstall && setup install &&
		registered 0.0.1 "$version" && same 1 "$(installed | wc -l)" &&
		in_chroot rm /etc/dkms/no-autoinstall
}

# A kernel in which something is not as the driver knows it: dkms skips it, and the
# end of its log says what to do.
too_new() {
	local status=0
	in_chroot sh -ec 'cd /tmp && rm -rf too-new && mkdir too-new
		echo "modules:; @echo unknown to mymem; exit 1" >too-new/Makefile'
	in_chroot sh -c "cd /usr/src/mymem-$version && dkms/try-build 99.1.0 /tmp/too-new" \
		>"/tmp/dkms.$$" 2>&1 || status=$?
	cat "/tmp/dkms.$$"
	same 77 $status && grep -q 'unknown to mymem' "/tmp/dkms.$$" &&
		tail -n 3 "/tmp/dkms.$$" >"/tmp/dkms.$$.end" &&
		grep -q "mymem $version does not build for the kernel 99.1.0.*Linux 5.10 and newer.*newer mymem.*report it.*maintainer" \
			"/tmp/dkms.$$.end" &&
		grep -q "The kernel 99.1.0 goes without mymem" "/tmp/dkms.$$.end"
	status=$?
	rm -f "/tmp/dkms.$$" "/tmp/dkms.$$.end"
	in_chroot rm -r /tmp/too-new
	return $status
}

# The last one was killed while it built again what there was, which it had put aside.
setup_removes() {
	in_chroot sh -ec "mkdir -p /var/lib/mymem/rebuild/0.0.1
		mv /var/lib/dkms/mymem/0.0.1/$kver /var/lib/mymem/rebuild/0.0.1" &&
		same 1 "$(installed | wc -l)" || return
	setup remove && same "" "$(installed)" &&
		same "" "$(in_chroot find /var/lib -name '*mymem*' -not -path '/var/lib/dpkg/*')"
}

check "dkms add and install of a checkout" installs
check "the module has the version" same "$version" \
	"$(in_chroot modinfo -F version "$(installed)")"
check "dkms status" no_complaint
check "dkms remove leaves nothing" removes
check "dkms/setup builds nothing where dkms is not to" stays_out
check "dkms/setup install" setup_installs
check "dkms/setup install again" setup_installs
check "an older version is in use, without its source" lost_its_source
check "dkms/setup leaves it in use where dkms is not to build" old_one_stays_out_of_it
check "a kernel that is too new is skipped, and the user told what to do" too_new
check "dkms/setup remove leaves nothing" setup_removes
check_end
