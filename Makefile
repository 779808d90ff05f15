# SPDX-License-Identifier: GPL-2.0-only
# "make help" lists the targets. The module's own list of objects is src/Kbuild.

KVER ?= $(shell uname -r)
KDIR ?= /lib/modules/$(KVER)/build
# The kernel that the VM boots: a Debian suite and a flavour in it.
KERNEL ?= bookworm/cloud-amd64
# The one that the Rust module is for.
KERNEL_RUST ?= trixie-backports/cloud-amd64
# How long "make fuzz" takes, and where it begins: else the time.
FUZZ_SECONDS ?= 60
SEED ?=
# The Debian suite whose compiler and libraries the packages are built with.
SUITE ?= bookworm

VERSION := $(shell sed -n 's/^\#define MYMEM_VERSION "\(.*\)"$$/\1/p' src/version.h)
PREFIX ?= /usr/local

# What to do about a kernel for which the module does not build.
OLDEST = $(shell sed -n 's/^\#define MYMEM_KERNEL_MIN_[A-Z]* //p' src/version.h | paste -sd .)
NOT_BUILT = mymem $(VERSION) does not build for the kernel $(KVER) in $(KDIR), see above. It is for Linux \
	$(OLDEST) and newer; if that kernel is newer than this mymem, look for a newer mymem, and if there is none, \
	report it, with all that is above, to the maintainer (of a package, by 'dpkg -s mymem-dkms' or 'rpm -qi mymem-dkms')

# A kernel that clang built wants its modules built by clang.
LLVM_IF_CLANG = $(if $(shell grep -s '^CONFIG_CC_IS_CLANG=y' $(KDIR)/.config),LLVM=1)

all: module tools ## what "make" alone does

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 24

module: ## build src/mymem.ko for the running kernel, or KVER=, or KDIR=
	@test -e "$(KDIR)/Makefile" || { echo "module: no kernel headers in $(KDIR): install those of $(KVER) (on Debian: apt install linux-headers-$(KVER)), or name others with KVER= or KDIR=" >&2; exit 1; }
	@case '$(CURDIR)' in *' '*) echo "module: the kernel's build takes no blank in a path: move $(CURDIR)" >&2; exit 1;; esac
	@$(MAKE) -C $(KDIR) M=$(CURDIR)/src $(LLVM_IF_CLANG) modules || { echo "module: $(NOT_BUILT)" >&2; exit 1; }

tools: ## build the tools and their man pages in build/tools
	$(MAKE) -C tools

module-rust: ## build the module in Rust for KERNEL_RUST into build (the first time 10 minutes)
	@tests/rust/module '$(KERNEL_RUST)' build/mymem_rust.ko

tools-rust: ## build mymem-bench-rs and mymem-race-rs in build/rust/release
	cd tools/rust && cargo build --release

install: ## install the tools, man pages and completions (DESTDIR=, PREFIX=)
	$(MAKE) -C tools install PREFIX=$(PREFIX)

# dkms and udev look nowhere else, so there is no PREFIX here.
DKMS_SOURCE = $(DESTDIR)/usr/src/mymem-$(VERSION)
install-dkms: ## install the module's source and what goes with it (DESTDIR=)
	install -d $(DKMS_SOURCE)/dkms $(DKMS_SOURCE)/src/uapi/linux
	install -m 644 Makefile dkms.conf $(DKMS_SOURCE)
	install -m 755 dkms/setup dkms/try-build $(DKMS_SOURCE)/dkms
	install -m 644 src/Kbuild $(filter-out %.mod.c,$(wildcard src/*.[ch])) $(DKMS_SOURCE)/src
	install -m 644 src/uapi/linux/*.h $(DKMS_SOURCE)/src/uapi/linux
	install -D -m 644 udev/60-mymem.rules $(DESTDIR)/usr/lib/udev/rules.d/60-mymem.rules
	install -D -m 644 sysusers.d/mymem.conf $(DESTDIR)/usr/lib/sysusers.d/mymem.conf
	install -D -m 644 modules-load.d/mymem.conf $(DESTDIR)/usr/lib/modules-load.d/mymem.conf

DKMS_RUST = $(DESTDIR)/usr/src/mymem-rust-$(VERSION)
install-rust: ## install the source of the module in Rust for dkms (DESTDIR=)
	install -d $(DKMS_RUST)/dkms/rust $(DKMS_RUST)/src/rust $(DKMS_RUST)/src/uapi/linux
	install -m 644 dkms/rust/dkms.conf $(DKMS_RUST)
	install -m 755 dkms/rust/build dkms/rust/metadata $(DKMS_RUST)/dkms/rust
	install -m 644 src/rust/Kbuild src/rust/constants.c $(filter-out %/constants.rs,$(wildcard src/rust/*.rs)) $(DKMS_RUST)/src/rust
	install -m 644 src/lock.h src/mymem.h src/version.h $(DKMS_RUST)/src
	install -m 644 src/uapi/linux/*.h $(DKMS_RUST)/src/uapi/linux

install-dev: ## install the header for programs that use the device (DESTDIR=, PREFIX=)
	install -D -m 644 src/uapi/linux/mymem.h $(DESTDIR)$(PREFIX)/include/linux/mymem.h
	install -d $(DESTDIR)$(PREFIX)/share/pkgconfig
	sed 's|@PREFIX@|$(PREFIX)|; s|@VERSION@|$(VERSION)|' src/uapi/mymem.pc.in \
		>$(DESTDIR)$(PREFIX)/share/pkgconfig/mymem.pc
	chmod 644 $(DESTDIR)$(PREFIX)/share/pkgconfig/mymem.pc

deb: ## build the Debian packages into build/packages (SUITE=)
	@packages/deb '$(SUITE)'

dist: ## make the source archive in build/packages
	@packages/dist

rpm: ## build the RPM packages into build/packages (SUITE=)
	@packages/rpm '$(SUITE)'

repo: ## make apt and dnf repositories of the packages in build/repo (SUITE=)
	@packages/repo '$(SUITE)'

bench: ## run mymem-bench on a kernel in a VM, table here, JSON in build/bench.json
	@tests/vm/bench '$(KERNEL)'

report: ## the same with the first calls one by one, as a page of HTML in build/report.html
	@tests/vm/bench --report '$(KERNEL)'

screenshot: ## take the README's picture of that page, docs/report.png (chromium)
	@tests/need chromium fonts-inter pngquant
	chromium --headless --no-sandbox --hide-scrollbars --window-size=900,1240 --screenshot=build/report.png file://$(CURDIR)/build/report.html
	pngquant --force --output docs/report.png 64 build/report.png

race: ## run mymem-race in a VM in all modes, table here, JSON in build/race.json
	@tests/vm/race '$(KERNEL)'

perf: ## hold the driver's speed against its targets, JSON in build/perf/ (5 minutes)
	@tests/perf/instructions --kernel '$(KERNEL)'
	@tests/perf/parallel --kernel '$(KERNEL)'
	@tests/perf/native

perf-native: ## only what a call costs at this machine's own speed, in user-mode Linux
	@tests/perf/native

performance: perf ## all of that, and beside others by size: docs/performance.md (10 minutes)
	@tests/perf/compare --kernel '$(KERNEL)'
	@tests/perf/document

instrument: ## hold mymem-bench against what is known, and against fio (2 minutes, nothing else running)
	@tests/perf/instrument

check: ## all the quick tests, on the host and on a kernel in a VM
	@tests/check '$(KERNEL)'

check-judges: ## fio and stress-ng, which know nothing of mymem, on the device in a VM
	@TAP_TIMEOUT=1800 KERNEL='$(KERNEL)' tests/tap tests/vm/judges.test

check-kunit: ## the driver's KUnit tests, in user-mode Linux, which has to be built (8 minutes)
	@TAP_TIMEOUT=3600 tests/tap tests/kunit.test

check-checkers: ## KUnit, injected faults and planted bugs, on a kernel with KASAN and lockdep
	@TAP_TIMEOUT=3600 CHECKERS=kasan tests/tap tests/checkers/kunit.test \
		tests/checkers/faults.test tests/checkers/planted.test

check-checkers-full: ## that, the tests of the device there and with KCSAN, and its planted bugs and Rust's
	@TAP_TIMEOUT=3600 tests/tap tests/checkers/*.test

coverage: ## how much of src/ the tests run, by gcov, in build/coverage (an hour)
	@tests/checkers/coverage

check-kernels: ## the package on all kernels that Debian ships, in VMs (KERNELS= for some)
	@tests/kernels/check $(KERNELS)

check-newest: ## the same on the newest kernel there is, in experimental or sid
	@tests/kernels/check experimental/cloud-amd64

check-packages: ## install, upgrade and remove the packages on systems in VMs (half an hour)
	@tests/packages/check

check-packages-full: ## the same on more systems, Secure Boot, the RPMs, autopkgtest (hours)
	@tests/packages/check --full

check-mutants: ## break the driver in many ways, see its tests fail (an hour)
	@TAP_TIMEOUT=14400 KERNEL='$(KERNEL)' tests/tap tests/vm/mutants.test

check-rust: ## the module in Rust by the tests of the one in C, and the tools in Rust
	@export KERNEL_RUST='$(KERNEL_RUST)' TAP_TIMEOUT=3600; tests/tap tests/rust/*.test

report-rust: ## measure C against Rust and write docs/c-vs-rust.md (RACES=, 20 minutes)
	@KERNEL_RUST='$(KERNEL_RUST)' tests/rust/report $(RACES)

fuzz: ## random calls of the device in a VM, and libFuzzer on the parsers (FUZZ_SECONDS=60, SEED=)
	@export KERNEL='$(KERNEL)' FUZZ_SECONDS='$(FUZZ_SECONDS)' SEED='$(SEED)' TAP_TIMEOUT=$$(( $(FUZZ_SECONDS) + 1800 )); \
		tests/tap tests/fuzz/device.test tests/fuzz/parsers.test

version: ## print the version
	@echo $(VERSION)

format: ## lay out all C files by the kernel's clang-format settings
	@tests/host/format --fix

clean: ## remove what was built (the downloads stay in the cache)
	rm -rf build
	find src \( -name '*.o' -o -name '*.ko' -o -name '*.mod' -o -name '*.mod.c' \
		-o -name '.*.cmd' -o -name modules.order -o -name Module.symvers \) -delete

.PHONY: all help module tools install install-dkms install-dev deb dist rpm repo bench \
	report screenshot race perf perf-native performance instrument fuzz coverage check \
	check-judges check-checkers check-checkers-full check-kernels check-kunit check-newest \
	check-packages check-packages-full check-mutants tools-rust check-rust module-rust install-rust \
	report-rust version format clean
