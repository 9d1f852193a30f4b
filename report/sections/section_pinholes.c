/* section_pinholes.c - ports that the endpoint mapper names and that a firewall blocks (EPM-013). */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/document/document.h"
#include "report/model/model.h"
#include "report/model/servers.h"
#include "report/sections/phrase.h"
#include "report/sections/sections.h"

/* The alert is about `port 49155`. */
static uint16_t
port_of(const struct alert *a)
{
	unsigned port = 0;

	return sscanf(a->about, "port %5u", &port) == 1 && port <= UINT16_MAX ? (uint16_t)port : 0;
}

static void
head_item(struct document *d, const struct query_alert *row)
{
	const struct report *r = document_report(d);
	const struct alert *a = &row->alert;
	bool closed = a->state == ALERT_CLOSED;
	struct line l = {0};

	line_add(&l, closed ? ROLE_GOOD : ROLE_BAD, "%s", closed ? "open again" : "blocked");
	line_add(&l, ROLE_PLAIN, "  ");
	phrase_server(&l, &a->key.server,
	    servers_host(r->servers, row->sensor, row->realm, &a->key.server), row->realm);
	line_add(&l, ROLE_PLAIN, "  ");
	document_item(d, line_add(&l, ROLE_CODE, "tcp %u", port_of(a)));
}

static void
what_fact(struct document *d, const struct alert *a)
{
	bool refused = strcmp(a->observed, "refused") == 0;
	struct line l = {0};

	line_add(&l, ROLE_PLAIN,
	    "the endpoint mapper named port %u; then connections to it from %" PRIu64
	    " client%s got %s",
	    port_of(a), a->client_total, phrase_plural(a->client_total),
	    refused ? "a reset" : "no answer");
	document_fact(d, "seen", &l);
}

static void
times_fact(struct document *d, const struct alert *a)
{
	struct line l = {0};

	phrase_time(&l, a->opened_ns);
	if (a->state == ALERT_CLOSED)
		phrase_time(line_add(&l, ROLE_PLAIN, ", until "), a->closed_ns);
	document_fact(d, "since", line_add(&l, ROLE_PLAIN, " UTC"));
}

static void
clients_fact(struct document *d, const struct alert *a)
{
	struct line l = {0};
	char text[ADDR_TEXT];

	for (size_t i = 0; i < a->client_count; i++)
		line_add(phrase_comma(&l), ROLE_CODE, "%s", addr_format(&a->client[i], text));
	if (a->client_total > a->client_count)
		line_add(
		    &l, ROLE_PLAIN, " and %" PRIu64 " more", a->client_total - a->client_count);
	if (l.used > 0)
		document_fact(d, "clients", &l);
}

static int
service_add(void *ctx, const struct query_episode *e)
{
	(void)phrase_interface(phrase_comma(ctx), report_service(&e->key.uuid), &e->key.uuid);
	return 0;
}

/* Who is not reached. */
static void
services_fact(struct document *d, const struct query_alert *row)
{
	const struct report *r = document_report(d);
	const struct query_filter there = {.sensor = row->sensor,
	    .realm = row->realm,
	    .has_server = true,
	    .server = row->alert.key.server,
	    .has_port = true,
	    .port = port_of(&row->alert),
	    .protseq = row->alert.key.protseq,
	    .at_ns = r->options.until_ns};
	struct line l = {0};
	int err = query_alive(r->store, &there, service_add, &l);

	if (err != 0)
		document_fail(d, err);
	if (l.used > 0)
		document_fact(d, "services", &l);
}

static void
remedy_fact(struct document *d, const struct alert *a)
{
	struct line l = {0};
	char text[ADDR_TEXT];

	if (a->state == ALERT_CLOSED)
		return;
	line_add(&l, ROLE_PLAIN, "a firewall between has to let TCP through to ");
	line_add(&l, ROLE_CODE, "%s", addr_format(&a->key.server, text));
	line_add(&l, ROLE_PLAIN, " port %u, or the service has to be pinned to a port that is open",
	    port_of(a));
	document_fact(d, "remedy", &l);
}

static void
pinhole_write(struct document *d, const struct query_alert *row)
{
	const struct alert *a = &row->alert;
	char more[64];

	head_item(d, row);
	what_fact(d, a);
	services_fact(d, row);
	times_fact(d, a);
	clients_fact(d, a);
	remedy_fact(d, a);
	if (row->evidence_count > 0) {
		phrase_evidence_of(d, &row->evidence[0], a->rule);
		phrase_tshark(d, &row->evidence[0]);
	}
	snprintf(more, sizeof(more), "epmwatch explain -d STORE %s", a->id);
	document_command(d, "more", more);
}

void
section_pinholes(struct document *d)
{
	const struct report_alerts *list = &document_report(d)->pinholes;

	for (size_t i = 0; i < list->count; i++)
		pinhole_write(d, &list->alert[i].row);
	phrase_left(d, list->total - list->count, "alert", "alerts");
}
