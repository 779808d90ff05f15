/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Texts in HTML and SVG.
 */
#ifndef MYMEM_BENCH_XML_H
#define MYMEM_BENCH_XML_H

#include <stdio.h>

/**
 * xml_text() - write a text so that it is nothing but a text
 * @file:	where to: between tags, or in the quotes of an attribute
 * @text:	the text; a character that XML forbids becomes a question mark
 */
void xml_text(FILE *file, const char *text);

/**
 * xml_element() - write an element that has only a text
 * @file:	where to
 * @name:	the element's name, with its attributes if it has any
 * @text:	the text
 */
void xml_element(FILE *file, const char *name, const char *text);

#endif
