/* rpcdump.c - the endpoints that are there, in the form in which impacket's rpcdump.py prints those of one server, so that what reads
 * that reads this.
 *
 * All that is sure enough is told, pipes and what breaks a rule as well: it is a dump, and opens nothing. What rpcdump.py says
 * about itself begins with [*] there; here comments do. Foreign words stand where they stand there, cleaned of all that is no text. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/text.h"
#include "export/comment.h"
#include "export/evidence.h"
#include "export/export.h"
#include "report/model/array.h"
#include "report/model/pool.h"
#include "store/query.h"
#include "track/service.h"

enum {
	NAME_TEXT = 512
};

struct dump {
	const struct export_job *job;
	struct pool *pool;
	size_t count;
	struct entry {
		const char *realm, *host, *annotation;
		struct mapping_key key;
		uint16_t minor;
		struct endpoint endpoint;
	} * line; /* owned; its strings are the pool's */
};

static bool
is_wanted(const struct dump *d, const struct query_episode *e)
{
	const struct evidence_options *o = d->job->options;
	const struct service *service = service_find(&e->key.uuid);

	if (!evidence_enough(e->confidence, o->least))
		return false;
	return o->service == NULL ||
	       (service != NULL && strcasecmp(service->name, o->service) == 0);
}

static const char *
clean(struct pool *pool, const char *text)
{
	char out[NAME_TEXT];

	if (text == NULL)
		return NULL;
	text_clean((const uint8_t *)text, strlen(text), out, sizeof(out));
	return pool_text(pool, out);
}

static int
take(void *ctx, const struct query_episode *e)
{
	struct dump *d = ctx;

	if (!is_wanted(d, e))
		return 0;
	if (d->count == EVIDENCE_MOST)
		return ERR_CAP;
	if (array_grow(&d->line, d->count, sizeof(*d->line)) != 0)
		return -ENOMEM;
	d->line[d->count++] = (struct entry){.realm = clean(d->pool, e->realm),
	    .host = clean(d->pool, e->host),
	    .annotation = clean(d->pool, e->annotation),
	    .key = e->key,
	    .minor = e->minor,
	    .endpoint = e->endpoint};
	return pool_failed(d->pool) ? -ENOMEM : 0;
}

static int
compare(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int order = strcmp(x->realm, y->realm);

	if (order == 0)
		order = mapping_key_compare(&x->key, &y->key);
	return order != 0 ? order : endpoint_compare(&x->endpoint, &y->endpoint);
}

static bool
same_server(const struct entry *a, const struct entry *b)
{
	return addr_equal(&a->key.server, &b->key.server) && strcmp(a->realm, b->realm) == 0;
}

static bool
same_interface(const struct entry *a, const struct entry *b)
{
	return same_server(a, b) && uuid_equal(&a->key.uuid, &b->key.uuid) &&
	       a->key.major == b->key.major;
}

static void
upper(char *text)
{
	for (; *text != '\0'; text++) {
		if (*text >= 'a' && *text <= 'z')
			*text = (char)(*text - 'a' + 'A');
	}
}

/* `ncacn_ip_tcp:10.1.0.11[56001]`, `ncacn_np:\\EX1[\pipe\lsass]`. */
static void
write_binding(FILE *out, const struct entry *l)
{
	char server[ADDR_TEXT], name[NAME_TEXT];
	bool named = !protseq_has_port((enum protseq)l->key.protseq);

	addr_format(&l->key.server, server);
	fprintf(out, "          %s:", protseq_name((enum protseq)l->key.protseq));
	if (!named) {
		fprintf(out, "%s[%u]\n", server, (unsigned)l->endpoint.port);
		return;
	}
	text_clean((const uint8_t *)l->endpoint.name, strlen(l->endpoint.name), name, sizeof(name));
	fprintf(out, "\\\\%s[%s]\n", l->host != NULL ? l->host : server, name);
}

static const char *
annotation_of(const struct entry *l, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (l[i].annotation != NULL)
			return l[i].annotation;
	}
	return "";
}

/* The blanks at the ends of lines are rpcdump.py's. */
static void
write_interface(FILE *out, struct pool *pool, const struct entry *l, size_t count)
{
	const struct service *service = service_find(&l->key.uuid);
	char uuid[UUID_TEXT];

	upper(uuid_format(&l->key.uuid, uuid));
	fprintf(
	    out, "Protocol: %s \n", service != NULL ? clean(pool, service->description) : "N/A");
	fprintf(out, "Provider: %s \n", service != NULL ? clean(pool, service->product) : "N/A");
	fprintf(out, "UUID    : %s v%u.%u %s\n", uuid, (unsigned)l->key.major, (unsigned)l->minor,
	    annotation_of(l, count));
	fputs("Bindings: \n", out);
	for (size_t i = 0; i < count; i++) {
		if (i == 0 || compare(&l[i], &l[i - 1]) != 0)
			write_binding(out, &l[i]);
	}
	putc('\n', out);
}

static size_t
run_of(
    const struct dump *d, size_t from, bool (*same)(const struct entry *a, const struct entry *b))
{
	size_t n = 1;

	while (from + n < d->count && same(&d->line[from], &d->line[from + n]))
		n++;
	return n;
}

static void
write_server(FILE *out, const struct dump *d, size_t from, size_t count)
{
	char server[ADDR_TEXT];

	comment_line(out, &export_rpcdump, "Retrieving endpoint list from %s",
	    addr_format(&d->line[from].key.server, server));
	for (size_t at = from, n; at < from + count; at += n) {
		n = run_of(d, at, same_interface);
		write_interface(out, d->pool, &d->line[at], n);
	}
	comment_line(out, &export_rpcdump,
	    count == 1 ? "Received one endpoint." : "Received %zu endpoints.", count);
}

static void
write_dump(FILE *out, struct dump *d)
{
	if (d->count > 0)
		qsort(d->line, d->count, sizeof(*d->line), compare);
	comment_head(out, &export_rpcdump, d->job, NULL);
	for (size_t at = 0, n; at < d->count; at += n) {
		n = run_of(d, at, same_server);
		write_server(out, d, at, n);
	}
	if (d->count == 0)
		comment_line(out, &export_rpcdump, "No endpoints found.");
}

static int
write_rpcdump(FILE *out, const struct export_job *job)
{
	struct dump d = {.job = job};
	int err = pool_new(&d.pool);

	if (err != 0)
		return err;
	err = query_alive(job->store, &job->options->filter, take, &d);
	if (err == 0)
		write_dump(out, &d);
	if (err == 0 && pool_failed(d.pool))
		err = -ENOMEM;
	free(d.line);
	pool_free(&d.pool);
	return err;
}

const struct export_ops export_rpcdump = {
    .name = "rpcdump",
    .title = "Endpoints that servers announced or used, as rpcdump.py prints them.",
    .usage = "For programs that read its output; nothing was asked for to make it.",
    .comment = "[*] ",
    .unsafe = "",
    .brief = true,
    .breaches = true,
    .all = true,
    .write = write_rpcdump,
};
