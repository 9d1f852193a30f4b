/* output.h - what the program writes beside the store: events and reports.
 *
 * An output never takes the place of what is read: a name that turns out to be the store, one of
 * the files that belong to it, or a capture of the run is refused before a byte of it is touched.
 * Outputs tell who talks to whom, so new ones are for their owner and group. */
#ifndef EPMWATCH_APP_OUTPUT_H
#define EPMWATCH_APP_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* What an output must not be. */
struct output_spared {
	const char *store;       /* NULL: none in a file */
	const char *const *path; /* captures, and folders of them; `-`: standard input */
	size_t paths;
};

struct output {
	const char *name; /* for messages; borrowed */
	FILE *file;       /* NULL: none was asked for */
	char *target;     /* owned; what `part` becomes in the end; NULL: written in place */
	char *part;       /* owned */
};

/** output_standard(o): Standard output. */
void output_standard(struct output *o);

/**
 * output_open(o, path, spared):
 * Write to ${path}, which is emptied first; `-` is standard output, NULL none. ERR_USAGE for what
 * is spared, -errno, each after a message; there is nothing to close then.
 */
int output_open(struct output *o, const char *path, const struct output_spared *spared);

/** output_append(o, path, spared): The same, but what lies at ${path} stays, and what is written comes behind it. */
int output_append(struct output *o, const char *path, const struct output_spared *spared);

/** output_replace(o, path, spared): The same, but what lies at ${path} stays until output_close()
 * puts the whole in its place. */
int output_replace(struct output *o, const char *path, const struct output_spared *spared);

/** output_failed(o): Say why the output could not be written; returns -EIO. Where nothing is left
 * to be written that fails again, errno is taken for the reason: zero it before writing. */
int output_failed(const struct output *o);

/** output_close(o, good): Write what is buffered, and close. Not ${good}: something failed, and was
 * told; a report that was to be replaced stays as it was. 0, or -EIO after a message. */
int output_close(struct output *o, bool good);

#endif
