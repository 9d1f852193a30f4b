/* render_servers.c - see render_servers.h. */
#include "report/render_servers.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "report/model.h"
#include "report/page.h"
#include "report/prose.h"
#include "report/servers.h"
#include "report/table.h"

static void
aliases_write(const struct page *p, const struct server_facts *f)
{
	static const char head[] = "  also called ";
	struct prose_list list = {.out = p->out, .indent = 4, .column = sizeof(head) - 1};

	if (f->alias_count == 0)
		return;
	fputs(head, p->out);
	for (size_t i = 0; i < f->alias_count; i++)
		prose_item(&list, f->alias[i].name);
	fputc('\n', p->out);
}

static void
sealed_write(const struct page *p, const struct server_facts *f)
{
	if (f->sealed == 0)
		return;
	fprintf(p->out, "  %" PRIu64 " call%s of this server could not be read: sealed", f->sealed,
	    f->sealed == 1 ? "" : "s");
	if (f->sealed_mapper >= f->sealed)
		fprintf(p->out, ",%s to its endpoint mapper", f->sealed == 1 ? "" : " all of them");
	else if (f->sealed_mapper > 0)
		fprintf(p->out, ", %" PRIu64 " of them to its endpoint mapper", f->sealed_mapper);
	fputc('\n', p->out);
}

void
render_server(
    const struct page *p, const char *sensor, const char *realm, const struct addr *server)
{
	const struct servers_one *one = servers_find(p->r->servers, sensor, realm, server);

	if (one == NULL)
		return;
	aliases_write(p, &one->facts);
	sealed_write(p, &one->facts);
}

void
render_sealed(const struct page *p, const bool *listed)
{
	size_t count;
	const struct servers_one *one = servers_all(p->r->servers, &count);

	for (size_t i = 0; i < count; i++) {
		const struct server_facts *f = &one[i].facts;

		if (listed[i] || f->sealed == 0)
			continue;
		page_server(p, &f->server, f->host, one[i].realm);
		fputc('\n', p->out);
		aliases_write(p, f);
		sealed_write(p, f);
	}
}

static const struct table_column referral_columns[] = {
    {"SENT TO", 60, false},
    {"FOR", 0, false},
    {"ANSWERS", 0, true},
    {"FIRST SEEN (UTC)", 0, false},
    {"LAST SEEN (UTC)", 0, false},
};

enum {
	REFERRAL_COLUMNS = sizeof(referral_columns) / sizeof(referral_columns[0])
};

static bool
in_period(const struct report_options *o, const struct server_referral *r)
{
	return (o->since_ns == 0 || r->last_ns >= o->since_ns) &&
	       (o->until_ns == 0 || r->first_ns < o->until_ns);
}

static int
referral_row(struct table *table, const struct server_referral *r)
{
	char count[24], first[CLOCK_TEXT], last[CLOCK_TEXT];

	snprintf(count, sizeof(count), "%" PRIu64, r->count);
	const char *cell[REFERRAL_COLUMNS] = {r->to,
	    r->operation == REFERRAL_FQDN ? "mailbox" : "address book", count,
	    clock_format_short(r->first_ns, first), clock_format_short(r->last_ns, last)};
	return table_add(table, cell);
}

/* One server's; ${heads} is how many servers came before. */
static int
referrals_write(const struct page *p, const struct servers_one *one, size_t *heads)
{
	struct table *table;
	int err = table_new(&table, referral_columns, REFERRAL_COLUMNS);

	for (size_t i = 0; i < one->facts.referral_count && err == 0; i++)
		if (in_period(&p->r->options, &one->facts.referral[i]))
			err = referral_row(table, &one->facts.referral[i]);
	if (err == 0 && table_rows(table) > 0) {
		if ((*heads)++ == 0)
			page_head(p, "REFERRALS");
		page_server(p, &one->facts.server, one->facts.host, one->realm);
		fputc('\n', p->out);
		table_print(table, p->out, 2, true);
	}
	table_free(&table);
	return err;
}

int
render_referrals(const struct page *p)
{
	size_t count, heads = 0;
	const struct servers_one *one = servers_all(p->r->servers, &count);
	int err = 0;

	for (size_t i = 0; i < count && err == 0; i++)
		if (one[i].facts.referral_count > 0)
			err = referrals_write(p, &one[i], &heads);
	return err;
}
