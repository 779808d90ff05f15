/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A run as pictures, by gnuplot.
 */
#ifndef MYMEM_BENCH_PLOT_H
#define MYMEM_BENCH_PLOT_H

#include <stddef.h>
#include <stdio.h>

#include "document.h"

/**
 * plot_format() - what kind of file a picture is to be
 * @path:	its path
 *
 * Return: "svg" or "png", or NULL if the path ends in neither.
 */
const char *plot_format(const char *path);

/**
 * plot_check() - whether gnuplot can be run, before there is anything to draw
 * @why:	where to say why not, in one line
 * @size:	the room there
 *
 * Return: 0 or a negative errno.
 */
int plot_check(char *why, size_t size);

/**
 * plot_script() - say in gnuplot's language what is to be drawn
 * @file:	where to
 * @document:	the run
 * @format:	"svg" or "png"
 *
 * Return: how many pictures these are. There may be none, if nothing was
 * measured.
 */
size_t plot_script(FILE *file, const struct document *document,
		   const char *format);

/**
 * plot_save() - draw all pictures into one file
 * @path:	the file; its end says of which kind
 * @document:	the run
 * @why:	where to say why it failed, in one line
 * @size:	the room there
 *
 * Return: 0 or a negative errno, and then a file that was there is as it was.
 */
int plot_save(const char *path, const struct document *document, char *why,
	      size_t size);

#endif
