/* render_newmail.c - see render_newmail.h. */
#include "report/render_newmail.h"

#include <inttypes.h>

#include "base/clock.h"
#include "report/model.h"
#include "report/newmail.h"
#include "report/page.h"
#include "report/prose.h"

enum {
	NEWMAIL_NAMED = 8, /* clients that are told by their addresses */
};

static void
flows_line(const struct page *p, const struct newmail_server *s)
{
	fprintf(p->out, "  to        %zu client%s, port", s->receivers, page_plural(s->receivers));
	if (s->low == s->high)
		fprintf(p->out, " %u", s->low);
	else
		fprintf(p->out, "s %u-%u", s->low, s->high);
	if (s->registered > 0 && s->inferred > 0)
		fprintf(p->out, "; %zu registered, %zu inferred", s->registered, s->inferred);
	else
		fprintf(p->out, "; %s", s->registered > 0 ? "registered" : "inferred");
	fputc('\n', p->out);
}

static void
count_line(const struct page *p, const struct newmail_server *s)
{
	char from[CLOCK_TEXT], to[CLOCK_TEXT];

	fprintf(p->out, "  %-10s%" PRIu64 ", the first %s, the last %s UTC", "datagrams", s->count,
	    clock_format_short(s->first_ns, from), clock_format_short(s->last_ns, to));
	if (s->refused > 0)
		fprintf(p->out, "; %" PRIu64 " refused", s->refused);
	fputc('\n', p->out);
	if (s->wrong > 0)
		fprintf(p->out, "  %s%-10s%s%zu flow%s that the policy does not allow (EPM-009)\n",
		    p->red, "outside", p->plain, s->wrong, page_plural(s->wrong));
}

static bool
is_quiet(const struct newmail_server *s)
{
	return s->count == 0 && s->wishes == 0;
}

/* Who asked, and in vain. */
static void
wishes_lines(const struct page *p, const struct newmail *n, const struct newmail_server *s)
{
	struct prose_list list = {.out = p->out, .indent = 12, .column = 12};

	if (s->wishes > 0) {
		fprintf(
		    p->out, "  asked     %zu registration%s", s->wishes, page_plural(s->wishes));
		if (s->sealed > 0 && s->sealed == s->wishes)
			fputs(", sealed", p->out);
		else if (s->sealed > 0)
			fprintf(p->out, ", %zu of them sealed", s->sealed);
		if (s->denied > 0)
			fprintf(p->out, "; %zu refused", s->denied);
		fputc('\n', p->out);
	}
	if (is_quiet(s))
		fputs("  asked     nobody for datagrams, and none was sent\n", p->out);
	if (s->hungry == 0)
		return;
	fprintf(p->out,
	    "  %s%-10s%s%zu client%s registered, and nothing came (EPM-009):\n            ", p->red,
	    "in vain", p->plain, s->hungry, page_plural(s->hungry));
	for (size_t i = 0; i < s->hungry && i < NEWMAIL_NAMED; i++) {
		char text[ADDR_TEXT];

		prose_item(&list, addr_format(&n->starving.one[s->hungry_first + i].client, text));
	}
	if (s->hungry > NEWMAIL_NAMED)
		prose_item(&list, "...");
	fputc('\n', p->out);
}

static void
server_write(const struct page *p, const struct newmail *n, const struct newmail_server *s)
{
	page_server(p, &s->server, s->host, s->realm);
	fputc('\n', p->out);
	if (s->count > 0) {
		flows_line(p, s);
		count_line(p, s);
	}
	wishes_lines(p, n, s);
	fprintf(p->out,
	    "  without   UDP %zu of %zu client%s %s of new mail: they%s poll, or wait on "
	    "AsyncEMSMDB\n",
	    s->others, s->clients, page_plural(s->clients),
	    is_quiet(s) ? "learn" : "would still learn", is_quiet(s) ? "" : " also");
	if (s->count > 0)
		prose_evidence(p->out, 2, "evidence", &s->evidence, false);
}

/* PROTOCOL 6.5, 6.2. */
static void
remark_write(const struct page *p)
{
	fputs(
	    "For a firewall: the server sends each datagram from a port of its own choice, which "
	    "cannot be fixed;\n"
	    "the client listens on one of 1024-65535, unless FixedUDPPort (DWORD) in\n"
	    "HKCU\\Software\\Microsoft\\Office\\11.0\\Outlook\\RPC fixes it (KB 264035). Exchange "
	    "2010 pushes only from\n"
	    "SP1 RU3-v3 on, with EnablePushNotifications=1; Exchange 2013 and later never do.\n",
	    p->out);
}

int
render_newmail(const struct page *p)
{
	const struct newmail *n = p->r->newmail;
	bool quiet = true;

	if (n->count == 0)
		return 0;
	page_head(p, "NEW-MAIL PUSHES");
	for (size_t i = 0; i < n->count; i++) {
		server_write(p, n, &n->server[i]);
		quiet = quiet && is_quiet(&n->server[i]);
	}
	if (!quiet)
		remark_write(p);
	return 0;
}
