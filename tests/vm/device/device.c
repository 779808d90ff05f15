// SPDX-License-Identifier: GPL-2.0-only
#include "device.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/mymem.h>

const char *device_path(void)
{
	const char *path = getenv("MYMEM_DEVICE");

	return path ? path : "/dev/" MYMEM_NAME;
}

const char *device_module(void)
{
	return strrchr(device_path(), '/') + 1;
}

int device_open(int flags)
{
	int fd = open(device_path(), O_RDWR | O_CLOEXEC | flags);

	assert_int_not_equal(fd, -1);
	return fd;
}

size_t device_size(int fd)
{
	off_t end = lseek(fd, 0, SEEK_END);

	assert_true(end > 0);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return end;
}

off_t position(int fd)
{
	return lseek(fd, 0, SEEK_CUR);
}

unsigned char byte_at(size_t offset)
{
	/* Neighbours differ, and so do the same places of different pages. */
	return offset * 7 + (offset >> 8) * 13 + (offset >> 16) * 29 + 1;
}

void device_fill(int fd)
{
	size_t size = device_size(fd);
	unsigned char *bytes = malloc(size);

	assert_non_null(bytes);
	for (size_t i = 0; i < size; i++)
		bytes[i] = byte_at(i);
	assert_int_equal(pwrite(fd, bytes, size, 0), size);
	free(bytes);
}

void *pages(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(memory, MAP_FAILED);
	return memory;
}

unsigned char *pages_before_hole(size_t n)
{
	size_t page = sysconf(_SC_PAGESIZE);
	unsigned char *memory = pages((n + 1) * page);

	assert_int_equal(munmap(memory + n * page, page), 0);
	return memory;
}

long free_kib(void)
{
	char line[128];
	long kib = -1;
	FILE *file = fopen("/proc/meminfo", "r");

	assert_non_null(file);
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "MemFree: %ld", &kib) == 1)
			break;
	fclose(file);
	return kib;
}

void device_reload(const char *arguments)
{
	const char *module = getenv("MYMEM_KO");
	char command[512];

	assert_non_null(module);
	snprintf(command, sizeof(command), "rmmod %s && insmod %s %s", module,
		 module, arguments);
	assert_int_equal(system(command), 0);
}

pid_t fork_bound(void)
{
	pid_t parent = getpid(), child = fork();

	assert_int_not_equal(child, -1);
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		/* It may have gone before that. */
		if (getppid() != parent)
			_exit(1);
	}
	return child;
}

void child_ok(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

void assert_bus_error(const volatile unsigned char *p)
{
	pid_t child = fork();
	int status;

	if (!child) {
		signal(SIGBUS, SIG_DFL); /* cmocka has it */
		(void)*p;
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGBUS);
}
