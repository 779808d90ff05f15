// SPDX-License-Identifier: GPL-2.0-only
/*
 * A process of the fuzzer: its random numbers, what it says of its calls, and what
 * it looks at after each.
 */
#include "fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <unistd.h>

/* So much is looked at on both sides of what a call may have changed. */
#define MARGIN 64

/* Where the driver's locks meet, if the device is no larger than by default. */
#define STRIPE 16384

/*
 * SplitMix64: G. L. Steele, D. Lea and C. H. Flood, "Fast Splittable Pseudorandom
 * Number Generators", OOPSLA 2014. Any seed will do, and so will the next one.
 */
uint64_t next(struct worker *w)
{
	uint64_t z = w->random += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

size_t below(struct worker *w, size_t n)
{
	return next(w) % n;
}

bool once_in(struct worker *w, unsigned int n)
{
	return !below(w, n);
}

/* Each call begins anew, so what one took does not change the next. */
void begin_call(struct worker *w, uint64_t n)
{
	w->random = w->fuzz->options->seed;
	w->random = next(w) + w->process;
	w->random = next(w) + n;
	w->report->number = n;
}

/* Close to a multiple of something, or to an end, is where errors are. */
off_t pick_offset(struct worker *w)
{
	size_t len = w->end - w->begin;
	off_t offset = w->begin + below(w, len);
	off_t near = (off_t)below(w, 17) - 8;

	switch (below(w, 6)) {
	case 0:
		offset = offset / STRIPE * STRIPE + near;
		break;
	case 1:
		offset = offset / w->fuzz->page * w->fuzz->page + near;
		break;
	case 2:
		offset = offset / 8 * 8;
		break;
	case 3:
		offset = once_in(w, 2) ? w->end - below(w, 600) :
					 w->begin + below(w, 600);
		break;
	}
	if (offset < (off_t)w->begin)
		return w->begin;
	return offset < (off_t)w->end ? offset : (off_t)w->end - 1;
}

/* The driver does its work differently from 512 bytes on, and from a page on. */
size_t pick_length(struct worker *w)
{
	switch (below(w, 16)) {
	case 0:
		return 0;
	case 1:
		return 8 * below(w, 64);
	case 2:
		return 512 - 8 + below(w, 17);
	case 3:
		return w->fuzz->page - 8 + below(w, 17);
	case 4:
	case 5:
		return below(w, 3 * w->fuzz->page);
	case 6:
		return below(w, 2 * STRIPE);
	case 7:
		return below(w, w->max);
	case 8:
		return w->fuzz->page * below(w, 8);
	default:
		return below(w, 1500);
	}
}

/* Mostly one that is open; sometimes a number that nobody has. */
struct descriptor *pick_descriptor(struct worker *w)
{
	static struct open_file none = { .flags = O_PATH };
	static struct descriptor closed = { .fd = 1000000, .file = &none };
	struct descriptor *d;

	if (once_in(w, 100))
		return &closed;
	do
		d = &w->descriptors[below(w, DESCRIPTORS)];
	while (!d->file);
	w->used = d;
	return d;
}

/* The digest is FNV-1a, by G. Fowler, L. C. Noll and P. Vo. */
void call(struct worker *w, const char *format, ...)
{
	struct report *r = w->report;
	va_list args;

	va_start(args, format);
	vsnprintf(r->call, sizeof(r->call), format, args);
	va_end(args);
	for (const char *p = r->call; *p; p++)
		r->digest = (r->digest ^ (unsigned char)*p) * 0x100000001b3;
}

long result(long returned)
{
	return returned == -1 ? -errno : returned;
}

void differ(struct worker *w, const char *expected, const char *came, ...)
{
	va_list args;

	snprintf(w->report->expected, sizeof(w->report->expected), "%s",
		 expected);
	va_start(args, came);
	vsnprintf(w->report->came, sizeof(w->report->came), came, args);
	va_end(args);
	*w->fuzz->stop = true;
	_exit(1);
}

static const char *spelled(long n, char *text, size_t size)
{
	const char *name = n < 0 ? strerrorname_np(-n) : NULL;

	if (name)
		snprintf(text, size, "%s", name);
	else
		snprintf(text, size, "%ld", n);
	return text;
}

void expect(struct worker *w, long came, long expected)
{
	char a[40], b[40];

	if (came != expected)
		differ(w, spelled(expected, a, sizeof(a)), "%s",
		       spelled(came, b, sizeof(b)));
}

void expect_bytes(struct worker *w, const char *what, off_t offset,
		  const unsigned char *came, const unsigned char *expected,
		  size_t n)
{
	size_t i = 0, bad = 0;
	char text[100];

	if (!memcmp(came, expected, n))
		return;
	while (came[i] == expected[i])
		i++;
	for (size_t j = i; j < n; j++)
		bad += came[j] != expected[j];
	snprintf(text, sizeof(text), "%s: 0x%02x at %jd", what, expected[i],
		 (intmax_t)(offset + i));
	differ(w, text, "0x%02x, and %zu of %zu bytes differ", came[i], bad, n);
}

void check(struct worker *w)
{
	size_t begin = w->begin, end = w->end;

	if (w->used && is_open(w->used->file)) {
		off_t came = lseek(w->used->fd, 0, SEEK_CUR);
		char text[40];

		snprintf(text, sizeof(text), "position %jd afterwards",
			 (intmax_t)w->used->file->position);
		if (came != w->used->file->position)
			differ(w, text, "%jd", (intmax_t)came);
	}
	if (w->dirty_begin == w->dirty_end)
		return;
	if (w->dirty_begin > begin + MARGIN)
		begin = w->dirty_begin - MARGIN;
	if (w->dirty_end + MARGIN < end)
		end = w->dirty_end + MARGIN;
	expect_bytes(w, "in the device afterwards", begin,
		     w->window + (begin - w->begin), model_at(w, begin),
		     end - begin);
}

/* By the mapping and by a call, in turns. */
void check_all(struct worker *w)
{
	size_t n = w->end - w->begin;
	const unsigned char *bytes = w->window;

	if (w->report->number / 32 % 2) {
		expect(w, result(pread(w->home, w->in, n, w->begin)), n);
		bytes = w->in;
	}
	expect_bytes(w, "in the device after this or one of the last calls",
		     w->begin, bytes, w->model->bytes, n);
}

static sigjmp_buf jump;
static volatile sig_atomic_t armed;
static struct worker *this_worker;

static void on_signal(int number, siginfo_t *info, void *context)
{
	(void)context;
	if (armed)
		siglongjmp(jump, number);
	differ(this_worker, "no signal", "SIG%s at %p", sigabbrev_np(number),
	       info->si_addr);
}

int touch(volatile unsigned char *byte, bool write)
{
	int number = sigsetjmp(jump, 1);

	armed = !number;
	if (!number) {
		if (write)
			*byte = *byte;
		else
			(void)*byte;
	}
	armed = 0;
	return number;
}

static void *memory(struct worker *w, size_t size, int flags)
{
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE,
			flags | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		differ(w, "memory", "%s", strerror(errno));
	return at;
}

static void *map_part(struct worker *w, size_t begin, size_t end, int prot)
{
	void *at = mmap(NULL, end - begin, prot, MAP_SHARED, w->home, begin);

	if (at == MAP_FAILED)
		differ(w, "a mapping", "%s", strerror(errno));
	return at;
}

/* The same for each seed, so that calls are the same. */
void worker_init(struct worker *w)
{
	const struct fuzz *fuzz = w->fuzz;
	struct sigaction action = { .sa_flags = SA_SIGINFO };
	size_t page = fuzz->page, n, pages;

	this_worker = w;
	action.sa_sigaction = on_signal;
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
	signal(SIGPIPE, SIG_IGN);

	/* The last one has what is left, up to the end. */
	n = (fuzz->size - fuzz->common) / fuzz->options->processes / page *
	    page;
	w->begin = fuzz->common + w->process * n;
	w->end = w->begin + n;
	if (w->process == fuzz->options->processes - 1)
		w->end = fuzz->size;
	n = w->end - w->begin;
	pages = n / page + 2;
	w->max = n + 2 * page;

	w->model = memory(w, sizeof(*w->model) + n, MAP_SHARED);
	w->pool = memory(w, 2 * w->max, MAP_PRIVATE);
	w->in = memory(w, w->max + 4 * page, MAP_PRIVATE);
	w->cliff = memory(w, w->max + 2 * page, MAP_PRIVATE);
	w->cliff += (w->max + page) / page * page;
	/* Not unmapped: something else would soon be there. */
	if (mprotect(w->cliff, page, PROT_NONE))
		differ(w, "an end of memory", "%s", strerror(errno));
	w->sealed = memory(w, page, MAP_PRIVATE);
	begin_call(w, 0);
	for (size_t i = 0; i < 2 * w->max / 8; i++)
		((uint64_t *)w->pool)[i] = next(w);
	memcpy(w->cliff - w->max, w->pool, w->max);
	for (int i = 0; i < MAPPINGS; i++) {
		w->mappings[i].copied = memory(w, pages, MAP_PRIVATE);
		w->mappings[i].copies = memory(w, pages * page, MAP_PRIVATE);
	}

	w->home = open(fuzz->options->device, O_RDWR);
	w->memfd = memfd_create("fuzz", 0);
	w->epoll = epoll_create1(0);
	if (w->home < 0 || w->memfd < 0 || w->epoll < 0 || pipe(w->pipe))
		differ(w, "descriptors", "%s", strerror(errno));
	w->window = map_part(w, w->begin, w->end, PROT_READ);
	w->common = map_part(w, 0, fuzz->common, PROT_READ | PROT_WRITE);
	file_open(w, &w->descriptors[0], O_RDWR);
	uring_init(w);
}
