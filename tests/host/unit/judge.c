// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../../tools/doctor/judge.h"

#define KERNEL "6.1.0-56-amd64"
#define NEWER "6.1.0-57-amd64"

static struct facts f;
static struct report report;

/* A machine on which all is well, for a member of the group. */
static int machine(void **state)
{
	(void)state;
	f = (struct facts){
		.is_default = true,
		.distribution = DISTRIBUTION_DEBIAN,
		.kernel = { KERNEL, true, true, "" },
		.can_load = true,
		.may_load = true,
		.dkms = { true, { { "0.1.0", KERNEL, DKMS_INSTALLED } }, 1 },
		.file = {
			.path = "/lib/modules/" KERNEL "/updates/dkms/mymem.ko",
			.version = "0.1.0",
			.srcversion = "AA",
			.vermagic = KERNEL " SMP",
			.signer = "DKMS",
			.is_signed = true,
		},
		.signing = { .secure_boot = NO, .enforced = NO },
		.loaded = true,
		.loaded_version = "0.1.0",
		.loaded_srcversion = "AA",
		.has_udev_rule = true,
		.node = {
			.path = "/dev/mymem",
			.kind = NODE_MYMEM,
			.mode = 0660,
			.gid = 999,
			.owner = "root",
			.group = "mymem",
		},
		.node_dev = "10:125",
		.user = { .name = "alice" },
		.group = { true, 999, true, true },
		.trial = TRIAL_WORKS,
		.size = 524288,
	};
	return 0;
}

static void broken(enum trial trial, int error)
{
	f.trial = trial;
	f.error = error;
}

static void unloaded(void)
{
	f.loaded = false;
	f.loaded_version[0] = '\0';
	f.loaded_srcversion[0] = '\0';
	f.node.kind = NODE_MISSING;
	f.node_dev[0] = '\0';
	broken(TRIAL_OPEN, -ENOENT);
}

static void uninstalled(void)
{
	unloaded();
	f.kernel.has_module = false;
	f.file = (struct module_file){ .path = "" };
	f.dkms = (struct dkms){ .present = false };
}

/* Judges, and looks at what holds for every report. */
static void judged(size_t faults)
{
	size_t n = 0;

	judge(&f, &report);
	if (f.trial != TRIAL_WORKS)
		assert_false(report.works);
	for (size_t i = 0; i < report.n; i++) {
		const struct check *check = &report.checks[i];

		assert_null(strchr(check->found, '\n'));
		assert_null(strchr(check->next, '\n'));
		assert_true(check->found[0]);
		if (check->state == CHECK_FAULT) {
			n++;
			assert_true(check->next[0]);
		}
		if (check->state == CHECK_OK)
			assert_false(check->next[0]);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(check->name,
						report.checks[k].name);
	}
	assert_int_equal(n, report.faults);
	assert_int_equal(n, faults);
	assert_int_equal(!n, report.works);
}

static const struct check *find(const char *name)
{
	for (size_t i = 0; i < report.n; i++)
		if (!strcmp(report.checks[i].name, name))
			return &report.checks[i];
	return NULL;
}

static void says(const char *name, enum check_state state, const char *found,
		 const char *next)
{
	const struct check *check = find(name);

	assert_non_null(check);
	if (!strstr(check->found, found) || !strstr(check->next, next))
		fail_msg("%s: %s: %s", name, check->found, check->next);
	assert_int_equal(check->state, state);
}

/* The only fault, and nothing else to be done. */
static void only_fault(const char *name, const char *found, const char *next)
{
	judged(1);
	says(name, CHECK_FAULT, found, next);
	for (size_t i = 0; i < report.n; i++)
		if (strcmp(report.checks[i].name, name))
			assert_false(report.checks[i].next[0]);
}

static void only_note(const char *name, const char *found, const char *next)
{
	judged(0);
	says(name, CHECK_NOTE, found, next);
	for (size_t i = 0; i < report.n; i++)
		if (strcmp(report.checks[i].name, name))
			assert_int_equal(report.checks[i].state, CHECK_OK);
}

static void all_well(void **state)
{
	static const char *const names[] = { "kernel", "headers",   "dkms",
					     "module", "signature", "loaded",
					     "node",   "group",	    "device" };

	(void)state;
	judged(0);
	assert_int_equal(report.n, sizeof(names) / sizeof(*names));
	for (size_t i = 0; i < report.n; i++) {
		assert_string_equal(report.checks[i].name, names[i]);
		assert_int_equal(report.checks[i].state, CHECK_OK);
	}
	says("kernel", CHECK_OK, KERNEL, "");
	says("device", CHECK_OK, "524288 bytes", "");
}

static void kernel_too_old(void **state)
{
	(void)state;
	uninstalled();
	strcpy(f.kernel.release, "4.19.0-27-amd64");
	only_fault("kernel", "4.19.0-27-amd64, which is too old", "boot Linux");
}

static void kernel_without_modules(void **state)
{
	(void)state;
	uninstalled();
	f.can_load = false;
	only_fault("kernel", "cannot load modules", "boot a kernel");
}

static void no_headers(void **state)
{
	(void)state;
	/* dkms knows the module: with the headers, it builds it. */
	unloaded();
	f.kernel.has_headers = false;
	f.kernel.has_module = false;
	f.file.path[0] = '\0';
	f.dkms.entries[0].state = DKMS_ADDED;
	f.dkms.entries[0].kernel[0] = '\0';
	only_fault("headers", "none for " KERNEL,
		   "'sudo apt install linux-headers-" KERNEL "'");
	f.distribution = DISTRIBUTION_FEDORA;
	only_fault("headers", "none for " KERNEL,
		   "'sudo dnf install kernel-devel-" KERNEL "'");
	f.distribution = DISTRIBUTION_OTHER;
	only_fault("headers", "none for " KERNEL,
		   "headers of the kernel " KERNEL);
	/* A newer kernel came since the machine was started. */
	strcpy(f.next.release, NEWER);
	f.next.has_module = true;
	only_fault("headers", "none for " KERNEL, "reboot into " NEWER);
}

static void no_headers_needed_now(void **state)
{
	(void)state;
	f.kernel.has_headers = false;
	only_note("headers", "none for " KERNEL ", to build the module again",
		  "linux-headers-" KERNEL);
	/* Nor is it a fault when something else is. */
	unloaded();
	judged(1);
	says("headers", CHECK_NOTE, "to build the module again", "");
	says("loaded", CHECK_FAULT, "no", "modprobe");
}

static void nothing_installed(void **state)
{
	(void)state;
	uninstalled();
	f.kernel.has_headers = false;
	judged(2);
	says("headers", CHECK_FAULT, "none for", "linux-headers");
	says("module", CHECK_FAULT, "none for this kernel", "mymem-dkms");
	assert_null(find("loaded"));
	assert_null(find("node"));
	assert_null(find("device"));

	f.kernel.has_headers = true;
	strcpy(f.built_for, "6.1.0-55-amd64");
	only_fault("module", "but one for 6.1.0-55-amd64", "make module");
}

static void from_a_source_tree(void **state)
{
	(void)state;
	f.dkms = (struct dkms){ .present = false };
	f.file = (struct module_file){ .path = "" };
	f.kernel.has_module = false;
	judged(0);
	says("dkms", CHECK_NOTE, "not installed", "mymem-dkms");
	says("module", CHECK_NOTE, "insmod", "");
	says("loaded", CHECK_OK, "0.1.0", "");
	f.dkms.present = true;
	judged(0);
	says("dkms", CHECK_NOTE, "does not know mymem", "mymem-dkms");

	/* What insmod was refused for. */
	uninstalled();
	strcpy(f.log_line, "mymem: size=0 is not a size");
	judged(1);
	says("module", CHECK_FAULT, "none for this kernel", "insmod");
	says("loaded", CHECK_NOTE, "'mymem: size=0 is not a size'", "");
}

static void not_built(void **state)
{
	struct dkms_entry *entry = &f.dkms.entries[0];

	(void)state;
	unloaded();
	f.kernel.has_module = false;
	f.file = (struct module_file){ .path = "" };
	strcpy(entry->kernel, "6.1.0-55-amd64");
	only_fault("dkms", "mymem/0.1.0 is not built for this kernel",
		   "'sudo dkms install mymem/0.1.0 -k " KERNEL "'");
	strcpy(f.built_for, "6.1.0-55-amd64");
	strcpy(f.kernel.failed_log, "/make.log");
	only_fault("dkms", "not built for this kernel, but for 6.1.0-55-amd64",
		   "/make.log");

	strcpy(entry->kernel, KERNEL);
	entry->state = DKMS_BUILT;
	only_fault("dkms", "built for this kernel and not installed",
		   "'sudo dkms install mymem/0.1.0 -k " KERNEL "'");
	entry->state = DKMS_INSTALLED;
	only_fault("module", "modprobe does not find it",
		   "'sudo depmod " KERNEL "'");
	entry->state = DKMS_BROKEN;
	entry->kernel[0] = '\0';
	only_fault("dkms", "source of mymem/0.1.0 is gone", "mymem-dkms again");
}

static void older_version(void **state)
{
	(void)state;
	f.dkms.entries[1] = (struct dkms_entry){ "0.2.0", "", DKMS_ADDED };
	f.dkms.n = 2;
	only_note(
		"dkms",
		"mymem/0.1.0 is installed for this kernel, the newer 0.2.0 is not",
		"'sudo dkms install mymem/0.2.0 -k " KERNEL "'");
	strcpy(f.kernel.failed_log, "/make.log");
	only_note("dkms", "the newer 0.2.0 is not", "/make.log");

	/* An older one that is still registered does no harm. */
	strcpy(f.dkms.entries[1].version, "0.0.9");
	judged(0);
	says("dkms", CHECK_OK, "mymem/0.1.0 is installed", "");
}

static void for_another_kernel(void **state)
{
	(void)state;
	unloaded();
	strcpy(f.file.vermagic, "6.1.0-55-amd64 SMP preempt");
	only_fault("module", "is for another kernel, 6.1.0-55-amd64",
		   "'sudo dkms build --force mymem/0.1.0 -k " KERNEL
		   " && sudo dkms install --force mymem/0.1.0 -k " KERNEL "'");
	f.dkms.n = 0;
	judged(1);
	says("module", CHECK_FAULT, "is for another kernel", "mymem-dkms");
}

static void next_kernel(void **state)
{
	(void)state;
	strcpy(f.next.release, NEWER);
	f.next.has_module = true;
	judged(0);
	assert_null(find("next"));

	f.next.has_module = false;
	only_note("next", NEWER, "linux-headers-" NEWER);
	f.next.has_headers = true;
	only_note("next", NEWER,
		  "'sudo dkms install mymem/0.1.0 -k " NEWER "'");
	strcpy(f.next.failed_log, "/make.log");
	only_note("next", NEWER, "/make.log");
}

static void secure_boot(void **state)
{
	(void)state;
	f.signing.secure_boot = YES;
	f.signing.enforced = YES;
	judged(0);
	says("signature", CHECK_OK, "Secure Boot is on", "");

	unloaded();
	strcpy(f.signing.certificate, "/mok.pub");
	f.signing.enrolled = NO;
	only_fault("signature", "'Key was rejected by service'",
		   "'sudo mokutil --import /mok.pub', reboot");
	f.signing.pending = YES;
	only_fault("signature", "waits to be enrolled", "reboot");
	f.signing.pending = NO;
	f.signing.enrolled = UNKNOWN;
	only_fault(
		"signature", "cannot be seen",
		"'sudo modprobe mymem'; if that says 'Key was rejected by service', run 'sudo mokutil --import /mok.pub'");
	/* Signed by somebody else than dkms, it may be a key of the kernel's. */
	f.signing.enrolled = NO;
	f.signing.certificate[0] = '\0';
	only_fault("signature", "cannot be seen", "'sudo modprobe mymem'");
	/* Without UEFI, mokutil has nothing to import it into. */
	f.signing.secure_boot = UNKNOWN;
	only_fault("signature", "there is no UEFI", "module.sig_enforce");
	f.signing.secure_boot = YES;
	strcpy(f.log_line,
	       "Loading of module with unavailable key is rejected");
	only_fault("signature", "'Key was rejected by service'",
		   "dkms build --force");
	f.log_line[0] = '\0';
	f.signing.enrolled = YES;
	only_fault("loaded", "no", "modprobe");
	says("signature", CHECK_OK, "is enrolled", "");
}

static void not_signed(void **state)
{
	(void)state;
	unloaded();
	f.file.is_signed = false;
	f.file.signer[0] = '\0';
	f.signing.enforced = YES;
	only_fault(
		"signature",
		"the kernel takes only signed modules, and the module is not signed",
		"'sudo dkms build --force mymem/0.1.0");
	f.dkms.n = 0;
	judged(1);
	says("signature", CHECK_FAULT, "not signed", "mymem-dkms");

	uninstalled();
	f.signing.secure_boot = YES;
	judged(1);
	says("module", CHECK_FAULT, "none", "mymem-dkms");
	says("signature", CHECK_NOTE, "will have to be signed", "");
}

static void not_loaded(void **state)
{
	(void)state;
	unloaded();
	only_fault("loaded", "no", "'sudo modprobe mymem'");
	f.log_error = -EPERM;
	only_fault("loaded", "no", "'sudo mymemctl doctor' says more");
	strcpy(f.log_line, "mymem: unloaded");
	only_fault("loaded", "'mymem: unloaded'", "'sudo modprobe mymem'");
	strcpy(f.log_line, "mymem: size=9G is more memory than can be had");
	only_fault("loaded", "size=9G", "another size=");
	strcpy(f.log_line,
	       "mymem: disagrees about version of symbol module_layout");
	only_fault("loaded", "disagrees", "dkms build --force");
	f.file.blacklisted = true;
	only_fault("loaded", "blacklisted", "remove 'blacklist mymem'");
	strcpy(f.file.command, "/bin/false");
	only_fault("loaded", "'/bin/false'", "remove 'install mymem'");
	f.may_load = false;
	only_fault("loaded", "modules_disabled", "reboot");
}

static void loaded_another(void **state)
{
	(void)state;
	strcpy(f.file.srcversion, "BB");
	only_note("loaded", "of another source", "sudo rmmod mymem");
	strcpy(f.file.version, "0.2.0");
	only_note("loaded", "version 0.1.0, and not the installed 0.2.0",
		  "loses its content");
}

static void loaded_not_at_boot(void **state)
{
	(void)state;
	f.file.blacklisted = true;
	only_note("loaded", "booting will not load it", "/etc/modprobe.d");
	f.file.blacklisted = false;
	strcpy(f.file.command, "/bin/false");
	only_note("loaded", "booting will not load it", "/etc/modprobe.d");
}

static void container(void **state)
{
	(void)state;
	strcpy(f.container, "docker");
	f.node.kind = NODE_MISSING;
	broken(TRIAL_OPEN, -ENOENT);
	only_fault("node", "none in this container", "--device /dev/mymem");
	says("kernel", CHECK_OK, "of the host: this is a container (docker)",
	     "");
	assert_null(find("headers"));
	assert_null(find("module"));

	/* The node is there, and the container's rules forbid it. */
	f.node.kind = NODE_MYMEM;
	broken(TRIAL_OPEN, -EPERM);
	only_fault("device", "not permitted", "--device /dev/mymem");
	unloaded();
	only_fault("loaded", "modules of its host", "load it on the host");
}

static void wrong_node(void **state)
{
	(void)state;
	f.node.kind = NODE_MISSING;
	broken(TRIAL_OPEN, -ENOENT);
	only_fault("node", "none, though it is loaded", "sudo rmmod mymem");
	f.node.kind = NODE_FILE;
	broken(TRIAL_SIZE, 0);
	only_fault("node", "/dev/mymem is a plain file",
		   "'sudo rm /dev/mymem'");
	broken(TRIAL_WORKS, 0);
	only_fault("node", "/dev/mymem is a plain file",
		   "'sudo rm /dev/mymem'");
	f.node.kind = NODE_OTHER_DEVICE;
	only_fault("node", "not the module's device", "'sudo rm /dev/mymem'");

	/* Also one that somebody made while there was no module. */
	unloaded();
	f.node.kind = NODE_FILE;
	judged(2);
	says("loaded", CHECK_FAULT, "no", "modprobe");
	says("node", CHECK_FAULT, "a plain file", "rm /dev/mymem");
}

static void node_of_root(void **state)
{
	(void)state;
	f.node.mode = 0600;
	f.node.gid = 0;
	strcpy(f.node.group, "root");
	broken(TRIAL_OPEN, -EACCES);
	only_fault(
		"node", "root:root 0600, and not root:mymem 0660",
		"'sudo systemctl restart systemd-udevd && sudo udevadm trigger /dev/mymem'");
	f.group.exists = false;
	only_fault("node", "root:root 0600", "systemd-sysusers");
	f.has_udev_rule = false;
	only_fault("node", "root:root 0600",
		   "mymem-dkms, which has the udev rule");

	/* Root can use it; the others will want it. */
	f.user = (struct user){ "root", true };
	broken(TRIAL_WORKS, 0);
	only_note("node", "root:root 0600", "udev rule");
	says("group", CHECK_OK, "root needs none", "");
}

static void node_for_all(void **state)
{
	(void)state;
	f.node.mode = 0666;
	only_note("node", "anybody may write it", "udevadm trigger");
	f.group.has_login = false;
	judged(0);
	says("group", CHECK_NOTE, "does not know yet", "newgrp");
	f.group.has_user = false;
	judged(0);
	assert_null(find("group"));
}

static void node_of_another_group(void **state)
{
	(void)state;
	f.node.gid = 1001;
	strcpy(f.node.group, "lab");
	judged(0);
	says("node", CHECK_OK, "root:lab 0660", "");
	broken(TRIAL_OPEN, -EACCES);
	only_fault("node", "root:lab 0660, and not root:mymem 0660",
		   "udevadm trigger");
}

static void not_in_group(void **state)
{
	(void)state;
	broken(TRIAL_OPEN, -EACCES);
	f.group.has_user = false;
	f.group.has_login = false;
	only_fault("group", "alice is not in mymem",
		   "'sudo usermod -aG mymem alice'");
	/* She was added since she logged in. */
	f.group.has_user = true;
	only_fault("group", "this login does not know yet", "newgrp mymem");
}

static void device_fails(void **state)
{
	(void)state;
	broken(TRIAL_OPEN, -EACCES);
	only_fault("device", "Permission denied", "security policy");
	broken(TRIAL_SIZE, -ESPIPE);
	only_fault("device", "has no size: Illegal seek", "");
	broken(TRIAL_READ, -EIO);
	only_fault("device", "Input/output error", "dmesg");
	broken(TRIAL_READ, 0);
	only_fault("device", "it is empty", "dmesg");
}

static void other_file(void **state)
{
	(void)state;
	f = (struct facts){
		.node = { .path = "/tmp/file", .kind = NODE_FILE },
		.trial = TRIAL_WORKS,
		.size = 5,
	};
	only_note("node", "/tmp/file is no device", "");
	says("device", CHECK_OK, "5 bytes", "");
	broken(TRIAL_SIZE, 0);
	only_fault("device", "has no size", "truncate -s 524288 /tmp/file");
	f.node.kind = NODE_OTHER_DEVICE;
	only_fault("device", "has no size", "with -d");
	says("node", CHECK_NOTE, "not the device mymem", "");
	f.node.kind = NODE_MISSING;
	broken(TRIAL_OPEN, -ENOENT);
	only_fault("device", "No such file", "truncate -s 524288 /tmp/file");
	assert_int_equal(report.n, 1);
	broken(TRIAL_OPEN, -EISDIR);
	only_fault("device", "Is a directory", "with -d");
}

#define TEST(name) cmocka_unit_test_setup(name, machine)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all_well),
		TEST(kernel_too_old),
		TEST(kernel_without_modules),
		TEST(no_headers),
		TEST(no_headers_needed_now),
		TEST(nothing_installed),
		TEST(from_a_source_tree),
		TEST(not_built),
		TEST(older_version),
		TEST(for_another_kernel),
		TEST(next_kernel),
		TEST(secure_boot),
		TEST(not_signed),
		TEST(not_loaded),
		TEST(loaded_another),
		TEST(loaded_not_at_boot),
		TEST(container),
		TEST(wrong_node),
		TEST(node_of_root),
		TEST(node_for_all),
		TEST(node_of_another_group),
		TEST(not_in_group),
		TEST(device_fails),
		TEST(other_file),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
