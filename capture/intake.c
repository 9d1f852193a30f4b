/* intake.c - raw bytes, and the decoder of the frame that is being read. */
#include "capture/intake.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"
#include "base/err.h"
#include "capture/decoder.h"
#include "capture/raw.h"

enum {
	MAGIC = 4,
	NOTE_HEAD = 8, /* of a frame of notes: magic:u32le length:u32le */
	FIRST_READ =
	    16 * 1024, /* of most files of a large folder only the first packet is wanted */
	PATIENCE_MS = 100,
};

/* Frames of notes, which zstd and lz4 share: sixteen magic numbers. */
#define NOTE_MAGIC UINT32_C(0x184d2a50)
#define NOTE_MASK UINT32_C(0xfffffff0)

/* A new kind of compression is a row here. */
static const struct decoder *const decoders[] = {&decoder_gzip, &decoder_zstd, &decoder_lz4};

/* What the decoders of all captures hold. */
static _Atomic(size_t) memory_of_all;

struct intake {
	bool packed;
	bool inside;                   /* a frame */
	uint64_t skip;                 /* bytes of notes to pass over */
	uint64_t most;                 /* bytes that it may expand to; 0: any number */
	uint64_t made;                 /* bytes for the reader */
	const struct decoder *decoder; /* of the last frame; NULL: none yet */
	void *self;                    /* owned, the decoder's */
	size_t memory;                 /* that it holds */
	uint8_t *back;                 /* owned; what was given back: back[back_at..back_len] */
	size_t back_at, back_len;
	bool over;
	int error;
	char words[INTAKE_WORDS];
	struct raw raw;
};

/* Ends */

static void
end_with(struct intake *in, int error)
{
	in->over = true;
	in->error = error;
}

__attribute__((format(printf, 2, 3))) static void
fail(struct intake *in, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(in->words, sizeof(in->words), fmt, args);
	va_end(args);
	end_with(in, ERR_DAMAGED);
}

/* Of the last frame. */
static const char *
kind_of(const struct intake *in)
{
	return in->decoder != NULL ? in->decoder->name : "compressed";
}

/* Nothing more comes from the file, which is right only if it ${may} end here. */
static void
end_file(struct intake *in, bool may)
{
	if (in->raw.error != ERR_OK || may)
		end_with(in, in->raw.error);
	else
		fail(in, "the %s data ends early, at byte %" PRIu64 " of the file", kind_of(in),
		    in->raw.used + raw_waiting(&in->raw));
}

/* Frames */

static const uint8_t *
next_bytes(const struct intake *in)
{
	return in->raw.bytes + in->raw.at;
}

static uint32_t
magic_of(const uint8_t *bytes)
{
	struct cursor c = cur_init(bytes, MAGIC, true);

	return cur_u32(&c);
}

static bool
is_note(uint32_t magic)
{
	return (magic & NOTE_MASK) == NOTE_MAGIC;
}

static const struct decoder *
decoder_for(uint32_t magic)
{
	for (size_t i = 0; i < sizeof(decoders) / sizeof(decoders[0]); i++)
		if ((magic & decoders[i]->mask) == decoders[i]->magic)
			return decoders[i];
	return NULL;
}

bool
intake_is_packed(const uint8_t magic[4])
{
	return is_note(magic_of(magic)) || decoder_for(magic_of(magic)) != NULL;
}

/* How much the decoder holds has changed: false if it is too much. */
static bool
account(struct intake *in)
{
	size_t memory = in->self != NULL ? in->decoder->memory(in->self) : 0, all;

	if (memory == in->memory)
		return true;
	all = atomic_fetch_add(&memory_of_all, memory - in->memory) + (memory - in->memory);
	in->memory = memory;
	return all <= INTAKE_MEMORY;
}

static void
drop_decoder(struct intake *in)
{
	if (in->self != NULL)
		in->decoder->close(in->self);
	in->self = NULL;
	(void)account(in);
}

static void
begin_frame(struct intake *in, const struct decoder *decoder)
{
	int err = ERR_OK;

	if (decoder != in->decoder) {
		drop_decoder(in);
		in->decoder = decoder;
		err = decoder->open(&in->self);
	}
	if (err == ERR_OK)
		err = decoder->begin(in->self);
	if (err != ERR_OK)
		end_with(in, err);
	in->inside = err == ERR_OK;
}

/* magic:u32le length:u32le, and as many bytes of no interest */
static void
begin_note(struct intake *in)
{
	struct cursor c;

	if (raw_look(&in->raw, NOTE_HEAD) < NOTE_HEAD) {
		end_file(in, false);
		return;
	}
	c = cur_init(next_bytes(in) + MAGIC, NOTE_HEAD - MAGIC, true);
	in->skip = cur_u32(&c);
	raw_use(&in->raw, NOTE_HEAD);
}

static void
pass_note(struct intake *in)
{
	size_t len = raw_look(&in->raw, 1);

	if (len == 0)
		end_file(in, false);
	len = len < in->skip ? len : (size_t)in->skip;
	raw_use(&in->raw, len);
	in->skip -= len;
}

/* Between frames: begin the next one, if there is one. */
static void
begin_next(struct intake *in)
{
	size_t waiting;
	uint32_t magic;

	while (raw_look(&in->raw, 1) > 0 && *next_bytes(in) == 0)
		raw_use(&in->raw, 1);
	waiting = raw_look(&in->raw, MAGIC);
	if (waiting == 0 || in->raw.error != ERR_OK) {
		end_file(in, true);
		return;
	}
	magic = waiting < MAGIC ? 0 : magic_of(next_bytes(in));
	if (is_note(magic))
		begin_note(in);
	else if (decoder_for(magic) != NULL)
		begin_frame(in, decoder_for(magic));
	else
		fail(in, "something else follows the %s data at byte %" PRIu64 " of the file",
		    kind_of(in), in->raw.used);
}

/* What it expands to has grown by ${made} bytes: how many of them there may be. */
static size_t
limit(struct intake *in, size_t made)
{
	in->made += made;
	if (in->most != 0 && in->made > in->most) {
		made -= (size_t)(in->made - in->most);
		in->made = in->most;
		fail(in, "it expands beyond the limit of %" PRIu64 " bytes", in->most);
	} else if (in->made > INTAKE_FREE && in->made / INTAKE_RATIO > in->raw.used) {
		fail(in, "it expands to more than %d times its size", (int)INTAKE_RATIO);
	}
	return made;
}

/* One step of the decoder: how many bytes it made. ${stuck} says that it wants more of the file. */
static size_t
decode(struct intake *in, uint8_t *out, size_t len, bool *stuck)
{
	const size_t waiting = raw_waiting(&in->raw);
	struct decoder_step step = {
	    .in = next_bytes(in), .in_left = waiting, .out = out, .out_left = len};
	int rc = in->decoder->step(in->self, &step);
	size_t used = waiting - step.in_left, made = len - step.out_left;

	raw_use(&in->raw, used);
	*stuck = used == 0 && made == 0 && rc == DECODER_MORE;
	in->inside = rc == DECODER_MORE;
	if (rc == ERR_DAMAGED)
		fail(in, "the %s data is damaged near byte %" PRIu64 " of the file: %s",
		    kind_of(in), in->raw.used, step.why);
	else if (rc < 0)
		end_with(in, rc);
	else if (!account(in))
		fail(in, "the %s data takes more memory than there is", kind_of(in));
	return limit(in, made);
}

/* Go on in the frame: how many bytes were made. Nothing is waited for if there are ${some} already. */
static size_t
go_on(struct intake *in, uint8_t *out, size_t len, bool some)
{
	bool stuck;
	size_t made = decode(in, out, len, &stuck);

	if (stuck && !some && !raw_more(&in->raw))
		end_file(in, false);
	return made;
}

/* As intake_read(), of what is compressed. */
static size_t
unpack(struct intake *in, uint8_t *out, size_t len)
{
	size_t made = 0;

	while (made < len && !in->over) {
		size_t more = 0;

		if (in->inside)
			more = go_on(in, out + made, len - made, made > 0);
		else if (made > 0 && raw_waiting(&in->raw) == 0)
			break;
		else if (in->skip > 0)
			pass_note(in);
		else
			begin_next(in);
		if (more == 0 && made > 0 && in->inside)
			break;
		made += more;
	}
	return made;
}

/* The front */

int
intake_open(struct intake **out, const char *path, const struct intake_options *options)
{
	struct intake *in = malloc(sizeof(*in));
	int err;

	*out = NULL;
	if (in == NULL)
		return -ENOMEM;
	memset(in, 0, offsetof(struct intake, raw));
	in->most = options != NULL ? options->most : 0;
	err = raw_open(&in->raw, path, options != NULL && options->regular);
	if (err != ERR_OK) {
		intake_close(&in);
		return err;
	}
	in->packed = raw_look(&in->raw, MAGIC) >= MAGIC && intake_is_packed(next_bytes(in));
	*out = in;
	return ERR_OK;
}

void
intake_close(struct intake **in)
{
	if (*in == NULL)
		return;
	drop_decoder(*in);
	raw_close(&(*in)->raw);
	free((*in)->back);
	free(*in);
	*in = NULL;
}

bool
intake_packed(const struct intake *in)
{
	return in->packed;
}

/* Of what was given back; the last byte frees it. */
static size_t
read_back(struct intake *in, uint8_t *out, size_t len)
{
	size_t left = in->back_len - in->back_at;

	len = len < left ? len : left;
	if (len == 0)
		return 0;
	memcpy(out, in->back + in->back_at, len);
	in->back_at += len;
	if (in->back_at == in->back_len) {
		free(in->back);
		in->back = NULL;
	}
	return len;
}

size_t
intake_read(struct intake *in, uint8_t *out, size_t len)
{
	size_t n = read_back(in, out, len);

	if (n > 0 || in->over)
		return n;
	if (in->packed)
		return unpack(in, out, len);
	n = raw_read(&in->raw, out, len);
	in->made += n;
	if (n == 0)
		end_with(in, in->raw.error);
	return n;
}

int
intake_unread(struct intake *in, const uint8_t *data, size_t len)
{
	if (len == 0)
		return ERR_OK;
	in->back = malloc(len);
	if (in->back == NULL)
		return -ENOMEM;
	memcpy(in->back, data, len);
	in->back_at = 0;
	in->back_len = len;
	return ERR_OK;
}

int
intake_error(const struct intake *in)
{
	return in->error;
}

const char *
intake_words(const struct intake *in)
{
	return in->words;
}

uint64_t
intake_given(const struct intake *in)
{
	return in->made - (in->back_len - in->back_at);
}

uint64_t
intake_stored(const struct intake *in)
{
	return in->raw.used;
}

uint64_t
intake_stored_size(const struct intake *in)
{
	return in->raw.size;
}

size_t
intake_memory(const struct intake *in)
{
	return in->memory;
}

void
intake_stop(struct intake *in)
{
	raw_stop(&in->raw);
}
