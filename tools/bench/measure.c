// SPDX-License-Identifier: GPL-2.0-only
#include "measure.h"

#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../shared/clock.h"
#include "../shared/stats.h"
#include "pattern.h"
#include "random.h"

/* What is shorter than so many readings of the clock is timed in batches. */
#define CLOCK_SHARE 20
#define BATCH_MAX 100000

/* From when the last worker is ready to when all begin; more than a short sleep. */
#define START_NS 300000

/* Calls by which it is found out how long one takes. */
#define TRIAL_CALLS 32

/**
 * struct worker - one of those that call, and what it has of its own
 * @go:		posted by the one who leads, for a repetition or the end
 * @done:	posted by the worker
 * @index:	from 0 on
 * @pid:	of its process, if it is one
 * @thread:	if it is a thread
 * @ends:	the targets, open
 * @buffer:	where to and where from
 * @memory:	for copies without a call
 * @found:	what is compared with @buffer
 * @places:	offsets of the calls
 * @samples:	of this repetition
 * @n_samples:	how many
 * @start_ns:	of the first timed call
 * @end_ns:	of the last one; with a rate, of its period
 * @busy_ns:	in timed calls
 * @calls:	that were timed
 * @perf:	its counters
 * @counts:	of this repetition
 * @error:	a negative errno, and then why
 * @why:	one line
 */
struct worker {
	sem_t go;
	sem_t done;
	unsigned int index;
	pid_t pid;
	pthread_t thread;
	struct ends *ends;
	unsigned char *buffer;
	unsigned char *memory;
	unsigned char *found;
	uint64_t *places;
	double *samples;
	size_t n_samples;
	uint64_t start_ns;
	uint64_t end_ns;
	uint64_t busy_ns;
	uint64_t calls;
	struct perf perf;
	double counts[PERF_COUNTERS];
	int error;
	char why[256];
};

/**
 * struct crew - the workers; in memory that their processes share
 * @plan:	what they measure; without the cells, of which processes only have a
 *		copy from when they began
 * @cell:	the one of this repetition
 * @alone:	there is one worker, and it is who leads: nobody has to be woken, which
 *		takes long on a busy machine
 * @allowed:	processors that who leads may use
 * @over:	go home
 * @stopped:	end what is begun
 * @key:	of the bytes of this repetition
 * @ready:	workers that are about to begin
 * @start_ns:	when they begin; 0 until all are ready
 * @interrupted: as for measure_run(); processes have one each, and not all may get a
 *		signal that the one who leads gets
 * @size_max:	bytes of the largest call
 * @n:		how many workers
 * @workers:	they
 */
struct crew {
	struct plan plan;
	struct cell cell;
	bool alone;
	cpu_set_t allowed;
	atomic_bool over;
	atomic_bool stopped;
	uint64_t key;
	atomic_uint ready;
	atomic_uint_fast64_t start_ns;
	volatile int *interrupted;
	size_t size_max;
	unsigned int n;
	struct worker workers[];
};

/* What a worker's thread or process begins with. */
struct beginning {
	struct crew *crew;
	struct worker *worker;
};

static int fail(struct worker *w, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static int fail(struct worker *w, int error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(w->why, sizeof(w->why), format, args);
	va_end(args);
	w->error = error;
	return error;
}

static int fail_call(struct worker *w, const struct cell *cell, ssize_t got)
{
	if (got < 0)
		return fail(w, got, "%s of %zu bytes on %s failed: %s",
			    cell->operation->name, (size_t)cell->size,
			    source_name(cell->source), strerror(-got));
	return fail(w, -ENOSPC,
		    "%s of %zu bytes on %s gave only %zd: it cannot hold them",
		    cell->operation->name, (size_t)cell->size,
		    source_name(cell->source), got);
}

static int fail_data(struct worker *w, const struct cell *cell, size_t byte)
{
	return fail(
		w, -EBADMSG,
		"wrong data: byte %zu of a %s of %zu on %s is not what was %s; does somebody else write there?",
		byte, cell->operation->name, (size_t)cell->size,
		source_name(cell->source),
		cell->source->read_only ? "there before" : "written");
}

/* memset() and not calloc(): untouched pages would fault in a timed call. */
static void *touched(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (memory == MAP_FAILED)
		return NULL;
	return memset(memory, 0xff, size);
}

/* A batch of calls that go on where the last one ended has one place for all. */
static unsigned int calls_of_place(const struct cell *cell)
{
	return cell->operation->seeks ? cell->batch : 1;
}

static size_t samples_of(const struct plan *plan, const struct cell *cell)
{
	size_t samples =
		plan->calls / ((uint64_t)cell->batch * cell->operation->calls);

	return samples ? samples : 1;
}

/* How many places the calls of a repetition go to, if nothing ends it earlier. */
static size_t n_places(const struct plan *plan, const struct cell *cell)
{
	return samples_of(plan, cell) * cell->batch / calls_of_place(cell);
}

static size_t n_places_max(const struct plan *plan)
{
	return (plan->calls > BATCH_MAX ? plan->calls : BATCH_MAX) +
	       TRIAL_CALLS;
}

static uint64_t places_of(const struct plan *plan, const struct cell *cell)
{
	uint64_t places = plan->bytes / cell->size / calls_of_place(cell);

	return places ? places : 1;
}

/*
 * Where the calls of this repetition go. Each worker begins in a part of its own, if
 * the target has enough for all; in sequence, it goes on where the last one ended.
 */
static void draw_places(struct worker *w, const struct plan *plan,
			const struct cell *cell, uint64_t key)
{
	uint64_t places = places_of(plan, cell);
	uint64_t own = w->index * (places / cell->workers);
	size_t n = n_places(plan, cell), before = cell->n_medians * n;

	for (size_t i = 0; i < n; i++) {
		uint64_t place = own;

		if (plan->access == ACCESS_SEQUENTIAL)
			place = (own + before + i) % places;
		else if (plan->access == ACCESS_RANDOM)
			place = random_below(&key, places);
		w->places[i] = place * cell->size * calls_of_place(cell);
	}
}

/* Whether nobody but this worker writes where it reads and writes. */
static bool is_alone(const struct plan *plan, const struct cell *cell)
{
	return cell->workers == 1 || cell->source->read_only ||
	       (plan->access == ACCESS_FIXED &&
		places_of(plan, cell) >= cell->workers);
}

static bool is_stopped(const struct crew *crew)
{
	return *crew->interrupted || crew->stopped || crew->over;
}

static bool is_ring(const struct cell *cell)
{
	return cell->operation->needs & HAS_DESCRIPTOR &&
	       !strncmp(cell->operation->name, "uring", 5);
}

static bool is_pipe(const struct cell *cell)
{
	return cell->operation->seeks && !(cell->source->has & HAS_POSITION);
}

/*
 * Brings the target to where a batch begins: a position is set, a pipe is filled
 * or emptied. Not timed.
 */
static int before_batch(struct worker *w, const struct cell *cell,
			struct job *job, uint64_t offset)
{
	size_t left = cell->size * cell->batch;

	if (!cell->operation->seeks)
		return 0;
	if (!is_pipe(cell)) {
		/* The position in /dev/zero stays where it is: nobody minds. */
		if (lseek(job->fd, offset, SEEK_SET) < 0)
			return fail(w, -errno, "cannot seek in %s: %s",
				    source_name(cell->source), strerror(errno));
		return 0;
	}
	while (read(job->fd, w->found, cell->size) > 0)
		;
	while (!cell->operation->writes && left) {
		ssize_t n = write(job->write_fd, w->memory,
				  left < cell->size ? left : cell->size);

		if (n <= 0)
			return fail(
				w, -ENOSPC,
				"a pipe does not hold %zu bytes: leave pipe out of --targets, or give smaller --sizes",
				(size_t)cell->size * cell->batch);
		left -= n;
	}
	return 0;
}

/* The place that is drawn last, if nothing ends the repetition earlier. */
static uint64_t last_place(const struct worker *w, const struct plan *plan,
			   const struct cell *cell)
{
	return w->places[n_places(plan, cell) - 1];
}

/* Puts known bytes where they will be read, or into what will be written. */
static int lay_out(struct worker *w, const struct plan *plan,
		   const struct cell *cell, struct job *job, uint64_t key)
{
	uint64_t step = cell->size, at = last_place(w, plan, cell);
	uint64_t end = at + step * calls_of_place(cell);
	ssize_t n;

	if (cell->operation->writes || !(cell->source->has & HAS_CONTENT)) {
		pattern_fill(w->buffer, 0, cell->size, key);
		pattern_fill(w->found, 0, cell->size, key);
		pattern_fill(w->memory, 0, cell->size, key);
		memset(cell->operation->writes ? w->memory : w->buffer, 0xff,
		       cell->size);
		return 0;
	}
	memset(w->buffer, 0xff, cell->size);
	if (!is_alone(plan, cell))
		return 0;
	if (cell->source->read_only) {
		n = read_at(job->fd, w->found, step, end - step);
		return n == (ssize_t)step ? 0 : fail_call(w, cell, n);
	}
	for (; at < end; at += step) {
		pattern_fill(w->found, at, step, key);
		n = write_at(job->write_fd, w->found, step, at);
		if (n != (ssize_t)step)
			return fail_call(w, cell, n);
	}
	return 0;
}

/* @last is where the last call went. */
static int verify(struct worker *w, const struct plan *plan,
		  const struct cell *cell, struct job *job, uint64_t key,
		  uint64_t last)
{
	size_t good = cell->size;
	ssize_t n;

	if (!cell->operation->sized)
		return 0;
	if (cell->source->has & HAS_CONTENT) {
		if (!is_alone(plan, cell))
			return 0;
		if (cell->source->read_only) {
			good = 0;
			while (good < cell->size &&
			       w->buffer[good] == w->found[good])
				good++;
		} else if (!cell->operation->writes) {
			good = pattern_check(w->buffer, last, cell->size, key);
		} else {
			n = read_at(job->fd, w->found, cell->size, last);
			if (n != (ssize_t)cell->size)
				return fail_call(w, cell, n);
			good = pattern_check(w->found, 0, cell->size, key);
		}
	} else if (cell->source->has & HAS_MEMORY) {
		good = pattern_check(cell->operation->writes ? w->memory :
							       w->buffer,
				     0, cell->size, key);
	} else if (is_pipe(cell)) {
		if (cell->operation->writes) {
			n = read(job->fd, w->found, cell->size);
			if (n != (ssize_t)cell->size)
				return fail_call(w, cell, n < 0 ? -errno : n);
		}
		good = pattern_check(cell->operation->writes ? w->found :
							       w->buffer,
				     0, cell->size, key);
	} else if (!cell->operation->writes) {
		for (good = 0; good < cell->size && !w->buffer[good];)
			good++;
	}
	return good == cell->size ? 0 : fail_data(w, cell, good);
}

/*
 * All begin at once, a little after the last one is ready. Until then they sleep:
 * who is still on the way may need the processor.
 */
static void wait_for_all(struct crew *crew)
{
	const struct timespec nap = { .tv_nsec = START_NS / 10 };

	if (atomic_fetch_add(&crew->ready, 1) + 1 == crew->cell.workers)
		atomic_store(&crew->start_ns,
			     clock_ns() +
				     (crew->cell.workers > 1 ? START_NS : 0));
	while (!atomic_load(&crew->start_ns) && !is_stopped(crew))
		nanosleep(&nap, NULL);
	while (clock_ns() < atomic_load(&crew->start_ns))
		;
}

/* The timed part. Returns where the last call went. */
static uint64_t time_calls(struct crew *crew, struct worker *w,
			   const struct cell *cell, struct job *job)
{
	const struct operation *operation = cell->operation;
	size_t samples = samples_of(&crew->plan, cell);
	uint64_t at = 0, place = 0, start, end = 0;
	unsigned int calls = cell->batch * operation->calls;
	double period = crew->plan.rate > 0 ? calls * 1e9 / crew->plan.rate : 0;
	/* As late as the last are all that were to begin together. */
	unsigned int shared = period > 0 ? 1 : calls;
	ssize_t want = cell->size, got = want;
	bool seeks = operation->seeks;
	struct perf_moment before, after;

	perf_read(&w->perf, &before);
	w->start_ns = clock_ns();
	for (size_t i = 0; i < samples && !is_stopped(crew); i++) {
		if (before_batch(w, cell, job, w->places[place]))
			break;
		if (period > 0) {
			start = w->start_ns + i * period;
			while (clock_ns() < start)
				;
		} else {
			start = clock_ns();
		}
		for (unsigned int n = 0; n < cell->batch; n++) {
			if (n && seeks)
				at += cell->size;
			else
				at = w->places[place++];
			got = operation->call(job, at);
			if (got != want)
				break;
		}
		end = clock_ns();
		if (got != want) {
			fail_call(w, cell, got);
			break;
		}
		w->samples[w->n_samples++] = (double)(end - start) / shared;
		w->busy_ns += end - start;
	}
	w->end_ns = fmax(end, w->start_ns + w->n_samples * period);
	perf_read(&w->perf, &after);
	perf_between(&w->perf, &before, &after, w->counts);
	w->calls = w->n_samples * calls;
	return at;
}

static int make_ring(struct worker *w, struct job *job, struct io_uring *ring)
{
	struct iovec buffer = { job->buffer, job->size };
	int files[] = { job->fd, job->write_fd };
	int r = io_uring_queue_init(2 * RING_BATCH, ring, 0);

	if (r)
		return fail(
			w, r,
			"io_uring cannot be used: %s; leave it out of --operations",
			strerror(-r));
	job->ring = ring;
	r = io_uring_register_files(ring, files, 2);
	if (!r)
		r = io_uring_register_buffers(ring, &buffer, 1);
	if (r)
		return fail(
			w, r,
			"io_uring cannot have %zu bytes registered: %s; raise 'ulimit -l'",
			job->size, strerror(-r));
	return 0;
}

static int repeat(struct crew *crew, struct worker *w)
{
	const struct plan *plan = &crew->plan;
	const struct cell *cell = &crew->cell;
	struct ends *ends = &w->ends[cell->source - plan->sources];
	struct job job = {
		.fd = ends->fd,
		.write_fd = ends->write_fd,
		.buffer = w->buffer,
		.memory = w->memory,
		.mapping = ends->mapping,
		.size = cell->size,
	};
	uint64_t key = crew->key + w->index, last = 0;
	struct io_uring ring;
	int r;

	w->n_samples = 0;
	w->busy_ns = 0;
	w->calls = 0;
	draw_places(w, plan, cell, key);
	r = lay_out(w, plan, cell, &job, key);
	if (!r && is_ring(cell))
		r = make_ring(w, &job, &ring);
	/* One that is not timed, for caches and predictors. */
	if (!r)
		r = before_batch(w, cell, &job, w->places[0]);
	if (!r) {
		ssize_t got = cell->operation->call(&job, w->places[0]);

		if (got != (ssize_t)cell->size)
			r = fail_call(w, cell, got);
	}
	/* Others wait for this one even if it failed. */
	wait_for_all(crew);
	if (!r) {
		last = time_calls(crew, w, cell, &job);
		r = w->error;
	}
	if (!r && !is_stopped(crew))
		r = verify(w, plan, cell, &job, key, last);
	if (job.ring)
		io_uring_queue_exit(job.ring);
	/* A signal may cut a call short, which is nobody's fault. */
	if (is_stopped(crew) && r != -EBADMSG) {
		w->error = 0;
		r = 0;
	}
	return r;
}

static void pin(unsigned int index)
{
	cpu_set_t allowed, one;
	int n;

	if (sched_getaffinity(0, sizeof(allowed), &allowed))
		return;
	n = index % CPU_COUNT(&allowed);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &allowed) || n--)
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		sched_setaffinity(0, sizeof(one), &one);
		return;
	}
}

/* What is had for all repetitions. Memory goes with the process. */
static int settle(struct crew *crew, struct worker *w)
{
	const struct plan *plan = &crew->plan;

	w->buffer = touched(crew->size_max);
	w->memory = touched(crew->size_max);
	w->found = touched(crew->size_max);
	/* Those that a repetition needs are touched when they are drawn. */
	w->places = malloc(n_places_max(plan) * sizeof(*w->places));
	w->ends = touched(plan->n_sources * sizeof(*w->ends));
	if (!w->buffer || !w->memory || !w->found || !w->places || !w->ends)
		return fail(w, -ENOMEM, "out of memory for calls of %zu bytes",
			    crew->size_max);

	for (size_t i = 0; i < plan->n_sources; i++) {
		int r;

		if (plan->shared && w->index) {
			w->ends[i] = crew->workers[0].ends[i];
			continue;
		}
		r = ends_open(&plan->sources[i], plan->maps ? plan->bytes : 0,
			      &w->ends[i]);
		if (r)
			return fail(
				w, r, "cannot open %s: %s%s",
				source_name(&plan->sources[i]), strerror(-r),
				r == -EMFILE ?
					"; use fewer with --threads, or raise 'ulimit -Hn'" :
					"");
	}
	return 0;
}

static int arrive(struct crew *crew, struct worker *w)
{
	pin(w->index);
	perf_open(&w->perf);
	return settle(crew, w);
}

static void leave(struct crew *crew, struct worker *w)
{
	perf_close(&w->perf);
	for (size_t i = 0; i < crew->plan.n_sources; i++)
		if (w->ends && !(crew->plan.shared && w->index))
			ends_close(&w->ends[i]);
}

static void *work(void *argument)
{
	struct beginning *b = argument;
	struct crew *crew = b->crew;
	struct worker *w = b->worker;

	free(b);
	arrive(crew, w);
	sem_post(&w->done);
	for (;;) {
		while (sem_wait(&w->go))
			;
		if (crew->over)
			break;
		repeat(crew, w);
		sem_post(&w->done);
	}
	leave(crew, w);
	return NULL;
}

/* Waits until a worker is done with what it does; it may also have died. */
static int await(struct crew *crew, struct worker *w)
{
	for (;;) {
		struct timespec until;
		int status;

		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_sec++;
		if (!sem_timedwait(&w->done, &until))
			return w->error;
		if (*crew->interrupted)
			crew->stopped = true;
		if (errno == EINTR || !crew->plan.processes)
			continue;
		/* While they are started, this one is the last. */
		for (unsigned int i = 0; i < crew->n || i <= w->index; i++) {
			struct worker *other = &crew->workers[i];

			if (!other->pid ||
			    waitpid(other->pid, &status, WNOHANG) != other->pid)
				continue;
			other->pid = 0;
			/* Nobody may wait for it. */
			crew->over = true;
			fail(other, -ECHILD, "worker %u was killed", i);
		}
		if (crew->over)
			return w->error ?: -ECHILD;
	}
}

static int cannot_start(struct worker *w, struct beginning *b, const char *what,
			int error)
{
	free(b);
	return fail(
		w, -error,
		"cannot start %s %u: %s; use fewer with --threads, or raise 'ulimit -u'",
		what, w->index + 1, strerror(error));
}

static int start(struct crew *crew, struct worker *w)
{
	pid_t pid, leader = getpid();
	struct beginning *b;

	if (crew->alone)
		return arrive(crew, w);
	b = malloc(sizeof(*b));
	if (!b)
		return fail(w, -ENOMEM, "out of memory");
	*b = (struct beginning){ crew, w };
	if (!crew->plan.processes) {
		pthread_t thread; /* written to even if there is none */
		int r = pthread_create(&thread, NULL, work, b);

		if (r)
			return cannot_start(w, b, "thread", r);
		w->thread = thread;
		return await(crew, w);
	}
	/* Not into shared memory at once: the child has another answer. */
	pid = fork();
	if (pid < 0)
		return cannot_start(w, b, "process", errno);
	if (!pid) {
		/* Not to outlive who leads, with the target open. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != leader)
			_exit(1);
		work(b);
		_exit(0);
	}
	w->pid = pid;
	free(b);
	return await(crew, w);
}

static void *shared_memory(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

static size_t crew_size(unsigned int n)
{
	return sizeof(struct crew) + n * sizeof(struct worker);
}

static size_t samples_size(const struct plan *plan)
{
	return (plan->calls + TRIAL_CALLS) * sizeof(double);
}

/* Starts the workers. Whoever could not start says so in its error. */
static struct crew *crew_start(const struct plan *plan,
			       volatile int *interrupted)
{
	unsigned int n = 1;
	struct crew *crew;

	for (size_t i = 0; i < plan->n_cells; i++)
		if (plan->cells[i].workers > n)
			n = plan->cells[i].workers;
	crew = shared_memory(crew_size(n));
	if (!crew)
		return NULL;
	crew->plan = *plan;
	crew->interrupted = interrupted;
	crew->alone = n == 1 && !plan->processes;
	sched_getaffinity(0, sizeof(crew->allowed), &crew->allowed);
	for (size_t i = 0; i < plan->n_cells; i++)
		if (plan->cells[i].size > crew->size_max)
			crew->size_max = plan->cells[i].size;
	for (; crew->n < n; crew->n++) {
		struct worker *w = &crew->workers[crew->n];

		w->index = crew->n;
		sem_init(&w->go, 1, 0);
		sem_init(&w->done, 1, 0);
		w->samples = shared_memory(samples_size(plan));
		if (!w->samples)
			fail(w, -ENOMEM, "out of memory for %llu calls",
			     (unsigned long long)plan->calls);
		else
			start(crew, w);
		if (w->error) {
			crew->n++;
			break;
		}
	}
	return crew;
}

static void crew_end(struct crew *crew)
{
	crew->over = true;
	if (crew->alone) {
		leave(crew, &crew->workers[0]);
		sched_setaffinity(0, sizeof(crew->allowed), &crew->allowed);
	}
	for (unsigned int i = 0; i < crew->n; i++) {
		struct worker *w = &crew->workers[i];

		sem_post(&w->go);
		if (w->pid)
			waitpid(w->pid, NULL, 0);
		else if (w->thread)
			pthread_join(w->thread, NULL);
		if (w->samples)
			munmap(w->samples, samples_size(&crew->plan));
	}
	munmap(crew, crew_size(crew->n));
}

static struct worker *failed(struct crew *crew)
{
	for (unsigned int i = 0; i < crew->n; i++)
		if (crew->workers[i].error)
			return &crew->workers[i];
	return NULL;
}

/* One repetition of a cell by its workers. */
static int lead(struct crew *crew, const struct cell *cell, uint64_t key)
{
	int r = 0;

	crew->cell = *cell;
	crew->key = key;
	atomic_store(&crew->ready, 0);
	atomic_store(&crew->start_ns, 0);
	if (crew->alone)
		return repeat(crew, &crew->workers[0]);
	for (unsigned int i = 0; i < cell->workers; i++)
		sem_post(&crew->workers[i].go);
	for (unsigned int i = 0; i < cell->workers; i++) {
		int error = await(crew, &crew->workers[i]);

		if (error && !r)
			r = error;
	}
	return r;
}

static int keep(struct crew *crew, struct cell *cell)
{
	uint64_t start = UINT64_MAX, end = 0, busy = 0;
	size_t n = 0, old = cell->n_samples;
	struct stats stats;
	double *samples;

	for (unsigned int i = 0; i < cell->workers; i++)
		n += crew->workers[i].n_samples;
	if (!n)
		return 0;
	samples = realloc(cell->samples, (old + n) * sizeof(*samples));
	if (!samples)
		return -ENOMEM;
	cell->samples = samples;
	for (unsigned int i = 0; i < cell->workers; i++) {
		struct worker *w = &crew->workers[i];

		memcpy(samples + cell->n_samples, w->samples,
		       w->n_samples * sizeof(*samples));
		cell->n_samples += w->n_samples;
		cell->calls += w->calls;
		busy += w->busy_ns;
		for (int c = 0; c < PERF_COUNTERS; c++)
			cell->counts[c] += w->counts[c];
		if (!w->n_samples)
			continue;
		start = w->start_ns < start ? w->start_ns : start;
		end = w->end_ns > end ? w->end_ns : end;
	}
	stats_of(samples + old, n, &stats);
	cell->medians[cell->n_medians++] = stats.median;
	cell->span_ns += crew->plan.rate > 0 ? (double)(end - start) :
					       (double)busy / cell->workers;
	return 0;
}

/* How many calls are to be timed together, by how long one took. */
static unsigned int batch_for(const struct plan *plan, const struct cell *cell,
			      double ns)
{
	double wanted = CLOCK_SHARE * plan->clock_cost_ns;
	double alone = fmax(ns - plan->clock_cost_ns, 0.1);
	uint64_t batch = 1, room;

	if (plan->rate > 0)
		return 1;
	if (alone < wanted)
		batch = fmin(ceil(wanted / alone), BATCH_MAX);
	if (!cell->operation->seeks || batch == 1)
		return batch;
	/* What reads on needs something to read, in order. */
	if (plan->access == ACCESS_RANDOM)
		return 1;
	if (is_pipe(cell))
		room = 65536 / cell->size;
	else
		room = plan->bytes / cell->size / cell->workers;
	if (room < 1)
		room = 1;
	return batch < room ? batch : room;
}

/* A round before the first, of which only the lengths of batches are kept. */
static int try_out(struct crew *crew, struct plan *plan, uint64_t *random)
{
	int r = 0;

	crew->plan.calls = TRIAL_CALLS;
	crew->plan.rate = 0;
	for (size_t i = 0; i < plan->n_cells && !*crew->interrupted && !r;
	     i++) {
		struct cell *cell = &plan->cells[i];
		struct worker *w = &crew->workers[0];
		struct stats stats;

		/* With another length it would be another measurement. */
		if (cell->again) {
			cell->batch = cell[-1].batch;
			continue;
		}
		cell->batch = 1;
		r = lead(crew, cell, random_next(random));
		if (r || !w->n_samples)
			continue;
		stats_of(w->samples, w->n_samples, &stats);
		/* A sample may stand for several calls. */
		cell->batch = batch_for(plan, cell,
					stats.median * cell->operation->calls);
	}
	crew->plan = *plan;
	return r;
}

int measure_run(struct plan *plan, volatile int *interrupted,
		void (*progress)(size_t done, size_t all, double left_s),
		char *error, size_t size)
{
	size_t all = plan->repetitions * plan->n_cells, done = 0;
	size_t *order = calloc(plan->n_cells, sizeof(*order));
	uint64_t random = plan->seed, began;
	struct crew *crew;
	int r = 0;

	for (size_t i = 0; i < plan->n_cells && order; i++) {
		plan->cells[i].medians =
			calloc(plan->repetitions, sizeof(double));
		if (!plan->cells[i].medians)
			r = -ENOMEM;
	}
	crew = order && !r ? crew_start(plan, interrupted) : NULL;
	if (!crew) {
		free(order);
		snprintf(error, size, "out of memory");
		return -ENOMEM;
	}

	if (failed(crew))
		r = failed(crew)->error;
	if (!r)
		r = try_out(crew, plan, &random);
	began = clock_ns();
	for (uint64_t round = 0; round < plan->repetitions && !r; round++) {
		random_order(&random, order, plan->n_cells);
		for (size_t i = 0; i < plan->n_cells && !*interrupted && !r;
		     i++) {
			struct cell *cell = &plan->cells[order[i]];
			double took = (clock_ns() - began) / 1e9;

			progress(done, all,
				 done ? took / done * (all - done) : -1);
			r = lead(crew, cell, random_next(&random));
			if (!r && !*interrupted)
				r = keep(crew, cell);
			done++;
		}
	}
	if (failed(crew))
		snprintf(error, size, "%s", failed(crew)->why);
	else if (r)
		snprintf(error, size, "out of memory for the samples");
	crew_end(crew);
	free(order);
	return !r && *interrupted ? -EINTR : r;
}

void measure_free(struct plan *plan)
{
	for (size_t i = 0; i < plan->n_cells; i++) {
		free(plan->cells[i].samples);
		free(plan->cells[i].medians);
	}
}

bool measure_has_cold(const struct cell *cell)
{
	return cell->workers == 1 && cell->source->has & HAS_POSITION &&
	       cell->operation->needs & HAS_DESCRIPTOR && !is_ring(cell);
}

/* The buffer is mapped anew, so that there is no page behind it. */
static ssize_t call_cold(const struct cell *cell, const struct ends *ends,
			 struct cold_call *ret)
{
	struct job job = { ends->fd, ends->write_fd, .size = cell->size };
	struct rusage before, after;
	uint64_t start;
	ssize_t got;

	job.buffer = mmap(NULL, job.size, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (job.buffer == MAP_FAILED)
		return -errno;
	if (cell->operation->seeks)
		lseek(job.fd, 0, SEEK_SET);
	getrusage(RUSAGE_SELF, &before);
	start = clock_ns();
	got = cell->operation->call(&job, 0);
	ret->ns = clock_ns() - start;
	getrusage(RUSAGE_SELF, &after);
	ret->faults = after.ru_minflt - before.ru_minflt;
	munmap(job.buffer, job.size);
	return got;
}

static int fill(const struct cell *cell, const struct ends *ends)
{
	void *zeros = calloc(1, cell->size);
	ssize_t n = zeros ? write_at(ends->write_fd, zeros, cell->size, 0) :
			    -ENOMEM;

	free(zeros);
	if (n < 0)
		return n;
	return n == (ssize_t)cell->size ? 0 : -ENOSPC;
}

int measure_cold(struct cell *cell, char *error, size_t size)
{
	struct worker w = {};
	struct ends ends;
	int r = ends_open(cell->source, 0, &ends);

	if (r) {
		snprintf(error, size, "cannot open %s: %s",
			 source_name(cell->source), strerror(-r));
		return r;
	}
	/* A file may be too small yet for what is to be read. */
	if (!cell->operation->writes && cell->source->has & HAS_CONTENT &&
	    !cell->source->read_only)
		r = fill(cell, &ends);
	if (r)
		fail_call(&w, cell, r);
	for (size_t i = 0; i < COLD_CALLS && !r; i++) {
		ssize_t got = call_cold(cell, &ends, &cell->cold[i]);

		if (got != (ssize_t)cell->size)
			r = fail_call(&w, cell, got);
	}
	if (r)
		snprintf(error, size, "%s", w.why);
	else
		cell->n_cold = COLD_CALLS;
	ends_close(&ends);
	return r;
}
