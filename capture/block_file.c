/* block_file.c - the file as a whole: what it is, how far it has been delivered, how it ends. */
#include "capture/block_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/err.h"
#include "base/log.h"
#include "base/packet.h"
#include "capture/classic.h"
#include "capture/mapping.h"
#include "capture/ng.h"
#include "capture/prefix.h"
#include "capture/source_ops.h"
#include "capture/walk.h"
#include "capture/window.h"
#include "capture/windows.h"

/* A window and its batches stay in the cache of one processor core; a segment is far larger than
 * any record, and small beside any memory. */
const struct block_file_tuning block_file_tuning = {
    .window = DIGEST_LEAF,
    .segment = 64 * 1024 * 1024,
};

/* A new kind of file is a row here. */
static const struct record_format *const formats[] = {&classic_format, &ng_format};

/* Mapped at first, and while there is no packet yet. */
#define FIRST_SPAN (UINT64_C(64) << 20)

struct block_file {
	int fd;        /* owned */
	uint64_t size; /* as far as we know */
	const struct record_format *format;
	void *self;     /* owned, the format's */
	uint64_t first; /* offset of the first record */
	size_t threads;
	struct windows *windows; /* owned; NULL before the first packets are asked for */
	struct window *window;   /* borrowed from there; NULL: none yet */
	size_t next;             /* of its batches */
	uint64_t frames, taken;  /* delivered: packets, and bytes up to where */
	bool
	    lost; /* the file was cut or failed, at damaged_at: what was hashed behind is no good */
	bool warned;         /* of a link that is not read */
	bool over;           /* no more can be read, and this is why: */
	int result;          /* 0 at the end, or an error */
	uint64_t damaged_at; /* where it breaks off; 0: it does not */
};

/* How it ends */

/* Nothing more can come, because of ${result}. */
static int
end_with(struct block_file *f, int result)
{
	f->over = true;
	f->result = result;
	return result;
}

static int
fail_at(struct source *s, uint64_t at, const char *words)
{
	struct block_file *f = s->reader;

	f->damaged_at = at;
	return end_with(
	    f, source_fail(s, ERR_DAMAGED, "damaged at byte %" PRIu64 ": %s", at, words));
}

static int
fail_short(struct source *s, uint64_t at)
{
	const struct block_file *f = s->reader;
	char words[SOURCE_WORDS];

	snprintf(
	    words, sizeof(words), "the file ends inside this record, at byte %" PRIu64, f->size);
	return fail_at(s, at, words);
}

/* A walk broke off at the record at ${at}. */
static int
fail_broken(struct source *s, uint64_t at, int err, const char *words)
{
	if (err == ERR_DAMAGED)
		return fail_at(s, at, words);
	if (err == ERR_USAGE)
		return end_with(s->reader, source_fail(s, err, "filter: %s", words));
	return end_with(s->reader, source_fail(s, err, "%s", err_text(err)));
}

/* Opening */

/* Only a look at it, by a way that no pipe notices. */
static bool
open_regular(struct block_file *f, const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return false;
	f->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (f->fd < 0 || fstat(f->fd, &st) != 0 || !S_ISREG(st.st_mode))
		return false;
	f->size = (uint64_t)st.st_size;
	return st.st_size > 0;
}

static int
choose(struct source *s, const struct mapping *start, const char *filter)
{
	struct block_file *f = s->reader;
	char words[SOURCE_WORDS];
	int err = SOURCE_OTHER;

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		err = formats[i]->open(&f->self, start->data, (size_t)(start->to - start->from),
		    filter, &f->first, words);
		if (err == ERR_OK)
			f->format = formats[i];
		if (err != SOURCE_OTHER)
			break;
	}
	return err < 0 ? fail_broken(s, 0, err, words) : err;
}

/* Map the file from the page of ${at} on. */
static int
map_from(const struct block_file *f, uint64_t at, struct mapping **out)
{
	uint64_t from = at & ~((uint64_t)sysconf(_SC_PAGESIZE) - 1);
	uint64_t left = f->size - from;

	return mapping_open(out, f->fd, from, (size_t)(left < FIRST_SPAN ? left : FIRST_SPAN));
}

/* Find the first packet, however far it is, and note it. What lies before it is passed again when
 * the file is read. */
static int
read_first(struct source *s, struct mapping **m)
{
	struct block_file *f = s->reader;
	struct walk walk = {.may_learn = true, .unread = -1, .source = s->index};
	uint64_t at = f->first;
	enum walk_end end;
	struct packet packet;
	enum link link;

	for (;;) {
		walk.at = mapping_at(*m, at);
		walk.stop = walk.end = mapping_at(*m, (*m)->to);
		end = f->format->first(f->self, &walk, &packet);
		at = mapping_offset(*m, walk.at);
		if (mapping_sound(*m) < (*m)->to)
			return SOURCE_OTHER;
		if ((end != WALK_SHORT && end != WALK_STOP) || (*m)->to == f->size)
			break;
		mapping_close(m);
		if (map_from(f, at, m) != ERR_OK)
			return SOURCE_OTHER;
	}
	if (!f->format->link(f->self, &link))
		return SOURCE_OTHER;
	if (end == WALK_FULL)
		return source_note_first(s, &packet);
	if (end == WALK_BROKEN)
		return fail_broken(s, at, walk.err, walk.words);
	if (at < f->size)
		return fail_short(s, at);
	return source_fail(
	    s, ERR_EMPTY, "empty at byte %" PRIu64 ": no packet follows the header", at);
}

static int
block_file_open(struct source *s, const struct source_options *options)
{
	struct block_file *f = calloc(1, sizeof(*f));
	struct mapping *start;
	int err;

	if (f == NULL)
		return source_fail(s, -ENOMEM, "%s", err_text(-ENOMEM));
	f->fd = -1;
	f->threads = options->threads;
	s->reader = f;
	/* What cannot be mapped can perhaps be read. */
	if (!open_regular(f, s->path) || map_from(f, 0, &start) != ERR_OK)
		return SOURCE_OTHER;
	err = choose(s, start, options->filter);
	if (err == ERR_OK)
		err = read_first(s, &start);
	mapping_close(&start);
	return err;
}

/* Delivering */

static bool
has_grown(struct block_file *f)
{
	struct stat st;

	if (fstat(f->fd, &st) != 0 || (uint64_t)st.st_size <= f->size)
		return false;
	f->size = (uint64_t)st.st_size;
	return true;
}

/* Up to where what was read of this window is the file's. Asked for each batch, so by the call that takes a third of
 * fstat()'s time; nobody else moves in this file. */
static uint64_t
sound_until(const struct block_file *f)
{
	uint64_t sound = mapping_sound(f->window->mapping);
	off_t end = lseek(f->fd, 0, SEEK_END);

	/* The rest of the page that a file now ends in reads as zeros, and nothing tells. */
	if (end >= 0 && (uint64_t)end < sound)
		sound = (uint64_t)end;
	return sound;
}

static int
fail_lost(struct source *s, uint64_t at)
{
	struct block_file *f = s->reader;
	struct stat st;

	f->lost = true;
	if (fstat(f->fd, &st) == 0 && (uint64_t)st.st_size <= at)
		return fail_at(s, at, "the file was cut here while it was read");
	f->damaged_at = at;
	return end_with(
	    f, source_fail(s, -EIO, "cannot be read at byte %" PRIu64 ": %s", at, err_text(-EIO)));
}

/* Of a batch that reaches beyond ${sound}, give the packets that do not. */
static int
give_rest(struct source *s, struct batch *batch, uint64_t sound)
{
	struct block_file *f = s->reader;
	const struct mapping *m = f->window->mapping;
	size_t count = 0;
	int err = fail_lost(s, sound);

	while (count < batch->count &&
	       mapping_offset(m, batch->packet[count].data) + batch->packet[count].caplen <= sound)
		count++;
	batch->count = count;
	if (count == 0)
		return err;
	source_mark(s, batch);
	f->frames = batch->packet[count - 1].frame;
	return 1;
}

static int
give(struct source *s, struct batch **batch)
{
	struct block_file *f = s->reader;
	struct filled *filled = f->window->filled[f->next++];
	uint64_t sound = sound_until(f);

	*batch = &filled->batch;
	if (filled->end > sound)
		return give_rest(s, *batch, sound);
	windows_take_in(f->windows, filled->end);
	f->frames = filled->frames;
	f->taken = filled->end;
	return 1;
}

static void
warn_unread(const struct source *s, int number)
{
	struct block_file *f = s->reader;
	char line[SOURCE_PROBLEM];

	if (number < 0 || f->warned)
		return;
	f->warned = true;
	source_describe(line, s->path, "packets of link type %d are not read", number);
	log_warn("%s", line);
}

/* All of the window has been delivered. False if nothing can follow. */
static bool
pass_window(struct source *s)
{
	struct block_file *f = s->reader;
	const struct window *w = f->window;
	uint64_t sound = sound_until(f);

	/* What is lost reads as zeros, which may end a window in any way. */
	if (sound < w->mapping->to && (sound < w->end || w->result != WALK_STOP)) {
		fail_lost(s, sound);
		return false;
	}
	windows_take_in(f->windows, w->end);
	f->frames = w->frames;
	f->taken = w->end;
	warn_unread(s, w->unread);
	if (w->result == WALK_BROKEN)
		fail_broken(s, w->end, w->err, w->words);
	else if (w->result == WALK_SHORT && !has_grown(f))
		fail_short(s, w->end);
	else if (w->result == WALK_SHORT)
		windows_extend(f->windows, f->size);
	return !f->over;
}

/* Go on to the next window. */
static void
advance(struct source *s)
{
	struct block_file *f = s->reader;
	int result;

	if (f->window != NULL && !pass_window(s))
		return;
	f->next = 0;
	result = windows_next(f->windows, &f->window);
	if (result > 0)
		return;
	f->window = NULL;
	if (result < 0)
		end_with(f, source_fail(s, result, "cannot be read at byte %" PRIu64 ": %s",
				f->taken, err_text(result)));
	else if (has_grown(f))
		windows_extend(f->windows, f->size);
	else
		end_with(f, 0);
}

static int
begin(struct source *s)
{
	struct block_file *f = s->reader;
	const struct block_file_tuning *tuning = s->tuning;
	const struct windows_order order = {.source = s,
	    .format = f->format,
	    .self = f->self,
	    .fd = f->fd,
	    .window = tuning->window,
	    .segment = tuning->segment,
	    .threads = f->threads};
	int err = windows_new(&f->windows, &order, f->first, f->size);

	if (err != ERR_OK)
		end_with(f, source_fail(s, err, "%s", err_text(err)));
	return err;
}

static int
block_file_next(struct source *s, struct batch **batch)
{
	struct block_file *f = s->reader;

	if (f->windows == NULL && !f->over)
		(void)begin(s);
	while (!f->over) {
		if (f->window != NULL && f->next < f->window->count)
			return give(s, batch);
		advance(s);
	}
	return f->result;
}

static void
progress_digest(const struct source *s, struct prefix_digest *out)
{
	const struct block_file *f = s->reader;
	uint64_t at = f->taken;

	if (f->windows == NULL) {
		digest_of_nothing(out->digest);
		return;
	}
	if (f->lost) {
		at = f->damaged_at < at ? f->damaged_at : at;
		at -= at % DIGEST_LEAF;
	}
	windows_digest(f->windows, at, out);
}

static void
block_file_progress(const struct source *s, struct source_progress *out)
{
	const struct block_file *f = s->reader;
	struct prefix_digest digest = {.bytes = 0};

	if (f == NULL)
		return;
	progress_digest(s, &digest);
	out->frames = f->frames;
	out->bytes = digest.bytes;
	memcpy(out->digest, digest.digest, sizeof(out->digest));
	out->size = f->size;
	out->damaged_at = f->damaged_at;
	if (f->self != NULL)
		(void)f->format->link(f->self, &out->link);
}

static void
block_file_close(struct source *s)
{
	struct block_file *f = s->reader;

	if (f == NULL)
		return;
	windows_free(&f->windows);
	if (f->self != NULL)
		f->format->close(f->self);
	if (f->fd >= 0)
		close(f->fd);
	free(f);
	s->reader = NULL;
}

const struct source_ops block_file_ops = {
    .open = block_file_open,
    .next = block_file_next,
    .progress = block_file_progress,
    .close = block_file_close,
};
