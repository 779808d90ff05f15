// SPDX-License-Identifier: GPL-2.0-only
#include "xml.h"

#include <string.h>

/*
 * How many bytes the character takes that begins here; 0 if it is not whole, as
 * at the end of a text that was cut.
 */
static size_t character_length(const char *text)
{
	const unsigned char first = *text;
	size_t len = first < 0x80 ? 1 :
		     first < 0xc2 ? 0 :
		     first < 0xe0 ? 2 :
		     first < 0xf0 ? 3 :
		     first < 0xf5 ? 4 :
				    0;

	for (size_t i = 1; i < len; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

/* Leaves @text at the character's last byte. */
static void put_character(FILE *file, const char **text)
{
	size_t len = character_length(*text);

	if (!len || (unsigned char)**text < ' ') {
		putc('?', file);
		return;
	}
	fwrite(*text, len, 1, file);
	*text += len - 1;
}

void xml_text(FILE *file, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '&':
			fputs("&amp;", file);
			break;
		case '<':
			fputs("&lt;", file);
			break;
		case '>':
			fputs("&gt;", file);
			break;
		case '"':
			fputs("&quot;", file);
			break;
		case '\'':
			fputs("&#39;", file);
			break;
		default:
			put_character(file, &text);
		}
	}
}

void xml_element(FILE *file, const char *name, const char *text)
{
	fprintf(file, "<%s>", name);
	xml_text(file, text);
	fprintf(file, "</%.*s>", (int)strcspn(name, " "), name);
}
