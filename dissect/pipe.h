/* pipe.h - named pipes that are open over SMB, each with the conversation that goes through it.
 *
 * A pipe belongs to the connection that it was opened on, and ends with it. With SMB 3 other connections of the same
 * session may use it (multichannel), so all pipes of a dissector stand in one table, too, by server, session and file. */
#ifndef EPMWATCH_DISSECT_PIPE_H
#define EPMWATCH_DISSECT_PIPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissect/assoc.h"
#include "dissect/smb_message.h"

enum {
	PIPES_OPEN =
	    128, /* of one connection; the one used longest ago is given up when more come */
	PIPE_BUCKETS = 1024,
	PIPE_NAME = 256, /* octets of a name, with the NUL; what is longer names no pipe */
};

/* Which pipe a command speaks of. */
struct pipe_key {
	uint64_t session;     /* 0 with SMB 1, whose files are known by their connection alone */
	uint64_t open_id;     /* of the command that opened it: tells it until its file is known */
	struct smb_file file; /* where file_known */
	bool file_known;
};

struct pipe {
	struct pipe *next;      /* of its connection; the one used last is first */
	struct pipe *neighbour; /* in its bucket, where the file is known, ... */
	struct pipe **place;    /* ... and what points to it there */
	struct pipe_key key;
	struct assoc_side side[2]; /* of the connection that it was opened on */
	int client;
	uint8_t realm;
	struct assoc *assoc; /* owned; NULL until something went through that can be DCE/RPC */
	char name[];         /* cleaned, with \PIPE\ before it; empty: it was not seen */
};

/* All pipes of a dissector whose files are known. */
struct pipe_table {
	uint64_t salt; /* so that nobody can aim at a bucket */
	struct pipe *bucket[PIPE_BUCKETS];
};

/* Those of a connection. */
struct pipes {
	struct assoc_env *
	    env; /* borrowed; its table of pipes may be NULL: then only this connection's are found */
	struct assoc_side side[2];
	int client;         /* 0 or 1; -1 until known, and no pipe until then */
	struct pipe *first; /* owned */
	uint8_t realm;      /* of its addresses */
	bool proven;        /* something that went through one was proved to be DCE/RPC */
	size_t count;
};

/** pipes_add(p, key, name, len, wide): A pipe that the command of ${key} opens, or uses where it was not seen to be opened. Its
 * name are ${len} octets, UTF-16 where ${wide}; NULL where it was not seen. NULL where there is no room, or that names no pipe. */
struct pipe *pipes_add(
    struct pipes *p, const struct pipe_key *key, const uint8_t *name, size_t len, bool wide);

/** pipes_find(p, key): The pipe of ${key}: of this connection, or by its file of another; NULL where there is none. */
struct pipe *pipes_find(struct pipes *p, const struct pipe_key *key);

/** pipes_opened(p, key, file): The server has given the pipe that the command of ${key} opened a number. */
void pipes_opened(struct pipes *p, const struct pipe_key *key, const struct smb_file *file);

/** pipes_data(p, pipe, from, data, len): ${len} octets go through ${pipe}, from side ${from}; with NULL they are missing. What
 * cannot be the start of DCE/RPC is passed over until something can. */
void pipes_data(struct pipes *p, struct pipe *pipe, int from, const uint8_t *data, size_t len);

/** pipes_lost(p, from): Something of side ${from} was missed, and nobody knows how much. */
void pipes_lost(struct pipes *p, int from);

/** pipes_doubt(p, from): As assoc_doubt(), of all conversations. */
void pipes_doubt(struct pipes *p, int from);

/** pipes_expire(p, patience): As assoc_expire(), of all conversations. */
void pipes_expire(struct pipes *p, const struct patience *patience);

/** pipes_end(p, key): The pipe is closed: report what was never answered, and forget it. That of another connection stays. */
void pipes_end(struct pipes *p, const struct pipe_key *key);

/** pipes_finish(p) / pipes_free(p): The same for all; the latter reports nothing. */
void pipes_finish(struct pipes *p);
void pipes_free(struct pipes *p);

/** pipes_obs(p, kind): An observation of ${kind}, of the server, with its parties and the present packet filled in; only once the
 * client is known. */
struct obs pipes_obs(const struct pipes *p, enum obs_kind kind);

/** pipes_are_rpc(p): True if something that went through one was proved to be DCE/RPC. */
bool pipes_are_rpc(const struct pipes *p);

#endif
