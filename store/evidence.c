/* evidence.c - see evidence.h. */
#include "store/evidence.h"

#include <assert.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>

#include "base/addr.h"
#include "store/column.h"
#include "base/json.h"
#include "store/param.h"
#include "store/query.h"
#include "store/state.h"
#include "track/records.h"

/* Brackets, commas, quotes. */
static_assert(EVIDENCE_TEXT >= 4 * JSON_NUMBER + ADDR_TEXT + 2 + 10, "the longest evidence fits");

static char *
put_server(const struct evidence *e, char *p)
{
	if (e->server_port == 0)
		return p;
	*p++ = ',';
	p = json_put_number(p, e->server_port);
	if (e->proto == IPPROTO_TCP)
		return p;
	*p++ = ',';
	return json_put_number(p, e->proto);
}

size_t
evidence_write(const struct evidence *e, int64_t capture, char out[EVIDENCE_TEXT])
{
	char *p = out;

	*p++ = '[';
	if (capture > 0)
		p = json_put_number(p, (uint64_t)capture);
	else
		p = stpcpy(p, "null");
	*p++ = ',';
	p = json_put_number(p, e->frame > INT64_MAX ? INT64_MAX : e->frame);
	*p++ = ',';
	p = json_put_number(p, (uint64_t)e->source);
	*p++ = ',';
	*p++ = '"';
	p += strlen(addr_format(&e->client, p));
	*p++ = '"';
	*p++ = ',';
	p = json_put_number(p, e->client_port);
	p = put_server(e, p);
	*p++ = ']';
	return (size_t)(p - out);
}

int
evidence_param(struct store *s, struct param *p, const struct evidence *e)
{
	char text[EVIDENCE_TEXT];
	int64_t capture;
	int err;

	if (e->ts_ns == 0) {
		param_null(p);
		param_null(p);
		return 0;
	}
	if ((err = run_make_capture(s, e->capture, &capture)) != 0)
		return err;
	param_int(p, e->ts_ns);
	param_text(p, text, evidence_write(e, capture, text));
	return 0;
}

/* What is left to be read of a text; it is NULL from the first thing on that should not be there. */
struct evidence_text {
	const char *at;
};

static void
text_skip(struct evidence_text *t, const char *expected)
{
	size_t len = strlen(expected);

	if (t->at != NULL)
		t->at = strncmp(t->at, expected, len) == 0 ? t->at + len : NULL;
}

static int64_t
text_number(struct evidence_text *t)
{
	uint64_t n = 0;

	if (t->at == NULL || *t->at < '0' || *t->at > '9') {
		t->at = NULL;
		return 0;
	}
	for (; *t->at >= '0' && *t->at <= '9'; t->at++) {
		n = n * 10 + (uint64_t)(*t->at - '0');
		if (n > INT64_MAX) {
			t->at = NULL;
			return 0;
		}
	}
	return (int64_t)n;
}

static int64_t
text_capture(struct evidence_text *t)
{
	bool unknown = t->at != NULL && strncmp(t->at, "null", 4) == 0;

	if (unknown)
		t->at += 4;
	return unknown ? 0 : text_number(t);
}

static void
text_addr(struct evidence_text *t, struct addr *out)
{
	char text[ADDR_TEXT];
	size_t len = t->at != NULL ? strcspn(t->at, "\"") : sizeof(text);

	if (len >= sizeof(text)) {
		t->at = NULL;
		return;
	}
	memcpy(text, t->at, len);
	text[len] = '\0';
	t->at = addr_parse(text, out) == 0 ? t->at + len : NULL;
}

/* What may be missing; older stores never have it. */
static void
text_server(struct evidence_text *t, struct evidence *out)
{
	int64_t port, proto = IPPROTO_TCP;

	if (t->at == NULL || *t->at != ',')
		return;
	text_skip(t, ",");
	port = text_number(t);
	if (t->at != NULL && *t->at == ',') {
		text_skip(t, ",");
		proto = text_number(t);
	}
	if (port > UINT16_MAX || proto > UINT8_MAX)
		t->at = NULL;
	out->server_port = (uint16_t)port;
	out->proto = port != 0 ? (uint8_t)proto : 0;
}

/* Returns the row of the capture. */
static int64_t
text_read(struct evidence_text *t, struct evidence *out)
{
	int64_t capture, source, port;

	text_skip(t, "[");
	capture = text_capture(t);
	text_skip(t, ",");
	out->frame = (uint64_t)text_number(t);
	text_skip(t, ",");
	source = text_number(t);
	text_skip(t, ",\"");
	text_addr(t, &out->client);
	text_skip(t, "\",");
	port = text_number(t);
	text_server(t, out);
	text_skip(t, "]");
	if (t->at == NULL || *t->at != '\0' || source > UINT8_MAX || port > UINT16_MAX)
		t->at = NULL;
	out->source = (enum evidence_source)source;
	out->client_port = (uint16_t)port;
	return capture;
}

void
evidence_column(const struct store *s, struct column *c, int64_t ts_ns, struct evidence *out)
{
	struct evidence_text text = {column_text(c)};
	int64_t capture;

	memset(out, 0, sizeof(*out));
	if (text.at == NULL || ts_ns == 0)
		return;
	capture = text_read(&text, out);
	out->ts_ns = ts_ns;
	out->capture = run_capture_of(s, capture);
	if (text.at != NULL)
		return;
	memset(out, 0, sizeof(*out));
	column_refuse(c);
}

void
evidence_query(const struct evidence *e, const char *capture, const struct addr *server,
    struct query_evidence *out)
{
	*out = (struct query_evidence){
	    .capture = capture,
	    .frame = e->frame,
	    .ts_ns = e->ts_ns,
	    .source = e->source,
	    .client = e->client,
	    .client_port = e->client_port,
	    .server = *server,
	    .server_port = e->server_port,
	    .proto = e->proto,
	};
}
