/* writing.h - a store in which somebody's decisions are kept: what was accepted, in one transaction. */
#ifndef EPMWATCH_APP_WRITING_H
#define EPMWATCH_APP_WRITING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct accepted;
struct settings;
struct store;

enum {
	WRITING_SCOPES = UINT8_MAX + 1 /* of a store; keys name them by a number of eight bits */
};

struct writing {
	struct settings *settings;
	struct store *store;
	int64_t now_ns; /* packet time that it has reached */
	bool begun;     /* a transaction */
	size_t scopes;
	char *sensor[WRITING_SCOPES], *realm[WRITING_SCOPES];
	size_t count; /* of what writing_keep() kept */
};

/** writing_open(w, s): Open the store that ${s} names, which has to be there, and begin. 0, or an error after a message; close it in
 * any case. */
int writing_open(struct writing *w, struct settings *s);

/** writing_failed(w, err): ${err}, after a message where it is one. */
int writing_failed(const struct writing *w, int err);

/** writing_scope(w, sensor, realm, out): The number by which keys of these go here. ERR_CAP, -ENOMEM. */
int writing_scope(struct writing *w, const char *sensor, const char *realm, uint8_t *out);

/** writing_keep(w, sensor, realm, a): Keep ${a}, whose time and realm are set here, and count it. */
int writing_keep(struct writing *w, const char *sensor, const char *realm, struct accepted *a);

/** writing_close(w, err): Commit where ${err}, what the writing came to, is 0; else roll back. Returns what it came to now. */
int writing_close(struct writing *w, int err);

#endif
