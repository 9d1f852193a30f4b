/* pcap_file.c - captures through libpcap. */
#include "capture/pcap_file.h"

#include <errno.h>
#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/packet.h"
#include "capture/framing.h"
#include "capture/hashed_file.h"
#include "capture/intake.h"
#include "capture/link_type.h"
#include "capture/source_ops.h"

/* One packet always fits: libpcap takes none above 256 KiB on the links that are read. */
enum {
	STORE = 256 * 1024,
	LARGEST_BLOCK = 16 * 1024 * 1024
};

struct pcap_file {
	struct hashed_file *file;   /* owned; outlives pcap, which reads from it */
	pcap_t *pcap;               /* owned */
	struct bpf_program program; /* owned, if filtered */
	bool filtered;
	enum link link;
	bool classic;
	uint64_t frames; /* read so far */
	bool waiting;    /* the last of them has not been delivered: header and data are it */
	struct pcap_pkthdr *header; /* borrowed from pcap until its next call, like data */
	const uint8_t *data;
	bool over;           /* no more can be read, and this is why: */
	int result;          /* 0 at the end, or an error */
	uint64_t damaged_at; /* where it breaks off; 0: it does not, or at its header */
	struct batch batch;
	uint8_t store[STORE]; /* what the packets of the last batch point into */
};

/* Of what a byte is the number. */
static const char *
of_what(const struct source *s)
{
	return intake_packed(s->intake) ? " of the uncompressed data" : "";
}

static int
fail_at(struct source *s, uint64_t at, const char *words)
{
	struct pcap_file *f = s->reader;

	f->damaged_at = at;
	return source_fail(
	    s, ERR_DAMAGED, "damaged at byte %" PRIu64 "%s: %s", at, of_what(s), words);
}

/* The file could not be read, or uncompressed, any further. */
static int
fail_intake(struct source *s)
{
	struct pcap_file *f = s->reader;
	const struct framing *framing = hashed_file_framing(f->file);
	int err = intake_error(s->intake);

	if (err == ERR_DAMAGED)
		return fail_at(s, framing_inside(framing) ? framing->start : framing->at,
		    intake_words(s->intake));
	f->damaged_at = framing_broken(framing);
	return source_fail(s, err, "cannot be read at byte %" PRIu64 "%s: %s", framing->at,
	    of_what(s), err_text(err));
}

/* The first bytes are no capture's. */
static int
fail_unknown(struct source *s)
{
	const struct pcap_file *f = s->reader;

	if (intake_packed(s->intake) && intake_is_packed(hashed_file_framing(f->file)->head))
		return fail_at(s, 0, "this is compressed twice, and only one layer is taken off");
	return fail_at(s, 0, "this is no capture file");
}

/* The capture breaks off here. ${words} are libpcap's, for what cannot be said better from the
 * bytes. */
static int
fail_damaged(struct source *s, const char *words)
{
	struct pcap_file *f = s->reader;
	const struct framing *framing = hashed_file_framing(f->file);
	uint64_t at = framing_broken(framing);
	uint32_t promise = framing_promise(framing);
	char better[SOURCE_WORDS];

	if (intake_error(s->intake) != ERR_OK)
		return fail_intake(s);
	if (framing->at == 0)
		return fail_at(s, 0, "the file is empty");
	if (framing->kind == FRAMING_NONE)
		return fail_unknown(s);
	if (hashed_file_ended(f->file) && framing_inside(framing)) {
		snprintf(better, sizeof(better),
		    "the file ends inside this %s, at byte %" PRIu64, at == 0 ? "header" : "record",
		    framing->at);
		return fail_at(s, at, better);
	}
	if (framing_inside(framing) &&
	    (framing->kind == FRAMING_CLASSIC || promise > LARGEST_BLOCK) && at > 0) {
		snprintf(better, sizeof(better), "the record promises %" PRIu32 " bytes", promise);
		return fail_at(s, at, better);
	}
	return fail_at(s, at, words);
}

/* A header, or headers, and then nothing. */
static int
fail_empty(struct source *s)
{
	const struct pcap_file *f = s->reader;

	return source_fail(s, ERR_EMPTY,
	    "empty at byte %" PRIu64 "%s: no packet follows the header",
	    hashed_file_framing(f->file)->at, of_what(s));
}

/* The type ends a classic header, and stands at byte 8 of pcapng's interface block. */
static int
fail_link(struct source *s, int dlt)
{
	const struct pcap_file *f = s->reader;
	const struct framing *framing = hashed_file_framing(f->file);
	uint64_t at = framing->kind == FRAMING_NG ? framing->before + 8 : 20;
	const char *name = pcap_datalink_val_to_name(dlt);

	if (name == NULL)
		return source_fail(s, ERR_LINKTYPE, "unknown link type at byte %" PRIu64 "%s: %d",
		    at, of_what(s), dlt);
	return source_fail(s, ERR_LINKTYPE,
	    "link type at byte %" PRIu64 "%s is not read: %d (%s)", at, of_what(s), dlt, name);
}

/* Hostile seconds stop at the ends of what 64 bits of nanoseconds hold. */
static int64_t
time_of(const struct pcap_file *f, const struct timeval *ts)
{
	int64_t seconds = ts->tv_sec, ns;

	/* Unsigned in a classic file, whichever way libpcap widens them: there is a time after
	 * 2038. */
	if (f->classic)
		seconds = (int64_t)(uint32_t)seconds;
	if (__builtin_mul_overflow(seconds, NS_PER_S, &ns) ||
	    __builtin_add_overflow(ns, (int64_t)ts->tv_usec, &ns))
		return seconds < 0 ? INT64_MIN : INT64_MAX;
	return ns;
}

/* The packet that waits, as libpcap holds it. */
static struct packet
view(const struct source *s)
{
	const struct pcap_file *f = s->reader;

	return (struct packet){
	    .data = f->data,
	    .ts_ns = time_of(f, &f->header->ts),
	    .frame = f->frames,
	    .caplen = f->header->caplen < STORE ? f->header->caplen : STORE,
	    .wirelen = f->header->len,
	    .source = s->index,
	    .link = f->link,
	};
}

/* Read one packet, which then waits: 1; 0 at the end; or an error. */
static int
fetch(struct source *s)
{
	struct pcap_file *f = s->reader;
	int rc = pcap_next_ex(f->pcap, &f->header, &f->data);

	if (rc == 1) {
		f->frames++;
		f->waiting = true;
		return 1;
	}
	f->over = true;
	f->result = rc == PCAP_ERROR_BREAK ? 0 : fail_damaged(s, pcap_geterr(f->pcap));
	return f->result;
}

static int
open_pcap(struct source *s)
{
	struct pcap_file *f = s->reader;
	char words[PCAP_ERRBUF_SIZE] = "";
	int err = source_intake(s);
	const struct framing *framing;

	if (err == ERR_OK)
		err = hashed_file_open(&f->file, s->intake);
	if (err != ERR_OK)
		return source_fail(s, err, "%s", err_text(err));
	f->pcap = pcap_fopen_offline_with_tstamp_precision(
	    hashed_file_stream(f->file), PCAP_TSTAMP_PRECISION_NANO, words);
	framing = hashed_file_framing(f->file);
	f->classic = framing->kind == FRAMING_CLASSIC;
	if (f->pcap != NULL)
		return ERR_OK;
	/* pcapng without so much as an interface is no worse than with one. */
	if (framing->kind == FRAMING_NG && framing->at > 0 && !framing_inside(framing) &&
	    hashed_file_ended(f->file))
		return fail_empty(s);
	return fail_damaged(s, words);
}

static int
open_filter(struct source *s, const char *filter)
{
	struct pcap_file *f = s->reader;

	if (filter == NULL)
		return ERR_OK;
	if (pcap_compile(f->pcap, &f->program, filter, 1, PCAP_NETMASK_UNKNOWN) != 0)
		return source_fail(s, ERR_USAGE, "filter: %s", pcap_geterr(f->pcap));
	f->filtered = true;
	return ERR_OK;
}

static int
pcap_file_open(struct source *s, const struct source_options *options)
{
	struct pcap_file *f = malloc(sizeof(*f));
	struct packet first;
	int err;

	if (f == NULL)
		return source_fail(s, -ENOMEM, "%s", err_text(-ENOMEM));
	/* All but the batch and the store, which need not be touched before it is used. */
	memset(f, 0, offsetof(struct pcap_file, batch));
	s->reader = f;
	err = open_pcap(s);
	if (err != ERR_OK)
		return err;
	if (!link_type_of(pcap_datalink(f->pcap), &f->link))
		return fail_link(s, pcap_datalink(f->pcap));
	err = open_filter(s, options->filter);
	if (err != ERR_OK)
		return err;
	err = fetch(s);
	if (err <= 0)
		return err == 0 ? fail_empty(s) : err;
	first = view(s);
	return source_note_first(s, &first);
}

/* Copy the packet that waits into the batch; false if it has to wait for the next one. */
static bool
deliver(const struct source *s, size_t *used)
{
	struct pcap_file *f = s->reader;
	struct packet p = view(s);

	if (p.caplen > STORE - *used)
		return false;
	memcpy(f->store + *used, p.data, p.caplen);
	p.data = f->store + *used;
	*used += p.caplen;
	f->batch.packet[f->batch.count++] = p;
	f->waiting = false;
	return true;
}

static int
pcap_file_next(struct source *s, struct batch **batch)
{
	struct pcap_file *f = s->reader;
	size_t used = 0;

	f->batch.count = 0;
	while (f->batch.count < BATCH_PACKETS && (f->waiting || (!f->over && fetch(s) > 0))) {
		if (f->filtered && pcap_offline_filter(&f->program, f->header, f->data) == 0)
			f->waiting = false;
		else if (!deliver(s, &used))
			break;
	}
	if (f->batch.count == 0)
		return f->result;
	source_mark(s, &f->batch);
	*batch = &f->batch;
	return 1;
}

static void
pcap_file_progress(const struct source *s, struct source_progress *out)
{
	const struct pcap_file *f = s->reader;

	if (f == NULL || f->file == NULL)
		return;
	out->frames = f->frames - (f->waiting ? 1 : 0);
	out->bytes = hashed_file_taken(f->file);
	if (!intake_packed(s->intake))
		out->size = intake_stored_size(s->intake);
	out->stored = intake_stored(s->intake);
	out->stored_size = intake_stored_size(s->intake);
	out->memory = intake_memory(s->intake);
	out->damaged_at = f->damaged_at;
	out->link = f->link;
	hashed_file_digest(f->file, out->digest);
}

static void
pcap_file_close(struct source *s)
{
	struct pcap_file *f = s->reader;

	if (f == NULL)
		return;
	if (f->filtered)
		pcap_freecode(&f->program);
	if (f->pcap != NULL)
		pcap_close(f->pcap);
	hashed_file_close(&f->file);
	free(f);
	s->reader = NULL;
}

const struct source_ops pcap_file_ops = {
    .open = pcap_file_open,
    .next = pcap_file_next,
    .progress = pcap_file_progress,
    .close = pcap_file_close,
};
