// SPDX-License-Identifier: GPL-2.0-only
#include "device.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

int device_open(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

void device_open_many(void)
{
	struct rlimit limit;

	if (!getrlimit(RLIMIT_NOFILE, &limit)) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static void advise_permission(const char *path, char *text, size_t size)
{
	struct group *group = NULL;
	struct stat st;

	if (stat(path, &st)) {
		snprintf(
			text, size,
			"permission denied: one of the folders on the way there may not be entered; "
			"run this as root, or name another file with -d");
		return;
	}
	if (st.st_uid == geteuid() && (st.st_mode & 0600) != 0600) {
		snprintf(
			text, size,
			"permission denied: its owner may not do that (mode %04o); "
			"run 'chmod u+rw FILE', or name another file with -d",
			st.st_mode & 07777);
		return;
	}
	if ((st.st_mode & 0060) == 0060 && st.st_gid)
		group = getgrgid(st.st_gid);
	if (group)
		snprintf(
			text, size,
			"permission denied: it is for members of the group %s; "
			"run 'sudo usermod -aG %s \"$USER\"' and log in again; "
			"'mymemctl doctor' says more",
			group->gr_name, group->gr_name);
	else
		snprintf(text, size,
			 "permission denied: only its owner may use it; "
			 "run this as root, or name another file with -d");
}

void device_advice(const char *path, int error, char *text, size_t size)
{
	int is_default = !strcmp(path, DEVICE_DEFAULT);

	if (error == -EACCES || error == -EPERM)
		advise_permission(path, text, size);
	else if (is_default &&
		 (error == -ENOENT || error == -ENXIO || error == -ENODEV))
		snprintf(text, size,
			 "the module is not loaded; run 'sudo modprobe %s', "
			 "or 'sudo insmod src/%s.ko' in a source tree; "
			 "'mymemctl doctor' says more",
			 MYMEM_NAME, MYMEM_NAME);
	else if (error == -ENOENT)
		snprintf(text, size,
			 "no such file; make one with 'truncate -s %d FILE'",
			 MYMEM_DEFAULT_SIZE);
	else if (error == -EMFILE || error == -ENFILE)
		snprintf(text, size,
			 "%s; have fewer do it, or raise 'ulimit -Hn'",
			 strerror(-error));
	else
		snprintf(text, size,
			 "%s; name the device or a plain file with -d",
			 strerror(-error));
}

uint64_t device_capacity(int fd)
{
	off_t end = lseek(fd, 0, SEEK_END);
	struct stat st;

	lseek(fd, 0, SEEK_SET);
	if (end <= 0 || fstat(fd, &st) || S_ISREG(st.st_mode))
		return UINT64_MAX;
	return end;
}
