// SPDX-License-Identifier: GPL-2.0-only
#include "system.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../src/version.h"
#include "files.h"

/* The kernel gives this number to the first pid namespace, and to no other. */
#define FIRST_PID_NAMESPACE "pid:[4026531836]"

/* Copies the value of the line NAME=VALUE or NAME="VALUE"; empty if none is. */
static void value_of(const char *text, const char *name, char *value,
		     size_t size)
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

enum distribution distribution_parse(const char *os_release)
{
	static const struct {
		const char *id;
		enum distribution distribution;
	} known[] = {
		{ "debian", DISTRIBUTION_DEBIAN },
		{ "ubuntu", DISTRIBUTION_DEBIAN },
		{ "fedora", DISTRIBUTION_FEDORA },
		{ "rhel", DISTRIBUTION_FEDORA },
		{ "centos", DISTRIBUTION_FEDORA },
	};
	char ids[2][128];

	value_of(os_release, "ID", ids[0], sizeof(ids[0]));
	value_of(os_release, "ID_LIKE", ids[1], sizeof(ids[1]));
	for (int i = 0; i < 2; i++) {
		char *rest, *id = strtok_r(ids[i], " ", &rest);

		for (; id; id = strtok_r(NULL, " ", &rest))
			for (size_t k = 0; k < sizeof(known) / sizeof(*known);
			     k++)
				if (!strcmp(id, known[k].id))
					return known[k].distribution;
	}
	return DISTRIBUTION_OTHER;
}

enum distribution distribution_here(void)
{
	char text[4096];

	if (file_read("/etc/os-release", text, sizeof(text)) < 0 &&
	    file_read("/usr/lib/os-release", text, sizeof(text)) < 0)
		return DISTRIBUTION_OTHER;
	return distribution_parse(text);
}

/* The first process's environment, which only root may read. */
static void container_of_init(char *kind, size_t size)
{
	static const char name[] = "container=";
	char text[4096];
	ssize_t len = file_read("/proc/1/environ", text, sizeof(text));

	for (char *p = text; p - text < len; p += strlen(p) + 1)
		if (!strncmp(p, name, strlen(name)))
			snprintf(kind, size, "%.64s", p + strlen(name));
}

void container_here(char *kind, size_t size)
{
	char namespace[64];
	ssize_t len;

	if (!file_line("/run/systemd/container", kind, size) && *kind)
		return;
	container_of_init(kind, size);
	if (*kind)
		return;
	if (!access("/run/.containerenv", F_OK)) {
		snprintf(kind, size, "podman");
		return;
	}
	/* Machines whose disk was made from an image for docker have it too. */
	if (access("/.dockerenv", F_OK))
		return;
	len = readlink("/proc/self/ns/pid", namespace, sizeof(namespace) - 1);
	namespace[len > 0 ? len : 0] = '\0';
	if (strcmp(namespace, FIRST_PID_NAMESPACE))
		snprintf(kind, size, "docker");
}

bool kernel_supported(const char *release)
{
	unsigned int major, minor;

	if (sscanf(release, "%u.%u", &major, &minor) != 2)
		return true;
	return major > MYMEM_KERNEL_MIN_MAJOR ||
	       (major == MYMEM_KERNEL_MIN_MAJOR &&
		minor >= MYMEM_KERNEL_MIN_MINOR);
}
