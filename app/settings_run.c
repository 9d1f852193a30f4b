/* settings_run.c - the setters of what a run costs and watches: threads, memory, interfaces, events. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "app/amount.h"
#include "app/event_types.h"
#include "app/memory.h"
#include "app/realm_rules.h"
#include "app/settings.h"
#include "app/suggest.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"

enum {
	TIMEOUT_MOST_MS = 10000,
	SNAPLEN_LEAST = 128, /* what holds the headers of anything */
	SNAPLEN_MOST = 262144,
	STATS_MOST_S = 86400,
	SPAN_MOST_MS = 10000,
};

#define MEMORY_MOST ((uint64_t)1 << 40)
#define UNCOMPRESSED_MOST ((uint64_t)1 << 62)
#define RING_LEAST ((uint64_t)1 << 18)
#define RING_MOST ((uint64_t)1 << 30)
/* One holds the largest packet that offloading makes, and there are several in a ring. */
#define RING_BLOCK_LEAST ((uint64_t)1 << 17)
#define RING_BLOCK_MOST ((uint64_t)1 << 24)

static int
bad(const char *what, const char *arg, const char *wanted)
{
	log_error("%s `%s' is none: %s", what, arg, wanted);
	return EX_USAGE;
}

static int
unknown_type(const char *word)
{
	struct suggest near = {.word = word};

	for (unsigned t = 0; t < EVENT_TYPES; t++)
		suggest_offer(&near, event_types_name((enum event_type)t));
	suggest_offer(&near, "all");
	if (near.best != NULL)
		log_error("there is no event type `%s'; did you mean %s?", word, near.best);
	else
		log_error("there is no event type `%s'; all, or some of epm, bind, oxid, push, "
			  "push_registration, referral, pinhole, change, alert, stats is wanted",
		    word);
	return EX_USAGE;
}

int
settings_set_event_types(struct settings *s, const char *arg)
{
	char wrong[EVENT_TYPE_TEXT];

	return event_types_parse(arg, &s->event_types, wrong) == 0 ? 0 : unknown_type(wrong);
}

int
settings_set_workers(struct settings *s, const char *arg)
{
	s->workers = amount_number(arg, MEMORY_WORKERS);
	return s->workers != 0 ? 0 : bad("number of workers", arg, "1 to 64 is wanted");
}

int
settings_set_memory(struct settings *s, const char *arg)
{
	s->memory = amount_size(arg, MEMORY_MOST);
	if (s->memory == 0)
		return bad("size", arg, "a number of bytes is wanted, such as 64M or 1G");
	if (s->memory >= (size_t)MEMORY_LEAST_MIB << 20)
		return 0;
	log_error("memory of %s is too little: %dM is the least", arg, (int)MEMORY_LEAST_MIB);
	return EX_USAGE;
}

int
settings_set_uncompressed(struct settings *s, const char *arg)
{
	s->uncompressed = amount_size(arg, UNCOMPRESSED_MOST);
	return s->uncompressed != 0
		   ? 0
		   : bad("size", arg, "a number of bytes is wanted, such as 500G");
}

int
settings_set_device(struct settings *s, const char *arg)
{
	for (size_t i = 0; i < s->devices; i++)
		if (strcmp(s->device[i], arg) == 0) {
			log_error("interface %s is named twice", arg);
			return EX_USAGE;
		}
	if (arg[0] == '\0')
		return bad("interface", arg, "a name is wanted");
	if (s->devices == SETTINGS_DEVICES) {
		log_error("more than %d interfaces", (int)SETTINGS_DEVICES);
		return EX_USAGE;
	}
	s->device[s->devices++] = arg;
	return 0;
}

int
settings_set_no_smb(struct settings *s, const char *arg)
{
	(void)arg;
	s->no_smb = true;
	return 0;
}

int
settings_set_classify(struct settings *s, const char *arg)
{
	s->no_ndpi = strcmp(arg, "none") == 0;
	s->classify_all = strcmp(arg, "all") == 0;
	if (s->no_ndpi || s->classify_all || strcmp(arg, "auto") == 0)
		return 0;
	return bad("classify", arg, "auto, all or none is wanted");
}

int
settings_set_registrations(struct settings *s, const char *arg)
{
	(void)arg;
	s->registrations = true;
	return 0;
}

int
settings_set_unfiltered(struct settings *s, const char *arg)
{
	(void)arg;
	s->unfiltered = true;
	return 0;
}

int
settings_set_ring_size(struct settings *s, const char *arg)
{
	s->ring_bytes = amount_size(arg, RING_MOST);
	return s->ring_bytes >= RING_LEAST ? 0 : bad("size of a ring", arg, "256K to 1G is wanted");
}

int
settings_set_ring_block(struct settings *s, const char *arg)
{
	s->ring_block = amount_size(arg, RING_BLOCK_MOST);
	return s->ring_block >= RING_BLOCK_LEAST
		   ? 0
		   : bad("size of a block", arg, "128K to 16M is wanted");
}

/* A number from ${least} to ${most} into ${out}. */
static int
number_set(unsigned *out, const char *what, const char *arg, unsigned least, unsigned most)
{
	char wanted[64];

	*out = (unsigned)amount_number(arg, most);
	if (*out >= least)
		return 0;
	snprintf(wanted, sizeof(wanted), "%u to %u is wanted", least, most);
	return bad(what, arg, wanted);
}

int
settings_set_ring_timeout(struct settings *s, const char *arg)
{
	return number_set(&s->ring_timeout_ms, "number of milliseconds", arg, 1, TIMEOUT_MOST_MS);
}

int
settings_set_snaplen(struct settings *s, const char *arg)
{
	return number_set(&s->snaplen, "number of bytes", arg, SNAPLEN_LEAST, SNAPLEN_MOST);
}

int
settings_set_stats_interval(struct settings *s, const char *arg)
{
	return number_set(&s->stats_s, "number of seconds", arg, 1, STATS_MOST_S);
}

int
settings_set_realm_of(struct settings *s, const char *arg)
{
	if (s->realms == NULL)
		s->realms = calloc(1, sizeof(*s->realms));
	if (s->realms == NULL)
		return EX_OSERR;
	switch (realm_rules_add(s->realms, arg)) {
	case 0:
		return 0;
	case ERR_BUSY:
		log_error("`%s': that has a realm already", arg);
		return EX_USAGE;
	case ERR_CAP:
		log_error("`%s': more realms, or networks, than there can be", arg);
		return EX_USAGE;
	default:
		return bad("realm", arg, "vlan=NUMBER:NAME or vni=NUMBER:NAME is wanted");
	}
}

int
settings_set_span_window(struct settings *s, const char *arg)
{
	unsigned ms;

	s->span_ns = -1;
	if (strcmp(arg, "0") == 0)
		return 0;
	int status = number_set(&ms, "number of milliseconds", arg, 1, SPAN_MOST_MS);
	s->span_ns = ms * (NS_PER_S / 1000);
	return status;
}

static int
days_set(int64_t *out, const char *arg)
{
	unsigned days;
	int status = number_set(&days, "number of days", arg, 1, 36500);

	if (status == 0)
		*out = days * (NS_PER_S * 86400);
	return status;
}

int
settings_set_keep_sessions(struct settings *s, const char *arg)
{
	return days_set(&s->keep_sessions_ns, arg);
}

int
settings_set_keep_pushes(struct settings *s, const char *arg)
{
	return days_set(&s->keep_pushes_ns, arg);
}

int
settings_set_keep_keys(struct settings *s, const char *arg)
{
	return days_set(&s->keep_keys_ns, arg);
}

int
settings_check_realms(const struct settings *s)
{
	if (!realm_rules_has(s->realms, s->realm))
		return 0;
	log_error("realm `%s' is the run's own: all is in it that no rule puts elsewhere", s->realm);
	return EX_USAGE;
}
