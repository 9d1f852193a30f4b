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
	CODE_TEXT = 16,
	MAPPER_PORT = 135
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

/* Every server has the mapper at port 135: that is worth a number, and no line each. */
static size_t
left_mappers(const struct evidence_set *e)
{
	size_t count = 0;

	for (size_t i = 0; i < e->left_count; i++)
		count += e->left[i].port == MAPPER_PORT;
	return count;
}

static void
left_counts(FILE *out, const struct export_ops *ops, const struct evidence_set *e, size_t mappers)
{
	if (e->portless > 0)
		comment_line(out, ops, "left out: %zu with a name instead of a port", e->portless);
	if (mappers > 0)
		comment_line(out, ops, "left out: %zu at port %d, the endpoint mapper's own",
		    mappers, MAPPER_PORT);
	if (e->left_count > mappers)
		comment_line(out, ops, "left out: %zu at other ports", e->left_count - mappers);
}

static void
head_left(FILE *out, const struct export_ops *ops, const struct evidence_set *e)
{
	size_t mappers = left_mappers(e), told = 0;

	left_counts(out, ops, e, mappers);
	if (ops->brief)
		return;
	for (size_t i = 0; i < e->left_count && told < COMMENT_LEFT; i++) {
		if (e->left[i].port == MAPPER_PORT)
			continue;
		proof_name(out, ops, &e->left[i]);
		fprintf(out, ": %s", evidence_reason(e->left[i].left));
		proof_rules(out, &e->left[i]);
		putc('\n', out);
		told++;
	}
	if (e->left_count - mappers > told)
		comment_line(out, ops, "  and %zu more", e->left_count - mappers - told);
}

/* Rules on a port that was taken at random last until the next restart. */
static void
head_loose(FILE *out, const struct export_ops *ops, const struct evidence_set *e)
{
	size_t all = 0, pinned = 0;

	for (size_t i = 0; i < e->group_count; i++)
		for (size_t j = 0; j < e->group[i].count; j++) {
			all++;
			pinned += e->group[i].proof[j].pinned;
		}
	comment_line(
	    out, ops, "%-11s %zu, of which %zu are pinned by the policy", "endpoints", all, pinned);
	if (pinned < all)
		comment_line(out, ops, "The others may be on other ports after the next restart.");
}

void
comment_head(FILE *out, const struct export_ops *ops, const struct export_job *job)
{
	comment_line(out, ops, "%s", ops->title);
	comment_line(out, ops, "%s", ops->usage);
	head_source(out, ops, job);
	head_scope(out, ops, job->options);
	head_loose(out, ops, job->evidence);
	head_left(out, ops, job->evidence);
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
	fprintf(out, " %s%s", confidence_name(p->confidence), p->pinned ? ", pinned" : "");
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
	for (size_t i = 0; i < group->count; i++)
		comment_proof(out, ops, &group->proof[i]);
}
