#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# dkms/rust/build and metadata, with stand-ins for the compilers and the kernel's build: when
# it is made, when it is skipped and what is said then, and that nothing is left of what
# failed. For metadata.test, in a chroot, in a folder with what is needed of the tree.
# shellcheck source=../check.sh
. tests/check.sh

# No kernel is called that.
kver=9.8.7+test-amd64
made=/var/cache/mymem-rust/$kver
work=$PWD
export work kver made
mkdir -p "/lib/modules/$kver" bin headers sysroot/lib/rustlib/src/rust/library/core
trap 'rm -r "/lib/modules/$kver"' EXIT
touch headers/Module.symvers
sed -i "s,/usr/src/,$work/," dkms/rust/metadata
ln -s /usr/bin/* /usr/sbin/* bin/ 2>/dev/null

# program NAME: does what stands on stdin, instead of the real one.
program() {
	rm -f "bin/$1"
	{ echo '#!/bin/sh' && cat; } >"bin/$1"
	chmod +x "bin/$1"
}
for name in bindgen flex bison bc openssl tar; do
	program $name </dev/null
done
program cc <<'SH'
! grep -q "$(cat "$work/no-header")"
SH
program rustc <<'SH'
[ "$1" = -V ] && cat "$work/rustc" || echo "$work/sysroot"
SH
program dpkg-query <<'SH'
sed -n "s/^$4 //p" "$work/revisions"
SH
program make <<'SH'
echo "LLVM=${LLVM-} $*" >>"$work/asked"
case $* in
*kernelversion) cat "$work/kernelversion" ;;
*kernelrelease) echo "$kver" ;;
*olddefconfig) cp "$work/config" "$made/build/.config" ;;
*modules_prepare) [ ! -e "$work/broken" ] ;;
esac
SH

# All is there, and nothing was made yet.
reset() {
	rm -rf /var/cache/mymem-rust headers/rust broken
	echo no-such-header >no-header
	echo 'rustc 1' >rustc
	echo 9.8.7 >kernelversion
	: >revisions
	: >linux-source-9.8.tar.xz
	echo CONFIG_RUST=y | tee config >headers/.config
	for name in flex openssl; do
		[ -e bin/$name ] || program $name </dev/null
	done
}

build() {
	: >asked
	PATH=$work/bin dkms/rust/build "$kver" "$work/headers" >said 2>&1
	status=$?
	cat said asked
	return $status
}

# skipped WHY: that it is, says so in one line, and leaves nothing.
skipped() {
	build
	same 77 $status && [ ! -e "$made" ] &&
		same "mymem_rust is skipped for $kver: its headers have no Rust metadata, and $1" "$(cat said)"
}

prepared() {
	grep -q modules_prepare asked
}

once() {
	build && prepared && build && same "LLVM= -C $made/build M=$work/src/rust modules" "$(cat asked)"
}

of_another_compiler() {
	build && echo 'rustc 2' >rustc || return
	build && prepared && build && ! prepared
}

not_needed() {
	mkdir headers/rust && touch headers/rust/libkernel.rmeta
	build && same "LLVM= -C $work/headers M=$work/src/rust modules" "$(cat asked)" && [ ! -e "$made" ]
}

by_clang() {
	echo CONFIG_CC_IS_CLANG=y | tee config >headers/.config
	build && prepared && ! grep -v '^LLVM=1 ' asked
}

missing() {
	rm bin/flex bin/openssl linux-source-9.8.tar.xz
	echo libdw >no-header
	mv sysroot away
	skipped "to make it these are missing: linux-source-9.8 flex openssl rust-src libdw-dev"
	result=$?
	mv away sysroot
	return $result
}

of_another_version() {
	echo 9.8.70 >kernelversion
	skipped "$work/linux-source-9.8.tar.xz is of 9.8.70: get the one of the same version"
}

of_another_revision() {
	printf '%s\n' 'linux-source-9.8 9.8.7-2' "linux-headers-$kver 9.8.7-1" >revisions
	skipped "to make it, linux-source-9.8 has to be 9.8.7-1, and is 9.8.7-2"
}

fails_half_way() {
	touch broken
	skipped "making it failed, see above"
}

of_another_configuration() {
	echo CONFIG_RUST=n >config
	build
	same 77 $status && [ ! -e "$made" ] && grep -q 'making it failed, see above' said
}

for what in once of_another_compiler not_needed by_clang missing of_another_version \
	of_another_revision fails_half_way of_another_configuration; do
	reset
	check "$(echo $what | tr _ ' ')" $what
done
check_end
