# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the steps of rpm-life.test share. To be sourced by them, in the guest, after
# check.sh and lib.sh, which gives kernel.
# shellcheck disable=SC2154

this=$(cat www/version)
printf '# rpm %s, dnf %s; dkms, kernel, libraries are Debian'\''s: the package stand-in\n' \
	"$(rpm --version | sed 's/.* //')" "$(dnf --version 2>/dev/null | sed -n 1p)"
echo '# gives them the names that they have in Fedora'

dnf() {
	command dnf -y --color=never "$@"
}

stand_in() {
	# Fedora's has it.
	mkdir -p /etc/yum.repos.d
	rpmbuild -bb --quiet --define '_rpmdir /var/tmp' www/stand-in.spec &&
		dnf install "/var/tmp/$(uname -m)/"stand-in-*.rpm
}

# repository NAME: follows README up to the installation.
repository() {
	# shellcheck disable=SC2016 # $p is sed's
	sed -n '/^Fedora/,$ { s/^    //p }' "www/$1/README" |
		sed "s,URL,http://127.0.0.1/$1,g; s/sudo //; /dnf install/d" >/var/tmp/readme
	bash -e -o pipefail /var/tmp/readme && grep "http://127.0.0.1/$1/dnf" /etc/yum.repos.d/mymem.repo
}

release() {
	rpm -q --qf '%{VERSION}-%{RELEASE}' mymem-dkms
}

# That dkms has this version and no other, and that the files are the package's.
registered_is() {
	same "$this $kernel: installed" "$(registered)" && same "$this" "$(installed)" &&
		same "" "$(ls -d /var/lib/mymem 2>/dev/null)" && rpm -V mymem-dkms
}

works() {
	as student mymem-bench -n 10 -s 64,4K >/dev/null && as student mymemctl doctor
}

says() {
	echo "$output"
	[[ $output == *"$1"* ]]
}

new_one_loads() {
	modprobe -r mymem && modprobe mymem && same "$this" "$(loaded)" &&
		same "character special file root:mymem 660" "$(node)" && works
}

# What is on the disk now and was not before, and the other way round. The group
# stays, so that its number is not given to another one; dkms keeps the key that it
# made for itself; what rpm and dnf note down for themselves does not count.
left_over() {
	listing /var/tmp/after
	diff /var/tmp/before /var/tmp/after | grep '^[<>]' |
		grep -vE ' /etc/g?(roup|shadow)-? $| /var/lib/dkms/mok\.(key|pub) $| /var/lib/dkms $' |
		grep -vE ' (/var/lib/rpm|/var/lib/dnf)(/[^ ]*)? $' |
		grep -vE ' /etc/yum.repos.d(/mymem.repo)? $'
}

erased() {
	check "it is unloaded" test ! -e /sys/module/mymem
	check "the node is gone" test ! -e /dev/mymem
	check "udev has no rule for it" \
		same "" "$(grep -rl mymem /usr/lib/udev /etc/udev /run/udev 2>/dev/null)"
	check "no module is left" same "" "$(find /lib/modules/ -name 'mymem*')"
	check "dkms forgot it" same "" "$(dkms status 2>&1; ls -d /var/lib/dkms/mymem 2>/dev/null)"
	check "nothing is left but the group and dkms's key" same "" "$(left_over)"
	check "the group stays" grep -q '^mymem:' /etc/group
}
