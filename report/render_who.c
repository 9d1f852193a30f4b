/* render_who.c - see render_who.h. */
#include "report/render_who.h"

#include "report/model.h"
#include "report/page.h"
#include "report/prose.h"
#include "report/who.h"

enum {
	WHO_SERVERS = 50,
	WHO_PROTOCOLS = 16,
	WHO_ITEM = 96,
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
kinds_line(const struct page *p, const struct who_server *s)
{
	struct prose_list list = {.out = p->out, .indent = 12, .column = 12};

	if (s->clients == 0)
		return;
	fputs("  clients   ", p->out);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t n = s->kind[words[i].kind];
		char item[WHO_ITEM];

		if (n == 0)
			continue;
		(void)snprintf(
		    item, sizeof(item), "%zu %s", n, n == 1 ? words[i].one : words[i].many);
		prose_item(&list, item);
	}
	fputc('\n', p->out);
}

static void
protocols_line(const struct page *p, const struct who *w, const struct who_server *s)
{
	struct prose_list list = {.out = p->out, .indent = 12, .column = 12};

	if (s->protocols == 0)
		return;
	fputs("  no RPC    ", p->out);
	for (size_t i = 0; i < s->protocols && i < WHO_PROTOCOLS; i++) {
		const struct who_protocol *one = &w->protocol[s->protocol_first + i];
		char item[WHO_ITEM];

		(void)snprintf(item, sizeof(item), "%s on %u (%zu client%s)", one->name, one->port,
		    one->clients, page_plural(one->clients));
		prose_item(&list, item);
	}
	if (s->protocols > WHO_PROTOCOLS)
		prose_item(&list, "...");
	fputc('\n', p->out);
}

int
render_who(const struct page *p)
{
	const struct who *w = p->r->who;

	if (w->count == 0)
		return 0;
	page_head(p, "CLIENTS");
	for (size_t i = 0; i < w->count && i < WHO_SERVERS; i++) {
		page_server(p, &w->server[i].server, w->server[i].host, w->server[i].realm);
		fputc('\n', p->out);
		kinds_line(p, &w->server[i]);
		protocols_line(p, w, &w->server[i]);
	}
	if (w->count > WHO_SERVERS)
		fprintf(p->out, "... and %zu more servers\n", w->count - WHO_SERVERS);
	return 0;
}
