/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whether this is a container.
 */
#ifndef MYMEM_CONTAINER_H
#define MYMEM_CONTAINER_H

#include <stddef.h>

/**
 * container_here() - find out whether this is a container
 * @root:	a descriptor of the root folder
 * @kind:	which kind, as "docker"; empty outside of containers
 * @size:	the room there
 */
void container_here(int root, char *kind, size_t size);

#endif
