/* store_checks.c - see store_checks.h. */
#include "store_checks.h"

#include <string.h>

static void
checks_evidence(const struct evidence *a, const struct evidence *b)
{
	assert_int_equal(a->ts_ns, b->ts_ns);
	assert_int_equal(a->frame, b->frame);
	assert_int_equal(a->capture, b->capture);
	assert_int_equal(a->source, b->source);
	assert_memory_equal(&a->client, &b->client, sizeof(a->client));
	assert_int_equal(a->client_port, b->client_port);
}

static void
checks_episode(const struct episode *a, const struct episode *b)
{
	assert_int_equal(a->row, b->row);
	assert_int_equal(a->endpoint.port, b->endpoint.port);
	assert_string_equal(a->endpoint.name, b->endpoint.name);
	assert_int_equal(a->first_ns, b->first_ns);
	assert_int_equal(a->last_ns, b->last_ns);
	assert_int_equal(a->ended_ns, b->ended_ns);
	assert_int_equal(a->why, b->why);
	assert_int_equal(a->announced, b->announced);
	assert_int_equal(a->used, b->used);
	assert_int_equal(a->attempted, b->attempted);
	assert_int_equal(a->minor, b->minor);
	assert_string_equal(a->annotation, b->annotation);
	checks_evidence(&a->first, &b->first);
	checks_evidence(&a->last, &b->last);
	assert_int_equal(a->client_count, b->client_count);
	if (a->client_count > 0)
		assert_memory_equal(a->client, b->client, a->client_count * sizeof(*a->client));
	else
		assert_null(b->client);
	assert_int_equal(a->clients_estimated, b->clients_estimated);
	assert_string_equal(a->told, b->told);
}

void
checks_reloads(struct store *s, const struct mapping *m)
{
	struct mapping *back;

	assert_int_equal(store_load_mapping(s, &m->key, &back), 0);
	assert_non_null(back);
	assert_memory_equal(&back->key, &m->key, sizeof(m->key));
	assert_int_equal(back->row, m->row);
	assert_int_equal(back->episode_count, m->episode_count);
	assert_false(back->dirty);
	for (size_t i = 0; i < m->episode_count; i++) {
		checks_episode(&m->episode[i], &back->episode[i]);
		assert_false(back->episode[i].dirty);
	}
	mapping_free(&back);
}

void
checks_refused(const char *path, enum store_mode mode, int err, const char *words)
{
	struct store *s;
	int got = store_open(&s, path, mode);

	if (got != err)
		fail_msg("%d instead of %d: %s", got, err, store_error(s));
	assert_non_null(strstr(store_error(s), path));
	assert_null(strchr(store_error(s), '\n'));
	if (strstr(store_error(s), words) == NULL)
		fail_msg("no \"%s\" in: %s", words, store_error(s));
	store_close(&s);
	assert_null(s);
}

void
checks_intact(struct store *s)
{
	assert_int_equal(
	    fixture_number(s, "SELECT integrity_check = 'ok' FROM pragma_integrity_check"), 1);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
}
