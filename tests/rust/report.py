# SPDX-License-Identifier: GPL-2.0-only
"""Writes docs/c-vs-rust.md from what tests/rust/report has measured.

Usage: report.py FOLDER KERNEL <TABLE-OF-PLANTED-BUGS
"""

import collections
import glob
import os
import re
import statistics
import subprocess
import sys

folder, kernel = sys.argv[1:]

COMBINATIONS = [("c", "c"), ("c", "rust"), ("rust", "c"), ("rust", "rust")]
NAMES = {"c": "C", "rust": "Rust"}
# The lab's numbers, as docs say where they come from: means in microseconds.
LAB = {
    "1": ("2", "2", "2.02", "2.01"),
    "64": ("2", "2", "2.01", "2.02"),
    "1024": ("2", "2", "2.03", "2.03"),
    "65536": ("3", "4", "4.02", "4.07"),
    "524288": ("22", "12", "106.72", "22.01"),
}
LAB_READ, LAB_WRITE = (float(text) for text in LAB["524288"][2:])
# Its threads: module, test, W x N, and seconds: real, user, system; or of all processors.
LAB_THREADS = [
    ("c", "rust", "30x100000", "13.511 (8.423, 14.374)"),
    ("rust", "rust", "30x100000", "13.327 (8.378, 13.889)"),
    ("rust", "c", "50x150000", "147 of all processors"),
    ("rust", "rust", "50x150000", "129 of all processors"),
]


def rows(name, kind):
    with open(f"{folder}/{name}") as file:
        return [line.split()[1:] for line in file if line.startswith(kind + " ")]


def table(header, lines):
    print("| " + " | ".join(header) + " |")
    print("|" + " --- |" * len(header))
    for line in lines:
        print("| " + " | ".join(line) + " |")
    print()


def bench(name):
    """{(module, test, size, read or write): a value for each round}"""
    values = {}
    for module, test, _, size, read, write in rows(name, "bench"):
        values.setdefault((module, test, size, "read"), []).append(float(read))
        values.setdefault((module, test, size, "write"), []).append(float(write))
    return values


def verdict(c, rust):
    """Rust beside C, by rounds: the ratio, its quartiles, and whether they agree."""
    ratios = [b / a for a, b in zip(c, rust)]
    if len(ratios) < 3:
        return f"{statistics.median(ratios):.2f}", "too few rounds to say"
    low, middle, high = statistics.quantiles(ratios, n=4, method="inclusive")
    # Between two of three rounds a quartile means nothing: all of them have to agree.
    if len(ratios) < 7:
        low, high = min(ratios), max(ratios)
    text = f"{middle:.2f} ({low:.2f} to {high:.2f})"
    if low > 1.02:
        return text, "slower"
    if high < 0.98:
        return text, "faster"
    if low > 0.98 and high < 1.02:
        return text, "no difference"
    return text, "inconclusive"


def bench_tables(name, unit, scale):
    values = bench(name)
    sizes = list(dict.fromkeys(key[2] for key in values))
    for way in ("read", "write"):
        lines = []
        for size in sizes:
            line = [size]
            for module, test in COMBINATIONS:
                line.append(f"{statistics.median(values[module, test, size, way]) * scale:.{0 if unit else 2}f}")
            for test in ("c", "rust"):
                text, word = verdict(values["c", test, size, way], values["rust", test, size, way])
                line.append(f"{text}: {word}")
            lines.append(line)
        table(
            [f"{way}, bytes"]
            + [f"{NAMES[module]} module, {NAMES[test]} test" for module, test in COMBINATIONS]
            + ["Rust module to C module, C test", "the same, Rust test"],
            lines,
        )


class Races:
    """The rounds of one mode, module, test and W x N."""

    def __init__(self, mode, module, test, numbers):
        self.rounds = [
            [float(text) for text in row[4:]]
            for row in rows("times", "race")
            if row[:4] == [mode, module, test, numbers]
        ]
        self.ran = bool(self.rounds)

    def all(self, column):
        return [row[column] for row in self.rounds]

    target = property(lambda self: self.all(0)[0])
    actual = property(lambda self: min(self.all(1)))
    wall = property(lambda self: statistics.median(self.all(2)))
    user = property(lambda self: statistics.median(self.all(3)))
    system = property(lambda self: statistics.median(self.all(4)))


def race_table():
    lines = []
    for numbers in dict.fromkeys(row[3] for row in rows("times", "race") if row[0] == "mutex"):
        workers, increments = numbers.split("x")
        for module, test in COMBINATIONS:
            races = Races("mutex", module, test, numbers)
            said = ""
            if module == "rust":
                c = Races("mutex", "c", test, numbers)
                said = "{}: {}".format(*verdict(c.all(2), races.all(2)))
            lines.append(
                [workers, increments, NAMES[module], NAMES[test], f"{races.target:.0f}",
                 f"{races.actual:.0f}", f"{races.wall:.3f}", f"{races.user:.3f}",
                 f"{races.system:.3f}", str(len(races.rounds)), said]
            )
    table(
        ["W", "N", "module", "test", "Target", "Actual", "real, s", "user, s", "system, s",
         "rounds", "Rust module to C module"],
        lines,
    )


def mode_table():
    lines = []
    numbers = [row[3] for row in rows("times", "race") if row[0] == "none"][0]
    workers, increments = numbers.split("x")
    for mode in ("none", "atomic", "mutex"):
        for module, test in COMBINATIONS:
            races = Races(mode, module, test, numbers)
            lost = races.target - races.actual
            share = 100 * lost / (int(workers) * int(increments))
            lines.append(
                [f"`{mode}`", NAMES[module], NAMES[test], f"{races.target:.0f}",
                 f"{races.actual:.0f}", f"{lost:.0f} ({share:.2f} %)", f"{races.wall:.3f}"]
            )
    print(f"{workers} threads that increment {increments} times each:\n")
    table(["mode", "module", "test", "Target", "Actual", "lost", "real, s"], lines)


def tree(lines):
    """[(function, what it calls, as such a list)] of the tracer's lines, without their ends"""
    calls = []
    for line in lines:
        if line == "}":
            return calls
        function = re.match(r"[^ (]+", line)[0]
        calls.append((function, tree(lines) if line.endswith("{") else []))
    return calls


def alike(calls, length):
    """How often the first calls, so many, come one after the other"""
    times = 1
    while calls[times * length :][:length] == calls[:length]:
        times += 1
    return times


def print_tree(calls, depth=0):
    """A line for each call, and one for each of those in turns that are alike"""
    while calls:
        length = max((1, 2, 3), key=lambda n: (n * alike(calls, n) if alike(calls, n) > 1 else 1, -n))
        times = alike(calls, length)
        for function, callees in calls[:length]:
            print("  " * depth + function + (f", {times} times" if times > 1 else ""))
            # What is asked of security modules is the same for both.
            if function != "rw_verify_area":
                print_tree(callees, depth + 1)
        calls = calls[times * length :]


def graphs():
    """{(module, read or write, size): the tracer's lines of most of the calls}"""
    found = {}
    with open(f"{folder}/graph") as file:
        parts = re.split("^graph ", file.read(), flags=re.MULTILINE)[1:]
    for part in parts:
        what, _, trace = part.partition("\n")
        calls = re.findall(r"^vfs_\w+\(\) {\n.*?^}", trace, re.MULTILINE | re.DOTALL)
        # For the first one, the buffer has no memory yet.
        (call, times), = collections.Counter(calls[1:]).most_common(1) or [("", 0)]
        if 2 * times <= len(calls) - 1:
            sys.exit(f"report.py: the calls of 'graph {what}' do not agree: measure again")
        found[tuple(what.split())] = call.splitlines()
    return found


def print_graphs():
    for (module, way, size), lines in graphs().items():
        print(f"{NAMES[module]}, a {way} of {size} bytes:\n\n```")
        print_tree(tree(iter(line.strip() for line in lines)))
        print("```\n")


def touches():
    """{(module, test): microseconds of a read, a write, and a read into a new buffer}"""
    values = {}
    for module, test, _, read, write, *fresh in rows("times", "touch"):
        read_all, write_all, fresh_all = values.setdefault((module, test), ([], [], []))
        read_all.append(float(read))
        write_all.append(float(write))
        fresh_all.extend(float(text) for text in fresh)
    return {key: [statistics.median(of) for of in value] for key, value in values.items()}


def touch_table():
    lines = [
        ["the lab's, Rust", "Rust", "–", f"{LAB_READ}", f"{LAB_WRITE}", f"{LAB_READ / LAB_WRITE:.1f}"]
    ]
    for (module, test), (read, write, fresh) in touches().items():
        lines.append(
            [NAMES[module], NAMES[test], f"{read:.2f}", f"{fresh:.2f}", f"{write:.2f}", f"{fresh / write:.1f}"]
        )
    table(
        ["module", "test", "read", "read, new buffer", "write", "new buffer to write"], lines
    )


def source_lines(paths):
    count = 0
    for path in paths:
        with open(path) as file:
            for line in file:
                text = line.strip()
                if text and not text.startswith(("//", "/*", "*", "#!")):
                    count += 1
    return count


def c_sources():
    """What src/Kbuild makes mymem of, and its headers."""
    with open("src/Kbuild") as file:
        objects = re.search("^mymem-y := (.*)", file.read(), re.MULTILINE)[1].split()
    return [f"src/{name[:-2]}.c" for name in objects] + glob.glob("src/*.h")


def text_size(module):
    output = subprocess.run(
        ["size", "-A", f"{folder}/{module}"], check=True, capture_output=True, text=True
    ).stdout
    sections = [line.split() for line in output.splitlines()]
    return sum(
        int(words[1])
        for words in sections
        if len(words) == 3 and words[0].startswith((".text", ".init.text", ".exit.text"))
    )


def file_size(module):
    """Without what is only for debuggers, and BPF's types, which are made for C alone."""
    stripped = f"{folder}/stripped.ko"
    options = ["--strip-debug", "-R", ".BTF", "-R", ".BTF.base", "-o", stripped]
    subprocess.run(["strip", *options, f"{folder}/{module}"], check=True)
    return os.path.getsize(stripped)


def seconds(name):
    with open(f"{folder}/seconds.{name}") as file:
        return file.read().strip()


print(f"""# C against Rust

Made by `make report-rust`, on {kernel} in QEMU. It has measured all
numbers but the lab's; what explains them is text of `tests/rust/report.py`, which no run
changes. The modules are those of `src/` and `src/rust/`, both loaded in the one kernel; the
tests are `mymem-bench` and `mymem-race` in C and in Rust. All combinations were run by turns.
[rust.md](rust.md) says what the Rust module lacks.

## Instructions of a call

By QEMU's clock that counts them: the length of the path, in a system call that is timed from
user space. A copy counts one instruction for each step of `rep movs`, so the large sizes
say how many copies there are, and not how long they take.
""")
bench_tables("instructions", True, 1000)
print("""What makes the difference:

- The Rust module copies everything through kernel memory, the C module only reads up to 512
  bytes and writes up to a page: what is larger goes straight between the user's pages and the
  block. Rust's interfaces have neither `pagefault_disable()` nor the pinning of pages, so there
  are two copies where C has one, and memory for more than 512 bytes is allocated for each call.
- The C module has functions of its own for `read()` and `write()`; `kernel::miscdevice` has
  `read_iter` and `write_iter` only, so that each call makes an iterator first.
- The C module counts calls and bytes, and has tracepoints; the Rust module has neither.
- `copy_to_iter()` of Rust calls `_copy_to_iter()`: what C looks at before, whether the bytes are
  of an object that may be shown to users (hardened user copies), is left out.
- Copies to and from user memory are by `rep movs`, a step for 8 bytes. Those from kernel memory
  to kernel memory are by a loop, a dozen instructions for 32 bytes, as the processor that QEMU
  emulates has no fast `rep movs` for short copies. Both copies of a call of the Rust module are
  one of each; the one copy of a large write of the C module, from pinned pages, is a loop.
- The locks are of the same kind, a read-write semaphore for each stripe of 16 KiB that a call
  touches. Those of the C module are each in a cache line of their own, which is not seen here.
- The two tests differ by a part of what reading the clock takes. The one in Rust has all of it in
  each number; the one in C times several calls together where one is short, and has half of it or
  less. So a ratio of which one call was short enough for that and the other was not, as of reads
  of 1024 bytes, is a little too high in its column.

### The functions that a call goes through

By the kernel's function tracer, of calls whose buffer has its memory. It sees no functions of
Rust, nor those of the kernel's `lib/`, where the copies are, nor what a compiler has put into
the one that calls it: what the Rust module calls stands below `vfs_read` or `vfs_write`
themselves. What `rw_verify_area` calls is left out.
""")
print_graphs()
print("""## Times

In microseconds, emulated: only ratios say something. Each is the median of the rounds' means.
In brackets are the quartiles of the rounds' ratios; "slower" and "faster" are said where both
say so, by more than 2 %.
""")
with open(f"{folder}/load") as file:
    load, processors = file.read().split()
print(f"""The machine's load was {load} in the end, on {processors} processors: about 2 of it this run's own,
and the rest that of other programs, which move the quartiles apart.
""")
bench_tables("times", False, 1)
print("""## Threads

W workers increment a counter N times each, under one mutex of the test. Of several rounds, the
times are the medians, and Actual is the worst. The last column compares the rounds' real
times as above, but in brackets are the least and the greatest ratio. Where other programs ran
(see the load above), one that did so beside one combination alone makes that one slow: then the
ratios are not those of the modules.
""")
race_table()
print("## What it takes\n")
table(
    ["", "C", "Rust"],
    [
        ["lines of source, without comments", str(source_lines(c_sources())),
         str(source_lines([*glob.glob("src/rust/*.rs"), "src/rust/constants.c"]))],
        ["bytes of code in the module", str(text_size("mymem.ko")), str(text_size("mymem_rust.ko"))],
        ["bytes of the module, stripped of debug information and BTF", str(file_size("mymem.ko")), str(file_size("mymem_rust.ko"))],
        ["seconds to build it, the kernel's tree being there", seconds("c"), seconds("rust")],
        ["seconds to make that tree, once for each kernel", "0", seconds("metadata")],
    ],
)
print("""Those are of `mymem.ko` alone, without `mymem_kbench` and KUnit. It does more: see what the
other one lacks. Debian's headers are enough to build it; for the one in Rust, Rust's metadata
has to be made from the kernel's sources first. The time for that is of the run that made it.

## What finds a bug

Ten bugs of the kind that drivers have, planted in small programs (`tests/rust/planted-bugs/`),
and one program without. A dash: nothing was found.
""")
print(sys.stdin.read())
print("""sparse sees a kept lock only where the lock's functions are annotated, as those of the kernel's
spinlocks have been for long, and those of its semaphores not. What
Rust does not find is the wrong order of locks: in the kernel, lockdep does, in both languages.
What it refuses is refused without `unsafe`; [rust.md](rust.md) counts those of the module.

## The lab's questions

The lab's table (means, in microseconds, on its own machine), and ours of the same combinations:
the C test and the Rust test, each on the module in its own language:
""")
times = bench("times")
table(
    ["bytes", "lab: C read", "write", "Rust read", "write", "here: C read", "write", "Rust read", "write"],
    [
        [size, *LAB[size]]
        + [
            f"{statistics.median(times[which, which, size, way]):.2f}"
            for which in ("c", "rust")
            for way in ("read", "write")
        ]
        for size in LAB
    ],
)
print("Its threads, in seconds (real, and in brackets user and system):\n")


def in_short(races):
    return f"{races.wall:.3f} ({races.user:.3f}, {races.system:.3f})" if races.ran else "not run"


table(
    ["module", "test", "W x N", "lab", "here"],
    [
        [NAMES[module], NAMES[test], numbers, lab, in_short(Races("mutex", module, test, numbers))]
        for module, test, numbers, lab in LAB_THREADS
    ],
)
print(f"""### Why were reads of 512 KiB from Rust several times slower than writes?

In the lab a read took {LAB_READ} µs and a write {LAB_WRITE}. Its test made a new buffer for each
read, and a new buffer has no memory yet: the kernel has to find it, page by page, while the
clock runs. Here, in microseconds, reads into a buffer that has been touched, and into one that
has not ("first touch"):
""")
touch_table()
print("""It is so in both languages, of the test and of the module.

### What does Rust do about the data race? Could the driver make it right?

A race for memory it does not compile (`tools/rust/tests/refused/`). A race for what is in a
file it does not see: without a lock, `mymem-race-rs -m none` loses increments as the one in C
does, whichever module is below. The driver makes it right by doing all of the increment in one
call, which is `-m atomic`, and the quickest of these.
""")
mode_table()
