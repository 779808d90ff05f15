/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random numbers that the same seed brings again, on every machine.
 */
#ifndef MYMEM_RANDOM_H
#define MYMEM_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/**
 * random_next() - the next random number
 * @state:	the seed at first, then what the last call left there
 *
 * SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number
 * generators", OOPSLA 2014).
 *
 * Return: 64 random bits.
 */
uint64_t random_next(uint64_t *state);

/**
 * random_below() - a random number below a limit, each as likely as the other
 * @state:	as for random_next()
 * @limit:	above 0
 */
uint64_t random_below(uint64_t *state, uint64_t limit);

/**
 * random_order() - put the numbers from 0 on into a random order
 * @state:	as for random_next()
 * @order:	where they go
 * @n:		how many
 */
void random_order(uint64_t *state, size_t *order, size_t n);

#endif
