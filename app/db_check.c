/* db_check.c - is a store sound? What SQLite and the tables can tell, store/upkeep.h looks at; what the octets of the tracker
 * mean, only its own readers know. See db.h. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "app/db.h"
#include "app/exits.h"
#include "app/settings.h"
#include "app/show.h"
#include "base/err.h"
#include "base/log.h"
#include "store/query.h"
#include "store/store.h"
#include "store/upkeep.h"
#include "track/clock.h"
#include "track/dossier.h"
#include "track/moments.h"
#include "track/pending.h"

struct finding {
	const char *store;
	size_t count;
	size_t pending;      /* of keys and servers, whose octets are damaged */
	struct clock *clock; /* room for one */
};

static void
say_wrong(void *ctx, const char *what)
{
	struct finding *f = ctx;

	f->count++;
	printf("%s: %s\n", f->store, what);
}

static bool
notes_good(const uint8_t *notes, size_t len)
{
	struct dossier *d = NULL;
	int err = len > 0 ? dossier_decode(&d, notes, len) : 0;

	dossier_free(&d);
	return err == 0;
}

static bool
mapping_good(const struct state *state)
{
	/* not one of its episodes is there, so nothing is read into any */
	struct mapping m = {.state = *state};
	struct pending p;
	const uint8_t *notes;
	size_t len;

	return pending_decode(&m, &p, &notes, &len) && notes_good(notes, len);
}

static bool
server_good(const struct mapping_key *server, const struct state *state)
{
	struct moments m = {.count = 0};
	const uint8_t *notes = NULL;
	size_t len = 0;
	bool good =
	    state->len == 0 || moments_decode(&m, server, state->data, state->len, &notes, &len);

	moments_free(&m);
	return good && notes_good(notes, len);
}

static int
pending_seen(void *ctx, const struct query_pending *row)
{
	struct finding *f = ctx;
	bool good = uuid_is_nil(&row->key.uuid) ? server_good(&row->key, row->state)
						: mapping_good(row->state);

	f->pending += !good;
	return 0;
}

static int
clock_seen(void *ctx, const struct query_state *state)
{
	struct finding *f = ctx;

	clock_init(f->clock, CLOCK_DISORDER_NS);
	if (!clock_decode(f->clock, state->data, state->len))
		say_wrong(f, "the healthy clock of a sensor cannot be read");
	return 0;
}

/* What the tracker will want to read. */
static int
check_octets(struct store *store, struct finding *f)
{
	const struct query_filter all = {0};
	int err = query_pending(store, &all, pending_seen, f);

	if (err == 0 && f->pending > 0) {
		char line[96];

		snprintf(line, sizeof(line), "%zu keys or servers have pending what cannot be read",
		    f->pending);
		say_wrong(f, line);
	}
	if (err == 0 && (f->clock = malloc(sizeof(*f->clock))) == NULL)
		err = -ENOMEM;
	if (err == 0)
		err = query_states(store, "clock", clock_seen, f);
	free(f->clock);
	return err;
}

int
db_check(struct settings *s)
{
	struct finding f = {.store = s->store};
	struct store *store;
	int err = show_open(s, &store);
	bool open = err == 0;

	if (err == 0)
		err = upkeep_check(store, say_wrong, &f);
	if (err == 0)
		err = check_octets(store, &f);
	if (err != 0 && open)
		log_error("%s", store_error(store)[0] != '\0' ? store_error(store) : err_text(err));
	store_close(&store);
	if (err == ERR_STORE)
		return EX_DATAERR;
	if (err == 0 && f.count == 0 && !s->quiet)
		printf("%s: sound\n", s->store);
	return err != 0 ? db_exit(err) : f.count > 0 ? EX_DATAERR : EX_OK;
}
