/* section_newmail.c - datagrams that tell of new mail: what a server sends, who asked, who waits in vain. */
#include <inttypes.h>
#include <stdio.h>

#include "report/document/document.h"
#include "report/model/model.h"
#include "report/model/newmail.h"
#include "report/sections/newmail_flows.h"
#include "report/sections/phrase.h"
#include "report/sections/remedy.h"
#include "report/sections/sections.h"

enum {
	NAMED = 8, /* clients that are told by their addresses */
};

static void
receivers_fact(struct document *d, const struct newmail_server *s)
{
	struct line l = {0};

	line_add(&l, ROLE_PLAIN, "%zu client%s, port", s->receivers, phrase_plural(s->receivers));
	if (s->low == s->high)
		line_add(&l, ROLE_PLAIN, " %u", s->low);
	else
		line_add(&l, ROLE_PLAIN, "s %u-%u", s->low, s->high);
	if (s->registered > 0 && s->inferred > 0)
		line_add(
		    &l, ROLE_PLAIN, "; %zu registered, %zu inferred", s->registered, s->inferred);
	else
		line_add(&l, ROLE_PLAIN, "; %s", s->registered > 0 ? "registered" : "inferred");
	document_fact(d, "to", &l);
}

static void
count_facts(struct document *d, const struct newmail_server *s)
{
	struct line l = {0};

	line_add(&l, ROLE_PLAIN, "%" PRIu64 ", the first ", s->count);
	line_add(phrase_time(&l, s->first_ns), ROLE_PLAIN, ", the last ");
	line_add(phrase_time(&l, s->last_ns), ROLE_PLAIN, " UTC");
	if (s->refused > 0)
		line_add(&l, ROLE_PLAIN, "; %" PRIu64 " refused", s->refused);
	document_fact(d, "datagrams", &l);
	if (s->wrong == 0)
		return;
	line_add(line_clear(&l), ROLE_BAD, "%zu flow%s that the policy does not allow", s->wrong,
	    phrase_plural(s->wrong));
	document_fact(d, "outside", line_add(&l, ROLE_PLAIN, " (EPM-009)"));
}

static bool
is_quiet(const struct newmail_server *s)
{
	return s->count == 0 && s->wishes == 0;
}

static void
asked_fact(struct document *d, const struct newmail_server *s)
{
	struct line l = {0};

	if (is_quiet(s))
		line_add(&l, ROLE_PLAIN, "nobody for datagrams, and none was sent");
	if (s->wishes > 0)
		line_add(&l, ROLE_PLAIN, "%zu registration%s", s->wishes, phrase_plural(s->wishes));
	if (s->sealed > 0 && s->sealed == s->wishes)
		line_add(&l, ROLE_PLAIN, ", sealed");
	else if (s->sealed > 0)
		line_add(&l, ROLE_PLAIN, ", %zu of them sealed", s->sealed);
	if (s->denied > 0)
		line_add(&l, ROLE_PLAIN, "; %zu refused", s->denied);
	if (l.used > 0)
		document_fact(d, "asked", &l);
}

/* Who asked, and in vain. */
static void
hungry_fact(struct document *d, const struct newmail_server *s)
{
	const struct newmail *n = document_report(d)->newmail;
	struct line l = {0};
	char text[ADDR_TEXT];

	if (s->hungry == 0)
		return;
	line_add(&l, ROLE_BAD, "%zu client%s registered, and nothing came", s->hungry,
	    phrase_plural(s->hungry));
	line_add(&l, ROLE_PLAIN, " (EPM-009): ");
	for (size_t i = 0; i < s->hungry && i < NAMED; i++) {
		line_add(&l, ROLE_PLAIN, "%s", i > 0 ? ", " : "");
		line_add(&l, ROLE_CODE, "%s",
		    addr_format(&n->starving.one[s->hungry_first + i].client, text));
	}
	if (s->hungry > NAMED)
		line_add(&l, ROLE_PLAIN, ", ...");
	document_fact(d, "in vain", &l);
}

static void
without_fact(struct document *d, const struct newmail_server *s)
{
	struct line l = {0};

	line_add(&l, ROLE_PLAIN, "%zu of %zu client%s %s of new mail without UDP", s->others,
	    s->clients, phrase_plural(s->clients), is_quiet(s) ? "learn" : "would still learn");
	if (s->others > 0)
		line_add(&l, ROLE_PLAIN, ": they%s poll, or wait on AsyncEMSMDB",
		    is_quiet(s) ? "" : " also");
	document_fact(d, "otherwise", &l);
}

static void
server_part(struct document *d, const struct newmail_server *s)
{
	struct line l = {0};

	document_part(d, phrase_server(&l, &s->server, s->host, s->realm));
	if (s->count > 0) {
		receivers_fact(d, s);
		count_facts(d, s);
	}
	asked_fact(d, s);
	hungry_fact(d, s);
	remedy_newmail(d, s);
	without_fact(d, s);
	if (s->count == 0)
		return;
	phrase_evidence(d, &s->evidence);
	phrase_tshark(d, &s->evidence);
	newmail_flows(d, s);
}

/* PROTOCOL 6.5, 6.2. */
static void
remark_say(struct document *d)
{
	struct line l = {0};

	line_add(&l, ROLE_PLAIN,
	    "For a firewall: the server sends each datagram from a port of its own choice, which "
	    "cannot be fixed; the client listens on one of 1024-65535, unless ");
	line_add(&l, ROLE_CODE, "FixedUDPPort");
	line_add(&l, ROLE_PLAIN, " (DWORD) in ");
	line_add(&l, ROLE_CODE, "HKCU\\Software\\Microsoft\\Office\\11.0\\Outlook\\RPC");
	line_add(&l, ROLE_PLAIN,
	    " fixes it (KB 264035). Exchange 2010 pushes only from SP1 RU3-v3 on, with ");
	line_add(&l, ROLE_CODE, "EnablePushNotifications=1");
	line_add(&l, ROLE_PLAIN, "; Exchange 2013 and later never do.");
	document_say(d, &l);
}

void
section_newmail(struct document *d)
{
	const struct newmail *n = document_report(d)->newmail;
	bool quiet = true;

	for (size_t i = 0; i < n->count; i++)
		quiet = quiet && is_quiet(&n->server[i]);
	if (!quiet) {
		remark_say(d);
		document_figure(d, FIGURE_NEWMAIL, NULL);
	}
	for (size_t i = 0; i < n->count; i++)
		server_part(d, &n->server[i]);
}
