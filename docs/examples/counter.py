# SPDX-License-Identifier: GPL-2.0-only
"""Count in /dev/mymem, and look at the counter through a mapping.

As counter.c, with nothing but Python's own library: python3 counter.py. Adding is the driver's part:
Python has no atomic instructions, so that words[0] += 1 on a mapping would lose what
others add at the same time. To look is safe.
"""
import fcntl
import mmap
import struct
import sys

# From <linux/mymem.h>: the commands, and the structures they take, in the syntax of
# the module struct. "=" is for the processor's byte order and no padding.
MYMEM_IOC_INFO = 0xBB00
MYMEM_IOC_ATOMIC = 0xBB01
MYMEM_FEATURE_ATOMIC_MAP = 1 << 2
MYMEM_OP_ADD = 2
INFO = struct.Struct("=IIQQ")  # size, abi, bytes, features
ATOMIC = struct.Struct("=IIIIQQQQ")  # size, op, 2 zeros, offset, operand, expected, old

# Where the counter stands: the first of the 64-bit words in the device.
COUNTER = 0


def info(device):
    """Return the size of the device and what it can do."""
    # Each structure begins with its size. ioctl() returns what the driver made of it.
    answer = fcntl.ioctl(device, MYMEM_IOC_INFO, INFO.pack(INFO.size, 0, 0, 0))
    _, _, size, features = INFO.unpack(answer)
    return size, features


def add(device, offset, value):
    """Add to a word, and return what it was before."""
    # Modulo 2**64: -1 is 2**64 - 1.
    value %= 1 << 64
    answer = fcntl.ioctl(device, MYMEM_IOC_ATOMIC, ATOMIC.pack(
        ATOMIC.size, MYMEM_OP_ADD, 0, 0, offset, value, 0, 0))
    return ATOMIC.unpack(answer)[-1]


def count(path):
    """Count once, and look."""
    with open(path, "r+b", buffering=0) as device:
        size, features = info(device)
        print(size, "bytes")
        if not features & MYMEM_FEATURE_ATOMIC_MAP:
            sys.exit("counter: the mapping is not atomic here")
        with mmap.mmap(device.fileno(), size) as memory:
            words = memoryview(memory).cast("Q")
            old = add(device, COUNTER, 1)
            seen = words[COUNTER // words.itemsize]
            words.release()
    print("the driver found", old)
    print("the program sees", seen)
    # Others may have counted in between: it is more than what was found.
    if seen <= old:
        sys.exit("counter: the two ways do not agree")


if __name__ == "__main__":
    try:
        count(sys.argv[1] if len(sys.argv) > 1 else "/dev/mymem")
    except OSError as error:
        sys.exit(f"counter: {error}")
