#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# --help, man page and completion of each tool name the same options, modes,
# commands and version.
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.." || exit
# shellcheck source=../check.sh
. tests/check.sh

tests/need man-db || exit
version=$(make -s version)

help_options() {
	"build/tools/$1" --help | grep -E '^ +-' |
		grep -oE -e '(^ +|, )-[-a-zA-Z]+' | grep -oE -e '-.*' | sort
}

# In a man page each option is a line that begins with it, in bold.
man_options() {
	grep -E '^\*-' "tools/man/$1.1.scd" | sed 's/\[=.*//' | grep -oE '\*-[-a-zA-Z]+\*' | tr -d '*' | sort
}

# completed_options TOOL [COMMAND]
completed_options() {
	bash -c ". tools/completions/$1
		COMP_WORDS=($* -) COMP_CWORD=$#
		_${1//-/_}
		printf '%s\n' \"\${COMPREPLY[@]}\"" | sort
}

same_options() {
	same "$(help_options "$1")" "$(man_options "$1")" || return
	same "$(help_options "$1")" "$(completed_options "$1")" || return
	[ "$(help_options "$1" | wc -l)" -ge 7 ]
}

same_modes() {
	local help man completion
	help=$(build/tools/mymem-race --help | sed -n '/^Modes:/,/^$/s/^ \([a-z-]*\) .*/\1/p' | sort)
	man=$(sed -n '/^# MODES/,/^# OUTPUT/s/^\*\([a-z-]*\)\*$/\1/p' tools/man/mymem-race.1.scd | sort)
	completion=$(sed -n "s/.*compgen -W '\([a-z -]*\)' .*/\1/p" tools/completions/mymem-race | tr ' ' '\n' | sort)
	[ -n "$help" ] && same "$help" "$man" && same "$help" "$completion"
}

same_commands() {
	local help man completion
	help=$(build/tools/mymemctl --help | sed -n '/^Commands:/,/^$/s/^ \([a-z-]*\) .*/\1/p' | sort)
	man=$(sed -n '/^# COMMANDS/,/^# OPTIONS/s/^\*\([a-z-]*\)\*.*$/\1/p' tools/man/mymemctl.1.scd | sort)
	completion=$(bash -c '. tools/completions/mymemctl
		COMP_WORDS=(mymemctl "") COMP_CWORD=1
		_mymemctl
		printf "%s\n" "${COMPREPLY[@]}"' | sort)
	[ -n "$help" ] && same "$help" "$man" && same "$help" "$completion"
}

# "mymem-bench compare" refuses what is for measuring, and nobody offers it there.
same_compare_options() {
	local accepted option
	accepted=$(for option in $(help_options mymem-bench); do
		build/tools/mymem-bench compare "$option" 1 2>&1 | grep -q 'is for measuring' || echo "$option"
	done)
	same "$accepted" "$(completed_options mymem-bench compare)" || return
	accepted=$(grep -vE -e '^-.$|^--(help|version)$' <<<"$accepted")
	same "$accepted" "$(build/tools/mymem-bench --help | grep '^ mymem-bench compare' | grep -oE -e '--[a-z-]+' | sort)" || return
	same "$accepted" "$(grep '^\*mymem-bench\* \*compare' tools/man/mymem-bench.1.scd | grep -oE -e '--[a-z-]+' | sort)"
}

# What stands behind each command, in the man page and in the help
same_arguments() {
	local command
	sed -n '/^# COMMANDS/,/^# OPTIONS/{/^\*[a-z]*\*/p}' tools/man/mymemctl.1.scd | tr -d '*_' |
		while read -r command; do
			build/tools/mymemctl --help | tr -s ' ' | grep -F " $command " && continue
			echo "not in the help: $command"
			exit 1
		done
}

# Each option is accepted: no help that names what is not there.
accepted() {
	local option
	for option in $(help_options "$1"); do
		# Those that stand alone run into a device that is missing, or
		# a command that is.
		if "build/tools/$1" -d /nonexistent "$option" 2>&1 </dev/null |
			grep -E 'unrecognized|invalid option'; then
			return 1
		fi
	done
}

man_renders() {
	same "" "$(MANWIDTH=80 man --warnings -l "build/tools/$1.1" 2>&1 >/dev/null)"
}

installs() {
	local folder status=0
	folder=$(mktemp -d)
	make -s -C tools install V=1 DESTDIR="$folder" PREFIX=/opt/mymem || status=1
	(cd "$folder" && find . -type f | sort) >"$folder.list"
	same "./opt/mymem/bin/mymem-bench
./opt/mymem/bin/mymem-race
./opt/mymem/bin/mymemctl
./opt/mymem/share/bash-completion/completions/mymem-bench
./opt/mymem/share/bash-completion/completions/mymem-race
./opt/mymem/share/bash-completion/completions/mymemctl
./opt/mymem/share/man/man1/mymem-bench.1
./opt/mymem/share/man/man1/mymem-race.1
./opt/mymem/share/man/man1/mymemctl.1" "$(cat "$folder.list")" || status=1
	rm -rf "$folder" "$folder.list"
	return $status
}

# all_say WHAT PATTERN FILE...: each file has a line like that.
all_say() {
	local what=$1 pattern=$2 file
	shift 2
	for file; do
		grep -qE "$pattern" "$file" || {
			echo "$file does not say $what"
			return 1
		}
	done
}

# dkms matches the kernel's whole name; only the oldest is a limit. Documents say the same.
same_range() {
	local pattern major minor kernel
	pattern=$(bash -c '. ./dkms.conf; echo "$BUILD_EXCLUSIVE_KERNEL"')
	major=$(sed -n 's/^#define MYMEM_KERNEL_MIN_MAJOR //p' src/version.h)
	minor=$(sed -n 's/^#define MYMEM_KERNEL_MIN_MINOR //p' src/version.h)
	for kernel in "$major.$minor.0-1-amd64" "$major.$minor.221" "$major.$((minor + 1)).0" \
		"$((major + 1)).0.1-generic" "$((major + 1)).$minor.0" 10.0.0-1 12.3.4; do
		[[ $kernel =~ $pattern ]] || {
			echo "$kernel is excluded"
			return 1
		}
	done
	for kernel in "$major.$((minor - 1)).99-1" "$major.1.5" "$((major - 1)).$minor.0" \
		"$((major - 1)).19.0-$major.$minor"; do
		[[ ! $kernel =~ $pattern ]] || {
			echo "$kernel is not excluded"
			return 1
		}
	done
	all_say "$major.$minor" "from Linux $major\.$minor on" debian/control mymem.spec &&
		all_say "$major.$minor" "kernel older than $major\.$minor," README.md
}

# Since when there can be the module in Rust: documents say what dkms.conf does.
same_beginning() {
	local pattern minor=0
	pattern=$(bash -c '. dkms/rust/dkms.conf; echo "$BUILD_EXCLUSIVE_KERNEL"')
	until [[ 7.$minor.0 =~ $pattern ]]; do
		minor=$((minor + 1))
		[ $minor -lt 100 ] || return
	done
	all_say "7.$minor" "for kernels from (Linux )?7\.$minor on that" debian/control mymem.spec docs/rust.md
}

# What sysfs has is what the kernel's kind of document says.
same_attributes() {
	local there
	there=$(sed -n 's/^static DEVICE_ATTR_RO(\(.*\));$/\1/p' src/stats.c | sort)
	[ -n "$there" ] && same "$there" \
		"$(sed -n 's,^[^/]*/sys/class/misc/mymem/,,p' docs/ABI/testing/sysfs-class-misc-mymem | sort)"
}

for tool in mymem-bench mymem-race mymemctl; do
	check "$tool: the same options everywhere" same_options $tool
	check "$tool: all of them exist" accepted $tool
	check "$tool: the man page has no error" man_renders $tool
	check "$tool: --version" same "$tool $version" "$(build/tools/$tool --version)"
done
check "mymem-race: the same modes everywhere" same_modes
check "mymem-bench compare: the same options everywhere" same_compare_options
check "mymemctl: the same commands everywhere" same_commands
check "mymemctl: they have the same arguments" same_arguments
check "make install" installs
check "dkms.conf has the version" grep -qx "PACKAGE_VERSION=\"$version\"" dkms.conf
check "and that of the module in Rust" grep -qx "PACKAGE_VERSION=\"$version\"" dkms/rust/dkms.conf
check "debian/changelog has the version" same "mymem ($version)" \
	"$(head -n 1 debian/changelog | cut -d' ' -f1-2)"
check "mymem.spec has the version" same "$version" \
	"$(sed -n 's/^Version: *//p' mymem.spec)"
check "mymem.spec's changelog has the version" grep -q "^\* .* - $version-" mymem.spec
check "dkms.conf has the range of kernels" same_range
check "documents have that of the module in Rust" same_beginning
check "sysfs: the same attributes everywhere" same_attributes
check "CHANGELOG.md begins with the version" same "## $version" \
	"$(grep -m 1 '^## ' CHANGELOG.md | cut -d' ' -f1-2)"
check_end
