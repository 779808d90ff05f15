// SPDX-License-Identifier: GPL-2.0-only
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

ssize_t file_read_at(int folder, const char *path, char *buffer, size_t size)
{
	int fd = openat(folder, path, O_RDONLY | O_CLOEXEC);
	size_t done = 0;
	ssize_t got = 0;

	if (fd < 0)
		return -errno;
	while (done < size - 1) {
		got = read(fd, buffer + done, size - 1 - done);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		done += got;
	}
	if (got < 0)
		got = -errno;
	close(fd);
	if (got < 0)
		return got;
	buffer[done] = '\0';
	return done;
}

ssize_t file_read(const char *path, char *buffer, size_t size)
{
	return file_read_at(AT_FDCWD, path, buffer, size);
}

int file_line_at(int folder, const char *path, char *text, size_t size)
{
	ssize_t len = file_read_at(folder, path, text, size);

	if (len < 0) {
		text[0] = '\0';
		return len;
	}
	text[strcspn(text, "\n")] = '\0';
	return 0;
}

int file_line(const char *path, char *text, size_t size)
{
	return file_line_at(AT_FDCWD, path, text, size);
}

void value_of(const char *text, const char *name, char *value, size_t size)
{
	size_t len = strlen(name);

	value[0] = '\0';
	while (text) {
		if (!strncmp(text, name, len) && text[len] == '=') {
			text += len + 1;
			text += strspn(text, "\"'");
			snprintf(value, size, "%.*s",
				 (int)strcspn(text, "\"'\n"), text);
			return;
		}
		text = strchr(text, '\n');
		if (text)
			text++;
	}
}
