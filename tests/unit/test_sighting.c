/* test_sighting.c - what observations say, and of which keys an answer lists all. */
#include "track/sighting.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/track_feed.h"

struct desk {
	struct feed feed;
	struct sightings seen;
};

static int
setup(void **state)
{
	*state = calloc(1, sizeof(struct desk));
	return *state != NULL ? 0 : -1;
}

static int
teardown(void **state)
{
	free(*state);
	return 0;
}

static size_t
groups(struct desk *d)
{
	struct group g;
	size_t n = 0;

	for (size_t at = 0; at < d->seen.count; n++)
		at = sightings_group(&d->seen, at, &g);
	return n;
}

/* Whether the first group is complete. */
static bool
complete(struct desk *d)
{
	struct group g;

	sightings_read(&d->seen, &d->feed.obs);
	assert_true(d->seen.count > 0);
	(void)sightings_group(&d->seen, 0, &g);
	return g.complete;
}

static void
towers_become_sightings_once_each_sorted_by_key_and_endpoint(void **state)
{
	struct desk *d = *state;
	struct feed *f = &d->feed;

	feed_lookup(f, 10, 1, 100);
	feed_tower(f, NSPI, PROTSEQ_TCP, 3000);
	feed_tower(f, DRSUAPI, PROTSEQ_TCP, 2000)->annotation = "first";
	feed_tower(f, DRSUAPI, PROTSEQ_TCP, 1000);
	feed_tower(f, DRSUAPI, PROTSEQ_TCP, 2000)->annotation = "second";
	sightings_read(&d->seen, &f->obs);
	assert_int_equal(d->seen.count, 3);
	assert_int_equal(groups(d), 2);
	assert_int_equal(d->seen.item[0].endpoint.port, 1000);
	assert_int_equal(d->seen.item[1].endpoint.port, 2000);
	assert_string_equal(d->seen.item[1].annotation, "first");
	assert_int_equal(d->seen.item[2].endpoint.port, 3000);
	assert_int_equal(d->seen.item[0].source, EVIDENCE_LOOKUP);
	assert_int_equal(d->seen.evidence.frame, 11);
	assert_int_equal(d->seen.evidence.client_port, 50000);
}

static void
trap_24_the_server_is_who_answered_not_what_the_tower_says(void **state)
{
	struct desk *d = *state;
	struct obs_tower *t;

	feed_map(&d->feed, 10, 1, 100, DRSUAPI);
	t = feed_tower(&d->feed, DRSUAPI, PROTSEQ_TCP, 1000);
	t->host = feed_addr(77);
	t->host_known = true;
	sightings_read(&d->seen, &d->feed.obs);
	assert_true(addr_equal(&d->seen.item[0].key.server, &(struct addr[]){feed_addr(1)}[0]));
}

static void
what_names_no_endpoint_is_left_out(void **state)
{
	struct desk *d = *state;
	struct feed *f = &d->feed;

	feed_lookup(f, 10, 1, 100);
	feed_tower(f, DRSUAPI, PROTSEQ_TCP, 0);
	feed_tower(f, DRSUAPI, PROTSEQ_UNKNOWN, 1000);
	feed_tower(f, DRSUAPI, PROTSEQ_LRPC, 0)->endpoint = "LRPC-1";
	feed_tower(f, DRSUAPI, PROTSEQ_NP, 0);
	feed_tower(f, DRSUAPI, PROTSEQ_NP, 0)->endpoint = "";
	feed_tower(f, MGMT, PROTSEQ_TCP, 1000);
	feed_tower(f, feed_iface("00000131-0000-0000-c000-000000000046", 0), PROTSEQ_TCP, 1000);
	feed_tower(f, feed_iface("00000143-0000-0000-c000-000000000046", 0), PROTSEQ_TCP, 1000);
	sightings_read(&d->seen, &f->obs);
	assert_int_equal(d->seen.count, 0);
	feed_bind(f, 10, 1, 100, 1000);
	feed_context(f, MGMT, CONTEXT_ACCEPTANCE);
	sightings_read(&d->seen, &f->obs);
	assert_int_equal(d->seen.count, 0);
}

static void
a_pipe_is_one_endpoint_however_it_is_spelled(void **state)
{
	struct desk *d = *state;
	struct feed *f = &d->feed;
	char out[ENDPOINT_TEXT];

	feed_lookup(f, 10, 1, 100);
	feed_tower(f, DRSUAPI, PROTSEQ_NP, 0)->endpoint = "\\PIPE\\lsass";
	feed_tower(f, DRSUAPI, PROTSEQ_NP, 0)->endpoint = "\\pipe\\LSASS";
	feed_tower(f, DRSUAPI, PROTSEQ_NP, 0)->endpoint = "lsass";
	feed_tower(f, DRSUAPI, PROTSEQ_NP, 0)->endpoint = "\\lsass";
	sightings_read(&d->seen, &f->obs);
	assert_int_equal(d->seen.count, 1);
	assert_string_equal(endpoint_format(&d->seen.item[0].endpoint, out), "\\PIPE\\lsass");
	feed_bind(f, 10, 1, 100, 0);
	f->obs.transport = TRANSPORT_NP;
	f->obs.pipe = "lsass";
	feed_context(f, DRSUAPI, CONTEXT_ACCEPTANCE);
	sightings_read(&d->seen, &f->obs);
	assert_int_equal(d->seen.item[0].key.protseq, PROTSEQ_NP);
	assert_string_equal(endpoint_format(&d->seen.item[0].endpoint, out), "\\PIPE\\lsass");
}

static void
accepted_contexts_of_one_interface_are_one_use(void **state)
{
	struct desk *d = *state;
	struct feed *f = &d->feed;

	feed_bind(f, 10, 1, 100, 1000);
	feed_context(f, DRSUAPI, CONTEXT_PROVIDER_REJECTION);
	feed_context(f, DRSUAPI, CONTEXT_ACCEPTANCE)->syntax = SYNTAX_NDR64;
	feed_context(f, DRSUAPI, CONTEXT_ACCEPTANCE)->syntax = SYNTAX_NDR;
	feed_context(f, NSPI, CONTEXT_ACCEPTANCE)->syntax = SYNTAX_BTFN;
	feed_context(f, NSPI, CONTEXT_USER_REJECTION);
	sightings_read(&d->seen, &f->obs);
	assert_int_equal(d->seen.count, 1);
	assert_int_equal(d->seen.item[0].source, EVIDENCE_BIND);
	assert_int_equal(d->seen.item[0].endpoint.port, 1000);
	assert_int_equal(d->seen.item[0].key.protseq, PROTSEQ_TCP);
}

static void
rejected_binds_prove_nothing_and_unanswered_ones_are_attempts(void **state)
{
	struct desk *d = *state;
	struct feed *f = &d->feed;

	feed_bind(f, 10, 1, 100, 1000);
	feed_context(f, DRSUAPI, CONTEXT_UNANSWERED);
	feed_context(f, DRSUAPI, CONTEXT_UNANSWERED);
	f->obs.bind.outcome = BIND_REJECTED;
	sightings_read(&d->seen, &f->obs);
	assert_int_equal(d->seen.count, 0);
	f->obs.bind.outcome = BIND_UNANSWERED;
	sightings_read(&d->seen, &f->obs);
	assert_int_equal(d->seen.count, 1);
	assert_int_equal(d->seen.item[0].source, EVIDENCE_ATTEMPT);
	assert_false(sighting_proves(&d->seen.item[0]));
	/* The answer broke off: one context is proven, the other one of the same interface adds
	 * nothing. */
	f->obs.bind.outcome = BIND_ACKNOWLEDGED;
	f->context[0].result = CONTEXT_ACCEPTANCE;
	sightings_read(&d->seen, &f->obs);
	assert_int_equal(d->seen.count, 1);
	assert_int_equal(d->seen.item[0].source, EVIDENCE_BIND);
}

/* One thing at a time that keeps an answer to ept_map from being complete. */
static void
trap_26_an_answer_is_complete_only_if_nothing_speaks_against_it(void **state)
{
	struct desk *d = *state;
	struct obs_epm *epm = &d->feed.obs.epm;

#define AGAIN()                                                                                    \
	(feed_map(&d->feed, 10, 1, 100, DRSUAPI), feed_tower(&d->feed, DRSUAPI, PROTSEQ_TCP, 1000))
	AGAIN();
	assert_true(complete(d));
	AGAIN();
	epm->question.seen = false;
	assert_false(complete(d));
	AGAIN();
	epm->question.with_object = true;
	assert_false(complete(d));
	AGAIN();
	epm->question.continues = true;
	assert_false(complete(d));
	AGAIN();
	epm->question.max_towers = 1;
	assert_false(complete(d));
	AGAIN();
	epm->question.names_interface = false;
	assert_false(complete(d));
	AGAIN();
	epm->handle_live = true;
	assert_false(complete(d));
	AGAIN();
	epm->damaged = true;
	assert_false(complete(d));
	AGAIN();
	epm->status = 0x16c9a012;
	assert_false(complete(d));
#undef AGAIN
}

static void
not_registered_ends_a_list_even_with_towers_and_a_handle(void **state)
{
	struct desk *d = *state;

	feed_lookup(&d->feed, 10, 1, 100);
	feed_tower(&d->feed, DRSUAPI, PROTSEQ_TCP, 1000);
	d->feed.obs.epm.status = 0x16c9a0d6;
	d->feed.obs.epm.handle_live = true;
	assert_true(complete(d));
	d->feed.obs.epm.question.max_towers = 1;
	assert_false(complete(d));
}

static void
ept_map_speaks_for_the_interface_version_and_carrier_asked_for(void **state)
{
	struct desk *d = *state;
	struct if_id other = DRSUAPI;

	feed_map(&d->feed, 10, 1, 100, DRSUAPI);
	feed_tower(&d->feed, DRSUAPI, PROTSEQ_HTTP, 1000);
	assert_false(complete(d));
	feed_map(&d->feed, 10, 1, 100, DRSUAPI);
	feed_tower(&d->feed, NSPI, PROTSEQ_TCP, 1000);
	assert_false(complete(d));
	other.major++;
	feed_map(&d->feed, 10, 1, 100, DRSUAPI);
	feed_tower(&d->feed, other, PROTSEQ_TCP, 1000);
	assert_false(complete(d));
	other = DRSUAPI;
	other.minor = 7;
	feed_map(&d->feed, 10, 1, 100, DRSUAPI);
	feed_tower(&d->feed, other, PROTSEQ_TCP, 1000);
	assert_true(complete(d));
}

static void
trap_29_ept_lookup_speaks_for_what_its_inquiry_covers(void **state)
{
	struct desk *d = *state;
	struct obs_epm_question *q = &d->feed.obs.epm.question;

	feed_lookup(&d->feed, 10, 1, 100);
	feed_tower(&d->feed, NSPI, PROTSEQ_HTTP, 1000);
	assert_true(complete(d));
	q->inquiry_type = 1;
	q->names_interface = true;
	q->iface = NSPI;
	q->version_option = 1;
	assert_true(complete(d));
	q->iface = DRSUAPI;
	assert_false(complete(d));
	q->iface = NSPI;
	q->names_interface = false;
	assert_false(complete(d));
	q->names_interface = true;
	q->inquiry_type = 2;
	assert_false(complete(d));
	q->inquiry_type = 3;
	assert_false(complete(d));
}

static void
a_listing_of_one_minor_version_does_not_speak_for_the_major_one(void **state)
{
	static const bool whole[] = {false, true, false, false, true, false, false};
	struct desk *d = *state;
	struct obs_epm_question *q = &d->feed.obs.epm.question;

	feed_lookup(&d->feed, 10, 1, 100);
	feed_tower(&d->feed, NSPI, PROTSEQ_HTTP, 1000);
	q->inquiry_type = 1;
	q->names_interface = true;
	q->iface = NSPI;
	q->iface.minor = 1;
	for (q->version_option = 0; q->version_option < 7; q->version_option++)
		assert_int_equal(complete(d), whole[q->version_option]);
	q->version_option = 2;
	q->iface.minor = 0;
	assert_true(complete(d));
}

static void
towers_beyond_the_cap_are_refused_and_leave_nothing_complete(void **state)
{
	struct desk *d = *state;

	feed_lookup(&d->feed, 10, 1, 100);
	for (uint16_t i = 0; i < SIGHTINGS_MAX + 5; i++)
		feed_tower(&d->feed, DRSUAPI, PROTSEQ_TCP, (uint16_t)(1000 + i));
	d->feed.obs.epm.question.max_towers = 10000;
	assert_false(complete(d));
	assert_int_equal(d->seen.count, SIGHTINGS_MAX);
	assert_int_equal(d->seen.refused, 5);
}

static void
a_group_tells_what_it_lists(void **state)
{
	struct desk *d = *state;
	struct group g;

	feed_lookup(&d->feed, 10, 1, 100);
	for (uint16_t i = 0; i < 100; i++)
		feed_tower(&d->feed, DRSUAPI, PROTSEQ_TCP, (uint16_t)(3000 - 2 * i));
	sightings_read(&d->seen, &d->feed.obs);
	(void)sightings_group(&d->seen, 0, &g);
	for (uint16_t port = 2802; port <= 3000; port++)
		assert_int_equal(group_lists(&g, &(struct endpoint){.port = port}), port % 2 == 0);
	assert_false(group_lists(&g, &(struct endpoint){.port = 2800}));
	assert_false(group_lists(&g, &(struct endpoint){.port = 3002}));
}

#define IREMUNKNOWN feed_iface("00000131-0000-0000-c000-000000000046", 0)
#define IREMUNKNOWN2 feed_iface("00000143-0000-0000-c000-000000000046", 0)
#define WBEM feed_iface("f309ad18-d86a-11d0-a075-00c04fb68820", 0)
#define CERTS feed_iface("d99e6e70-fc88-11d0-b498-00a0c90312f3", 0)

/* Several names and addresses of one host, with the same port. */
static void
an_object_is_announced_at_each_port_once(void **state)
{
	struct desk *d = *state;
	struct feed *f = &d->feed;

	feed_oxid(f, 10, 1, 100);
	feed_binding(f, PROTSEQ_TCP, 49724)->host_name = "DC1";
	feed_binding(f, PROTSEQ_TCP, 49724)->host = feed_addr(77);
	feed_binding(f, PROTSEQ_HTTP, 49724);
	feed_binding(f, PROTSEQ_TCP, 0);
	feed_binding(f, PROTSEQ_NP, 0)->endpoint = "\\PIPE\\x";
	feed_binding(f, PROTSEQ_UNKNOWN, 49999);
	feed_iface_of(f, WBEM);
	feed_iface_of(f, CERTS);
	sightings_read(&d->seen, &f->obs);
	assert_int_equal(d->seen.count, 4);
	assert_int_equal(groups(d), 4);
	for (size_t i = 0; i < 4; i++) {
		const struct sighting *s = &d->seen.item[i];

		assert_true(addr_equal(&s->key.server, &f->obs.server));
		assert_int_equal(s->source, EVIDENCE_OXID);
		assert_int_equal(s->endpoint.port, 49724);
		assert_int_equal(s->key.major, 0);
	}
	assert_int_equal(d->seen.evidence.client_port, 50000);
	assert_false(complete(d));
}

static void
trap_21_what_every_port_carries_names_none(void **state)
{
	struct desk *d = *state;

	feed_oxid(&d->feed, 10, 1, 100);
	feed_binding(&d->feed, PROTSEQ_TCP, 49724);
	feed_iface_of(&d->feed, IREMUNKNOWN);
	feed_iface_of(&d->feed, IREMUNKNOWN2);
	sightings_read(&d->seen, &d->feed.obs);
	assert_int_equal(d->seen.count, 0);
	feed_use(&d->feed, 10, 1, 49724, MGMT);
	sightings_read(&d->seen, &d->feed.obs);
	assert_int_equal(d->seen.count, 0);
	feed_use(&d->feed, 10, 1, 49724, IREMUNKNOWN2);
	sightings_read(&d->seen, &d->feed.obs);
	assert_int_equal(d->seen.count, 0);
}

/* It would be taken for the server as a whole. */
static void
a_nil_interface_is_none(void **state)
{
	struct if_id nil = {.major = 0};
	struct desk *d = *state;

	feed_lookup(&d->feed, 10, 1, 100);
	feed_tower(&d->feed, nil, PROTSEQ_TCP, 1032);
	feed_tower(&d->feed, NSPI, PROTSEQ_TCP, 1032);
	sightings_read(&d->seen, &d->feed.obs);
	assert_int_equal(d->seen.count, 1);
	feed_use(&d->feed, 10, 1, 1032, nil);
	sightings_read(&d->seen, &d->feed.obs);
	assert_int_equal(d->seen.count, 0);
}

static void
an_answer_without_interfaces_announces_none(void **state)
{
	struct desk *d = *state;

	feed_oxid(&d->feed, 10, 1, 100);
	feed_binding(&d->feed, PROTSEQ_TCP, 49724);
	sightings_read(&d->seen, &d->feed.obs);
	assert_int_equal(d->seen.count, 0);
	assert_int_equal(d->seen.refused, 0);
}

static void
ports_of_an_object_beyond_the_cap_are_refused(void **state)
{
	struct desk *d = *state;

	feed_oxid(&d->feed, 10, 1, 100);
	for (uint16_t i = 0; i < 40; i++)
		feed_binding(&d->feed, PROTSEQ_TCP, (uint16_t)(50000 + i));
	for (unsigned i = 0; i < 20; i++) {
		struct if_id iface = WBEM;

		iface.uuid.b[0] = (uint8_t)i;
		feed_iface_of(&d->feed, iface);
	}
	sightings_read(&d->seen, &d->feed.obs);
	assert_int_equal(d->seen.count, SIGHTINGS_MAX);
	assert_int_equal(d->seen.refused, 20 * 40 - SIGHTINGS_MAX);
}

static void
each_proof_of_use_is_one_sighting(void **state)
{
	struct desk *d = *state;
	struct feed *f = &d->feed;
	const struct sighting *s = &d->seen.item[0];

	feed_use(f, 10, 1, 49152, NSPI);
	sightings_read(&d->seen, &f->obs);
	assert_int_equal(d->seen.count, 1);
	assert_int_equal(s->source, EVIDENCE_RESPONSE);
	assert_int_equal(s->key.protseq, PROTSEQ_TCP);
	assert_int_equal(s->key.major, 56);
	assert_int_equal(s->endpoint.port, 49152);
	assert_true(sighting_proves(s));
	f->obs.use.proof = USE_TRAILER;
	sightings_read(&d->seen, &f->obs);
	assert_int_equal(s->source, EVIDENCE_TRAILER);
	f->obs.use.proof = USE_DATAGRAM;
	f->obs.transport = TRANSPORT_UDP;
	sightings_read(&d->seen, &f->obs);
	assert_int_equal(s->source, EVIDENCE_DATAGRAM);
	assert_int_equal(s->key.protseq, PROTSEQ_UDP);
	f->obs.transport = TRANSPORT_NP;
	sightings_read(&d->seen, &f->obs);
	assert_int_equal(d->seen.count, 0); /* a pipe whose name is not known */
	f->obs.pipe = "netlogon";
	sightings_read(&d->seen, &f->obs);
	assert_string_equal(s->endpoint.name, "\\PIPE\\netlogon");
	assert_int_equal(s->endpoint.port, 0);
}

static void
a_pipe_without_a_name_is_no_endpoint(void **state)
{
	static const char *const names[] = {NULL, "", "\\", "\\PIPE\\", "\\pipe\\"};
	struct desk *d = *state;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		feed_bind(&d->feed, 10, 1, 100, 445);
		feed_context(&d->feed, NSPI, CONTEXT_ACCEPTANCE);
		d->feed.obs.transport = TRANSPORT_NP;
		d->feed.obs.pipe = names[i];
		sightings_read(&d->seen, &d->feed.obs);
		assert_int_equal(d->seen.count, 0);
	}
}

/* Its opening was not seen, but the answer to the bind says which it is. */
static void
a_pipe_may_be_named_by_its_server(void **state)
{
	struct desk *d = *state;

	feed_bind(&d->feed, 10, 1, 100, 445);
	feed_context(&d->feed, NSPI, CONTEXT_ACCEPTANCE);
	d->feed.obs.transport = TRANSPORT_NP;
	d->feed.obs.pipe = NULL;
	d->feed.obs.bind.secondary_address = "\\PIPE\\lsass";
	sightings_read(&d->seen, &d->feed.obs);
	assert_int_equal(d->seen.count, 1);
	assert_string_equal(d->seen.item[0].endpoint.name, "\\PIPE\\lsass");
	d->feed.obs.pipe = "lsarpc";
	sightings_read(&d->seen, &d->feed.obs);
	assert_string_equal(d->seen.item[0].endpoint.name, "\\PIPE\\lsarpc");
}

static void
what_is_said_of_a_server_is_no_sighting(void **state)
{
	struct desk *d = *state;
	struct mapping_key key;

	feed_names(&d->feed, 10, 1, "dc1.example.com");
	sightings_read(&d->seen, &d->feed.obs);
	assert_int_equal(d->seen.count, 0);
	assert_false(sightings_begin(&d->feed.obs, &key));
	feed_sealed(&d->feed, 10, 1, 3, 1);
	sightings_read(&d->seen, &d->feed.obs);
	assert_int_equal(d->seen.count, 0);
	assert_false(sightings_begin(&d->feed.obs, &key));
	feed_referral(&d->feed, 10, 1, "dc1");
	sightings_read(&d->seen, &d->feed.obs);
	assert_int_equal(d->seen.count, 0);
	assert_false(sightings_begin(&d->feed.obs, &key));
}

static void
the_realm_is_the_observations(void **state)
{
	struct desk *d = *state;
	struct mapping_key key;

	feed_use(&d->feed, 10, 1, 49152, NSPI);
	d->feed.obs.at.realm = 3;
	sightings_read(&d->seen, &d->feed.obs);
	assert_int_equal(d->seen.item[0].key.realm, 3);
	assert_true(sightings_begin(&d->feed.obs, &key));
	assert_int_equal(mapping_key_compare(&key, &d->seen.item[0].key), 0);
	feed_map(&d->feed, 10, 1, 100, DRSUAPI);
	feed_tower(&d->feed, DRSUAPI, PROTSEQ_TCP, 1000);
	d->feed.obs.at.realm = 3;
	assert_true(complete(d)); /* what was asked is of the same realm */
	assert_int_equal(d->seen.item[0].key.realm, 3);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(towers_become_sightings_once_each_sorted_by_key_and_endpoint),
	    T(trap_24_the_server_is_who_answered_not_what_the_tower_says),
	    T(what_names_no_endpoint_is_left_out),
	    T(a_pipe_is_one_endpoint_however_it_is_spelled),
	    T(accepted_contexts_of_one_interface_are_one_use),
	    T(rejected_binds_prove_nothing_and_unanswered_ones_are_attempts),
	    T(trap_26_an_answer_is_complete_only_if_nothing_speaks_against_it),
	    T(not_registered_ends_a_list_even_with_towers_and_a_handle),
	    T(ept_map_speaks_for_the_interface_version_and_carrier_asked_for),
	    T(trap_29_ept_lookup_speaks_for_what_its_inquiry_covers),
	    T(a_listing_of_one_minor_version_does_not_speak_for_the_major_one),
	    T(towers_beyond_the_cap_are_refused_and_leave_nothing_complete),
	    T(a_group_tells_what_it_lists),
	    T(an_object_is_announced_at_each_port_once),
	    T(trap_21_what_every_port_carries_names_none),
	    T(a_nil_interface_is_none),
	    T(an_answer_without_interfaces_announces_none),
	    T(ports_of_an_object_beyond_the_cap_are_refused),
	    T(each_proof_of_use_is_one_sighting),
	    T(a_pipe_without_a_name_is_no_endpoint),
	    T(a_pipe_may_be_named_by_its_server),
	    T(what_is_said_of_a_server_is_no_sighting),
	    T(the_realm_is_the_observations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
