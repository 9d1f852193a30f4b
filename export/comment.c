/* comment.c - see comment.h. */
#include "export/comment.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "base/clock.h"
#include "export/evidence.h"
#include "export/export.h"
#include "track/policy.h"

enum {
	CODE_TEXT = 16
};

/* The next character of ${text}, which is cleaned UTF-8; where it is not, an octet. */
static uint32_t
next_code(const unsigned char **text)
{
	static const uint8_t mask[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	const unsigned char *p = *text;
	size_t len = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	uint32_t code = p[0] & mask[len];

	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80) {
			*text = p + 1;
			return p[0];
		}
		code = code << 6 | (p[i] & 0x3f);
	}
	*text = p + len;
	return code;
}

static size_t
code_text(const struct export_ops *ops, uint32_t code, char out[CODE_TEXT])
{
	if (code >= ' ' && code < 0x7f && code != '"' && strchr(ops->unsafe, (int)code) == NULL) {
		out[0] = (char)code;
		out[1] = '\0';
		return 1;
	}
	return (size_t)snprintf(out, CODE_TEXT, "<U+%04" PRIX32 ">", code);
}

void
comment_text(FILE *out, const struct export_ops *ops, const char *text)
{
	const unsigned char *p = (const unsigned char *)text;
	char piece[CODE_TEXT];
	size_t used = 0;

	if (text == NULL) {
		putc('-', out);
		return;
	}
	putc('"', out);
	while (*p != '\0') {
		size_t len = code_text(ops, next_code(&p), piece);

		if (used + len > COMMENT_TEXT) {
			fputs("...", out);
			break;
		}
		fputs(piece, out);
		used += len;
	}
	putc('"', out);
}

static void
begin(FILE *out, const struct export_ops *ops)
{
	fputs(ops->comment, out);
}

void
comment_line(FILE *out, const struct export_ops *ops, const char *format, ...)
{
	va_list args;

	begin(out, ops);
	va_start(args, format);
	vfprintf(out, format, args);
	va_end(args);
	putc('\n', out);
}

/* A name in front of a foreign word, one line. */
static void
fact(FILE *out, const struct export_ops *ops, const char *name, const char *text)
{
	begin(out, ops);
	fprintf(out, "%-11s ", name);
	comment_text(out, ops, text);
	putc('\n', out);
}

static void
head_source(FILE *out, const struct export_ops *ops, const struct export_job *job)
{
	char text[CLOCK_TEXT];

	comment_line(out, ops, "%-11s %s", "store up to", clock_format(job->end_ns, text));
	if (job->options->filter.at_ns != 0)
		comment_line(
		    out, ops, "%-11s %s", "as of", clock_format(job->options->filter.at_ns, text));
	begin(out, ops);
	fprintf(out, "%-11s ", "policy");
	comment_text(out, ops, policy_name(job->policy));
	fprintf(out, " %s\n", job->policy->hash);
	comment_line(out, ops, "%-11s %s%s", "confidence", confidence_name(job->options->least),
	    job->options->least == CONFIDENCE_CONFIRMED ? "" : ", or surer");
	comment_line(out, ops, "%-11s %s", "verdict",
	    job->options->violations ? "any, also of what breaks a rule" : "ok");
}

static void
head_scope(FILE *out, const struct export_ops *ops, const struct evidence_options *o)
{
	char text[ADDR_TEXT], uuid[UUID_TEXT];

	if (o->filter.sensor != NULL)
		fact(out, ops, "only sensor", o->filter.sensor);
	if (o->filter.realm != NULL)
		fact(out, ops, "only realm", o->filter.realm);
	if (o->filter.has_server)
		comment_line(
		    out, ops, "%-11s %s", "only server", addr_format(&o->filter.server, text));
	if (o->filter.has_uuid)
		comment_line(out, ops, "%-11s %s", "only", uuid_format(&o->filter.uuid, uuid));
	if (o->service != NULL)
		fact(out, ops, "only", o->service);
	if (o->pinned)
		comment_line(out, ops, "%-11s %s", "only",
		    "ports that stay: pinned by the policy, or held for days as only pins are");
}

/* `10.1.0.11 tcp 56001 a4f1db00-ca47-1067-b31f-00dd010662da 0.81`, and what it is called. */
static void
proof_name(FILE *out, const struct export_ops *ops, const struct proof *p)
{
	char server[ADDR_TEXT], uuid[UUID_TEXT];

	begin(out, ops);
	fprintf(out, "  %s %s %u %s %u.%u", addr_format(&p->key.server, server),
	    p->udp ? "udp" : "tcp", (unsigned)p->port, uuid_format(&p->key.uuid, uuid),
	    (unsigned)p->key.major, (unsigned)p->minor);
	if (p->service != NULL) {
		putc(' ', out);
		comment_text(out, ops, p->service);
	}
}

static void
proof_rules(FILE *out, const struct proof *p)
{
	char rules[VERDICT_TEXT];

	if (p->verdict.count > 0)
		fprintf(out, " (%s)", verdict_words(&p->verdict, rules));
}

/* A group is asked about by itself where the file is for it alone. */
static bool
is_about(const struct evidence_group *only, const struct proof *p)
{
	return only == NULL || evidence_group_holds(only, p);
}

static size_t
left_count(const struct evidence_set *e, const struct evidence_group *only, enum evidence_left why)
{
	size_t count = 0;

	if (only == NULL)
		return e->left_by[why];
	for (size_t i = 0; i < e->left_count; i++)
		count += e->left[i].left == why && is_about(only, &e->left[i]);
	return count;
}

static bool
same_place(const struct proof *a, const struct proof *b)
{
	return a->udp == b->udp && a->port == b->port &&
	       addr_equal(&a->key.server, &b->key.server) && strcmp(a->realm, b->realm) == 0;
}

/* Some that are left out for that reason, none of which shares its port with the one before. */
static void
left_examples(FILE *out, const struct export_ops *ops, const struct evidence_set *e,
    const struct evidence_group *only, enum evidence_left why)
{
	const struct proof *last = NULL;
	size_t told = 0;

	for (size_t i = 0; i < e->left_count && told < COMMENT_EXAMPLES; i++) {
		const struct proof *p = &e->left[i];

		if (p->left != why || !is_about(only, p) || (last != NULL && same_place(last, p)))
			continue;
		proof_name(out, ops, p);
		proof_rules(out, p);
		putc('\n', out);
		last = p;
		told++;
	}
}

/* Everybody has the mapper and the ports of RPC over HTTP: these are worth a number and no example. */
static bool
needs_examples(const struct export_ops *ops, enum evidence_left why)
{
	return !ops->brief && why != LEFT_PORTLESS && why != LEFT_RESERVED;
}

static void
head_left(FILE *out, const struct export_ops *ops, const struct evidence_set *e,
    const struct evidence_group *only)
{
	for (enum evidence_left why = LEFT_NOT + 1; why < LEFT_REASONS; why++) {
		size_t count = left_count(e, only, why);
		bool examples = needs_examples(ops, why);

		if (count == 0)
			continue;
		comment_line(out, ops, "%-11s %zu, %s%s", "left out", count, evidence_reason(why),
		    examples ? ", such as" : "");
		if (examples)
			left_examples(out, ops, e, only, why);
	}
}

struct firmness {
	size_t all, pinned, held;
};

static void
count_group(const struct evidence_group *group, struct firmness *n)
{
	n->all += group->count;
	for (size_t i = 0; i < group->count; i++) {
		n->pinned += group->proof[i].pinned;
		n->held += group->proof[i].held && !group->proof[i].pinned;
	}
}

/* Rules on a port that was taken at random last until the next restart. */
static void
head_loose(FILE *out, const struct export_ops *ops, const struct export_job *job,
    const struct evidence_group *only)
{
	const struct evidence_set *e = job->evidence;
	struct firmness n = {.all = 0};

	for (size_t i = 0; i < e->group_count; i++)
		if (only == NULL || only == &e->group[i])
			count_group(&e->group[i], &n);
	if (n.all == 0)
		comment_line(out, ops, "%-11s none", "endpoints");
	else if (n.pinned == n.all)
		comment_line(
		    out, ops, "%-11s %zu, all of them pinned by the policy", "endpoints", n.all);
	else if (job->options->pinned)
		comment_line(out, ops,
		    "%-11s %zu, %zu of them pinned by the policy, %zu held, %zu at one of their "
		    "ports",
		    "endpoints", n.all, n.pinned, n.held, n.all - n.pinned - n.held);
	else
		comment_line(out, ops,
		    "%-11s %zu, %zu of them pinned by the policy; others may move at a restart",
		    "endpoints", n.all, n.pinned);
}

void
comment_head(FILE *out, const struct export_ops *ops, const struct export_job *job,
    const struct evidence_group *only)
{
	comment_line(out, ops, "%s", ops->title);
	comment_line(out, ops, "%s", ops->usage);
	head_source(out, ops, job);
	head_scope(out, ops, job->options);
	head_loose(out, ops, job, only);
	head_left(out, ops, job->evidence, only);
}

/* Which sight this was: the capture and the frame, or live, the time. */
static void
proof_sight(FILE *out, const struct export_ops *ops, const struct proof *p)
{
	char time[CLOCK_TEXT];

	if (p->last.ts_ns == 0)
		return;
	fprintf(out, "; %s", evidence_source_name(p->last.source));
	if (p->last.capture != NULL) {
		fprintf(out, " in frame %" PRIu64 " of ", p->last.frame);
		comment_text(out, ops, p->last.capture);
	}
	fprintf(out, " at %s", clock_format(p->last.ts_ns, time));
}

static void
proof_time(FILE *out, const struct export_ops *ops, const struct proof *p)
{
	char first[CLOCK_TEXT], last[CLOCK_TEXT];

	begin(out, ops);
	fprintf(out, "    %s to %s, clients: %s%" PRIu32, clock_format_short(p->first_ns, first),
	    clock_format_short(p->last_ns, last), p->clients_estimated ? "about " : "", p->clients);
	fputs(", sensor ", out);
	comment_text(out, ops, p->sensor);
	proof_sight(out, ops, p);
	putc('\n', out);
}

void
comment_proof(FILE *out, const struct export_ops *ops, const struct proof *p)
{
	proof_name(out, ops, p);
	fprintf(out, " %s%s", confidence_name(p->confidence),
	    p->pinned ? ", pinned" : p->held ? ", held" : "");
	proof_rules(out, p);
	if (p->host != NULL) {
		fputs(" host ", out);
		comment_text(out, ops, p->host);
	}
	if (p->annotation != NULL) {
		fputs(" annotation ", out);
		comment_text(out, ops, p->annotation);
	}
	putc('\n', out);
	proof_time(out, ops, p);
}

/* How many from ${proof} on share its port. */
static size_t
place_length(const struct proof *proof, size_t count)
{
	size_t n = 1;

	while (n < count && same_place(&proof[0], &proof[n]))
		n++;
	return n;
}

/* The interfaces of one port, by UUID: a port is opened for all of them, and some are told. */
static void
place_proofs(FILE *out, const struct export_ops *ops, const struct proof *proof, size_t count)
{
	for (size_t i = 0; i < count && i < COMMENT_SHARERS; i++)
		comment_proof(out, ops, &proof[i]);
	if (count > COMMENT_SHARERS)
		comment_line(out, ops, "    and %zu more interface%s at this port",
		    count - COMMENT_SHARERS, count - COMMENT_SHARERS == 1 ? "" : "s");
}

void
comment_group(FILE *out, const struct export_ops *ops, const struct evidence_group *group)
{
	begin(out, ops);
	fputs(group->of_policy ? "group " : "server ", out);
	comment_text(out, ops, group->name);
	fputs(", realm ", out);
	comment_text(out, ops, group->realm);
	fprintf(out, ": %zu endpoint%s of %zu server%s\n", group->count,
	    group->count == 1 ? "" : "s", group->server_count, group->server_count == 1 ? "" : "s");
	for (size_t i = 0, n; i < group->count; i += n) {
		n = place_length(&group->proof[i], group->count - i);
		place_proofs(out, ops, &group->proof[i], n);
	}
}
