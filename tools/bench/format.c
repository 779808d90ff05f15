// SPDX-License-Identifier: GPL-2.0-only
#include "format.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* From so many on, a number is told in a unit of so many. */
static const struct unit {
	double from;
	double scale;
	const char *name;
} time_units[] = {
	{ 0, 1, "ns" },
	{ 999.5, 1e3, "µs" },
	{ 999.5e3, 1e6, "ms" },
	{ 999.5e6, 1e9, "s" },
}, instruction_units[] = {
	{ 0, 1, "instr" },
	{ 1e5, 1e3, "k instr" },
	{ 1e8, 1e6, "M instr" },
	{ 1e11, 1e9, "G instr" },
};

#define N_UNITS (sizeof(time_units) / sizeof(*time_units))

/* How long an instruction takes, where times are told in them, else 0 */
static double instruction_ns;

static const struct formatted none = { FORMAT_NONE };

/* Beyond this much between its ends, a range is not told in one unit. */
#define RANGE_OF_ONE_UNIT 100

static struct formatted __attribute__((format(printf, 1, 2)))
formatted(const char *format, ...)
{
	struct formatted ret;
	va_list args;

	va_start(args, format);
	vsnprintf(ret.text, sizeof(ret.text), format, args);
	va_end(args);
	return ret;
}

/* Three digits that count; more before the point if there are. */
static struct formatted digits(double value)
{
	double size = fabs(value);
	int places = size < 9.995 ? 2 : size < 99.95 ? 1 : 0;

	/* But a small one keeps two. */
	if (size && size < 0.0995)
		places = size < 0.00995 ? 4 : 3;
	return formatted("%.*f", places, value);
}

static const struct unit *unit_of(double number)
{
	const struct unit *units = instruction_ns ? instruction_units :
						    time_units;
	size_t i = N_UNITS;

	while (--i && fabs(number) < units[i].from)
		;
	return &units[i];
}

static double in_units(double ns)
{
	return instruction_ns ? ns / instruction_ns : ns;
}

void format_instructions(double ns)
{
	instruction_ns = ns > 0 ? ns : 0;
}

struct formatted format_time(double ns)
{
	double number = in_units(ns);
	const struct unit *unit = unit_of(number);

	if (isnan(ns))
		return none;
	return formatted("%s %s", digits(number / unit->scale).text,
			 unit->name);
}

double format_on_axis(double ns)
{
	return instruction_ns ? in_units(ns) : ns / 1e9;
}

const char *format_axis_unit(void)
{
	return instruction_ns ? " instr" : "s";
}

struct formatted format_times(double low, double high)
{
	const struct unit *unit = unit_of(in_units(high));

	if (isnan(low) || isnan(high))
		return none;
	if (low < high / RANGE_OF_ONE_UNIT)
		return formatted("%s–%s", format_time(low).text,
				 format_time(high).text);
	return formatted("%s–%s %s", digits(in_units(low) / unit->scale).text,
			 digits(in_units(high) / unit->scale).text, unit->name);
}

struct formatted format_size(uint64_t size)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	size_t i = 0;

	if (!size)
		return formatted("%s", "");
	for (; size % 1024 == 0 && i + 1 < sizeof(units) / sizeof(*units); i++)
		size /= 1024;
	return formatted("%" PRIu64 " %s", size, units[i]);
}

struct formatted format_rate(double per_s, const char *unit)
{
	static const char *const prefixes[] = { "", "k", "M", "G", "T" };
	size_t i = 0;

	if (isnan(per_s))
		return none;
	for (; per_s >= 999.5 && i + 1 < sizeof(prefixes) / sizeof(*prefixes);
	     i++)
		per_s /= 1000;
	return formatted("%s %s%s/s", digits(per_s).text, prefixes[i], unit);
}

struct formatted format_ratio(double ratio)
{
	if (isnan(ratio))
		return none;
	return formatted("%s×", digits(ratio).text);
}

struct formatted format_ratios(double low, double high)
{
	if (isnan(low) || isnan(high))
		return none;
	return formatted("%s–%s", digits(low).text, digits(high).text);
}

struct formatted format_percent(double share)
{
	if (isnan(share))
		return none;
	return formatted("%.1f %%", share * 100);
}

struct formatted format_count(double count)
{
	if (isnan(count))
		return none;
	if (count == floor(count) && fabs(count) < 1e15)
		return formatted("%.0f", count);
	return formatted("%s", digits(count).text);
}

void format_trim(struct formatted *formatted)
{
	char *number = formatted->text, *end, *rest;

	rest = number + strspn(number, "-0123456789.");
	if (!memchr(number, '.', rest - number))
		return;
	for (end = rest; end[-1] == '0'; end--)
		;
	if (end[-1] == '.')
		end--;
	memmove(end, rest, strlen(rest) + 1);
}

const char *format_tail(const char *text, size_t length)
{
	const char *p = text + strlen(text);
	size_t n = 0;

	/* Only the first byte of a character is none of 10xxxxxx. */
	while (p > text && n + 1 < length)
		n += (*--p & 0xc0) != 0x80;
	/* The one before may be the first, and then all of it fits. */
	for (const char *before = p; before > text;)
		if ((*--before & 0xc0) != 0x80)
			return before == text ? text : p;
	return text;
}

char *format_clean(char *text)
{
	/* Those below the blank, DEL, and the second set that UTF-8 begins with C2 */
	for (unsigned char *p = (unsigned char *)text; *p; p++) {
		if (*p < ' ' || *p == 0x7f)
			*p = '?';
		else if (*p == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0)
			*p = p[1] = '?';
	}
	return text;
}
