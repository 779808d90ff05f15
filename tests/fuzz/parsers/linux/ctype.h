/* SPDX-License-Identifier: GPL-2.0-only */
/* What src/size.c wants of the kernel's header. */
#include <ctype.h>
