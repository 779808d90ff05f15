// SPDX-License-Identifier: GPL-2.0-only
#include "random.h"

uint64_t random_next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

uint64_t random_below(uint64_t *state, uint64_t limit)
{
	/* What is left over of 2^64 would make the first numbers likelier. */
	uint64_t over = -limit % limit, number;

	do
		number = random_next(state);
	while (number < over);
	return number % limit;
}

void random_order(uint64_t *state, size_t *order, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t j = random_below(state, i + 1);

		order[i] = order[j];
		order[j] = i;
	}
}
