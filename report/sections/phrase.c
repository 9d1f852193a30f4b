/* phrase.c - see phrase.h. */
#include "report/sections/phrase.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "report/document/document.h"
#include "report/model/health.h"
#include "report/model/model.h"
#include "report/words/flow_id.h"
#include "report/words/prose.h"
#include "store/query.h"
#include "track/service.h"

const char *
phrase_plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

struct line *
phrase_server(struct line *l, const struct addr *server, const char *host, const char *realm)
{
	char text[ADDR_TEXT];

	line_add(l, ROLE_CODE, "%s", addr_format(server, text));
	if (host != NULL) {
		line_add(l, ROLE_PLAIN, " (");
		line_add(l, ROLE_CODE, "%s", host);
		line_add(l, ROLE_PLAIN, ")");
	}
	if (realm != NULL && strcmp(realm, "default") != 0) {
		line_add(l, ROLE_PLAIN, " in realm ");
		line_add(l, ROLE_CODE, "%s", realm);
	}
	return l;
}

struct line *
phrase_interface(struct line *l, const char *service, const struct uuid *uuid)
{
	const struct service *known = service_find(uuid);
	char text[UUID_TEXT];

	/* A name that an operator gave hides no UUID. */
	if (service != NULL && known != NULL && known->own)
		return line_add(l, ROLE_CODE, "%s (%s)", service, uuid_format(uuid, text));
	return line_add(l, ROLE_CODE, "%s", service != NULL ? service : uuid_format(uuid, text));
}

struct line *
phrase_set(struct line *l, const struct endpoint *e, size_t count)
{
	char text[ENDPOINT_TEXT];

	if (count == 0)
		line_add(l, ROLE_PLAIN, "none");
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			line_add(l, ROLE_PLAIN, ", ");
		line_add(l, ROLE_CODE, "%s", endpoint_format(&e[i], text));
	}
	return l;
}

struct line *
phrase_time(struct line *l, int64_t ts_ns)
{
	char text[CLOCK_TEXT];

	return line_add(l, ROLE_TIME, "%s", clock_format_short(ts_ns, text));
}

struct line *
phrase_rules(struct line *l, const struct verdict *v)
{
	char text[VERDICT_TEXT];

	if (v->count > 0)
		line_add(l, ROLE_BAD, "%s", verdict_format(v, text));
	return l;
}

struct line *
phrase_comma(struct line *l)
{
	return l->used > 0 ? line_add(l, ROLE_PLAIN, ", ") : l;
}

/* Where the head of the report lists captures in full, their folders are known. */
static void
place_add(struct line *l, const struct query_evidence *e, bool whole)
{
	if (e->frame == 0) {
		line_add(l, ROLE_PLAIN, ", on ");
		line_add(
		    l, ROLE_CODE, "%s", e->capture != NULL ? e->capture : "an unknown interface");
		return;
	}
	line_add(l, ROLE_PLAIN, ", frame %" PRIu64 " of ", e->frame);
	line_add(l, ROLE_CODE, "%s", prose_capture(e->capture, whole));
}

static void
evidence_fact(
    struct document *d, const char *label, const struct query_evidence *e, const char *what)
{
	char when[CLOCK_TEXT], client[ADDR_TEXT], flow[COMMUNITY_ID_TEXT];
	struct line l = {0};

	if (e->ts_ns == 0)
		return;
	line_add(&l, ROLE_TIME, "%s", clock_format(e->ts_ns, when));
	line_add(&l, ROLE_PLAIN, ", %s", what);
	if ((int)e->source != 0) {
		line_add(&l, ROLE_PLAIN, ", client ");
		line_add(&l, ROLE_CODE, "%s", addr_format(&e->client, client));
		place_add(&l, e, !document_report(d)->captures_listed);
	}
	if (flow_id(e, flow)[0] != '\0')
		line_add(line_add(&l, ROLE_PLAIN, ", flow "), ROLE_CODE, "%s", flow);
	document_fact(d, label, &l);
}

void
phrase_evidence(struct document *d, const struct query_evidence *e)
{
	phrase_evidence_of(d, e, NULL);
}

void
phrase_sight(struct document *d, const char *label, const struct query_evidence *e)
{
	evidence_fact(d, label, e, prose_source(e->source, NULL));
}

void
phrase_evidence_of(struct document *d, const struct query_evidence *e, const char *rule)
{
	evidence_fact(d, "evidence", e, prose_source(e->source, rule));
}

void
phrase_tshark(struct document *d, const struct query_evidence *e)
{
	phrase_tshark_all(d, &e, 1);
}

static bool
is_same_capture(const struct query_evidence *a, const struct query_evidence *b)
{
	return a->capture != NULL && b->capture != NULL && strcmp(a->capture, b->capture) == 0;
}

void
phrase_tshark_all(struct document *d, const struct query_evidence *const *e, size_t count)
{
	char command[PROSE_COMMAND];

	for (size_t i = 0, before; i < count; i++) {
		for (before = 0; before < i && !is_same_capture(e[before], e[i]);)
			before++;
		if (before == i && prose_command_all(&e[i], count - i, command))
			document_command(d, NULL, command);
	}
}

void
phrase_doubt(struct document *d, unsigned doubt)
{
	const char *words = health_doubt_words(doubt);
	struct line l = {0};

	if (words != NULL)
		document_fact(d, "doubt", line_add(&l, ROLE_PLAIN, "%s", words));
}

void
phrase_left(struct document *d, size_t left, const char *what, const char *verb)
{
	struct line l = {0};

	if (left == 0)
		return;
	line_add(&l, ROLE_MUTED, "... and %zu more%s%s%s", left, what != NULL ? " " : "",
	    what != NULL ? what : "", what != NULL ? phrase_plural(left) : "");
	if (verb != NULL) {
		line_add(&l, ROLE_MUTED, ": ");
		line_add(&l, ROLE_CODE, "epmwatch %s -d STORE", verb);
		line_add(&l, ROLE_MUTED, " tells of each");
	}
	document_say(d, &l);
}
