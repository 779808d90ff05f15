// SPDX-License-Identifier: GPL-2.0-only
#include "ctl.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../shared/device.h"
#include "../shared/exit.h"
#include "../shared/number.h"
#include "../shared/output.h"

int ctl_fail(struct ctl *ctl, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(ctl->error, sizeof(ctl->error), format, args);
	va_end(args);
	warnx("%s", ctl->error);
	return EXIT_FAILED;
}

int ctl_fail_command(struct ctl *ctl, int error)
{
	return ctl_fail(
		ctl, "%s: %s", ctl->device,
		error == ENOTTY || error == EINVAL ?
			"not the device mymem, or of a module older than this tool: "
			"name the device with -d; 'mymemctl doctor' says more" :
			strerror(error));
}

int ctl_open(struct ctl *ctl, int flags)
{
	int fd = open(ctl->device, flags | O_CLOEXEC);
	int error = fd < 0 ? -errno : 0;
	char advice[256];
	struct stat st;

	/* It opens for reading, and says that it has a size. */
	if (!error && !fstat(fd, &st) && S_ISDIR(st.st_mode)) {
		close(fd);
		error = -EISDIR;
	}
	if (!error)
		return fd;
	device_advice(ctl->device, error, advice, sizeof(advice));
	ctl_fail(ctl, "%s: %s", ctl->device, advice);
	return -1;
}

bool ctl_prints_text(const struct ctl *ctl)
{
	return !ctl->json || !is_stdout(ctl->json_file);
}

int ctl_offset(const char *text, uint64_t *ret)
{
	if (!offset_parse(text, ret))
		return 0;
	return usage_error(
		"offset %s: give a number of bytes from the start, as 4096, 4K or 0x1000",
		text);
}
