/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A fuzzer of the device: processes that make random calls, and a model in memory
 * that says what each of them must return and do.
 *
 * Each process has a range of the device of its own. Nobody else writes there, so
 * its model of that range is exact: results, errors, positions and bytes. One more
 * range is everybody's; what holds there is written in shared.c.
 *
 * All that is random in a call comes from the seed, the process and the number of
 * the call. None of it depends on what others do meanwhile: so a seed makes the same
 * calls again, in the same order in each process.
 */
#ifndef MYMEM_FUZZ_H
#define MYMEM_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

#include <linux/mymem.h>

#define PROCESSES_MAX 16
#define KINDS_MAX 64
#define DESCRIPTORS 8
#define MAPPINGS 6
#define SEGMENTS 6
/* At one go through a pipe, whose 16 pages it fits in wherever it begins. */
#define PIPE_MAX 56000
/* What a page that cannot be touched is known by. */
#define CANARY 0xa5

/* --- What processes share, and their children with them: see struct worker */

/* The range that is everybody's begins with words; records are behind them. */
#define WORDS 32
#define WORD_STEP 128
#define RECORDS 4

/**
 * struct report - what a process tells
 * @number:	of the call that it is at, from 1
 * @made:	how many calls of each kind
 * @again:	how often RWF_NOWAIT was answered with EAGAIN
 * @call:	the call, with its arguments
 * @digest:	of all calls so far
 * @expected:	empty, or what was expected of it
 * @came:	and what came instead
 * @added:	to each word of the range that is everybody's, modulo 2^64
 * @stamps:	how many records it has written there
 * @ready:	a child of the process is, for what they do at the same time
 */
struct report {
	uint64_t number;
	uint64_t made[KINDS_MAX];
	uint64_t again;
	char call[400];
	uint64_t digest;
	char expected[200];
	char came[200];
	uint64_t added[WORDS];
	uint64_t stamps;
	volatile bool ready;
};

/**
 * struct open_file - the model of an open file, which descriptors share
 * @flags:	of open(); O_PATH for a descriptor that is not open at all
 * @position:	where it is
 * @users:	how many descriptors; 0 if there is no such file
 */
struct open_file {
	int flags;
	off_t position;
	int users;
};

/**
 * struct model - what the device looks like to a process
 * @files:	the files that it has open
 * @bytes:	what is in its range
 *
 * It is in memory that a child shares with its parent, so what a child does to the
 * device its parent knows.
 */
struct model {
	struct open_file files[DESCRIPTORS];
	unsigned char bytes[];
};

/* --- What is a process's own */

struct descriptor {
	int fd;
	struct open_file *file; /* NULL if there is none here */
};

/**
 * struct mapping - the model of a mapping of a part of the process's range
 * @at:		where it is; NULL if there is none
 * @len:	whole pages
 * @offset:	of its first byte in the device
 * @prot:	as for mmap()
 * @shared:	MAP_SHARED; else MAP_PRIVATE
 * @may_write:	whether mprotect() may make it writable
 * @copied:	which pages are the process's own by now, if it is private
 * @copies:	what is in them
 */
struct mapping {
	unsigned char *at;
	size_t len;
	off_t offset;
	int prot;
	bool shared;
	bool may_write;
	bool *copied;
	unsigned char *copies;
};

struct options {
	uint64_t seed;
	uint64_t calls;
	unsigned int seconds;
	unsigned int processes;
	const char *device;
};

/* What all processes know. */
struct fuzz {
	const struct options *options;
	size_t size; /* of the device */
	size_t page;
	size_t common; /* bytes at its start that are everybody's */
	bool sends; /* sendfile() takes from character devices */
	uint64_t deadline; /* of CLOCK_MONOTONIC, in ns */
	struct report *reports;
	volatile bool *stop; /* somebody found a difference */
};

struct worker {
	const struct fuzz *fuzz;
	unsigned int process;
	struct report *report;
	uint64_t random;
	bool is_child;

	size_t begin, end; /* the range that is its own */
	struct model *model;
	size_t dirty_begin, dirty_end; /* that the call may have changed */

	int home; /* a descriptor that no call closes or moves */
	struct descriptor descriptors[DESCRIPTORS];
	struct descriptor *used; /* by the call */
	struct mapping mappings[MAPPINGS];
	unsigned char *window; /* its range, mapped */
	unsigned char *common; /* everybody's, mapped */

	size_t max; /* no call is longer */
	unsigned char *pool; /* random bytes, to be written */
	unsigned char *in; /* where bytes are read to */
	unsigned char *cliff; /* the end of memory: behind it there is none */
	unsigned char *sealed; /* a page that can be read, and not written */
	int pipe[2];
	int memfd;
	int epoll;
	uint64_t seen[RECORDS][PROCESSES_MAX]; /* see shared.c */
};

/**
 * struct kind - a kind of call
 * @name:	what it is called in the list at the end
 * @weight:	how often it is made, beside others
 * @in_child:	whether a child may do it: it changes no descriptors, and not the ring
 * @run:	does it, and compares
 */
struct kind {
	const char *name;
	unsigned int weight;
	bool in_child;
	void (*run)(struct worker *w);
};

extern const struct kind kinds[];
extern const size_t n_kinds;

void run_kind(struct worker *w, size_t k);
size_t pick_kind(struct worker *w, bool in_child);
void begin_call(struct worker *w, uint64_t number);

/* --- worker.c: chance, and what is said of a call */

uint64_t next(struct worker *w);
size_t below(struct worker *w, size_t n);
/* True once in @n times. */
bool once_in(struct worker *w, unsigned int n);
off_t pick_offset(struct worker *w);
size_t pick_length(struct worker *w);
struct descriptor *pick_descriptor(struct worker *w);

/* Notes the call that is about to be made. */
void call(struct worker *w, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* What a call returned: a count, or a negative errno. */
long result(long returned);
/* Ends the process if these differ: what a call returned and should have. */
void expect(struct worker *w, long came, long expected);
/* The same for bytes; @offset is where they are in the device. */
void expect_bytes(struct worker *w, const char *what, off_t offset,
		  const unsigned char *came, const unsigned char *expected,
		  size_t n);
void differ(struct worker *w, const char *expected, const char *came, ...)
	__attribute__((noreturn, format(printf, 3, 4)));
/* Whether the process's range, and the position, are what they should be. */
void check(struct worker *w);
void check_all(struct worker *w);
/* Reads a byte, and writes the same; the signal that this brought, or 0. */
int touch(volatile unsigned char *byte, bool write);
void worker_init(struct worker *w);

/* --- model.c */

/**
 * struct pieces - the memory of a call that reads or writes
 * @iov:	its segments
 * @n:		how many
 * @len:	their bytes
 * @good:	as many of them are there; behind those is no memory
 */
struct pieces {
	struct iovec iov[SEGMENTS];
	int n;
	size_t len;
	size_t good;
};

bool is_open(const struct open_file *file);
bool is_readable(const struct open_file *file);
bool is_writable(const struct open_file *file);

/* How many bytes may be written at @pos without others' noticing. */
size_t room(const struct worker *w, off_t pos);
/* How many of @len bytes at @pos are before the device's end. */
size_t clamp(const struct worker *w, off_t pos, size_t len);

/* Memory to be written from, or read to; sometimes there is less than @len. */
void pick_source(struct worker *w, struct pieces *pieces, size_t len, int n);
void pick_sink(struct worker *w, struct pieces *pieces, size_t len, int n);

long expected_read(const struct worker *w, const struct open_file *file,
		   off_t pos, const struct pieces *to);
long expected_write(const struct worker *w, const struct open_file *file,
		    off_t pos, const struct pieces *from, bool append);

/* After a call that returned @n: compares what it read, notes what it wrote. */
void model_read(struct worker *w, off_t pos, const struct pieces *to, long n);
void model_write(struct worker *w, off_t pos, const struct pieces *from,
		 long n);
void model_put(struct worker *w, off_t pos, const void *bytes, size_t n);
void model_compare(struct worker *w, off_t pos, const unsigned char *bytes,
		   size_t n);
/* Where the model has the byte at @pos, which is in the process's range. */
unsigned char *model_at(const struct worker *w, off_t pos);

/* --- uring.c */
void uring_init(struct worker *w);

/* --- descriptors.c */
void file_close(struct worker *w, struct descriptor *d);
void file_open(struct worker *w, struct descriptor *d, int flags);

/* --- shared.c */
off_t word_offset(unsigned int word);
size_t common_size(const struct fuzz *fuzz);
bool words_are_right(const struct fuzz *fuzz, int fd);

/* --- command.c: what an operation makes of a word */
uint64_t operated(enum mymem_op op, uint64_t old, uint64_t operand,
		  uint64_t expected);
uint64_t operate_mapped(uint64_t *word, enum mymem_op op, uint64_t operand,
			uint64_t expected);
const char *op_name(enum mymem_op op);

/* --- The kinds of calls */

/* transfer.c */
void do_read(struct worker *w);
void do_write(struct worker *w);
void do_pread(struct worker *w);
void do_pwrite(struct worker *w);
void do_readv(struct worker *w);
void do_writev(struct worker *w);
void do_preadv2(struct worker *w);
void do_pwritev2(struct worker *w);
void do_lseek(struct worker *w);
void do_bad_transfer(struct worker *w);

/* descriptors.c */
void do_open(struct worker *w);
void do_close(struct worker *w);
void do_dup(struct worker *w);
void do_fcntl(struct worker *w);
void do_poll(struct worker *w);
void do_epoll(struct worker *w);
void do_fsync(struct worker *w);
void do_unsupported(struct worker *w);

/* map.c */
void do_mmap(struct worker *w);
void do_bad_mmap(struct worker *w);
void do_munmap(struct worker *w);
void do_mremap(struct worker *w);
void do_mprotect(struct worker *w);
void do_madvise(struct worker *w);
void do_mlock(struct worker *w);
void do_msync(struct worker *w);
void do_load(struct worker *w);
void do_store(struct worker *w);
void do_read_to_mapping(struct worker *w);
void do_write_from_mapping(struct worker *w);
void do_vmsplice_mapping(struct worker *w);
void do_mapped_atomic(struct worker *w);

/* command.c */
void do_info(struct worker *w);
void do_atomic(struct worker *w);
void do_bad_atomic(struct worker *w);
void do_bad_ioctl(struct worker *w);

/* pipe.c */
void do_splice_from(struct worker *w);
void do_splice_to(struct worker *w);
void do_vmsplice_to(struct worker *w);
void do_sendfile_from(struct worker *w);
void do_sendfile_to(struct worker *w);
/* Takes @n bytes from the pipe to w->in. */
void pipe_drain(struct worker *w, size_t n);

/* uring.c */
void do_uring_read(struct worker *w);
void do_uring_write(struct worker *w);
void do_uring_many(struct worker *w);

/* child.c */
void do_fork(struct worker *w);
void do_fork_position(struct worker *w);
void do_kill(struct worker *w);

/* shared.c */
void do_shared_atomic(struct worker *w);
void do_shared_mapped_atomic(struct worker *w);
void do_shared_write(struct worker *w);
void do_shared_read(struct worker *w);

#endif
