/* pinholes_due.c - EPM-013: what time brings. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "track/clock.h"
#include "track/dossier.h"
#include "track/output.h"
#include "track/pinhole.h"
#include "track/pinholes.h"
#include "track/policy.h"
#include "track/rules.h"
#include "track/ruling.h"

/* Texts and all, as it is now. */
struct pinhole_ruling {
	struct mapping_key key;
	char about[ALERT_ABOUT];
	struct ruling_texts texts;
	struct ruling ruling;
};

static void
describe(const struct pinhole_port *port, struct pinhole_ruling *out)
{
	const char *how = port->refused ? "refused" : "silent";

	*out = (struct pinhole_ruling){
	    .key = {.server = port->server, .protseq = PROTSEQ_TCP, .realm = port->realm}};
	snprintf(out->about, sizeof(out->about), "port %u", (unsigned)port->port);
	snprintf(out->texts.expected, sizeof(out->texts.expected),
	    "a connection, as the endpoint mapper names the port");
	snprintf(out->texts.observed, sizeof(out->texts.observed), "%s", how);
	snprintf(out->texts.signature, sizeof(out->texts.signature),
	    "clients that are told of port %u do not get through to it: %s", (unsigned)port->port,
	    port->refused ? "it refuses them" : "nothing comes back");
	out->ruling = (struct ruling){.rule = "EPM-013",
	    .about = out->about,
	    .severity = SEVERITY_MEDIUM,
	    .key = &out->key,
	    .evidence = port->evidence,
	    .change = "",
	    .client = port->failed,
	    .client_count = port->failed_count,
	    .texts = &out->texts};
}

static int
put_out(struct rules *r, const struct pinhole_port *port, int64_t now_ns)
{
	struct pinhole p = {.server = port->server,
	    .realm = port->realm,
	    .port = port->port,
	    .refused = port->refused,
	    .ts_ns = now_ns,
	    .evidence = port->evidence,
	    .client_count = port->failed_count,
	    .interface_count = port->uuid_count};

	memcpy(p.client, port->failed, port->failed_count * sizeof(p.client[0]));
	memcpy(p.interface, port->uuid, port->uuid_count * sizeof(p.interface[0]));
	return output_pinhole(r->out, &p);
}

static int
open_alert(struct rules *r, struct pinhole_port *port, int64_t now_ns)
{
	struct pinhole_ruling v;
	struct dossier *d = NULL; /* the port remembers it */
	int err;

	port->told = true;
	port->opened_ns = port->wrong_ns = now_ns;
	port->right_ns = 0;
	describe(port, &v);
	v.ruling.evidence.ts_ns = now_ns;
	if (dossier_make(&d) == NULL)
		return -ENOMEM;
	err = ruling_wrong(r, d, &v.ruling);
	dossier_free(&d);
	return err == ERR_OK ? put_out(r, port, now_ns) : err;
}

static int
close_alert(struct rules *r, const struct pinhole_port *port, int64_t now_ns)
{
	struct dossier_entry entry = {.wrong_ns = 0};
	struct pinhole_ruling v;

	describe(port, &v);
	ruling_restore(r, &entry, &v.ruling, port->opened_ns);
	v.ruling.evidence.ts_ns = now_ns;
	return ruling_close(r, &entry, &v.ruling.evidence);
}

/* Those that have been waited for long enough: move them to the failed ones. */
static void
fail_tries(const struct rules *r, struct pinhole_port *port, int64_t reading)
{
	size_t kept = 0;

	port->failed_count = 0;
	port->refused = true;
	for (size_t i = 0; i < port->try_count; i++) {
		const struct pinhole_try *t = &port->try[i];

		if (pinhole_later(r, t->ts_ns, PINHOLE_MINUTE_NS) > reading) {
			port->try[kept++] = *t;
			continue;
		}
		port->failed[port->failed_count++] = t->client;
		port->refused = port->refused && t->refused;
	}
	port->try_count = (uint8_t)kept;
}

/* With an alert, further tries that fail only say that it goes on. */
static void
drop_failed(const struct rules *r, struct pinhole_port *port, int64_t reading, int64_t now_ns)
{
	size_t kept = 0;

	for (size_t i = 0; i < port->try_count; i++) {
		if (pinhole_later(r, port->try[i].ts_ns, PINHOLE_MINUTE_NS) > reading)
			port->try[kept++] = port->try[i];
	}
	if (kept < port->try_count) {
		port->wrong_ns = now_ns;
		port->right_ns = 0;
	}
	port->try_count = (uint8_t)kept;
}

static int
ripe_port(struct rules *r, struct pinhole_port *port, int64_t reading, int64_t now_ns)
{
	int64_t settle = r->policy->thresholds.settle_ns;
	int err;

	if (pinhole_due(r, port) > reading)
		return ERR_OK;
	if (!port->told) {
		fail_tries(r, port, reading);
		return open_alert(r, port, now_ns);
	}
	drop_failed(r, port, reading, now_ns);
	if (!(port->right_ns != 0 && pinhole_later(r, port->wrong_ns, settle) <= reading) &&
	    pinhole_later(r, port->last_ns, PINHOLE_DAY_NS) > reading)
		return ERR_OK;
	err = close_alert(r, port, now_ns);
	pinhole_drop(r, port);
	return err;
}

int
pinholes_ripe(struct rules *r, int64_t now_ns)
{
	struct pinholes *p = &r->pinholes;
	int64_t reading = clock_at(r->clock, now_ns);
	int err = ERR_OK;

	if (p->port == NULL)
		return ERR_OK;
	if (reading < p->due && p->due != STATE_NEVER)
		reading = p->due; /* it is asked because that has come */
	for (size_t i = 0; i < PINHOLE_PORTS && err == ERR_OK; i++) {
		if (p->port[i].port != 0)
			err = ripe_port(r, &p->port[i], reading, now_ns);
	}
	pinhole_reckon(r);
	return err;
}
