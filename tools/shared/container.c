// SPDX-License-Identifier: GPL-2.0-only
#include "container.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "files.h"

/* The kernel gives this number to the first pid namespace, and to no other. */
#define FIRST_PID_NAMESPACE "pid:[4026531836]"

/* The first process's environment, which only root may read. */
static void container_of_init(int root, char *kind, size_t size)
{
	static const char name[] = "container=";
	char text[4096];
	ssize_t len = file_read_at(root, "proc/1/environ", text, sizeof(text));

	for (char *p = text; p - text < len; p += strlen(p) + 1)
		if (!strncmp(p, name, strlen(name)))
			snprintf(kind, size, "%.64s", p + strlen(name));
}

void container_here(int root, char *kind, size_t size)
{
	char namespace[64];
	ssize_t len;

	if (!file_line_at(root, "run/systemd/container", kind, size) && *kind)
		return;
	container_of_init(root, kind, size);
	if (*kind)
		return;
	if (!faccessat(root, "run/.containerenv", F_OK, 0)) {
		snprintf(kind, size, "podman");
		return;
	}
	/* Machines whose disk was made from an image for docker have it too. */
	if (faccessat(root, ".dockerenv", F_OK, 0))
		return;
	len = readlinkat(root, "proc/self/ns/pid", namespace,
			 sizeof(namespace) - 1);
	namespace[len > 0 ? len : 0] = '\0';
	if (strcmp(namespace, FIRST_PID_NAMESPACE))
		snprintf(kind, size, "docker");
}
