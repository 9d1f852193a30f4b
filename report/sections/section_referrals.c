/* section_referrals.c - where address books send their clients. */
#include <inttypes.h>

#include "report/document/document.h"
#include "report/model/model.h"
#include "report/model/servers.h"
#include "report/sections/phrase.h"
#include "report/sections/sections.h"

static const struct document_column columns[] = {
    {"Sent to", false, false},
    {"For", false, false},
    {"Answers", true, false},
    {"First seen (UTC)", false, true},
    {"Last seen (UTC)", false, false},
};

static bool
in_period(const struct report_options *o, const struct server_referral *r)
{
	return (o->since_ns == 0 || r->last_ns >= o->since_ns) &&
	       (o->until_ns == 0 || r->first_ns < o->until_ns);
}

static bool
has_any(const struct report *r, const struct server_facts *f)
{
	for (size_t i = 0; i < f->referral_count; i++)
		if (in_period(&r->options, &f->referral[i]))
			return true;
	return false;
}

bool
section_any_referral(const struct report *r)
{
	size_t count;
	const struct servers_one *one = servers_all(r->servers, &count);

	for (size_t i = 0; i < count; i++)
		if (has_any(r, &one[i].facts))
			return true;
	return false;
}

static void
referral_row(struct document *d, const struct server_referral *r)
{
	struct line *cell = document_cells(d);

	line_add(&cell[0], ROLE_CODE, "%s", r->to);
	line_add(
	    &cell[1], ROLE_PLAIN, "%s", r->operation == REFERRAL_FQDN ? "mailbox" : "address book");
	line_add(&cell[2], ROLE_PLAIN, "%" PRIu64, r->count);
	phrase_time(&cell[3], r->first_ns);
	phrase_time(&cell[4], r->last_ns);
	document_row(d, cell);
}

static void
server_write(struct document *d, const struct servers_one *one)
{
	struct line l = {0};

	document_part(d, phrase_server(&l, &one->facts.server, one->facts.host, one->realm));
	document_table(d, columns, sizeof(columns) / sizeof(columns[0]), "Where it sends clients");
	for (size_t i = 0; i < one->facts.referral_count; i++)
		if (in_period(&document_report(d)->options, &one->facts.referral[i]))
			referral_row(d, &one->facts.referral[i]);
	document_table_end(d);
}

void
section_referrals(struct document *d)
{
	const struct report *r = document_report(d);
	size_t count;
	const struct servers_one *one = servers_all(r->servers, &count);

	for (size_t i = 0; i < count; i++)
		if (has_any(r, &one[i].facts))
			server_write(d, &one[i]);
}
