# SPDX-License-Identifier: GPL-2.0-only
# "make help" lists the targets. The module's own list of objects is src/Kbuild.

KVER ?= $(shell uname -r)
KDIR ?= /lib/modules/$(KVER)/build
# The kernel that the VM boots: a Debian suite and a flavour in it.
KERNEL ?= bookworm/cloud-amd64

# A kernel that clang built wants its modules built by clang.
LLVM_IF_CLANG = $(if $(shell grep -s '^CONFIG_CC_IS_CLANG=y' $(KDIR)/.config),LLVM=1)

all: module tools ## what "make" alone does

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

module: ## build src/mymem.ko for the running kernel, or KVER=, or KDIR=
	@test -e "$(KDIR)/Makefile" || { echo "module: no kernel headers in $(KDIR): install those of $(KVER) (on Debian: apt install linux-headers-$(KVER)), or name others with KVER= or KDIR=" >&2; exit 1; }
	@case '$(CURDIR)' in *' '*) echo "module: the kernel's build takes no blank in a path: move $(CURDIR)" >&2; exit 1;; esac
	$(MAKE) -C $(KDIR) M=$(CURDIR)/src $(LLVM_IF_CLANG) modules

tools: ## build mymem-bench, mymem-race and their man pages in build/tools
	$(MAKE) -C tools

install: ## install the tools, man pages and completions (DESTDIR=, PREFIX=)
	$(MAKE) -C tools install

bench: ## run mymem-bench on a kernel in a VM, table here, JSON in build/bench.json
	@tests/vm/bench '$(KERNEL)'

race: ## run mymem-race in a VM in each mode, JSON in build/
	@tests/vm/race '$(KERNEL)'

check: ## all the quick tests, on the host and on a kernel in a VM
	@tests/check '$(KERNEL)'

check-mutants: ## break the driver in many ways, see its tests fail (15 minutes)
	@TAP_TIMEOUT=3600 KERNEL='$(KERNEL)' tests/tap tests/vm/mutants.test

format: ## lay out all C files by the kernel's clang-format settings
	@tests/host/format --fix

clean: ## remove what was built (the downloads stay in the cache)
	rm -rf build
	find src \( -name '*.o' -o -name '*.ko' -o -name '*.mod' -o -name '*.mod.c' \
		-o -name '.*.cmd' -o -name modules.order -o -name Module.symvers \) -delete

.PHONY: all help module tools install bench race check check-mutants format clean
