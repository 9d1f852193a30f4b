/* evidence.c - see evidence.h. */
#include "store/evidence.h"

#include <string.h>

#include "store/column.h"
#include "store/param.h"
#include "store/query.h"
#include "store/state.h"
#include "track/records.h"

enum {
	EVIDENCE_WIDTH = 6
};

int
evidence_param(struct store *s, struct param *p, const struct evidence *e)
{
	int64_t capture;
	int err;

	if (e->ts_ns == 0) {
		for (int i = 0; i < EVIDENCE_WIDTH; i++)
			param_null(p);
		return 0;
	}
	if ((err = run_make_capture(s, e->capture, &capture)) != 0)
		return err;
	param_int(p, e->ts_ns);
	if (capture != 0)
		param_int(p, capture);
	else
		param_null(p);
	param_count(p, e->frame);
	param_int(p, e->source);
	param_addr(p, &e->client);
	param_int(p, e->client_port);
	return 0;
}

void
evidence_column(const struct store *s, struct column *c, struct evidence *out)
{
	memset(out, 0, sizeof(*out));
	if (column_is_null(c)) {
		column_skip(c, EVIDENCE_WIDTH);
		return;
	}
	out->ts_ns = column_int(c);
	out->capture = run_capture_of(s, column_int(c));
	out->frame = column_range(c, INT64_MAX);
	out->source = (enum evidence_source)column_range(c, UINT8_MAX);
	out->client = column_addr(c);
	out->client_port = column_u16(c);
}

void
evidence_query(const struct evidence *e, const char *capture, struct query_evidence *out)
{
	*out = (struct query_evidence){
	    .capture = capture,
	    .frame = e->frame,
	    .ts_ns = e->ts_ns,
	    .source = e->source,
	    .client = e->client,
	    .client_port = e->client_port,
	};
}
