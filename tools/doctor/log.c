// SPDX-License-Identifier: GPL-2.0-only
#include "log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>

#include <linux/mymem.h>

/* klogctl()'s numbers, which have names in the kernel only. */
#define READ_ALL 3
#define BUFFER_SIZE 10

/* Behind the level, the time and the caller: "<6>[    1.234567][    T1] ". */
static const char *text_of(const char *line)
{
	if (*line == '<') {
		line += strcspn(line, ">\n");
		line += *line == '>';
	}
	while (*line == '[') {
		line += strcspn(line, "]\n");
		line += *line == ']';
		line += strspn(line, " ");
	}
	return line;
}

static bool starts_with(const char *text, const char *start)
{
	return !strncmp(text, start, strlen(start));
}

/* The kernel does not name the module when it refuses its signature. */
static bool is_wanted(const char *text, size_t len)
{
	if (memmem(text, len, "taint", strlen("taint")))
		return false;
	return starts_with(text, MYMEM_NAME ": ") ||
	       starts_with(text, "Loading of ") ||
	       (starts_with(text, "Lockdown: ") &&
		memmem(text, len, "module", strlen("module")));
}

void log_find(const char *log, char *line, size_t size)
{
	line[0] = '\0';
	while (*log) {
		const char *text = text_of(log);
		size_t len = strcspn(text, "\n");

		if (is_wanted(text, len))
			snprintf(line, size, "%.*s", (int)len, text);
		log = text + len;
		log += *log == '\n';
	}
}

int log_read(char *line, size_t size)
{
	int len = klogctl(BUFFER_SIZE, NULL, 0);
	char *log;

	line[0] = '\0';
	if (len < 0)
		return -errno;
	log = malloc(len + 1);
	if (!log)
		return -ENOMEM;
	len = klogctl(READ_ALL, log, len);
	if (len < 0) {
		len = -errno;
		free(log);
		return len;
	}
	log[len] = '\0';
	log_find(log, line, size);
	free(log);
	return 0;
}
