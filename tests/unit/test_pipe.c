/* test_pipe.c - open pipes: what they are called, and how they are found. */
#include "smb_rig.h"

static struct pipes
begin(struct smb_rig *r)
{
	return (struct pipes){
	    .env = &r->env, .side = {r->ends.side[0], r->ends.side[1]}, .client = CLIENT};
}

static struct pipe_key
key_of(uint64_t open_id, unsigned file)
{
	struct pipe_key key = {.session = SESSION, .open_id = open_id, .file_known = file != 0};

	key.file.octets[0] = (uint8_t)file;
	return key;
}

static struct pipe *
add(struct pipes *p, uint64_t open_id, unsigned file, const char *name)
{
	struct pipe_key key = key_of(open_id, file);

	return pipes_add(p, &key, (const uint8_t *)name, name != NULL ? strlen(name) : 0, false);
}

static struct pipe *
find(struct pipes *p, uint64_t open_id, unsigned file)
{
	struct pipe_key key = key_of(open_id, file);

	return pipes_find(p, &key);
}

static void
opened(struct pipes *p, uint64_t open_id, unsigned file)
{
	struct pipe_key key = key_of(open_id, 0), with = key_of(open_id, file);

	pipes_opened(p, &key, &with.file);
}

static void
test_names(void **state)
{
	static const struct {
		const char *name, *expected; /* NULL: names no pipe */
	} cases[] = {
	    {"lsarpc", "\\PIPE\\lsarpc"},
	    {"\\lsarpc", "\\PIPE\\lsarpc"},
	    {"\\PIPE\\lsarpc", "\\PIPE\\lsarpc"},
	    {"\\Pipe\\Winsock2\\Catalog-1", "\\PIPE\\Winsock2\\Catalog-1"},
	    {"bad\033[31m", "\\PIPE\\bad\xef\xbf\xbd[31m"},
	    {"", NULL},
	    {"\\", NULL},
	    {"\\PIPE\\", NULL},
	};
	struct smb_rig *r = *state;
	struct pipes p = begin(r);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pipe *pipe = add(&p, i, 0, cases[i].name);

		if (cases[i].expected == NULL)
			assert_null(pipe);
		else
			assert_string_equal(pipe->name, cases[i].expected);
	}
	assert_string_equal(add(&p, 99, 1, NULL)->name, "");
	pipes_free(&p);
}

/* What may have been cut would be another pipe's name. */
static void
test_a_name_that_is_too_long_names_no_pipe(void **state)
{
	struct smb_rig *r = *state;
	struct pipes p = begin(r);
	char name[1024];

	memset(name, 'x', sizeof(name));
	for (size_t len = 200; len < sizeof(name) - 1; len++) {
		struct pipe *pipe;

		name[len] = '\0';
		pipe = add(&p, len, 0, name);
		assert_true(pipe == NULL || strlen(pipe->name) == len + strlen("\\PIPE\\"));
		assert_true(len < 250 || len > PIPE_NAME - 5 || pipe != NULL);
		assert_true(len < PIPE_NAME || pipe == NULL);
		name[len] = 'x';
	}
	pipes_free(&p);
}

static void
test_found_by_its_opening_then_by_its_number(void **state)
{
	struct smb_rig *r = *state;
	struct pipes p = begin(r);
	struct pipe *pipe = add(&p, 7, 0, "samr");

	assert_ptr_equal(find(&p, 7, 0), pipe);
	assert_null(find(&p, 8, 0));
	assert_null(find(&p, 7, 5));
	opened(&p, 7, 5);
	assert_ptr_equal(find(&p, 0, 5), pipe);
	assert_null(find(&p, 7, 0)); /* that number of a message may be another's by now */
	opened(&p, 7, 6);
	assert_null(find(&p, 0, 6));
	pipes_free(&p);
}

static void
test_found_from_another_connection(void **state)
{
	struct smb_rig *r = *state;
	struct pipes p = begin(r), other = begin(r);
	struct pipe *pipe = add(&p, 7, 5, "samr");

	assert_ptr_equal(find(&other, 0, 5), pipe);
	assert_null(find(&other, 7, 0));
	other.client = -1;
	assert_null(find(&other, 0, 5));
	other.client = CLIENT;
	pipes_end(&other, &pipe->key);
	assert_ptr_equal(find(&other, 0, 5), pipe);
	pipes_end(&p, &pipe->key);
	assert_null(find(&other, 0, 5));
	r->env.pipes = NULL;
	pipe = add(&p, 7, 5, "samr");
	assert_null(find(&other, 0, 5));
	assert_ptr_equal(find(&p, 0, 5), pipe);
	pipes_free(&p);
}

/* Equal addresses and numbers in another realm are another pipe. */
static void
test_pipes_of_other_realms_are_others(void **state)
{
	struct smb_rig *r = *state;
	struct pipes p = begin(r), other = begin(r);
	struct pipe *pipe = add(&p, 7, 5, "samr");

	other.realm = 1;
	assert_null(find(&other, 0, 5));
	assert_ptr_not_equal(add(&other, 8, 5, "lsarpc"), pipe);
	assert_ptr_equal(find(&p, 0, 5), pipe);
	pipes_free(&p);
	assert_string_equal(find(&other, 0, 5)->name, "\\PIPE\\lsarpc");
	pipes_free(&other);
}

/* Where something has to go, what carries nothing goes first. */
static void
test_silent_pipes_go_first(void **state)
{
	struct smb_rig *r = *state;
	struct pipes p = begin(r);

	pipes_data(&p, add(&p, 1, 1, "epmapper"), CLIENT, golden_bind, sizeof(golden_bind));
	for (unsigned i = 2; i < PIPES_OPEN + 20; i++)
		assert_non_null(add(&p, i, i, "samr"));
	assert_non_null(find(&p, 0, 1));
	assert_null(find(&p, 0, 2));
	pipes_free(&p);
}

/* Sides are numbered anew on each connection. */
static void
test_directions_are_those_of_the_pipe(void **state)
{
	struct smb_rig *r = *state;
	struct pipes p = begin(r), other = begin(r);
	struct pipe *pipe;

	p.client = SERVER;
	p.side[0] = r->ends.side[SERVER];
	p.side[1] = r->ends.side[CLIENT];
	pipe = add(&p, 7, 5, "epmapper");
	pipes_data(&p, pipe, 1, golden_bind, sizeof(golden_bind));
	pipes_data(&other, find(&other, 0, 5), SERVER, golden_bind_ack, sizeof(golden_bind_ack));
	assert_int_equal(smb_count(r), 1);
	assert_int_equal(smb_bind(r, 0)->bind.outcome, BIND_ACKNOWLEDGED);
	assert_memory_equal(
	    &smb_bind(r, 0)->server, &r->ends.side[SERVER].addr, sizeof(struct addr));
	pipes_free(&p);
}

/* The one used longest ago goes first. */
static void
test_no_more_than_so_many(void **state)
{
	struct smb_rig *r = *state;
	struct pipes p = begin(r);

	for (unsigned i = 1; i <= PIPES_OPEN; i++)
		assert_non_null(add(&p, i, i, "samr"));
	assert_non_null(find(&p, 0, 1));
	assert_non_null(add(&p, 999, 200, "samr"));
	assert_int_equal(p.count, PIPES_OPEN);
	assert_non_null(find(&p, 0, 1));
	assert_null(find(&p, 0, 2));
	assert_non_null(find(&p, 0, 3));
	assert_int_equal(r->stats.capped, 1);
	pipes_free(&p);
	assert_int_equal(p.count, 0);
}

/* So many that buckets are shared; they go in another order than they came. */
static void
test_many_connections(void **state)
{
	enum {
		MANY = 12
	};
	struct smb_rig *r = *state;
	struct pipes p[MANY], other = begin(r);
	struct pipe_key key = key_of(0, 1);

	for (unsigned i = 0; i < MANY; i++) {
		p[i] = begin(r);
		for (unsigned k = 0; k < PIPES_OPEN; k++) {
			key.file.octets[0] = (uint8_t)i;
			key.file.octets[1] = (uint8_t)k;
			assert_non_null(pipes_add(&p[i], &key, NULL, 0, false));
		}
	}
	for (unsigned i = 0; i < MANY; i += 2)
		pipes_free(&p[i]);
	for (unsigned i = 0; i < MANY; i++) {
		for (unsigned k = 0; k < PIPES_OPEN; k++) {
			key.file.octets[0] = (uint8_t)i;
			key.file.octets[1] = (uint8_t)k;
			assert_int_equal(pipes_find(&other, &key) != NULL, i % 2);
		}
	}
	for (unsigned i = 1; i < MANY; i += 2)
		pipes_finish(&p[i]);
}

/* A pipe that finds no room is not there, and nothing is charged for it. */
static void
test_no_room(void **state)
{
	struct smb_rig *r = *state;
	struct pipes p = begin(r);

	r->budget.cap = 100;
	assert_null(add(&p, 7, 5, "samr"));
	assert_int_equal(r->stats.capped, 1);
	assert_int_equal(r->budget.used, 0);
	assert_int_equal(p.count, 0);
	assert_null(find(&p, 0, 5));
}

static void
test_none_before_the_client_is_known(void **state)
{
	struct smb_rig *r = *state;
	struct pipes p = begin(r);

	p.client = -1;
	assert_null(add(&p, 7, 5, "samr"));
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, smb_setup, smb_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(test_names),
	    CASE(test_a_name_that_is_too_long_names_no_pipe),
	    CASE(test_found_by_its_opening_then_by_its_number),
	    CASE(test_found_from_another_connection),
	    CASE(test_pipes_of_other_realms_are_others),
	    CASE(test_silent_pipes_go_first),
	    CASE(test_directions_are_those_of_the_pipe),
	    CASE(test_no_more_than_so_many),
	    CASE(test_many_connections),
	    CASE(test_no_room),
	    CASE(test_none_before_the_client_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
