/* prose.c - small writers; none of them knows what a report is. */
#include "report/prose.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "report/table.h"
#include "store/query.h"

enum {
	ITEM_WIDEST = 60
};

void
prose_item(struct prose_list *l, const char *text)
{
	char cut[ITEM_WIDEST * 4 + 4];
	unsigned width = (unsigned)text_width(table_cut(cut, sizeof(cut), text, ITEM_WIDEST));

	if (l->items > 0) {
		fputc(',', l->out);
		l->column++;
	}
	if (l->items > 0 && l->column + 1 + width + 1 > PROSE_WIDTH) {
		fprintf(l->out, "\n%*s", (int)l->indent, "");
		l->column = l->indent;
	} else if (l->items > 0) {
		fputc(' ', l->out);
		l->column++;
	}
	fputs(cut, l->out);
	l->column += width;
	l->items++;
}

char *
prose_set(const struct endpoint *e, size_t count, char out[PROSE_SET])
{
	size_t used = 0;

	snprintf(out, PROSE_SET, "%s", count == 0 ? "none" : "");
	for (size_t i = 0; i < count; i++) {
		char text[ENDPOINT_TEXT];
		size_t len = strlen(endpoint_format(&e[i], text));

		if (used + 2 + len + 4 >= PROSE_SET) {
			snprintf(out + used, PROSE_SET - used, ", ..");
			break;
		}
		used += (size_t)snprintf(
		    out + used, PROSE_SET - used, "%s%s", i == 0 ? "" : ", ", text);
	}
	return out;
}

void
prose_shell(FILE *out, const char *word)
{
	static const char plain[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789%+,-./:=@_";

	if (word[0] != '\0' && strspn(word, plain) == strlen(word)) {
		fputs(word, out);
		return;
	}
	fputc('\'', out);
	for (; *word != '\0'; word++) {
		if (*word == '\'')
			fputs("'\\'", out);
		fputc(*word, out);
	}
	fputc('\'', out);
}

/* In words; the contract's short names are for machines. */
static const char *
source_words(enum evidence_source source)
{
	switch (source) {
	case EVIDENCE_MAP:
		return "ept_map answer";
	case EVIDENCE_LOOKUP:
		return "ept_lookup answer";
	case EVIDENCE_BIND:
		return "accepted bind";
	case EVIDENCE_ATTEMPT:
		return "bind without an answer";
	case EVIDENCE_OXID:
		return "DCOM answer";
	case EVIDENCE_RESPONSE:
		return "answered call";
	case EVIDENCE_TRAILER:
		return "call that names its interface";
	case EVIDENCE_DATAGRAM:
		return "answered datagram";
	case EVIDENCE_PUSH:
		return "new-mail datagram";
	case EVIDENCE_REGISTRATION:
		return "registration for new-mail datagrams";
	case EVIDENCE_FOREIGN:
		return "payload that is no DCE/RPC";
	}
	return "unknown";
}

static const char *
capture_words(const char *name, bool whole)
{
	if (name == NULL)
		return "an unknown capture";
	if (strcmp(name, "-") == 0)
		return "standard input";
	const char *slash = whole ? NULL : strrchr(name, '/');
	return slash != NULL ? slash + 1 : name;
}

void
prose_evidence(
    FILE *out, unsigned indent, const char *label, const struct query_evidence *e, bool whole)
{
	char when[CLOCK_TEXT], client[ADDR_TEXT];

	if (e->ts_ns == 0)
		return;
	if ((int)e->source == 0) {
		fprintf(out, "%*s%-10s%s, no packet: its time had come\n", (int)indent, "", label,
		    clock_format(e->ts_ns, when));
		return;
	}
	fprintf(out, "%*s%-10s%s, %s, client %s, ", (int)indent, "", label,
	    clock_format(e->ts_ns, when), source_words(e->source), addr_format(&e->client, client));
	if (e->frame == 0)
		fprintf(out, "on %s\n", e->capture != NULL ? e->capture : "an unknown interface");
	else
		fprintf(
		    out, "frame %" PRIu64 " of %s\n", e->frame, capture_words(e->capture, whole));
}

void
prose_tshark(FILE *out, unsigned indent, const struct query_evidence *e)
{
	if (e->ts_ns == 0 || e->frame == 0 || e->capture == NULL || strcmp(e->capture, "-") == 0)
		return;
	fprintf(out, "%*stshark -r ", (int)indent, "");
	prose_shell(out, e->capture);
	fprintf(out, " -Y 'frame.number==%" PRIu64 "'\n", e->frame);
}
