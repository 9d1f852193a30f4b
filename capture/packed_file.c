/* packed_file.c - from stretches of uncompressed bytes to batches. */
#include "capture/packed_file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/err.h"
#include "base/log.h"
#include "base/packet.h"
#include "capture/classic.h"
#include "capture/intake.h"
#include "capture/lookahead.h"
#include "capture/ng.h"
#include "capture/source_ops.h"
#include "capture/walk.h"

/* A stretch and its batch stay in the cache of one processor core. */
const struct packed_file_tuning packed_file_tuning = {.stretch = 256 * 1024};

enum {
	FIRST_LOOK = 64 * 1024
};

/* A new kind of file is a row here. */
static const struct record_format *const formats[] = {&classic_format, &ng_format};

struct packed_file {
	struct intake *intake; /* borrowed, the source's */
	const struct record_format *format;
	void *self;    /* owned, the format's */
	size_t header; /* bytes before the first record */
	size_t threads;
	struct lookahead *ahead;  /* owned; NULL before the first packets are asked for */
	struct digest digest;     /* of what was taken */
	uint64_t taken;           /* bytes, uncompressed: before the end of the walk */
	uint64_t stored;          /* bytes of the file that they were made of */
	size_t memory;            /* that uncompressing takes */
	struct walk walk;         /* over what was taken last */
	uint8_t *whole;           /* owned; a long record is put together here */
	size_t whole_room;
	bool warned;         /* of a link that is not read */
	bool over;           /* no more can be read, and this is why: */
	int result;          /* 0 at the end, or an error */
	uint64_t damaged_at; /* where it breaks off; 0: it does not */
	struct batch batch;
};

/* How it ends */

/* Nothing more can come, because of ${result}. */
static int
end_with(struct packed_file *f, int result)
{
	f->over = true;
	f->result = result;
	return result;
}

/* Of what was taken, bytes that the walk has not passed. */
static size_t
rest(const struct packed_file *f)
{
	return (size_t)(f->walk.end - f->walk.at);
}

static int
fail_at_record(struct source *s, const char *words)
{
	struct packed_file *f = s->reader;

	f->damaged_at = f->taken - rest(f);
	return end_with(f,
	    source_fail(s, ERR_DAMAGED, "damaged at byte %" PRIu64 " of the uncompressed data: %s",
		f->damaged_at, words));
}

/* The walk broke off. */
static int
fail_broken(struct source *s)
{
	struct packed_file *f = s->reader;

	if (f->walk.err == ERR_DAMAGED)
		return fail_at_record(s, f->walk.words);
	if (f->walk.err == ERR_USAGE)
		return end_with(f, source_fail(s, ERR_USAGE, "filter: %s", f->walk.words));
	return end_with(f, source_fail(s, f->walk.err, "%s", err_text(f->walk.err)));
}

/* There are no more bytes. */
static int
finish(struct source *s)
{
	struct packed_file *f = s->reader;
	int err = intake_error(f->intake);
	char words[SOURCE_WORDS];

	if (err == ERR_DAMAGED)
		return fail_at_record(s, intake_words(f->intake));
	if (err != ERR_OK) {
		f->damaged_at = f->taken;
		return end_with(
		    f, source_fail(s, err,
			   "cannot be read at byte %" PRIu64 " of the uncompressed data: %s",
			   f->taken, err_text(err)));
	}
	if (rest(f) == 0)
		return end_with(f, 0);
	snprintf(
	    words, sizeof(words), "the file ends inside this record, at byte %" PRIu64, f->taken);
	return fail_at_record(s, words);
}

/* Opening */

/* As far as FIRST_LOOK goes. */
static size_t
read_start(struct intake *in, uint8_t data[FIRST_LOOK])
{
	size_t len = 0, n;

	while (len < FIRST_LOOK && (n = intake_read(in, data + len, FIRST_LOOK - len)) > 0)
		len += n;
	return len;
}

static int
choose(struct packed_file *f, const uint8_t *data, size_t len, const char *filter)
{
	char words[SOURCE_WORDS];
	uint64_t header;

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		int err = formats[i]->open(&f->self, data, len, filter, &header, words);

		if (err == ERR_OK) {
			f->format = formats[i];
			f->header = (size_t)header;
		}
		if (err != SOURCE_OTHER)
			return err;
	}
	return SOURCE_OTHER;
}

/* Note the first packet. If there is anything wrong, or it is not there, somebody else shall say so. */
static int
read_first(struct source *s, const uint8_t *data, size_t len)
{
	struct packed_file *f = s->reader;
	struct walk walk = {.at = data + f->header,
	    .stop = data + len,
	    .end = data + len,
	    .may_learn = true,
	    .unread = -1,
	    .source = s->index};
	struct packet packet;
	enum link link;

	if (len < f->header || f->format->first(f->self, &walk, &packet) != WALK_FULL ||
	    !f->format->link(f->self, &link))
		return SOURCE_OTHER;
	return source_note_first(s, &packet);
}

/* Look at the first bytes, and give them back. */
static int
look(struct source *s, const char *filter)
{
	struct packed_file *f = s->reader;
	uint8_t *data = malloc(FIRST_LOOK);
	size_t len;
	int err, failed;

	if (data == NULL)
		return -ENOMEM;
	len = read_start(f->intake, data);
	err = choose(f, data, len, filter);
	if (err == ERR_OK)
		err = read_first(s, data, len);
	f->memory = intake_memory(f->intake);
	failed = intake_unread(f->intake, data, len);
	free(data);
	if (failed != ERR_OK)
		return failed;
	/* The filter's faults, too, are told by libpcap. */
	return err == ERR_USAGE ? SOURCE_OTHER : err;
}

static int
packed_file_open(struct source *s, const struct source_options *options)
{
	struct packed_file *f;
	int err = source_intake(s);

	if (err != ERR_OK || !intake_packed(s->intake))
		return err != ERR_OK ? err : SOURCE_OTHER;
	f = malloc(sizeof(*f));
	if (f == NULL)
		return source_fail(s, -ENOMEM, "%s", err_text(-ENOMEM));
	/* All but the batch, which need not be touched before it is used. */
	memset(f, 0, offsetof(struct packed_file, batch));
	s->reader = f;
	f->intake = s->intake;
	f->threads = options->threads;
	err = digest_init(&f->digest);
	if (err == ERR_OK)
		err = look(s, options->filter);
	return err < 0 ? source_fail(s, err, "%s", err_text(err)) : err;
}

/* Delivering */

/* Put ${len} bytes at ${data} behind the rest of what was taken before, which is too long to stand
 * before them. */
static int
put_together(struct packed_file *f, const uint8_t *data, size_t len)
{
	size_t before = rest(f), room = before + len;
	uint8_t *whole = f->whole;

	if (room > f->whole_room) {
		whole = malloc(room + room / 2);
		if (whole == NULL)
			return -ENOMEM;
		memcpy(whole, f->walk.at, before);
		free(f->whole);
		f->whole = whole;
		f->whole_room = room + room / 2;
	} else if (f->walk.at != whole) {
		memmove(whole, f->walk.at, before);
	}
	memcpy(whole + before, data, len);
	f->walk.at = whole;
	f->walk.end = f->walk.stop = whole + room;
	return ERR_OK;
}

/* Let the walk go on into the next stretch. */
static int
enter(struct packed_file *f, const struct stretch *next)
{
	size_t before = rest(f);

	digest_add(&f->digest, next->data, next->len);
	f->taken += next->len;
	f->stored = next->stored;
	f->memory = next->memory;
	if (before > LOOKAHEAD_ROOM)
		return put_together(f, next->data, next->len);
	if (before > 0)
		memcpy(next->data - before, f->walk.at, before);
	f->walk.at = next->data - before;
	f->walk.end = f->walk.stop = next->data + next->len;
	return ERR_OK;
}

static void
advance(struct source *s)
{
	struct packed_file *f = s->reader;
	struct stretch *next;
	int err;

	if (lookahead_next(f->ahead, &next) == 0) {
		finish(s);
		return;
	}
	err = enter(f, next);
	if (err != ERR_OK)
		end_with(f, source_fail(s, err, "%s", err_text(err)));
}

static void
warn_unread(const struct source *s)
{
	struct packed_file *f = s->reader;
	char line[SOURCE_PROBLEM];

	if (f->walk.unread < 0 || f->warned)
		return;
	f->warned = true;
	source_describe(line, s->path, "packets of link type %d are not read", f->walk.unread);
	log_warn("%s", line);
}

static void
begin(struct source *s)
{
	struct packed_file *f = s->reader;
	const struct packed_file_tuning *tuning = s->tuning;
	static const uint8_t nothing[1];
	int err = lookahead_new(&f->ahead, f->intake, tuning->stretch, f->threads);

	f->walk = (struct walk){.at = nothing,
	    .stop = nothing,
	    .end = nothing,
	    .may_learn = true,
	    .unread = -1,
	    .source = s->index};
	if (err != ERR_OK)
		end_with(f, source_fail(s, err, "%s", err_text(err)));
}

/* The header is no record. False if the file ended before its end. */
static void
pass_header(struct packed_file *f)
{
	size_t len = rest(f) < f->header ? rest(f) : f->header;

	f->walk.at += len;
	f->header -= len;
}

static int
packed_file_next(struct source *s, struct batch **batch)
{
	struct packed_file *f = s->reader;

	if (f->ahead == NULL && !f->over)
		begin(s);
	while (!f->over) {
		enum walk_end end;

		pass_header(f);
		end = f->format->fill(f->self, &f->walk, &f->batch);
		if (f->batch.count > 0) {
			source_look(s, &f->batch);
			*batch = &f->batch;
			return 1;
		}
		warn_unread(s);
		if (end == WALK_BROKEN)
			fail_broken(s);
		else if (end != WALK_FULL)
			advance(s);
	}
	return f->result;
}

static void
packed_file_progress(const struct source *s, struct source_progress *out)
{
	const struct packed_file *f = s->reader;

	if (f == NULL)
		return;
	out->frames = f->walk.frame;
	out->bytes = f->taken;
	out->stored = f->stored;
	out->stored_size = intake_stored_size(f->intake);
	out->memory = f->memory;
	out->damaged_at = f->damaged_at;
	if (f->self != NULL)
		(void)f->format->link(f->self, &out->link);
	digest_value(&f->digest, out->digest);
}

static void
packed_file_close(struct source *s)
{
	struct packed_file *f = s->reader;

	if (f == NULL)
		return;
	lookahead_free(&f->ahead);
	if (f->self != NULL)
		f->format->close(f->self);
	digest_deinit(&f->digest);
	free(f->whole);
	free(f);
	s->reader = NULL;
}

const struct source_ops packed_file_ops = {
    .open = packed_file_open,
    .next = packed_file_next,
    .progress = packed_file_progress,
    .close = packed_file_close,
};
