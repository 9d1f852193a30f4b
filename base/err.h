/* err.h - the results that every folder shares, and their texts. */
#ifndef EPMWATCH_BASE_ERR_H
#define EPMWATCH_BASE_ERR_H

/* 0 is good, negative is not. Values above -1000 are -errno; the project's own lie below. */
enum err {
	ERR_OK = 0,
	ERR_TRUNC = -1001,       /* not captured, or more to come */
	ERR_MALFORMED = -1002,   /* contradicts itself or its specification */
	ERR_CAP = -1003,         /* a documented bound was reached */
	ERR_DAMAGED = -1004,     /* a capture file ends or breaks where it should not */
	ERR_LINKTYPE = -1005,    /* a capture of a kind of link that is not read */
	ERR_EMPTY = -1006,       /* a capture that holds no packet */
	ERR_NOT_STORE = -1007,   /* a file that is no store of ours */
	ERR_NEWER = -1008,       /* a store written by a newer version */
	ERR_OLDER = -1009,       /* a store that a writer has to migrate first */
	ERR_BUSY = -1010,        /* a store that another process is writing */
	ERR_STORE = -1011,       /* the database said no; store_error() has its words */
	ERR_USAGE = -1012,       /* a command line or an argument that means nothing */
};

/**
 * err_text(err):
 * Return the text of ${err}, an enum err or a negative errno. Static storage or strerror()'s; never NULL.
 */
const char *err_text(int err);

#endif
