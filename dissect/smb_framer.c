#include "dissect/smb_framer.h"

#include <string.h>

#include "base/cursor.h"
#include "dissect/dissector.h"
#include "dissect/probe.h"
#include "dissect/smb1.h"
#include "dissect/smb2.h"
#include "dissect/smb_message.h"

enum {
	SESSION_HEADER = 4,
	PROTOCOL = 4, /* the octets that name it */
};

/* Types of session packets. Source: RFC 1002 4.3.1. */
enum {
	TYPE_MESSAGE = 0x00,
	TYPE_FIRST_OTHER = 0x81, /* session request */
	TYPE_LAST_OTHER = 0x85,  /* keep-alive */
};

void
smb_framer_init(struct smb_framer *f, const struct smb_framer_sink *sink, void *ctx,
    struct budget *budget, struct dissect_stats *stats)
{
	*f = (struct smb_framer){
	    .sink = sink, .ctx = ctx, .budget = budget, .stats = stats, .need = SESSION_HEADER};
}

void
smb_framer_deinit(struct smb_framer *f)
{
	buffer_free(&f->gathered, f->budget);
}

static uint32_t
smaller(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static void
at_message(struct smb_framer *f)
{
	f->state = SMB_AT_MESSAGE;
	f->need = SESSION_HEADER;
	f->chained = false;
}

static void
lose(struct smb_framer *f)
{
	if (f->state != SMB_LOST)
		f->stats->rpc.resync++;
	buffer_free(&f->gathered, f->budget);
	f->state = SMB_LOST;
	f->sink->lost(f->ctx);
}

/* Let ${len} octets go by, then hand on ${stretch}, then let the rest of the command go by. */
static void
pass(struct smb_framer *f, uint32_t len, uint32_t stretch)
{
	f->state = SMB_PASSING;
	f->pass = len;
	f->stretch_left = stretch;
}

static void
at_command(struct smb_framer *f)
{
	f->state = SMB_AT_COMMAND;
	f->command_left = f->message_left;
	f->need = smaller(f->message_left, PROTOCOL);
}

/* What was to go by, or to be handed on, has come. */
static void
go_on(struct smb_framer *f)
{
	if (f->state == SMB_PASSING && f->stretch_left != 0) {
		f->state = SMB_IN_STRETCH;
	} else if (f->command_left != 0) {
		pass(f, f->command_left, 0);
	} else if (f->message_left != 0) {
		f->chained = true;
		at_command(f);
	} else {
		at_message(f);
	}
}

static void
begin_message(struct smb_framer *f, const uint8_t *start)
{
	struct cursor c = cur_init(start, SESSION_HEADER, false);
	uint32_t header = cur_u32_be(&c), type = header >> 24;

	f->message_left = f->command_left = header & 0xffffff;
	if (type != TYPE_MESSAGE && (type < TYPE_FIRST_OTHER || type > TYPE_LAST_OTHER))
		lose(f);
	else if (f->message_left == 0)
		at_message(f);
	else if (type != TYPE_MESSAGE)
		pass(f, f->message_left, 0);
	else
		at_command(f);
}

static uint32_t
header_size(enum smb_protocol protocol)
{
	return protocol == SMB_2 ? SMB2_HEADER : SMB1_HEADER + 1;
}

/* The octets that name the protocol have come. */
static void
begin_command(struct smb_framer *f, const uint8_t *start)
{
	static const uint8_t name[] = {'S', 'M', 'B'};

	if (f->need < PROTOCOL || memcmp(start + 1, name, sizeof(name)) != 0 ||
	    start[0] < SMB_COMPRESSED) {
		lose(f);
		return;
	}
	f->proven = true;
	f->command = (struct smb_command){.protocol = (enum smb_protocol)start[0],
	    .size = f->message_left,
	    .chained = f->chained};
	f->need = header_size(f->command.protocol);
	if (f->command.protocol == SMB_ENCRYPTED || f->command.protocol == SMB_COMPRESSED) {
		f->sink->sealed(f->ctx);
		pass(f, f->message_left, 0);
	} else if (f->message_left < f->need) {
		pass(f, f->message_left, 0); /* too short to mean anything */
	}
}

/* Where SMB 2 chains commands, this one ends where the next begins. */
static void
measure(struct smb_framer *f, const uint8_t *start)
{
	uint32_t next = f->command.protocol == SMB_2 ? smb2_next(start) : 0;

	if (next >= SMB2_HEADER && next < f->message_left)
		f->command.size = f->command_left = next;
}

static void
hand_over(struct smb_framer *f, const uint8_t *start)
{
	size_t at = 0, len = f->sink->command(f->ctx, &f->command, start, f->need, &at);

	if (at >= f->command.size)
		len = 0;
	else if (len > f->command.size - at)
		len = f->command.size - at;
	if (len == 0 || at == 0) /* no data lies in the header */
		pass(f, f->command_left, 0);
	else
		pass(f, (uint32_t)at, (uint32_t)len);
}

/* As much of a command as was wanted lies at ${start}. */
static void
consider(struct smb_framer *f, const uint8_t *start)
{
	size_t need;

	if (f->need <= PROTOCOL) {
		begin_command(f, start);
		return;
	}
	if (f->need == header_size(f->command.protocol))
		measure(f, start);
	need = f->sink->want(f->ctx, &f->command, start, f->need);
	if (need == 0 || need > SMB_GATHERED || need > f->command.size)
		pass(f, f->command_left, 0);
	else if (need > f->need)
		f->need = (uint32_t)need;
	else
		hand_over(f, start);
}

/* What was needed lies at ${start}. Returns how many octets are done with; those of a command are passed over later. */
static uint32_t
take_start(struct smb_framer *f, const uint8_t *start)
{
	if (f->state == SMB_AT_COMMAND) {
		consider(f, start);
		return 0;
	}
	begin_message(f, start);
	return f->state != SMB_LOST ? SESSION_HEADER : 0;
}

/* Gather what comes in pieces. What was gathered then goes the way of all data, as far as it is not done with. */
static size_t
gather(struct smb_framer *f, const uint8_t *data, size_t len)
{
	size_t missing = f->need - f->gathered.len, n = len < missing ? len : missing;
	struct buffer whole;
	uint32_t need = f->need, done;

	if (!buffer_add(&f->gathered, f->budget, data, n)) {
		f->stats->capped++;
		lose(f);
		return n;
	}
	if (f->gathered.len < f->need)
		return n;
	whole = f->gathered;
	f->gathered = (struct buffer){0};
	done = take_start(f, whole.data);
	if (f->state == SMB_AT_COMMAND && f->need > need && done == 0) {
		f->gathered = whole;
		return n;
	}
	smb_framer_data(f, whole.data + done, whole.len - done);
	buffer_free(&whole, f->budget);
	return n;
}

static void
consume(struct smb_framer *f, uint32_t n)
{
	f->message_left -= n;
	f->command_left -= n;
}

static size_t
let_by(struct smb_framer *f, size_t len)
{
	uint32_t n = len < f->pass ? (uint32_t)len : f->pass;

	f->pass -= n;
	consume(f, n);
	if (f->pass == 0)
		go_on(f);
	return n;
}

static size_t
hand_on(struct smb_framer *f, const uint8_t *data, size_t len)
{
	uint32_t n = len < f->stretch_left ? (uint32_t)len : f->stretch_left;

	f->stretch_left -= n;
	consume(f, n);
	f->sink->stretch(f->ctx, data, n);
	if (f->state == SMB_IN_STRETCH && f->stretch_left == 0)
		go_on(f);
	return n;
}

/* A header that stands where no boundary is known has to look better than one that was expected. */
static bool
is_plausible(const uint8_t *data, size_t len)
{
	if (!probe_smb(data, len))
		return false;
	return data[SESSION_HEADER] != SMB_2 ||
	       (len >= SESSION_HEADER + 6 && smb2_is_header(data + SESSION_HEADER));
}

/* Look for a message. Returns how many octets lie before it, all of them where there is none. */
static size_t
search(struct smb_framer *f, const uint8_t *data, size_t len)
{
	const uint8_t *p = data, *end = data + len;

	while (p != NULL && !is_plausible(p, (size_t)(end - p)))
		p = end - p > 1 ? memchr(p + 1, TYPE_MESSAGE, (size_t)(end - (p + 1))) : NULL;
	if (p == NULL)
		return len;
	at_message(f);
	return (size_t)(p - data);
}

static size_t
step(struct smb_framer *f, const uint8_t *data, size_t len)
{
	switch (f->state) {
	case SMB_AT_MESSAGE:
	case SMB_AT_COMMAND:
		if (f->gathered.len == 0 && len >= f->need)
			return take_start(f, data);
		return gather(f, data, len);
	case SMB_PASSING:
		return let_by(f, len);
	case SMB_IN_STRETCH:
		return hand_on(f, data, len);
	case SMB_LOST:
		break;
	}
	return search(f, data, len);
}

void
smb_framer_data(struct smb_framer *f, const uint8_t *data, size_t len)
{
	while (len != 0) {
		size_t n = step(f, data, len);

		data += n;
		len -= n;
	}
}

/* The hole ends within the message that it began in: what follows that is known. */
static void
gap_in_message(struct smb_framer *f, uint32_t missing)
{
	buffer_free(&f->gathered, f->budget);
	f->sink->lost(f->ctx);
	f->message_left -= missing;
	f->command_left = f->message_left;
	pass(f, f->message_left, 0);
	if (f->message_left == 0)
		at_message(f);
}

void
smb_framer_gap(struct smb_framer *f, uint32_t missing)
{
	uint32_t gathered = (uint32_t)f->gathered.len;

	if (f->state == SMB_PASSING && missing <= f->pass)
		let_by(f, missing);
	else if (f->state == SMB_IN_STRETCH && missing <= f->stretch_left)
		hand_on(f, NULL, missing);
	else if (f->state == SMB_LOST || f->state == SMB_AT_MESSAGE ||
		 missing > f->message_left - gathered)
		lose(f);
	else
		gap_in_message(f, missing + gathered);
}
