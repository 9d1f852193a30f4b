/* reg.c - registry values that hold ports where the policy has them, as Windows imports them.
 *
 * One file is for servers of one kind: two groups may need the same value with different data. Where the policy pins nothing,
 * what was at one port only can be taken over (--from-evidence). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "export/comment.h"
#include "export/evidence.h"
#include "export/export.h"
#include "export/pins.h"
#include "export/plan_ports.h"
#include "export/reg_text.h"
#include "report/model/pool.h"
#include "track/policy.h"

enum {
	PROOFS_TOLD = 16, /* of a pin */
	MEMBER_MOST = 255,
	RANGES = 64, /* of a host */
	RANGE_TEXT = 16,
	RPC_PORTS_LEAST = 100 /* what Microsoft's KB 154596 asks for */
};

/* Why a pin is not written. */
enum refusal {
	REFUSED_NOT,
	REFUSED_NO_PORT,
	REFUSED_TORN,
	REFUSED_SEEN,
	REFUSED_NOWHERE,
	REFUSED_RESERVED,
	REFUSED_USED
};

struct sheet {
	FILE *out;
	const struct export_job *job;
	const struct evidence_group *group;
	struct pin_set pins;
};

static enum refusal
refused(const struct sheet *s, const struct pin *pin)
{
	if (pin->torn)
		return REFUSED_TORN;
	if (pin->port == 0)
		return REFUSED_NO_PORT;
	if (!pin->of_policy && !s->job->from_evidence)
		return REFUSED_SEEN;
	if (pin->holding == 0 && !s->job->violations)
		return REFUSED_NOWHERE;
	if (pin->port == 135 || policy_is_reserved(PROTSEQ_TCP, pin->port))
		return REFUSED_RESERVED;
	return pins_taken(pin, s->job->evidence, s->group) ? REFUSED_USED : REFUSED_NOT;
}

static const char *
refusal_text(enum refusal why)
{
	static const char *const text[] = {
	    [REFUSED_NOT] = "",
	    [REFUSED_NO_PORT] = "no policy pins it, and it is at several ports",
	    [REFUSED_TORN] = "the policy pins it to different ports at servers of the group",
	    [REFUSED_SEEN] = "no policy pins it; --from-evidence takes over where it is",
	    [REFUSED_NOWHERE] =
		"no server has it at its pin; --include-violations writes it all the same",
	    [REFUSED_RESERVED] = "its port belongs to the endpoint mapper or to RPC over HTTP",
	    [REFUSED_USED] = "something else answers at its port",
	};

	return text[why];
}

static size_t
written_count(const struct sheet *s)
{
	size_t n = s->job->rpc_internet;

	for (size_t i = 0; i < s->pins.count; i++)
		n += refused(s, &s->pins.pin[i]) == REFUSED_NOT;
	return n;
}

static void
say_pin(const struct sheet *s, const struct pin *pin)
{
	size_t told = pin->count < PROOFS_TOLD ? pin->count : PROOFS_TOLD;

	comment_line(s->out, &export_reg, "%s: %u, %s; %zu of %zu server%s there, %s",
	    pin->value->service, (unsigned)pin->port,
	    pin->of_policy ? "pinned by the policy" : "where it was seen", pin->holding,
	    pin->server_count, pin->server_count == 1 ? " is" : "s are",
	    confidence_name(pin->confidence));
	for (size_t i = 0; i < told; i++)
		comment_proof(s->out, &export_reg, pin->proof[i]);
	if (told < pin->count)
		comment_line(s->out, &export_reg, "  and %zu more", pin->count - told);
}

static void
say_refused(const struct sheet *s)
{
	for (size_t i = 0; i < s->pins.count; i++) {
		const struct pin *pin = &s->pins.pin[i];
		enum refusal why = refused(s, pin);

		if (why == REFUSED_NOT)
			continue;
		comment_line(s->out, &export_reg, "not written: %s: %s", pin->value->service,
		    refusal_text(why));
	}
}

static void
say_head(const struct sheet *s)
{
	comment_head(s->out, &export_reg, s->job, s->group);
	fputs(export_reg.comment, s->out);
	fputs("for the servers of ", s->out);
	comment_text(s->out, &export_reg, s->group->name);
	fputs(", realm ", s->out);
	comment_text(s->out, &export_reg, s->group->realm);
	putc('\n', s->out);
	say_refused(s);
	putc('\n', s->out);
}

static void
write_value(const struct sheet *s, const struct pin *pin)
{
	char port[8];

	snprintf(port, sizeof(port), "%u", (unsigned)pin->port);
	if (pin->value->type == REGISTRY_DWORD)
		reg_dword(s->out, pin->value->name, pin->port);
	else
		reg_sz(s->out, pin->value->name, port);
}

/* The values of one key, from ${from} on; what stands between does not go with it. Returns how many were looked at. */
static size_t
write_key(const struct sheet *s, size_t from)
{
	const char *key = s->pins.pin[from].value->key;
	size_t end = from;

	while (end < s->pins.count && s->pins.pin[end].value->key != NULL &&
	       strcmp(s->pins.pin[end].value->key, key) == 0)
		end++;
	for (size_t i = from; i < end; i++) {
		if (refused(s, &s->pins.pin[i]) == REFUSED_NOT)
			say_pin(s, &s->pins.pin[i]);
	}
	comment_line(s->out, &export_reg, "after the import restart %s (%s)",
	    s->pins.pin[from].value->restart != NULL ? s->pins.pin[from].value->restart
						     : "the computer",
	    s->pins.pin[from].value->label);
	reg_key(s->out, key);
	for (size_t i = from; i < end; i++) {
		if (refused(s, &s->pins.pin[i]) == REFUSED_NOT)
			write_value(s, &s->pins.pin[i]);
	}
	reg_key_end(s->out);
	return end - from;
}

/* The command wants a DNS or NetBIOS name (Microsoft KB 832017): where no plain one is known the address stands for it. */
static const char *
member_of(const struct proof *p, char address[ADDR_TEXT])
{
	static const char plain[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
	size_t len = p->host != NULL ? strlen(p->host) : 0;

	if (len > 0 && len <= MEMBER_MOST && strspn(p->host, plain) == len)
		return p->host;
	return addr_format(&p->key.server, address);
}

/* No value holds it; a command does. */
static void
write_command(const struct sheet *s, const struct pin *pin)
{
	char server[ADDR_TEXT];

	say_pin(s, pin);
	for (size_t i = 0; i < pin->count; i++) {
		if (i > 0 && addr_equal(&pin->proof[i]->key.server, &pin->proof[i - 1]->key.server))
			continue;
		comment_line(s->out, &export_reg, "run: dfsrdiag StaticRPC /port:%u /Member:%s",
		    (unsigned)pin->port, member_of(pin->proof[i], server));
	}
	comment_line(s->out, &export_reg, "restart DFSR there if it stays at another port");
	reg_key_end(s->out);
}

/* What all servers of the group have for dynamic ports. */
static int
host_range(const struct sheet *s, struct policy_ports *out)
{
	*out = policy_dynamic_of(s->job->policy, &s->group->server[0]);
	for (size_t i = 1; i < s->group->server_count; i++) {
		if (!plan_ports_same(
			*out, policy_dynamic_of(s->job->policy, &s->group->server[i]))) {
			log_error("the policy gives the servers of `%s' different dynamic ranges",
			    s->group->name);
			return ERR_USAGE;
		}
	}
	if (out->count <= RANGES)
		return 0;
	log_error("the dynamic range of `%s' has more than %d parts", s->group->name, RANGES);
	return ERR_USAGE;
}

static void
write_ranges(const struct sheet *s, struct policy_ports ports)
{
	char text[RANGES][RANGE_TEXT];
	const char *list[RANGES];
	size_t total = 0;

	for (size_t i = 0; i < ports.count; i++) {
		const struct port_range *r = &ports.range[i];

		total += (size_t)(r->high - r->low) + 1;
		list[i] = text[i];
		snprintf(text[i], RANGE_TEXT, r->low == r->high ? "%u" : "%u-%u", (unsigned)r->low,
		    (unsigned)r->high);
	}
	comment_line(s->out, &export_reg,
	    "the dynamic range of the policy for everything that RPC serves on the host: %zu "
	    "ports%s",
	    total, total < RPC_PORTS_LEAST ? "; 100 or more are wanted" : "");
	comment_line(s->out, &export_reg, "after the import restart the computer");
	reg_key(s->out, registry_other(REGISTRY_RPC_PORTS)->key);
	reg_multi_sz(s->out, registry_other(REGISTRY_RPC_PORTS)->name, list, ports.count);
	reg_sz(s->out, registry_other(REGISTRY_RPC_AVAILABLE)->name, "Y");
	reg_sz(s->out, registry_other(REGISTRY_RPC_USE)->name, "Y");
	reg_key_end(s->out);
}

static int
write_sheet(const struct sheet *s)
{
	struct policy_ports range = {0, NULL};
	int err = s->job->rpc_internet ? host_range(s, &range) : 0;

	if (err != 0)
		return err;
	reg_header(s->out);
	say_head(s);
	for (size_t i = 0; i < s->pins.count;) {
		const struct pin *pin = &s->pins.pin[i];

		if (refused(s, pin) != REFUSED_NOT) {
			i++;
		} else if (pin->value->type == REGISTRY_COMMAND) {
			write_command(s, pin);
			i++;
		} else {
			i += write_key(s, i);
		}
	}
	if (s->job->rpc_internet)
		write_ranges(s, range);
	return 0;
}

/* All is written as text first: a file is there whole or not at all. */
static int
encode_sheet(struct sheet *s, FILE *out)
{
	char *text = NULL;
	size_t len = 0;

	s->out = open_memstream(&text, &len);
	if (s->out == NULL)
		return -ENOMEM;
	int err = write_sheet(s);
	bool failed = ferror(s->out) != 0;
	failed |= fclose(s->out) != 0;
	if (err == 0 && failed)
		err = -ENOMEM;
	if (err == 0)
		reg_encode(text, len, out);
	free(text);
	return err;
}

static int
complain_product(const struct proof *p)
{
	char server[ADDR_TEXT];

	log_error("what %s runs cannot be told from its interfaces: --product exchange-2007, "
		  "exchange-2010 or ad says it",
	    addr_format(&p->key.server, server));
	return ERR_USAGE;
}

static int
complain_groups(const struct sheet *first, const struct sheet *second)
{
	log_error("values for several kinds of servers cannot be in one file: --group or --realm "
		  "says which, "
		  "such as `%s' in %s or `%s' in %s",
	    first->group->name, first->group->realm, second->group->name, second->group->realm);
	return ERR_USAGE;
}

static int
complain_nothing(const struct export_job *job, bool known)
{
	if (!known) {
		log_error("no endpoint of group `%s' qualifies", job->group);
		return -ENOENT;
	}
	log_error("no registry value is to be written%s",
	    job->from_evidence ? ""
			       : ": the policy pins nothing that was seen; --from-evidence takes "
				 "over what is at one port only");
	return -ENOENT;
}

/* The one group of which there is something to write. */
static int
find_sheet(struct pool *pool, const struct export_job *job, struct sheet *out)
{
	const struct evidence_set *e = job->evidence;
	const struct proof *undecided = NULL;
	bool found = false, known = job->group == NULL;

	for (size_t i = 0; i < e->group_count; i++) {
		struct sheet s = {.job = job, .group = &e->group[i]};

		if (job->group != NULL && strcmp(job->group, s.group->name) != 0)
			continue;
		known = true;
		int err = pins_find(pool, job->store, job->policy, s.group, job->product, &s.pins);
		if (err != 0)
			return err;
		if (undecided == NULL && (s.pins.undecided_pinned || job->from_evidence))
			undecided = s.pins.undecided;
		if (written_count(&s) == 0)
			continue;
		if (found)
			return complain_groups(out, &s);
		found = true;
		*out = s;
	}
	if (undecided != NULL)
		return complain_product(undecided);
	return found ? 0 : complain_nothing(job, known);
}

static int
write_reg(FILE *out, const struct export_job *job)
{
	struct sheet s;
	struct pool *pool;
	int err = pool_new(&pool);

	if (err != 0)
		return err;
	err = find_sheet(pool, job, &s);
	if (err == 0)
		err = encode_sheet(&s, out);
	pool_free(&pool);
	return err;
}

const struct export_ops export_reg = {
    .name = "reg",
    .title = "Ports of RPC services, pinned in the registry of Windows.",
    .usage = "To be looked over, then imported at each of the servers: reg import FILE",
    .comment = "; ",
    .unsafe = "",
    .brief = true,
    .breaches = true,
    .write = write_reg,
};
