/* records.c - words, orders and clean-up for the rows that are kept. */
#include "track/records.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "track/line.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *const kind_names[] = {
    [CHANGE_NONE] = "none",
    [CHANGE_NEW] = "new",
    [CHANGE_ADDITIONAL] = "additional",
    [CHANGE_MOVED] = "moved",
    [CHANGE_RETURNED] = "returned",
    [CHANGE_FLIP_FLOP] = "flip-flop",
    [CHANGE_VANISHED] = "vanished",
    [CHANGE_RESTARTED] = "restarted",
    [CHANGE_UNSEEN] = "unseen",
};

static const char *const confidence_names[] = {
    [CONFIDENCE_ATTEMPTED] = "attempted",
    [CONFIDENCE_ANNOUNCED] = "announced",
    [CONFIDENCE_USED] = "used",
    [CONFIDENCE_CONFIRMED] = "confirmed",
    [CONFIDENCE_INFERRED] = "inferred",
    [CONFIDENCE_DENIED] = "denied",
};

static const char *const severity_names[] = {
    [SEVERITY_INFO] = "info",
    [SEVERITY_LOW] = "low",
    [SEVERITY_MEDIUM] = "medium",
    [SEVERITY_HIGH] = "high",
};

static const char *const state_names[] = {
    [ALERT_OPEN] = "open",
    [ALERT_UPDATE] = "update",
    [ALERT_CLOSED] = "closed",
};

static const char *const source_names[] = {
    [EVIDENCE_MAP] = "ept_map",
    [EVIDENCE_LOOKUP] = "ept_lookup",
    [EVIDENCE_BIND] = "bind",
    [EVIDENCE_ATTEMPT] = "attempt",
    [EVIDENCE_OXID] = "oxid",
    [EVIDENCE_RESPONSE] = "response",
    [EVIDENCE_TRAILER] = "trailer",
    [EVIDENCE_DATAGRAM] = "datagram",
    [EVIDENCE_PUSH] = "push",
    [EVIDENCE_REGISTRATION] = "registration",
    [EVIDENCE_FOREIGN] = "foreign",
};

static const char *const referral_names[] = {
    [REFERRAL_NEW_DSA] = "RfrGetNewDSA",
    [REFERRAL_FQDN] = "RfrGetFQDNFromServerDN",
};

/* Values come back from a store too, so one that nobody defined must not be an index. */
static const char *
name_at(const char *const *names, size_t count, size_t value)
{
	return value < count && names[value] != NULL ? names[value] : "unknown";
}

const char *
change_kind_name(enum change_kind k)
{
	return name_at(kind_names, COUNT(kind_names), (size_t)k);
}

const char *
confidence_name(enum confidence c)
{
	return name_at(confidence_names, COUNT(confidence_names), (size_t)c);
}

const char *
severity_name(enum severity s)
{
	return name_at(severity_names, COUNT(severity_names), (size_t)s);
}

const char *
alert_state_name(enum alert_state s)
{
	return name_at(state_names, COUNT(state_names), (size_t)s);
}

const char *
evidence_source_name(enum evidence_source e)
{
	return name_at(source_names, COUNT(source_names), (size_t)e);
}

const char *
referral_operation_name(enum referral_operation o)
{
	return name_at(referral_names, COUNT(referral_names), (size_t)o);
}

int
severity_parse(const char *name, enum severity *out)
{
	for (size_t i = 0; i < COUNT(severity_names); i++) {
		if (strcmp(name, severity_names[i]) == 0) {
			*out = (enum severity)i;
			return ERR_OK;
		}
	}
	return ERR_MALFORMED;
}

char *
endpoint_format(const struct endpoint *e, char out[ENDPOINT_TEXT])
{
	struct line line = line_begin(out, ENDPOINT_TEXT);

	if (e->port != 0)
		line_number(&line, e->port);
	else
		line_text(&line, e->name);
	return out;
}

/* Case as Windows compares pipe names, but for ASCII only: the order must not hang on a locale. */
static int
fold(char c)
{
	unsigned char u = (unsigned char)c;

	return u >= 'A' && u <= 'Z' ? u - 'A' + 'a' : u;
}

int
endpoint_compare(const struct endpoint *a, const struct endpoint *b)
{
	size_t i = 0;

	if (a->port != b->port)
		return a->port < b->port ? -1 : 1;
	while (a->name[i] != '\0' && fold(a->name[i]) == fold(b->name[i]))
		i++;
	return fold(a->name[i]) - fold(b->name[i]);
}

int
mapping_key_compare(const struct mapping_key *a, const struct mapping_key *b)
{
	int r;

	if (a->realm != b->realm)
		return a->realm < b->realm ? -1 : 1;
	if ((r = addr_compare(&a->server, &b->server)) != 0)
		return r;
	if ((r = memcmp(a->uuid.b, b->uuid.b, sizeof(a->uuid.b))) != 0)
		return r;
	if (a->major != b->major)
		return a->major < b->major ? -1 : 1;
	return (a->protseq > b->protseq) - (a->protseq < b->protseq);
}

enum confidence
episode_confidence(const struct episode *e)
{
	if (e->announced > 0 && e->used > 0)
		return CONFIDENCE_CONFIRMED;
	if (e->used > 0)
		return CONFIDENCE_USED;
	return e->announced > 0 ? CONFIDENCE_ANNOUNCED : CONFIDENCE_ATTEMPTED;
}

void
mapping_clear(struct mapping *m)
{
	for (size_t i = 0; i < m->episode_count; i++)
		free(m->episode[i].client);
	if (!m->lent)
		free(m->episode);
	free(m->state.data);
	m->state = (struct state){.due_ns = STATE_NEVER};
	m->episode = NULL;
	m->episode_count = 0;
	m->lent = false;
}

void
mapping_free(struct mapping **m)
{
	if (*m == NULL)
		return;
	mapping_clear(*m);
	free(*m);
	*m = NULL;
}

void
server_facts_clear(struct server_facts *f)
{
	for (size_t i = 0; i < f->alias_count; i++)
		free(f->alias[i].name);
	for (size_t i = 0; i < f->referral_count; i++)
		free(f->referral[i].to);
	free(f->alias);
	free(f->referral);
	free(f->host);
	free(f->state.data);
	f->state = (struct state){.due_ns = STATE_NEVER};
	f->alias = NULL;
	f->referral = NULL;
	f->host = NULL;
	f->alias_count = f->referral_count = 0;
}

void
server_facts_free(struct server_facts **f)
{
	if (*f == NULL)
		return;
	server_facts_clear(*f);
	free(*f);
	*f = NULL;
}
