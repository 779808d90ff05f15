/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers as people read them: three digits that count, and a unit.
 *
 * In UTF-8, and alike in all views. A number that there is not, which is NAN,
 * is a dash.
 */
#ifndef MYMEM_BENCH_FORMAT_H
#define MYMEM_BENCH_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#define FORMAT_NONE "–"

/**
 * struct formatted - a short text, to be used at once: format_time(ns).text
 * @text:	the text
 */
struct formatted {
	char text[64];
};

/**
 * format_instructions() - have all times told in instructions from now on
 * @ns:		how long each takes, whichever it is; 0 or NAN: tell times again
 *
 * For machines whose clock counts them, as QEMU's with -icount. Rates stay as they are.
 */
void format_instructions(double ns);

/**
 * format_time() - a time
 * @ns:		in nanoseconds
 */
struct formatted format_time(double ns);

/**
 * format_on_axis() - a time, to be drawn in powers of 1000 of format_axis_unit()
 * @ns:		in nanoseconds
 */
double format_on_axis(double ns);

/**
 * format_axis_unit() - what stands behind such a power: "s", as in µs
 */
const char *format_axis_unit(void);

/**
 * format_times() - a range of times, in one unit if it is not too wide for that
 * @low:	its lower end, in nanoseconds
 * @high:	its upper end
 */
struct formatted format_times(double low, double high);

/**
 * format_size() - a size, exactly: 64 KiB, but 1000 B
 * @size:	in bytes; 0 is the empty text
 */
struct formatted format_size(uint64_t size);

/**
 * format_rate() - a rate, in powers of 1000
 * @per_s:	how many a second
 * @unit:	of what: "B"
 */
struct formatted format_rate(double per_s, const char *unit);

/**
 * format_ratio() - a ratio, as 2.16×
 * @ratio:	the ratio
 */
struct formatted format_ratio(double ratio);

/**
 * format_ratios() - an interval of ratios
 * @low:	its lower end
 * @high:	its upper end
 */
struct formatted format_ratios(double low, double high);

/**
 * format_percent() - a share, as 1.2 %
 * @share:	1 is 100 %
 */
struct formatted format_percent(double share);

/**
 * format_count() - a number of things in a call, which need not be whole
 * @count:	the number
 */
struct formatted format_count(double count);

/**
 * format_trim() - take out zeros that say nothing, as in 1.00 µs
 * @formatted:	a number with a unit behind it
 */
void format_trim(struct formatted *formatted);

/**
 * format_tail() - shorten a name: the end of a path says more than its beginning
 * @text:	the name
 * @length:	how many characters there is room for
 *
 * Return: @text if it fits, else where its last @length - 1 characters begin.
 */
const char *format_tail(const char *text, size_t length);

/**
 * format_clean() - a text from outside, without what a terminal obeys
 * @text:	the text, changed in place: what is no printable character
 *		becomes a question mark
 *
 * Return: @text.
 */
char *format_clean(char *text);

#endif
