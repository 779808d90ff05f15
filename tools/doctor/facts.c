// SPDX-License-Identifier: GPL-2.0-only
#include "facts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "../shared/container.h"
#include "../shared/device.h"
#include "../shared/files.h"
#include "log.h"

#define SYS_MODULE "/sys/module/" MYMEM_NAME

static bool exists(const char *path)
{
	return !access(path, F_OK);
}

static bool has_headers(const char *release)
{
	char path[128];

	snprintf(path, sizeof(path), MODULES_FOLDER "/%s/build/Makefile",
		 release);
	return exists(path);
}

/* Folders of kernels that were removed stay behind, but not with this in it. */
static bool is_installed(const char *release)
{
	char path[128];

	snprintf(path, sizeof(path), MODULES_FOLDER "/%s/kernel", release);
	return exists(path);
}

/* What other kernels there are: the next one to be booted is the newest. */
static int other_kernels(struct facts *f)
{
	struct kernel_facts *next = &f->next;
	struct module_file file;
	struct dirent *entry;
	DIR *folder;

	folder = opendir(MODULES_FOLDER);
	if (!folder)
		return errno == ENOENT ? 0 : -errno;
	while ((entry = readdir(folder))) {
		const char *release = entry->d_name;

		if (*release == '.' || !strcmp(release, f->kernel.release) ||
		    strlen(release) >= sizeof(next->release))
			continue;
		if (!f->kernel.has_module && !module_find(release, &file))
			snprintf(f->built_for, sizeof(f->built_for), "%s",
				 release);
		if (is_installed(release) &&
		    strverscmp(release, f->kernel.release) > 0 &&
		    strverscmp(release, next->release) > 0)
			snprintf(next->release, sizeof(next->release), "%s",
				 release);
	}
	closedir(folder);
	if (!next->release[0])
		return 0;
	next->has_headers = has_headers(next->release);
	next->has_module = !module_find(next->release, &file);
	return 0;
}

static int kernels(struct facts *f)
{
	const struct dkms_entry *newest;
	struct utsname system;
	char disabled[8];
	int r;

	uname(&system);
	snprintf(f->kernel.release, sizeof(f->kernel.release), "%s",
		 system.release);
	f->can_load = exists("/proc/modules");
	f->may_load = file_line("/proc/sys/kernel/modules_disabled", disabled,
				sizeof(disabled)) ||
		      strcmp(disabled, "1");
	f->kernel.has_headers = has_headers(f->kernel.release);
	f->kernel.has_module = !module_find(f->kernel.release, &f->file);
	r = other_kernels(f);
	r = dkms_ask(&f->dkms) ?: r;
	newest = dkms_newest(&f->dkms);
	if (newest) {
		dkms_failed_log(newest->version, f->kernel.release,
				f->kernel.failed_log,
				sizeof(f->kernel.failed_log));
		dkms_failed_log(newest->version, f->next.release,
				f->next.failed_log, sizeof(f->next.failed_log));
	}
	return r;
}

static void loading(struct facts *f)
{
	signing_read(&f->file, &f->signing);
	f->loaded = exists(SYS_MODULE);
	file_line(SYS_MODULE "/version", f->loaded_version,
		  sizeof(f->loaded_version));
	file_line(SYS_MODULE "/srcversion", f->loaded_srcversion,
		  sizeof(f->loaded_srcversion));
	f->log_error = log_read(f->log_line, sizeof(f->log_line));
}

static void node(const char *path, struct facts *f)
{
	struct node *node = &f->node;
	struct passwd *owner;
	struct group *group;
	struct stat st;
	char dev[32];

	node->path = path;
	file_line("/sys/class/misc/" MYMEM_NAME "/dev", f->node_dev,
		  sizeof(f->node_dev));
	if (stat(path, &st))
		return;
	snprintf(dev, sizeof(dev), "%u:%u", major(st.st_rdev),
		 minor(st.st_rdev));
	if (!S_ISCHR(st.st_mode) && !S_ISBLK(st.st_mode))
		node->kind = NODE_FILE;
	else if (!S_ISCHR(st.st_mode) ||
		 (f->node_dev[0] && strcmp(dev, f->node_dev)))
		node->kind = NODE_OTHER_DEVICE;
	else
		node->kind = NODE_MYMEM;
	node->mode = st.st_mode & 0777;
	node->uid = st.st_uid;
	node->gid = st.st_gid;

	owner = getpwuid(st.st_uid);
	if (owner)
		snprintf(node->owner, sizeof(node->owner), "%s",
			 owner->pw_name);
	else
		snprintf(node->owner, sizeof(node->owner), "%u", st.st_uid);
	group = getgrgid(st.st_gid);
	if (group)
		snprintf(node->group, sizeof(node->group), "%s",
			 group->gr_name);
	else
		snprintf(node->group, sizeof(node->group), "%u", st.st_gid);
}

static bool is_among(gid_t gid, const gid_t *list, int n)
{
	for (int i = 0; i < n; i++)
		if (list[i] == gid)
			return true;
	return false;
}

/* Whether the login that this process belongs to is aware of the group. */
static int login_has(gid_t gid, bool *ret)
{
	int n = getgroups(0, NULL);
	gid_t *list;

	if (n < 0)
		return -errno;
	list = calloc(n + 1, sizeof(*list));
	if (!list)
		return -ENOMEM;
	n = getgroups(n, list);
	*ret = getegid() == gid || is_among(gid, list, n);
	free(list);
	return 0;
}

static int user_has(const struct passwd *user, gid_t gid, bool *ret)
{
	gid_t *list;
	int n = 0;

	/* Says how many there are. */
	getgrouplist(user->pw_name, user->pw_gid, NULL, &n);
	list = calloc(n + 1, sizeof(*list));
	if (!list)
		return -ENOMEM;
	n = getgrouplist(user->pw_name, user->pw_gid, list, &n);
	*ret = is_among(gid, list, n);
	free(list);
	return 0;
}

static int people(struct facts *f)
{
	struct passwd *user = getpwuid(geteuid());
	struct group *group;
	int r;

	f->user.is_root = !geteuid();
	if (user)
		snprintf(f->user.name, sizeof(f->user.name), "%s",
			 user->pw_name);
	else
		snprintf(f->user.name, sizeof(f->user.name), "%u", geteuid());

	group = getgrnam(MYMEM_NAME);
	if (!group)
		return 0;
	f->group.exists = true;
	f->group.gid = group->gr_gid;
	r = login_has(f->group.gid, &f->group.has_login);
	if (!r && user)
		r = user_has(user, f->group.gid, &f->group.has_user);
	return r;
}

static bool udev_rule(void)
{
	static const char *const folders[] = {
		"/etc/udev/rules.d",	       "/run/udev/rules.d",
		"/usr/local/lib/udev/rules.d", "/usr/lib/udev/rules.d",
		"/lib/udev/rules.d",
	};
	char path[64];

	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
		snprintf(path, sizeof(path), "%s/60-" MYMEM_NAME ".rules",
			 folders[i]);
		if (exists(path))
			return true;
	}
	return false;
}

static void try_device(const char *path, struct facts *f)
{
	int fd = device_open(path);
	ssize_t got;
	off_t end;
	char byte;

	f->trial = TRIAL_OPEN;
	if (fd < 0) {
		f->error = fd;
		return;
	}
	f->trial = TRIAL_SIZE;
	end = lseek(fd, 0, SEEK_END);
	if (end <= 0) {
		f->error = end ? -errno : 0;
	} else {
		f->trial = TRIAL_READ;
		f->size = end;
		got = pread(fd, &byte, 1, 0);
		if (got == 1)
			f->trial = TRIAL_WORKS;
		else
			f->error = got ? -errno : 0;
	}
	close(fd);
}

static void container(char *kind, size_t size)
{
	int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	container_here(root, kind, size);
	close(root);
}

int facts_gather(const char *path, struct facts *ret)
{
	int r = 0;

	*ret = (struct facts){ .is_default = true };
	node(path, ret);
	/* Another path may be the device too, where that is not in /dev. */
	if (strcmp(path, DEVICE_DEFAULT))
		ret->is_default = ret->node_dev[0] &&
				  ret->node.kind == NODE_MYMEM;
	if (ret->is_default) {
		ret->distribution = distribution_here();
		container(ret->container, sizeof(ret->container));
		ret->has_udev_rule = udev_rule();
		r = kernels(ret);
		loading(ret);
		r = people(ret) ?: r;
	}
	try_device(path, ret);
	return r;
}
