/* prose.c - small writers; none of them knows what a report is. */
#include "report/words/prose.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "report/words/table.h"
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

/* Appends what there is room for. */
static void
append(char *out, size_t size, size_t *used, const char *text, size_t len)
{
	if (*used + len >= size)
		len = size - 1 - *used;
	memcpy(out + *used, text, len);
	*used += len;
	out[*used] = '\0';
}

char *
prose_shell(char *out, size_t size, const char *word)
{
	static const char plain[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789%+,-./:=@_";
	size_t used = 0;

	if (word[0] != '\0' && strspn(word, plain) == strlen(word)) {
		append(out, size, &used, word, strlen(word));
		return out;
	}
	append(out, size, &used, "'", 1);
	for (; *word != '\0'; word++)
		append(out, size, &used, *word == '\'' ? "'\\''" : word, *word == '\'' ? 4 : 1);
	append(out, size, &used, "'", 1);
	return out;
}

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

/* What a rule looks at that is not what the source says elsewhere. */
static const struct {
	const char *rule; /* or how it begins */
	int source;       /* enum evidence_source; 0: none */
	const char *words;
} special[] = {
    {"EPM-012", EVIDENCE_MAP, "answer that it is not there"},
    {"EPM-013", EVIDENCE_ATTEMPT, "try to connect"}, /* a SYN: nothing was bound */
    {"SYS-", 0, "no packet: the sensor counts it"},
    {"", 0, "no packet: its time had come"},
};

const char *
prose_source(enum evidence_source source, const char *rule)
{
	for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++)
		if ((int)source == special[i].source &&
		    strncmp(rule != NULL ? rule : "", special[i].rule, strlen(special[i].rule)) == 0)
			return special[i].words;
	return source_words(source);
}

const char *
prose_capture(const char *name, bool whole)
{
	if (name == NULL)
		return "an unknown capture";
	if (strcmp(name, "-") == 0)
		return "standard input";
	const char *slash = whole ? NULL : strrchr(name, '/');
	return slash != NULL ? slash + 1 : name;
}

void
prose_evidence(FILE *out, unsigned indent, const char *label, const struct query_evidence *e,
    const char *rule)
{
	char when[CLOCK_TEXT], client[ADDR_TEXT];

	if (e->ts_ns == 0)
		return;
	fprintf(out, "%*s%-10s%s, %s", (int)indent, "", label, clock_format(e->ts_ns, when),
	    prose_source(e->source, rule));
	if ((int)e->source == 0) {
		fputc('\n', out);
		return;
	}
	fprintf(out, ", client %s, ", addr_format(&e->client, client));
	if (e->frame == 0)
		fprintf(out, "on %s\n", e->capture != NULL ? e->capture : "an unknown interface");
	else
		fprintf(
		    out, "frame %" PRIu64 " of %s\n", e->frame, prose_capture(e->capture, true));
}

static bool
is_of_file(const struct query_evidence *e)
{
	return e->ts_ns != 0 && e->frame != 0 && e->capture != NULL && strcmp(e->capture, "-") != 0;
}

/* Frames are told once, though several things may have been seen in one. */
static bool
frame_is_told(const struct query_evidence *const *e, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (is_of_file(e[i]) && e[i]->frame == e[count]->frame &&
		    strcmp(e[i]->capture, e[count]->capture) == 0)
			return true;
	return false;
}

bool
prose_command_all(const struct query_evidence *const *e, size_t count, char out[PROSE_COMMAND])
{
	char word[PROSE_WORD], frame[40];
	size_t used = 0, told = 0;

	if (count == 0 || !is_of_file(e[0]))
		return false;
	used = (size_t)snprintf(out, PROSE_COMMAND, "tshark -r %s -Y '",
	    prose_shell(word, sizeof(word), e[0]->capture));
	for (size_t i = 0; i < count && told < PROSE_FRAMES; i++) {
		if (!is_of_file(e[i]) || strcmp(e[i]->capture, e[0]->capture) != 0 ||
		    frame_is_told(e, i))
			continue;
		snprintf(frame, sizeof(frame), "%sframe.number==%" PRIu64, told++ > 0 ? " || " : "",
		    e[i]->frame);
		append(out, PROSE_COMMAND, &used, frame, strlen(frame));
	}
	append(out, PROSE_COMMAND, &used, "'", 1);
	return true;
}

bool
prose_command(const struct query_evidence *e, char out[PROSE_COMMAND])
{
	return prose_command_all(&e, 1, out);
}

void
prose_tshark(FILE *out, unsigned indent, const struct query_evidence *e)
{
	char command[PROSE_COMMAND];

	if (prose_command(e, command))
		fprintf(out, "%*s%s\n", (int)indent, "", command);
}
