/* page.c - see page.h. */
#include "report/page.h"

#include <string.h>

#include "base/addr.h"
#include "report/model.h"
#include "report/prose.h"

const char *
page_plural(size_t n)
{
	return n == 1 ? "" : "s";
}

void
page_head(const struct page *p, const char *title)
{
	fprintf(p->out, "\n%s%s%s\n", p->bold, title, p->plain);
}

const char *
page_interface(const char *service, const struct uuid *uuid, char out[UUID_TEXT])
{
	return service != NULL ? service : uuid_format(uuid, out);
}

void
page_server(const struct page *p, const struct addr *server, const char *host, const char *realm)
{
	char text[ADDR_TEXT];

	fputs(addr_format(server, text), p->out);
	if (host != NULL)
		fprintf(p->out, " (%s)", host);
	if (realm != NULL && strcmp(realm, "default") != 0)
		fprintf(p->out, " in realm %s", realm);
}

void
page_evidence(const struct page *p, unsigned indent, const struct query_evidence *e)
{
	prose_evidence(p->out, indent, "evidence", e, !p->r->captures_listed);
}
