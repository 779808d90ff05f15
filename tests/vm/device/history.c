// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whether all calls together could have come one after the other: histories of
 * reads, writes, vectored calls and atomic operations of random ranges, recorded
 * and then checked.
 *
 * The place is divided into cells, and a call is over some of them, one after the
 * other. All that is written is unique, so it is known of each cell that was read
 * which call wrote it. Each call notes the time before and after it, on a clock
 * that all share. If there is an order that explains what was read, it has to
 * obey these rules, for calls a, b, r:
 *
 * - a before b, if a ended before b began;
 * - a before r, if r read in a cell what a wrote;
 * - b before a, if moreover b wrote that cell too, and comes before r;
 * - r before b, if moreover b wrote that cell too, and comes after a.
 *
 * They are applied until nothing new follows; then a call before itself shows that
 * there is no such order. That can overlook an error, but never finds one that is
 * none. It is how P. B. Gibbons and E. Korach test memories if it is known which
 * write a read reads from ("Testing Shared Memories", SIAM J. Comput. 26, 1997);
 * that an object is linearizable if there is such an order: M. P. Herlihy and J. M.
 * Wing, "Linearizability", ACM TOPLAS 12, 1990.
 *
 * $HISTORY_SECONDS is how long each test takes (default 2), $HISTORY_SEED where its
 * random numbers begin.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <linux/mymem.h>

#include "device.h"

#define THREADS_MAX 4
/* Calls by all of them in a round, and a set of them and of two more */
#ifdef __SIZEOF_INT128__
#define CALLS 120
#define set_t unsigned __int128
#else
#define CALLS 60
#define set_t uint64_t
#endif
#define NODES (CALLS + 2) /* and one each before and after all */
#define CELLS 16
#define PAIRS 100 /* of calls that are under way at once, in all rounds */
#define SEGMENTS 5

#define ONLY(node) ((set_t)1 << (node))

enum kind {
	WRITE,
	READ,
	READV,
	WRITEV,
	TRY_READ,
	TRY_WRITE,
	CALL_KINDS,
	/* Of one cell: those of the device, by its number, */
	ATOMIC = CALL_KINDS,
	/* and those of the processor, through a mapping. */
	MAPPED = ATOMIC + MYMEM_OP_COMPARE_EXCHANGE + 1,
};

/* A call, or an operation: it reads, writes, or both, the cells @first to @last. */
struct node {
	enum kind kind;
	int first, last;
	bool reads, writes;
	uint64_t began, ended;
	uint64_t written; /* in all its cells */
	uint64_t read[CELLS];
};

/* What a test does, and where. */
struct plan {
	int threads; /* for short calls, no more than there are processors */
	int cells; /* that are used, of CELLS */
	size_t offset;
	size_t cell; /* bytes in each; a multiple of 8 */
	size_t step; /* from one to the next, over what does not matter */
	int kinds; /* of calls, that are chosen from */
	int atomics; /* of 10 calls, so many are operations on words */
	bool mapped; /* half of them through a mapping */
};

/* What the threads of a test share. */
struct test {
	const struct plan *plan;
	pthread_barrier_t barrier;
	atomic_ullong clock;
	atomic_int ready; /* threads that may begin, since the first round */
	atomic_int failed; /* calls that did not do all they should */
	atomic_int mixed; /* cells that were read with several values in them */
	bool stop;
	struct node nodes[NODES];
};

struct worker {
	pthread_t thread;
	struct test *test;
	int number;
	int fd;
	uint64_t random;
	uint64_t seen[CELLS]; /* there, when it last looked */
	unsigned char *map; /* of the whole device */
	uint64_t *buffer; /* as many cells as there are */
};

/* xorshift64*: S. Vigna, "An experimental exploration of Marsaglia's xorshift". */
static uint64_t next(struct worker *w)
{
	w->random ^= w->random >> 12;
	w->random ^= w->random << 25;
	w->random ^= w->random >> 27;
	return w->random * 0x2545f4914f6cdd1d;
}

/* Less than @n. */
static int any(struct worker *w, int n)
{
	return (next(w) >> 33) % n;
}

/* Cuts @len bytes at random places. */
static int cut(struct worker *w, struct iovec *segments, unsigned char *bytes,
	       size_t len)
{
	int n = 0;

	while (n < SEGMENTS - 1 && len > 1) {
		size_t piece = any(w, len);

		segments[n++] = (struct iovec){ bytes, piece };
		bytes += piece;
		len -= piece;
	}
	segments[n++] = (struct iovec){ bytes, len };
	return n;
}

/* Does a call; false if it had no effect. */
static bool do_call(struct worker *w, struct node *node)
{
	struct test *test = w->test;
	const struct plan *plan = test->plan;
	size_t len = (node->last - node->first) * plan->step + plan->cell;
	off_t offset = plan->offset + node->first * plan->step;
	struct iovec segments[SEGMENTS];
	int n = 1, flags = 0;
	ssize_t ret;

	node->reads = node->kind == READ || node->kind == READV ||
		      node->kind == TRY_READ;
	node->writes = !node->reads;
	if (node->writes) {
		node->written = next(w);
		for (size_t c = 0; c < len; c += plan->step)
			for (size_t i = 0; i < plan->cell;
			     i += sizeof(uint64_t))
				w->buffer[(c + i) / sizeof(uint64_t)] =
					node->written;
	}
	segments[0] = (struct iovec){ w->buffer, len };
	if (node->kind == READV || node->kind == WRITEV)
		n = cut(w, segments, (unsigned char *)w->buffer, len);
	if (node->kind == TRY_READ || node->kind == TRY_WRITE)
		flags = RWF_NOWAIT;

	node->began = test->clock++;
	if (node->kind == READ)
		ret = pread(w->fd, w->buffer, len, offset);
	else if (node->kind == WRITE)
		ret = pwrite(w->fd, w->buffer, len, offset);
	else if (node->reads)
		ret = preadv2(w->fd, segments, n, offset, flags);
	else
		ret = pwritev2(w->fd, segments, n, offset, flags);
	node->ended = test->clock++;

	if (ret == -1 && errno == EAGAIN && flags)
		return false;
	if (ret != (ssize_t)len)
		test->failed++;
	if (!node->reads)
		return true;
	for (int c = node->first; c <= node->last; c++) {
		const uint64_t *cell = w->buffer + (c - node->first) *
							   plan->step /
							   sizeof(*cell);

		w->seen[c] = cell[0];
		node->read[c] = cell[0];
		for (size_t i = 1; i < plan->cell / sizeof(*cell); i++)
			if (cell[i] != cell[0]) {
				test->mixed++;
				break;
			}
	}
	return true;
}

/* Only those that write what is unique again. A load sees most, and does no harm. */
static const enum mymem_op ops[] = {
	MYMEM_OP_LOAD, MYMEM_OP_LOAD,	  MYMEM_OP_LOAD,
	MYMEM_OP_LOAD, MYMEM_OP_STORE,	  MYMEM_OP_ADD,
	MYMEM_OP_XOR,  MYMEM_OP_EXCHANGE, MYMEM_OP_COMPARE_EXCHANGE
};

static uint64_t do_device(struct worker *w, size_t offset, enum mymem_op op,
			  uint64_t operand, uint64_t expected)
{
	struct mymem_atomic a = {
		.size = sizeof(a),
		.op = op,
		.offset = offset,
		.operand = operand,
		.expected = expected,
	};

	if (ioctl(w->fd, MYMEM_IOC_ATOMIC, &a))
		w->test->failed++;
	return a.old;
}

static uint64_t do_mapped(struct worker *w, size_t offset, enum mymem_op op,
			  uint64_t operand, uint64_t expected)
{
	uint64_t *word = (uint64_t *)(w->map + offset);

	switch (op) {
	case MYMEM_OP_LOAD:
		return __atomic_load_n(word, __ATOMIC_SEQ_CST);
	case MYMEM_OP_ADD:
		return __atomic_fetch_add(word, operand, __ATOMIC_SEQ_CST);
	case MYMEM_OP_XOR:
		return __atomic_fetch_xor(word, operand, __ATOMIC_SEQ_CST);
	case MYMEM_OP_COMPARE_EXCHANGE:
		__atomic_compare_exchange_n(word, &expected, operand, false,
					    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
		return expected;
	default:
		return __atomic_exchange_n(word, operand, __ATOMIC_SEQ_CST);
	}
}

/* Does an operation on a cell that is a word. */
static void do_atomic(struct worker *w, struct node *node)
{
	struct test *test = w->test;
	const struct plan *plan = test->plan;
	enum mymem_op op = ops[any(w, sizeof(ops) / sizeof(*ops))];
	size_t offset = plan->offset + node->first * plan->step;
	uint64_t operand = op == MYMEM_OP_LOAD ? 0 : next(w), expected = 0, old;
	bool mapped = plan->mapped && any(w, 2);

	node->kind = (mapped ? MAPPED : ATOMIC) + op;
	if (op == MYMEM_OP_COMPARE_EXCHANGE)
		expected = w->seen[node->first];

	node->began = test->clock++;
	old = (mapped ? do_mapped : do_device)(w, offset, op, operand,
					       expected);
	node->ended = test->clock++;

	node->reads = true;
	node->writes = op != MYMEM_OP_LOAD &&
		       (op != MYMEM_OP_COMPARE_EXCHANGE || old == expected);
	node->written = operand;
	if (op == MYMEM_OP_ADD)
		node->written = old + operand;
	else if (op == MYMEM_OP_XOR)
		node->written = old ^ operand;
	node->read[node->first] = old;
	w->seen[node->first] = node->writes ? node->written : old;
}

/* They would share one processor, rather than to wake another. */
static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu % sysconf(_SC_NPROCESSORS_ONLN), &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static void *work(void *argument)
{
	struct worker *w = argument;
	struct test *test = w->test;
	const struct plan *plan = test->plan;
	int calls = CALLS / plan->threads;

	pin(w->number);
	for (int round = 1;; round++) {
		pthread_barrier_wait(&test->barrier);
		if (test->stop)
			return NULL;
		/* Else one would be done before the next is awake. */
		test->ready++;
		while (test->ready < round * plan->threads)
			sched_yield();
		for (int i = 0; i < calls; i++) {
			struct node *node =
				&test->nodes[1 + w->number * calls + i];

			*node = (struct node){ 0 };
			if (any(w, 10) < plan->atomics) {
				node->first = any(w, plan->cells);
				node->last = node->first;
				do_atomic(w, node);
				continue;
			}
			node->kind = any(w, plan->kinds);
			node->last = plan->cells - 1;
			if (any(w, 4)) {
				node->first = any(w, plan->cells);
				node->last = node->first +
					     any(w, plan->cells - node->first);
			}
			if (!do_call(w, node)) {
				node->reads = false;
				node->writes = false;
			}
		}
		pthread_barrier_wait(&test->barrier);
	}
}

static const char *name_of(enum kind kind)
{
	static const char *const names[] = {
		[WRITE] = "write",
		[READ] = "read",
		[READV] = "readv",
		[WRITEV] = "writev",
		[TRY_READ] = "try-read",
		[TRY_WRITE] = "try-write",
		[ATOMIC + MYMEM_OP_LOAD] = "load",
		[ATOMIC + MYMEM_OP_STORE] = "store",
		[ATOMIC + MYMEM_OP_ADD] = "add",
		[ATOMIC + MYMEM_OP_XOR] = "xor",
		[ATOMIC + MYMEM_OP_EXCHANGE] = "exchange",
		[ATOMIC + MYMEM_OP_COMPARE_EXCHANGE] = "compare-exchange",
	};

	return names[kind < MAPPED ? kind : kind - MAPPED + ATOMIC];
}

static void show(const struct test *test, set_t which)
{
	for (int n = 0; n < NODES; n++) {
		const struct node *node = &test->nodes[n];

		if (!(which & ONLY(n)))
			continue;
		printf("# call %d, %" PRIu64 " to %" PRIu64
		       ": %s%s of cells %d to %d",
		       n, node->began, node->ended,
		       node->kind < MAPPED ? "" : "mapped ",
		       name_of(node->kind), node->first, node->last);
		if (node->writes)
			printf(", wrote %016" PRIx64, node->written);
		for (int c = node->first; node->reads && c <= node->last; c++)
			printf("%s %016" PRIx64,
			       c > node->first ? "" : ", read", node->read[c]);
		printf("\n");
	}
}

/*
 * What comes after what comes after a node, comes after it (S. Warshall, "A Theorem
 * on Boolean Matrices", J. ACM 9, 1962).
 */
static void close_over(set_t *after)
{
	for (int b = 0; b < NODES; b++)
		for (int a = 0; a < NODES; a++)
			if (after[a] & ONLY(b))
				after[a] |= after[b];
}

/* From what comes after each node, what comes before each. */
static void turn_round(const set_t *after, set_t *before)
{
	memset(before, 0, NODES * sizeof(*before));
	for (int a = 0; a < NODES; a++)
		for (int b = 0; b < NODES; b++)
			if (after[a] & ONLY(b))
				before[b] |= ONLY(a);
}

/* Who wrote what @r read in @cell; -1 if nobody did. */
static int source(const struct test *test, int r, int cell)
{
	for (int n = 0; n < NODES; n++) {
		const struct node *node = &test->nodes[n];

		if (n != r && node->writes && cell >= node->first &&
		    cell <= node->last &&
		    node->written == test->nodes[r].read[cell])
			return n;
	}
	return -1;
}

/* Whether there can be an order; if not, shows why. */
static bool explained(const struct test *test)
{
	set_t after[NODES] = { 0 }, before[NODES], writers[CELLS] = { 0 };
	int sources[NODES][CELLS];
	bool grew = true;

	for (int a = 0; a < NODES; a++) {
		const struct node *node = &test->nodes[a];

		for (int c = node->first; c <= node->last; c++)
			if (node->writes)
				writers[c] |= ONLY(a);
		for (int b = 0; b < NODES; b++)
			if (node->ended < test->nodes[b].began)
				after[a] |= ONLY(b);
	}
	for (int r = 0; r < NODES; r++) {
		const struct node *node = &test->nodes[r];

		for (int c = node->first; node->reads && c <= node->last; c++) {
			sources[r][c] = source(test, r, c);
			if (sources[r][c] < 0) {
				printf("# nobody wrote what was read in cell %d:\n",
				       c);
				show(test, ONLY(r));
				return false;
			}
			after[sources[r][c]] |= ONLY(r);
		}
	}

	while (grew) {
		grew = false;
		close_over(after);
		turn_round(after, before);
		for (int r = 0; r < NODES; r++) {
			const struct node *node = &test->nodes[r];

			for (int c = node->first;
			     node->reads && c <= node->last; c++) {
				int a = sources[r][c];
				set_t others = writers[c] & ~ONLY(a) & ~ONLY(r);
				set_t later = others & after[a] & ~after[r];
				set_t sooner = others & before[r] & ~before[a];

				grew |= later || sooner;
				after[r] |= later;
				before[a] |= sooner;
				for (int b = 0; sooner; b++, sooner >>= 1)
					if (sooner & 1)
						after[b] |= ONLY(a);
			}
		}
	}

	for (int n = 0; n < NODES; n++) {
		set_t circle = ONLY(n);

		if (!(after[n] & ONLY(n)))
			continue;
		for (int m = 0; m < NODES; m++)
			if (after[n] & ONLY(m) && after[m] & ONLY(n))
				circle |= ONLY(m);
		printf("# no order explains these calls:\n");
		show(test, circle);
		return false;
	}
	return true;
}

/* How many pairs of calls of a round were under way at the same time. */
static unsigned long pairs_at_once(const struct test *test)
{
	unsigned long pairs = 0;

	for (int a = 1; a < NODES - 1; a++)
		for (int b = a + 1; b < NODES - 1; b++)
			if (test->nodes[a].began < test->nodes[b].ended &&
			    test->nodes[b].began < test->nodes[a].ended)
				pairs++;
	return pairs;
}

static uint64_t setting(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 0) : otherwise;
}

static uint64_t seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

/* The call before all or the one after all, over all cells. */
static void bound(struct worker *w, int n, enum kind kind)
{
	struct node *node = &w->test->nodes[n];

	*node = (struct node){ .kind = kind, .last = CELLS - 1 };
	do_call(w, node);
}

static void histories(const struct plan *plan)
{
	struct worker workers[THREADS_MAX + 1]; /* the last is this thread */
	uint64_t seed = setting("HISTORY_SEED", 1);
	uint64_t end = seconds() + setting("HISTORY_SECONDS", 2);
	uint64_t last_end = end + 120; /* if they do not meet often */
	struct test *test = calloc(1, sizeof(*test));
	struct worker *self = &workers[plan->threads];
	unsigned long pairs = 0;
	int fd = device_open(0), round;
	size_t size = device_size(fd);
	unsigned char *map;
	bool good = true;

	assert_non_null(test);
	test->plan = plan;
	map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_ptr_not_equal(map, MAP_FAILED);
	assert_int_equal(pthread_barrier_init(&test->barrier, NULL,
					      plan->threads + 1),
			 0);
	for (int i = 0; i <= plan->threads; i++) {
		workers[i] = (struct worker){
			.test = test,
			.number = i,
			.fd = device_open(0),
			.random = (seed * (THREADS_MAX + 1) + i + 1) *
				  0x9e3779b97f4a7c15,
			.map = map,
			.buffer = pages(CELLS * plan->step),
		};
		if (&workers[i] != self)
			assert_int_equal(pthread_create(&workers[i].thread,
							NULL, work,
							&workers[i]),
					 0);
	}

	for (round = 0; good && (seconds() < end ||
				 (pairs < PAIRS && seconds() < last_end));
	     round++) {
		bound(self, 0, WRITE);
		pthread_barrier_wait(&test->barrier);
		pthread_barrier_wait(&test->barrier);
		bound(self, NODES - 1, READ);
		pairs += pairs_at_once(test);
		good = !test->failed && !test->mixed && explained(test);
	}
	test->stop = true;
	pthread_barrier_wait(&test->barrier);
	for (int i = 0; i <= plan->threads; i++) {
		if (&workers[i] != self)
			pthread_join(workers[i].thread, NULL);
		munmap(workers[i].buffer, CELLS * plan->step);
		close(workers[i].fd);
	}

	printf("# %d rounds, %lu pairs of calls at the same time\n", round,
	       pairs);
	if (!good)
		printf("# round %d with HISTORY_SEED=%" PRIu64
		       ": %d calls failed, %d cells torn\n",
		       round, seed, test->failed, test->mixed);
	munmap(map, size);
	close(fd);
	pthread_barrier_destroy(&test->barrier);
	free(test);
	assert_true(good);
	assert_true(pairs >= PAIRS);
}

/* Words on both sides of the end of a stripe of locks, and of a page. */
static void words(void **state)
{
	const struct plan plan = { .threads = 2,
				   .cells = CELLS,
				   .offset = 16384 - 64,
				   .cell = 8,
				   .step = 8,
				   .kinds = CALL_KINDS,
				   .atomics = 5 };

	(void)state;
	histories(&plan);
}

static void unaligned(void **state)
{
	const struct plan plan = { .threads = 2,
				   .cells = CELLS,
				   .offset = 16384 - 61,
				   .cell = 8,
				   .step = 8,
				   .kinds = CALL_KINDS };

	(void)state;
	histories(&plan);
}

/* One cell may be less than a page, all of them are several stripes. */
static void pages_and_parts(void **state)
{
	const struct plan plan = { .threads = 4,
				   .cells = CELLS,
				   .offset = 12345,
				   .cell = 2600,
				   .step = 2600,
				   .kinds = CALL_KINDS };

	(void)state;
	histories(&plan);
}

static void whole_device(void **state)
{
	int fd = device_open(0);
	size_t cell = device_size(fd) / CELLS;
	const struct plan plan = { .threads = 4,
				   .cells = CELLS,
				   .cell = cell,
				   .step = cell,
				   .kinds = CALL_KINDS };

	(void)state;
	close(fd);
	histories(&plan);
}

/* Words far from each other: writes take long, and operations fall into them. */
static void words_apart(void **state)
{
	const size_t device = 4 << 20;
	const struct plan plan = { .threads = 4,
				   .cells = CELLS,
				   .cell = 8,
				   .step = device / CELLS,
				   .kinds = 1,
				   .atomics = 9 };

	(void)state;
	device_reload("size=4194304");
	histories(&plan);
}

static int reload(void **state)
{
	(void)state;
	device_reload("");
	return 0;
}

/* By ioctl() and by the processor. (A mapping sees calls word by word.) */
static void operations_and_mapping(void **state)
{
	const struct plan plan = { .threads = 2,
				   .cells = 1,
				   .offset = 32768 - 64,
				   .cell = 8,
				   .step = 8,
				   .atomics = 10,
				   .mapped = true };

	(void)state;
	histories(&plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),
		cmocka_unit_test(unaligned),
		cmocka_unit_test(pages_and_parts),
		cmocka_unit_test(whole_device),
		cmocka_unit_test_teardown(words_apart, reload),
		cmocka_unit_test(operations_and_mapping),
	};

	return device_tests(tests);
}
