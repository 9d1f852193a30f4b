/* record.c - see record.h. */
#include "store/record.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "store/alert_clients.h"
#include "store/column.h"
#include "store/evidence.h"
#include "store/state.h"
#include "track/records.h"

enum {
	PLACE_COLUMNS = 3,
	PLACE_WORD = 40,
	PLACE_TEXT = 160,
};

void
record_key(struct column *c, uint8_t realm, struct mapping_key *out)
{
	memset(out, 0, sizeof(*out));
	out->server = column_addr(c);
	column_octets(c, out->uuid.b, sizeof(out->uuid.b));
	out->major = column_u16(c);
	out->protseq = (uint8_t)column_range(c, UINT8_MAX);
	out->realm = realm;
}

void
record_about(struct column *c, uint8_t realm, struct mapping_key *out)
{
	memset(out, 0, sizeof(*out));
	out->realm = realm;
	out->server = column_addr(c);
	if (!column_is_null(c))
		column_octets(c, out->uuid.b, sizeof(out->uuid.b));
	else
		column_skip(c, 1);
	out->major = column_u16(c);
	out->protseq = (uint8_t)column_range(c, UINT8_MAX);
}

int64_t
record_alert(const struct store *s, struct column *c, uint8_t realm, struct alert *out)
{
	int64_t row, evidence_ns;

	memset(out, 0, sizeof(*out));
	row = column_int(c);
	column_copy(c, out->id, sizeof(out->id));
	column_copy(c, out->change, sizeof(out->change));
	column_copy(c, out->rule, sizeof(out->rule));
	out->severity = (enum severity)column_range(c, UINT8_MAX);
	out->state = (enum alert_state)column_range(c, UINT8_MAX);
	record_about(c, realm, &out->key);
	column_copy(c, out->about, sizeof(out->about));
	out->minor = column_u16(c);
	out->ts_ns = column_int(c);
	out->opened_ns = column_int(c);
	out->updated_ns = column_int(c);
	out->closed_ns = column_int(c);
	out->once = column_int(c) != 0;
	out->suppressed = column_int(c) != 0;
	alert_clients_column(c, out);
	out->client_total = column_range(c, INT64_MAX);
	column_copy(c, out->signature, sizeof(out->signature));
	column_copy(c, out->expected, sizeof(out->expected));
	column_copy(c, out->observed, sizeof(out->observed));
	evidence_ns = column_int(c);
	evidence_column(s, c, evidence_ns, &out->evidence);
	return row;
}

/* The first columns say which row it is: cleaned, and cut to what a line of a message has room for. */
static void
place_add(const struct column *c, char out[PLACE_TEXT])
{
	size_t used = 0;

	out[0] = '\0';
	for (int i = 0; i < sqlite3_column_count(c->st) && i < PLACE_COLUMNS; i++) {
		const char *value = (const char *)sqlite3_column_text(c->st, i);
		char clean[PLACE_WORD];

		if (value == NULL || used >= PLACE_TEXT)
			continue;
		text_clean((const uint8_t *)value, strlen(value), clean, sizeof(clean));
		used += (size_t)snprintf(out + used, PLACE_TEXT - used, "%s%.20s %s",
		    used > 0 ? ", " : "", sqlite3_column_name(c->st, i), clean);
	}
}

int
record_check(struct store *s, const struct column *c)
{
	char place[PLACE_TEXT];

	if (!c->bad)
		return 0;
	place_add(c, place);
	return db_say(&s->db, ERR_STORE,
	    "a row in it makes no sense: `%.40s' of the one with %s; it was edited or is damaged",
	    sqlite3_column_name(c->st, c->bad_at), place);
}
