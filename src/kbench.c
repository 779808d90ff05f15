// SPDX-License-Identifier: GPL-2.0-only
/*
 * mymem_kbench - the lab's two tests, inside the kernel
 *
 * What mymem-bench and mymem-race measure is a system call and the driver. Here is
 * the driver alone, by its in-kernel interface: the difference is what it costs to
 * get into the kernel.
 *
 * Reading a file in debugfs runs a test and shows what came out. They write to the
 * start of the block.
 *
 *   mymem_kbench/time  the time of a read and of a write for each size
 *   mymem_kbench/race  threads that increment one counter, in different ways
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/completion.h>
#include <linux/debugfs.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "inkernel.h"
#include "version.h"

/* One reading of the clock takes as long as a small call: time so many at once. */
#define BATCH 10

static unsigned int calls = 1000;
module_param(calls, uint, 0644);
MODULE_PARM_DESC(calls, "Calls for each size and direction (default 1000)");

static unsigned int workers = 4;
module_param(workers, uint, 0644);
MODULE_PARM_DESC(workers, "Threads that increment, at most 1024 (default 4)");

static unsigned int increments = 100000;
module_param(increments, uint, 0644);
MODULE_PARM_DESC(increments, "Increments of each thread (default 100000)");

static struct dentry *folder;

/* One test at a time: all use the start of the block. */
static DEFINE_MUTEX(testing);

struct times {
	u64 best; /* of the batches */
	u64 total;
	u64 calls;
};

static ssize_t read_at_start(void *buffer, size_t len)
{
	return mymem_kernel_read(0, buffer, len);
}

static ssize_t write_at_start(void *buffer, size_t len)
{
	return mymem_kernel_write(0, buffer, len);
}

static int measure(ssize_t (*call)(void *buffer, size_t len), void *buffer,
		   size_t len, struct times *ret_times)
{
	struct times times = { .best = U64_MAX };
	unsigned int i;
	u64 start, ns;

	while (times.calls < max(calls, 1U)) {
		start = ktime_get_ns();
		for (i = 0; i < BATCH; i++)
			if (call(buffer, len) != len)
				return -EIO;
		ns = ktime_get_ns() - start;

		times.best = min(times.best, ns);
		times.total += ns;
		times.calls += BATCH;
		cond_resched();
		if (signal_pending(current))
			return -EINTR;
	}
	*ret_times = times;
	return 0;
}

static int time_show(struct seq_file *file, void *unused)
{
	static const size_t sizes[] = { 1, 64, 1024, 65536, 524288 };
	size_t biggest = min(mymem_kernel_size(), sizes[ARRAY_SIZE(sizes) - 1]);
	struct times reads, writes;
	void *buffer;
	size_t i;
	int ret = 0;

	buffer = kvzalloc(biggest, GFP_KERNEL);
	if (!buffer)
		return -ENOMEM;
	if (mutex_lock_killable(&testing)) {
		kvfree(buffer);
		return -EINTR;
	}

	seq_printf(file, "# ns a call, mean and best batch of %u; %u calls\n",
		   BATCH, calls);
	seq_puts(file, "#  bytes    read     best   write     best\n");
	for (i = 0; i < ARRAY_SIZE(sizes) && sizes[i] <= biggest; i++) {
		ret = measure(read_at_start, buffer, sizes[i], &reads);
		if (!ret)
			ret = measure(write_at_start, buffer, sizes[i],
				      &writes);
		if (ret)
			break;
		seq_printf(file, "%8zu %7llu %8llu %7llu %8llu\n", sizes[i],
			   div64_u64(reads.total, reads.calls),
			   div64_u64(reads.best, BATCH),
			   div64_u64(writes.total, writes.calls),
			   div64_u64(writes.best, BATCH));
	}
	mutex_unlock(&testing);
	kvfree(buffer);
	return ret;
}
DEFINE_SHOW_ATTRIBUTE(time);

struct race {
	int (*increment)(struct race *race);
	unsigned int increments;
	struct mutex mutex; /* around each increment, by those who want it */
	struct completion start;
	struct completion done;
	atomic_t running;
	bool stop;
	int error;
};

/* Loses what others do between its two calls. */
static int increment_unlocked(struct race *race)
{
	u64 counter;

	if (mymem_kernel_read(0, &counter, sizeof(counter)) != sizeof(counter))
		return -EIO;
	counter++;
	if (mymem_kernel_write(0, &counter, sizeof(counter)) != sizeof(counter))
		return -EIO;
	return 0;
}

static int increment_locked(struct race *race)
{
	int ret;

	mutex_lock(&race->mutex);
	ret = increment_unlocked(race);
	mutex_unlock(&race->mutex);
	return ret;
}

static int increment_atomically(struct race *race)
{
	u64 old;

	return mymem_kernel_fetch_add(0, 1, &old);
}

static int worker(void *data)
{
	struct race *race = data;
	unsigned int i;
	int ret;

	wait_for_completion(&race->start);
	for (i = 0; i < race->increments && !READ_ONCE(race->stop); i++) {
		ret = race->increment(race);
		if (ret) {
			WRITE_ONCE(race->error, ret);
			break;
		}
		cond_resched();
	}
	if (atomic_dec_and_test(&race->running))
		complete(&race->done);
	return 0;
}

/*
 * Waits until the threads have left this module's code, which may go then. Each has
 * begun: kthread_stop() would let one that has not go without a run.
 */
static void join(struct task_struct **tasks, unsigned int n)
{
	while (n--) {
		kthread_stop(tasks[n]);
		put_task_struct(tasks[n]);
	}
}

/* Runs one, and returns the nanoseconds that it took, or an error. */
static s64 run(int (*increment)(struct race *race), unsigned int threads,
	       unsigned int each)
{
	struct race race = { .increment = increment, .increments = each };
	struct task_struct **tasks;
	unsigned int i;
	s64 start, ns;

	tasks = kcalloc(threads, sizeof(*tasks), GFP_KERNEL);
	if (!tasks)
		return -ENOMEM;
	mutex_init(&race.mutex);
	init_completion(&race.start);
	init_completion(&race.done);
	/* One is this function's, until it has started them all. */
	atomic_set(&race.running, 1);

	for (i = 0; i < threads; i++) {
		tasks[i] = kthread_create(worker, &race, "mymem_kbench/%u", i);
		if (IS_ERR(tasks[i])) {
			race.error = PTR_ERR(tasks[i]);
			race.stop = true;
			break;
		}
		get_task_struct(tasks[i]);
		atomic_inc(&race.running);
		wake_up_process(tasks[i]);
	}
	start = ktime_get_ns();
	complete_all(&race.start);
	if (atomic_dec_and_test(&race.running))
		complete(&race.done);
	if (wait_for_completion_killable(&race.done)) {
		WRITE_ONCE(race.stop, true);
		wait_for_completion(&race.done);
		race.error = -EINTR;
	}
	ns = ktime_get_ns() - start;

	join(tasks, i);
	kfree(tasks);
	return race.error ?: ns;
}

static int race_show(struct seq_file *file, void *unused)
{
	static const struct {
		const char *name;
		int (*increment)(struct race *race);
	} modes[] = {
		{ "none", increment_unlocked },
		{ "mutex", increment_locked },
		{ "atomic", increment_atomically },
	};
	unsigned int threads = clamp(READ_ONCE(workers), 1U, 1024U);
	unsigned int each = READ_ONCE(increments);
	u64 target = (u64)threads * each, actual, zero = 0;
	size_t i;
	s64 ns = 0;

	if (mutex_lock_killable(&testing))
		return -EINTR;
	seq_printf(file, "# %u threads, %u increments each\n", threads, each);
	seq_printf(file, "# mode %12s %12s %12s %13s\n", "target", "actual",
		   "lost", "ns/increment");
	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		ns = -EIO;
		if (mymem_kernel_write(0, &zero, sizeof(zero)) != sizeof(zero))
			break;
		ns = run(modes[i].increment, threads, each);
		if (ns < 0)
			break;
		if (mymem_kernel_read(0, &actual, sizeof(actual)) !=
		    sizeof(actual)) {
			ns = -EIO;
			break;
		}
		/* Others may write there, too. */
		seq_printf(file, "%-6s %12llu %12llu %12lld %13llu\n",
			   modes[i].name, target, actual,
			   (s64)(target - actual),
			   target ? div64_u64(ns, target) : 0);
	}
	mutex_unlock(&testing);
	return min_t(s64, ns, 0);
}
DEFINE_SHOW_ATTRIBUTE(race);

static int __init kbench_init(void)
{
	folder = debugfs_create_dir("mymem_kbench", NULL);
	if (IS_ERR(folder)) {
		pr_err("there is no debugfs to show results in (error %ld)\n",
		       PTR_ERR(folder));
		return PTR_ERR(folder);
	}
	debugfs_create_file("time", 0400, folder, NULL, &time_fops);
	debugfs_create_file("race", 0400, folder, NULL, &race_fops);
	return 0;
}
module_init(kbench_init);

static void __exit kbench_exit(void)
{
	debugfs_remove(folder);
}
module_exit(kbench_exit);

MODULE_AUTHOR("The mymem authors");
MODULE_DESCRIPTION("Timing of mymem and a race on it, inside the kernel");
MODULE_LICENSE("GPL");
MODULE_VERSION(MYMEM_VERSION);
