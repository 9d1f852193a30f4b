/* smb_framer.h - one direction of a connection that carries SMB, cut into commands.
 *
 * Each message stands behind four octets of NetBIOS session service (RFC 1002 4.3.1), one of them a type, three a length.
 * A message of SMB 2 is one command, or several in a chain. Its owner says how many of a command's first octets
 * it needs, at most SMB_GATHERED, and gets them as soon as they are there: in place where one piece of data holds them,
 * gathered otherwise. Of the rest it may have one stretch, which is handed on as it comes and never kept. All else
 * is passed over by its length, without a look. So bulk traffic costs a header for each command.
 *
 * After a hole or damage the next message is looked for: at the start of each piece of data, and inside. */
#ifndef EPMWATCH_DISSECT_SMB_FRAMER_H
#define EPMWATCH_DISSECT_SMB_FRAMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissect/buffer.h"

struct dissect_stats;

enum smb_protocol {
	SMB_1 = 0xff,
	SMB_2 = 0xfe,
	SMB_ENCRYPTED = 0xfd,
	SMB_COMPRESSED = 0xfc,
};

/* The start of a command. */
struct smb_command {
	enum smb_protocol protocol; /* SMB_1, SMB_2 */
	uint32_t size;              /* octets of it, all told */
	bool chained;               /* not the first of its message */
};

struct smb_framer_sink {
	/* Of a command the first ${have} octets have come, at least its header or all of it. Returns how many it takes to
	 * make use of it; 0: it is of no use. Where that is more than ${have} it is asked again. */
	size_t (*want)(
	    void *ctx, const struct smb_command *command, const uint8_t *start, size_t have);
	/* As many as were wanted, or more. Returns the length of a stretch, which begins ${at} octets from the command's start,
	 * that is to be handed on; 0: none. */
	size_t (*command)(void *ctx, const struct smb_command *command, const uint8_t *start,
	    size_t have, size_t *at);
	/* The next octets of the stretch; NULL: that many are missing. */
	void (*stretch)(void *ctx, const uint8_t *data, size_t len);
	/* A message that cannot be read has begun. */
	void (*sealed)(void *ctx);
	/* Octets are missing or make no sense, commands may be among them. */
	void (*lost)(void *ctx);
};

enum smb_framer_state {
	SMB_AT_MESSAGE, /* gathering the four octets before a message */
	SMB_AT_COMMAND, /* gathering what is wanted of a command */
	SMB_PASSING,    /* letting octets go by, up to a stretch or the end of the command */
	SMB_IN_STRETCH,
	SMB_LOST, /* no boundary is known */
};

struct smb_framer {
	const struct smb_framer_sink *sink; /* borrowed */
	void *ctx;
	struct budget *budget;       /* borrowed */
	struct dissect_stats *stats; /* borrowed */
	enum smb_framer_state state;
	struct buffer gathered;
	struct smb_command command;
	uint32_t message_left; /* octets of the message that have not come */
	uint32_t command_left; /* of these, the command's */
	uint32_t pass;         /* SMB_PASSING: of these, those before the stretch, or all */
	uint32_t stretch_left; /* octets of the stretch that have not come */
	uint32_t need; /* SMB_AT_MESSAGE, SMB_AT_COMMAND: octets to gather before the next step */
	bool chained;  /* the next command is not the first of its message */
	bool proven;   /* a header of SMB was read */
};

/** smb_framer_init(f, sink, ctx, budget, stats) / smb_framer_deinit(f): A framer at a boundary; the latter frees what it gathered. */
void smb_framer_init(struct smb_framer *f, const struct smb_framer_sink *sink, void *ctx,
    struct budget *budget, struct dissect_stats *stats);
void smb_framer_deinit(struct smb_framer *f);

/** smb_framer_data(f, data, len): The next ${len} octets. */
void smb_framer_data(struct smb_framer *f, const uint8_t *data, size_t len);

/** smb_framer_gap(f, missing): ${missing} octets will never come. What lies in a stretch or in what goes by costs nothing else. */
void smb_framer_gap(struct smb_framer *f, uint32_t missing);

/** smb_framer_indifference(f): How many of the next octets may as well be missing. */
static inline uint32_t
smb_framer_indifference(const struct smb_framer *f)
{
	return f->state == SMB_PASSING ? f->pass : 0;
}

#endif
