/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The module as a file: which one modprobe would load for a kernel.
 */
#ifndef MYMEM_DOCTOR_MODULE_H
#define MYMEM_DOCTOR_MODULE_H

#include <stdbool.h>
#include <stddef.h>

#define MODULES_FOLDER "/lib/modules"

/**
 * struct module_file - what is known of an installed module
 * @path:	where it is; empty if there is none
 * @version:	the module's
 * @srcversion:	the checksum of its source
 * @vermagic:	the kernel that it is for, and more
 * @signer:	who signed it; empty if nobody did, or if that cannot be read
 * @key:	the serial number of the certificate that it was signed with
 * @key_len:	how many bytes of it; 0 if they are not known
 * @is_signed:	whether it is signed
 * @blacklisted: whether modprobe's configuration keeps it from being loaded at
 *		boot
 * @command:	what modprobe runs instead of loading it; mostly empty
 */
struct module_file {
	char path[256];
	char version[32];
	char srcversion[32];
	char vermagic[128];
	char signer[128];
	unsigned char key[32];
	size_t key_len;
	bool is_signed;
	bool blacklisted;
	char command[128];
};

/**
 * module_find() - find the module that modprobe would load
 * @kernel:	for this kernel, as uname -r says it
 * @ret:	what is known of it
 *
 * Return: 0, -ENOENT if there is none, or another negative errno; @ret says
 * all the same whether modprobe would load one.
 */
int module_find(const char *kernel, struct module_file *ret);

/**
 * module_is_for() - whether a kernel would take a module of this vermagic
 * @vermagic:	the module's
 * @kernel:	as uname -r says it
 *
 * A module with checksums of the symbols that it uses ("modversions") may come
 * from another release: those are compared and the release is not.
 */
bool module_is_for(const char *vermagic, const char *kernel);

/**
 * key_parse() - read a certificate's serial number
 * @text:	bytes in hexadecimal with colons between, as modinfo prints them
 * @key:	the bytes
 * @size:	the room there
 *
 * Return: how many bytes, 0 if that is no such number.
 */
size_t key_parse(const char *text, unsigned char *key, size_t size);

#endif
