// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mappings: making and changing them, what is seen through them, and calls whose
 * buffer is one.
 */
#include "fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Since Linux 5.14. */
#define ADVICE_POPULATE_READ 22
#define ADVICE_POPULATE_WRITE 23

static void name(struct worker *w, const char *what, const struct mapping *m,
		 size_t at, size_t len)
{
	call(w,
	     "%s(%#zx bytes at %#zx of a %s mapping, %#zx bytes at %#jx, prot %d)",
	     what, len, at, m->shared ? "shared" : "private", m->len,
	     (intmax_t)m->offset, m->prot);
}

static struct mapping *find(struct worker *w, bool in_use)
{
	size_t first = below(w, MAPPINGS);

	for (size_t i = 0; i < MAPPINGS; i++) {
		struct mapping *m = &w->mappings[(first + i) % MAPPINGS];

		if (!m->at == !in_use)
			return m;
	}
	return NULL;
}

/* How much of it is in front of the device's end. */
static size_t inside(const struct worker *w, const struct mapping *m)
{
	return clamp(w, m->offset, m->len);
}

/* A process's last page may be the device's; behind it, mremap() may go. */
static size_t longest(const struct worker *w, off_t offset)
{
	size_t more = w->end == w->fuzz->size ? 2 * w->fuzz->page : 0;

	return w->end + more - offset;
}

static size_t pages(const struct worker *w, size_t bytes)
{
	return (bytes + w->fuzz->page - 1) / w->fuzz->page;
}

/* What byte @at of a private mapping's copies would be, is now. */
static void copy_pages(struct worker *w, struct mapping *m, size_t at,
		       size_t len)
{
	size_t page = w->fuzz->page;

	for (size_t i = at / page; i < pages(w, at + len); i++) {
		if (m->copied[i])
			continue;
		memcpy(m->copies + i * page, model_at(w, m->offset + i * page),
		       page);
		m->copied[i] = true;
	}
}

static void forget_copies(struct worker *w, struct mapping *m, size_t at,
			  size_t len)
{
	memset(m->copied + at / w->fuzz->page, false, pages(w, len));
}

/* Page @i as it should be seen. */
static unsigned char *page_of(struct worker *w, const struct mapping *m,
			      size_t i)
{
	size_t at = i * w->fuzz->page;

	return m->copied[i] ? m->copies + at : model_at(w, m->offset + at);
}

/* Calls @what for each page that @len bytes @at are in. */
static void compare(struct worker *w, const struct mapping *m, size_t at,
		    const unsigned char *came, size_t len)
{
	size_t page = w->fuzz->page;

	while (len) {
		size_t in_page = page - at % page;
		size_t n = len < in_page ? len : in_page;

		expect_bytes(w, "in the mapping", m->offset + at, came,
			     page_of(w, m, at / page) + at % page, n);
		at += n;
		came += n;
		len -= n;
	}
}

/* Writing to a private mapping copies its page, and the device stays as it was. */
static void note_store(struct worker *w, struct mapping *m, size_t at,
		       const void *bytes, size_t len)
{
	if (!len)
		return;
	if (m->shared) {
		model_put(w, m->offset + at, bytes, len);
	} else {
		copy_pages(w, m, at, len);
		memcpy(m->copies + at, bytes, len);
	}
}

static void unmap(struct worker *w, struct mapping *m)
{
	expect(w, result(munmap(m->at, m->len)), 0);
	forget_copies(w, m, 0, m->len);
	m->at = NULL;
}

static void map(struct worker *w)
{
	struct mapping *m = find(w, false);
	struct descriptor *d = pick_descriptor(w);
	size_t page = w->fuzz->page;
	bool populate = once_in(w, 4);
	long expected = 0;
	void *at;

	if (!m) {
		m = find(w, true);
		call(w, "munmap");
		unmap(w, m);
	}
	m->offset = pick_offset(w) / page * page;
	m->len = page * (1 + below(w, 5));
	if (m->len > w->end - m->offset)
		m->len = w->end - m->offset;
	m->prot = below(w, 8) ? PROT_READ | (below(w, 3) ? PROT_WRITE : 0) :
				PROT_NONE;
	m->shared = below(w, 3);
	m->may_write = !m->shared || is_writable(d->file);

	if (!is_open(d->file))
		expected = -EBADF;
	else if (!is_readable(d->file) ||
		 (m->prot & PROT_WRITE && !m->may_write))
		expected = -EACCES;
	call(w,
	     "mmap(%#zx bytes, prot %d, %s%s, fd %d of flags 0%o, offset %#jx)",
	     m->len, m->prot, m->shared ? "MAP_SHARED" : "MAP_PRIVATE",
	     populate ? "|MAP_POPULATE" : "", d->fd, d->file->flags,
	     (intmax_t)m->offset);
	at = mmap(NULL, m->len - below(w, page), m->prot,
		  (m->shared ? MAP_SHARED : MAP_PRIVATE) |
			  (populate ? MAP_POPULATE : 0),
		  d->fd, m->offset);
	expect(w, at == MAP_FAILED ? -errno : 0, expected);
	if (expected)
		return;
	m->at = at;
	/* What is going to be written is copied at once. */
	if (populate && !m->shared && m->prot & PROT_WRITE)
		copy_pages(w, m, 0, m->len);
}

void do_mmap(struct worker *w)
{
	map(w);
}

/* A mapping to do something to: there is one after a few tries. */
static struct mapping *pick_mapping(struct worker *w)
{
	struct mapping *m;

	while (!(m = find(w, true)))
		map(w);
	return m;
}

/* One that a call may use as its buffer: of one page at least. */
static void pick_part(struct worker *w, const struct mapping *m, size_t *at,
		      size_t *len)
{
	*at = below(w, inside(w, m));
	*len = pick_length(w);
	if (*len > inside(w, m) - *at)
		*len = inside(w, m) - *at;
}

void do_bad_mmap(struct worker *w)
{
	size_t page = w->fuzz->page, size = w->fuzz->size, len = page;
	off_t offset = 0;
	int flags = once_in(w, 2) ? MAP_SHARED : MAP_PRIVATE;

	w->used = &w->descriptors[0];
	switch (below(w, 5)) {
	case 0:
		len = size + 1 + below(w, 4 * page);
		break;
	case 1:
		offset = size - page;
		len = page + 1 + below(w, page);
		break;
	case 2:
		offset = size + page * below(w, 4);
		break;
	case 3:
		offset = ((off_t)1 << (30 + below(w, 20))) + size;
		break;
	case 4:
		len = 0;
		break;
	}
	offset = offset / page * page;
	call(w, "mmap(%#zx bytes at %#jx)", len, (intmax_t)offset);
	expect(w,
	       mmap(NULL, len, PROT_READ, flags, w->used->fd, offset) ==
			       MAP_FAILED ?
		       -errno :
		       0,
	       -EINVAL);
}

/* All of it, or some pages at its beginning or end. */
void do_munmap(struct worker *w)
{
	struct mapping *m = pick_mapping(w);
	size_t page = w->fuzz->page, n = m->len / page;
	size_t gone = page * (1 + below(w, n));

	if (gone == m->len) {
		name(w, "munmap", m, 0, gone);
		unmap(w, m);
	} else if (once_in(w, 2)) {
		name(w, "munmap", m, m->len - gone, gone);
		expect(w, result(munmap(m->at + m->len - gone, gone)), 0);
		forget_copies(w, m, m->len - gone, gone);
		m->len -= gone;
	} else {
		name(w, "munmap", m, 0, gone);
		expect(w, result(munmap(m->at, gone)), 0);
		m->at += gone;
		m->offset += gone;
		m->len -= gone;
		memmove(m->copied, m->copied + gone / page, m->len / page);
		memmove(m->copies, m->copies + gone, m->len);
		forget_copies(w, m, m->len, gone);
		/* Only what was beyond the device's end is left. */
		if (!inside(w, m))
			unmap(w, m);
	}
}

void do_mremap(struct worker *w)
{
	struct mapping *m = pick_mapping(w);
	size_t page = w->fuzz->page, old = m->len;
	size_t len = page * (1 + below(w, 8));
	void *at;

	if (len > longest(w, m->offset))
		len = longest(w, m->offset);
	name(w, "mremap", m, 0, len);
	at = mremap(m->at, old, len, MREMAP_MAYMOVE);
	/* To beyond the end it goes if there is room behind the mapping. */
	if (at == MAP_FAILED && len > old && len > clamp(w, m->offset, len)) {
		expect(w, -errno, -EINVAL);
		return;
	}
	expect(w, at == MAP_FAILED ? -errno : 0, 0);
	m->at = at;
	m->len = len;
	if (len < old)
		forget_copies(w, m, len, old - len);
}

void do_mprotect(struct worker *w)
{
	static const int some[] = { PROT_NONE, PROT_READ,
				    PROT_READ | PROT_WRITE,
				    PROT_READ | PROT_WRITE };
	struct mapping *m = pick_mapping(w);
	int prot = some[below(w, 4)];
	long expected = prot & PROT_WRITE && !m->may_write ? -EACCES : 0;

	name(w, "mprotect", m, 0, m->len);
	expect(w, result(mprotect(m->at, m->len, prot)), expected);
	if (!expected)
		m->prot = prot;
}

/*
 * Which advice is taken differs from kernel to kernel: what is seen afterwards does
 * not. Some throw a private mapping's copies away, or make them.
 */
void do_madvise(struct worker *w)
{
	static const struct {
		int advice;
		bool in_part; /* leaves the mapping in one piece all the same */
	} some[] = {
		{ MADV_DONTNEED, true },
		{ MADV_DONTNEED, true },
		{ MADV_WILLNEED, true },
		{ MADV_COLD, true },
		{ MADV_PAGEOUT, true },
		{ ADVICE_POPULATE_READ, true },
		{ ADVICE_POPULATE_WRITE, true },
		{ MADV_NORMAL, false },
		{ MADV_RANDOM, false },
		{ MADV_SEQUENTIAL, false },
		{ MADV_FREE, false },
		{ MADV_REMOVE, false },
		{ MADV_MERGEABLE, false },
		{ MADV_UNMERGEABLE, false },
		{ MADV_HUGEPAGE, false },
		{ MADV_NOHUGEPAGE, false },
		{ MADV_DONTDUMP, false },
		{ MADV_DODUMP, false },
	};
	size_t i = below(w, sizeof(some) / sizeof(*some));
	struct mapping *m = pick_mapping(w);
	size_t page = w->fuzz->page, at = 0, len = inside(w, m);
	int advice = some[i].advice;
	char text[40];
	long came;

	if (some[i].in_part) {
		at = page * below(w, len / page);
		len = page * (1 + below(w, (len - at) / page));
	} else {
		len = m->len;
	}
	snprintf(text, sizeof(text), "madvise %d", advice);
	name(w, text, m, at, len);
	came = result(madvise(m->at + at, len, advice));
	if (advice == MADV_DONTNEED) {
		expect(w, came, 0);
		forget_copies(w, m, at, len);
	}
	if (advice == ADVICE_POPULATE_WRITE && !came && !m->shared)
		copy_pages(w, m, at, len);
}

/* (Of a private one, mlock() would copy pages.) */
void do_mlock(struct worker *w)
{
	struct mapping *m = pick_mapping(w);

	name(w, "mlock", m, 0, m->len);
	if (!m->shared || m->prot == PROT_NONE || inside(w, m) < m->len)
		return;
	expect(w, result(mlock(m->at, m->len)), 0);
	compare(w, m, 0, m->at, m->len);
	expect(w, result(munlock(m->at, m->len)), 0);
}

void do_msync(struct worker *w)
{
	static const int some[] = { MS_SYNC, MS_ASYNC,
				    MS_SYNC | MS_INVALIDATE };
	struct mapping *m = pick_mapping(w);

	name(w, "msync", m, 0, m->len);
	expect(w, result(msync(m->at, m->len, some[below(w, 3)])), 0);
}

/* The signal that touching a byte of it brings, or 0. */
static int expected_signal(const struct worker *w, const struct mapping *m,
			   size_t at, bool write)
{
	/* It is read before it is written. */
	if (!(m->prot & PROT_READ))
		return SIGSEGV;
	if (at >= inside(w, m))
		return SIGBUS;
	return write && !(m->prot & PROT_WRITE) ? SIGSEGV : 0;
}

void do_load(struct worker *w)
{
	struct mapping *m = pick_mapping(w);
	size_t at = below(w, m->len), len;
	int expected = expected_signal(w, m, at, false);

	name(w, "load", m, at, 1);
	expect(w, touch(m->at + at, false), expected);
	if (expected)
		return;
	pick_part(w, m, &at, &len);
	name(w, "loads", m, at, len);
	compare(w, m, at, m->at + at, len);
}

void do_store(struct worker *w)
{
	struct mapping *m = pick_mapping(w);
	size_t at = below(w, m->len), len;
	int expected = expected_signal(w, m, at, true);
	const unsigned char *source = w->pool + below(w, w->max);

	/* It writes what was there: a private page is the process's own then. */
	name(w, "store", m, at, 1);
	expect(w, touch(m->at + at, true), expected);
	if (expected)
		return;
	if (!m->shared)
		copy_pages(w, m, at, 1);
	pick_part(w, m, &at, &len);
	name(w, "stores", m, at, len);
	memcpy(m->at + at, source, len);
	note_store(w, m, at, source, len);
	compare(w, m, at, m->at + at, len);
}

/*
 * A place in the device for a call whose buffer is @len bytes of a mapping @at: not
 * one that overlaps it, as what comes of that is not said; but the very same will do.
 */
static off_t pick_apart(struct worker *w, const struct mapping *m, size_t at,
			size_t *len)
{
	off_t mine = m->offset + at, pos = pick_offset(w);
	size_t apart;

	if (once_in(w, 4))
		return mine;
	apart = pos < mine ? mine - pos : pos - mine;
	if (apart > w->end - pos)
		apart = w->end - pos;
	if (*len > apart)
		*len = apart;
	return pos;
}

void do_read_to_mapping(struct worker *w)
{
	struct mapping *m = pick_mapping(w);
	size_t at, len;
	off_t pos;
	long came;

	pick_part(w, m, &at, &len);
	pos = pick_apart(w, m, at, &len);
	name(w, "pread to", m, at, len);
	came = result(pread(w->home, m->at + at, len, pos));
	if (len && !(m->prot & PROT_WRITE)) {
		expect(w, came, -EFAULT);
		return;
	}
	expect(w, came, len);
	note_store(w, m, at, model_at(w, pos), len);
	compare(w, m, at, m->at + at, m->prot & PROT_READ ? len : 0);
}

void do_write_from_mapping(struct worker *w)
{
	struct mapping *m = pick_mapping(w);
	size_t page = w->fuzz->page, at, len;
	off_t pos;
	long came;

	pick_part(w, m, &at, &len);
	pos = pick_apart(w, m, at, &len);
	name(w, "pwrite from", m, at, len);
	came = result(pwrite(w->home, m->at + at, len, pos));
	if (len && m->prot == PROT_NONE) {
		expect(w, came, -EFAULT);
		return;
	}
	expect(w, came, len);
	while (len) {
		size_t in_page = page - at % page;
		size_t n = len < in_page ? len : in_page;

		model_put(w, pos, page_of(w, m, at / page) + at % page, n);
		at += n;
		pos += n;
		len -= n;
	}
}

/* The device's own pages go through the pipe. */
void do_vmsplice_mapping(struct worker *w)
{
	struct mapping *m = pick_mapping(w);
	struct iovec part;
	size_t at, len;

	pick_part(w, m, &at, &len);
	if (len > PIPE_MAX)
		len = PIPE_MAX;
	name(w, "vmsplice", m, at, len);
	part = (struct iovec){ m->at + at, len };
	if (len && m->prot == PROT_NONE) {
		expect(w,
		       result(vmsplice(w->pipe[1], &part, 1,
				       SPLICE_F_NONBLOCK)),
		       -EFAULT);
		return;
	}
	expect(w, result(vmsplice(w->pipe[1], &part, 1, SPLICE_F_NONBLOCK)),
	       len);
	pipe_drain(w, len);
	compare(w, m, at, w->in, len);
}

void do_mapped_atomic(struct worker *w)
{
	enum mymem_op op = below(w, MYMEM_OP_COMPARE_EXCHANGE + 1);
	uint64_t operand = next(w), other = next(w), old, new, came;
	struct mapping *m = pick_mapping(w);
	size_t at = below(w, inside(w, m)) / 8 * 8;
	char text[40];

	name(w, op_name(op), m, at, sizeof(old));
	if (m->prot != (PROT_READ | PROT_WRITE)) {
		expect(w, touch(m->at + at, true), SIGSEGV);
		return;
	}
	memcpy(&old, page_of(w, m, at / w->fuzz->page) + at % w->fuzz->page,
	       sizeof(old));
	if (op == MYMEM_OP_COMPARE_EXCHANGE && once_in(w, 2))
		other = old;
	/* Which operations copy a private page differs: it is copied before. */
	if (!m->shared) {
		expect(w, touch(m->at + at, true), 0);
		copy_pages(w, m, at, sizeof(old));
	}
	came = operate_mapped((uint64_t *)(m->at + at), op, operand, other);
	snprintf(text, sizeof(text), "the old word %#" PRIx64, old);
	if (came != old)
		differ(w, text, "%#" PRIx64, came);
	new = operated(op, old, operand, other);
	note_store(w, m, at, &new, sizeof(new));
}
