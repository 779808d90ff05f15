#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# mymemctl doctor, on a machine that is brought into disorder in many ways. The
# guest has no distribution: its module, its dkms and its users are made here.
# shellcheck source=../../check.sh
. /tests/check.sh

device=/dev/mymem
kernel=$(uname -r)
modules=/lib/modules
# As it stands in a pattern: Debian's have a plus sign.
release=$(echo "$kernel" | sed 's/[.+]/\\&/g')

# doctor STATUS COMMAND...: it ends so; what it says is in /tmp/said.
doctor() {
	expected=$1
	shift
	status=0
	"$@" mymemctl doctor >/tmp/said 2>&1 || status=$?
	cat /tmp/said
	same "$expected" $status
}

# line STATE NAME PATTERN: it said so.
line() {
	grep -qE "^$1 +$2 +.*$3" /tmp/said
}

# Also the number of faults: none is there that is not expected.
faults() {
	doctor 1 && same "$1" "$(grep -c '^fault' /tmp/said)"
}

works() {
	doctor 0 && same "the device works" "$(tail -n 1 /tmp/said)" &&
		fails grep '^fault' /tmp/said
}

loaded_by_insmod() {
	works && line ok kernel "$release" && line note headers "none for $release" &&
		line note dkms "not installed" && line note module insmod &&
		line ok loaded version && line note node "root:root 0600" &&
		line ok group "root needs none" && line ok device "524288 bytes"
}

writes_nothing() {
	echo before >$device && works && same before "$(head -n 1 $device)"
}

uninstalled() {
	rmmod mymem
	faults 2 && line fault headers "$release" && line fault module "none for this kernel" &&
		line note loaded "mymem: unloaded"
}

refused() {
	insmod "$MYMEM_KO" size=0 2>/dev/null
	faults 2 && line note loaded "'mymem: size=0 is not a size"
}

# A file without the module's signature, where dkms made one: that is last in it, behind it
# its length, in four bytes, and these words.
unsigned() {
	behind=0
	if [ "$(tail -c 28 "$1")" = "~Module signature appended~" ]; then
		# shellcheck disable=SC2046 # the bytes of the length
		set -- "$1" $(tail -c 32 "$1" | od -An -tu1 -N4)
		behind=$(((($2 * 256 + $3) * 256 + $4) * 256 + $5 + 40))
	fi
	head -c -$behind "$1"
}

# As a package installs it, with what modprobe wants to have.
install() {
	mkdir -p "$modules/$1/kernel" "$modules/$1/updates/dkms" "$modules/$1/build"
	: >"$modules/$1/build/Makefile"
	unsigned "$MYMEM_KO" >"$modules/$1/updates/dkms/mymem.ko"
	depmod "$1"
}

# A dkms that says what it is given.
dkms_says() {
	mkdir -p /usr/sbin
	printf '#!/bin/sh\n[ "$*" = "status -m mymem" ] || exit 1\ncat <<TEXT\n%s\nTEXT\n' "$1" >/usr/sbin/dkms
	chmod 755 /usr/sbin/dkms
}

no_depmod() {
	install "$kernel"
	rm "$modules/$kernel"/modules.*
	dkms_says "mymem/0.1.0, $kernel, x86_64: installed"
	faults 1 && line ok headers "$release/build" && line ok dkms "mymem/0.1.0 is installed" &&
		line fault module "'sudo depmod $release'"
}

not_loaded() {
	install "$kernel"
	faults 1 && line ok module "updates/dkms/mymem.ko" && line ok signature "not asked for" &&
		line fault loaded "modprobe mymem"
}

blacklisted() {
	mkdir -p /etc/modprobe.d
	echo blacklist mymem >/etc/modprobe.d/mymem.conf
	faults 1 && line fault loaded "blacklisted" || return
	echo install mymem /bin/false >/etc/modprobe.d/mymem.conf
	faults 1 && line fault loaded "'/bin/false'"
	result=$?
	rm -r /etc/modprobe.d
	return $result
}

refused_by_modprobe() {
	modprobe mymem size=0 2>/dev/null
	faults 1 && line fault loaded "size=0 is not a size.*another size="
}

# Firmware and a kernel that want signatures, as far as a user sees them.
not_signed() {
	shim=605dab50-e046-4300-abb6-3dd810dd8b23
	mount -t tmpfs tmpfs /sys/firmware && mkdir -p /sys/firmware/efi/efivars || return
	printf '\6\0\0\0\1' >/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c
	echo Y >/tmp/sig_enforce
	mount --bind /tmp/sig_enforce /sys/module/module/parameters/sig_enforce || return
	faults 1 && line fault signature "Secure Boot is on, and the module is not signed"
	result=$?
	printf '\6\0\0\0\1' >/sys/firmware/efi/efivars/MokSBStateRT-$shim
	faults 1 && line fault signature "the kernel takes only signed modules" || result=1
	umount /sys/module/module/parameters/sig_enforce
	faults 1 && line ok signature "not asked for: Secure Boot is off" || result=1
	umount /sys/firmware
	rm /tmp/sig_enforce
	return $result
}

installed() {
	modprobe mymem || return
	works && line ok loaded "version 0" && line ok module "updates/dkms/mymem.ko"
}

# What dkms 2 says, of several kernels and versions.
dkms_2() {
	dkms_says "mymem, 0.1.0, $kernel, x86_64: installed
mymem, 0.1.0, 5.10.0-1, x86_64: installed
mymem, 0.2.0: added"
	works && line note dkms "mymem/0.1.0 is installed.*the newer 0.2.0 is not" || return
	mkdir -p /var/lib/dkms/mymem/0.2.0/build
	echo "DKMS make.log for mymem-0.2.0 for kernel $kernel (x86_64)" \
		>/var/lib/dkms/mymem/0.2.0/build/make.log
	works && line note dkms "the newer.*/var/lib/dkms/mymem/0.2.0/build/make.log"
	result=$?
	rm -r /var/lib/dkms
	return $result
}

next_kernel() {
	dkms_says "mymem/0.1.0, $kernel, x86_64: installed"
	mkdir -p $modules/99.1.0/kernel $modules/99.2.0
	works && line note next "99.1.0 is installed.*headers of the kernel 99.1.0" || return
	install 99.1.0
	works && fails line note next ""
	result=$?
	rm -r $modules/99.*
	return $result
}

older_kernel() {
	rmmod mymem
	mv "$modules/$kernel" $modules/5.10.0-1
	mkdir -p "$modules/$kernel/build"
	: >"$modules/$kernel/build/Makefile"
	rm /usr/sbin/dkms
	faults 1 && line fault module "none for this kernel, but one for 5.10.0-1"
	result=$?
	rm -r "${modules:?}/$kernel"
	mv $modules/5.10.0-1 "$modules/$kernel"
	modprobe mymem && return $result
}

# A user like any other, and the groups that are given.
people() {
	mkdir -p /etc
	printf 'root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/:/bin/sh\n' >/etc/passwd
	printf 'root:x:0:\nalice:x:1000:\n%s\n' "$1" >/etc/group
}

# alice GROUPS COMMAND...: in a login of hers that is aware of these groups.
alice() {
	groups=$1
	shift
	setpriv --reuid=1000 --regid=1000 --groups="$groups" "$@"
}

no_udev() {
	people ""
	doctor 1 alice 1000 && line fault node "root:root 0600.*mymem-dkms"
}

no_member() {
	people mymem:x:999:
	chgrp 999 $device && chmod 660 $device || return
	doctor 1 alice 1000 && line ok node "root:mymem 0660" &&
		line fault group "alice is not in mymem.*usermod -aG mymem alice"
}

# She was added after she had logged in.
login_not_aware() {
	people mymem:x:999:alice
	doctor 1 alice 1000 && line fault group "this login does not know yet.*newgrp mymem"
}

member() {
	people mymem:x:999:alice
	doctor 0 alice 1000,999 && line ok group "alice is in mymem" && line ok device "bytes"
}

by_another_name() {
	ln -s $device /tmp/name
	mymemctl doctor -d /tmp/name >/tmp/said
	result=$?
	cat /tmp/said
	rm /tmp/name
	[ $result -eq 0 ] && line ok kernel "$release"
}

plain_file_instead() {
	rm $device
	echo text >$device
	faults 1 && line fault node "a plain file.*sudo rm $device"
	result=$?
	rm $device
	[ $result -eq 0 ] && faults 1 && line fault node "none, though it is loaded"
}

people ""
check "loaded by insmod, nothing is installed" loaded_by_insmod
check "it writes nothing" writes_nothing
check "nothing is installed or loaded" uninstalled
check "insmod was refused" refused
mkdir -p /tmp/bin
for name in depmod modprobe; do
	ln -s /usr/bin/kmod /tmp/bin/$name
done
PATH=/tmp/bin:$PATH
check "installed, and depmod did not run" no_depmod
check "installed, and not loaded" not_loaded
check "blacklisted" blacklisted
check "modprobe was refused" refused_by_modprobe
check "Secure Boot, and the module is not signed" not_signed
check "installed and loaded" installed
check "dkms 2, an older version" dkms_2
check "a newer kernel without the module" next_kernel
check "the module is for another kernel" older_kernel
check "no udev rule" no_udev
check "a user who is not in the group" no_member
check "a user who is in the group, and the login does not know" login_not_aware
check "a member of the group" member
check "the device by another name" by_another_name
check "a plain file where the node should be" plain_file_instead

rm -rf $modules /tmp/bin /tmp/said /etc/passwd /etc/group
rmmod mymem
insmod "$MYMEM_KO"
check_end
