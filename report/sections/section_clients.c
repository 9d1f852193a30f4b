/* section_clients.c - those who use servers: clients of Exchange by kind, and what else than DCE/RPC is spoken. */
#include "report/document/document.h"
#include "report/model/model.h"
#include "report/model/who.h"
#include "report/sections/phrase.h"
#include "report/sections/sections.h"

enum {
	SERVERS = 50,
	PROTOCOLS = 16,
};

/* In the order in which they are told. */
static const struct {
	enum kind kind;
	const char *one, *many;
} words[] = {
    {KIND_OUTLOOK, "Outlook", "Outlook"},
    {KIND_SERVER, "Exchange server", "Exchange servers"},
    {KIND_DSPROXY, "DSProxy", "DSProxy"},
    {KIND_BACKUP, "backup", "backup"},
    {KIND_UNKNOWN, "not told", "not told"},
};

static void
kinds_fact(struct document *d, const struct who_server *s)
{
	struct line l = {0};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t n = s->kind[words[i].kind];

		if (n > 0)
			line_add(phrase_comma(&l), ROLE_PLAIN, "%zu %s", n,
			    n == 1 ? words[i].one : words[i].many);
	}
	if (s->clients > 0)
		document_fact(d, "clients", &l);
}

static void
protocols_fact(struct document *d, const struct who_server *s)
{
	const struct who *w = document_report(d)->who;
	struct line l = {0};

	for (size_t i = 0; i < s->protocols && i < PROTOCOLS; i++) {
		const struct who_protocol *one = &w->protocol[s->protocol_first + i];

		line_add(phrase_comma(&l), ROLE_CODE, "%s", one->name);
		line_add(&l, ROLE_PLAIN, " on %u (%zu client%s)", one->port, one->clients,
		    phrase_plural(one->clients));
	}
	if (s->protocols > PROTOCOLS)
		line_add(&l, ROLE_PLAIN, ", ...");
	if (s->protocols > 0)
		document_fact(d, "no RPC", &l);
}

void
section_clients(struct document *d)
{
	const struct who *w = document_report(d)->who;
	struct line l;

	for (size_t i = 0; i < w->count && i < SERVERS; i++) {
		const struct who_server *s = &w->server[i];

		document_part(d, phrase_server(line_clear(&l), &s->server, s->host, s->realm));
		kinds_fact(d, s);
		protocols_fact(d, s);
	}
	phrase_left(d, w->count > SERVERS ? w->count - SERVERS : 0, "server", NULL);
}
