/* fuzz_policy.c - any octets as the text of a policy. What is taken can be printed and asked; what is refused says where. */
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "policy/describe.h"
#include "policy/file.h"
#include "tests/fuzz/check_towers.h"
#include "track/records.h"

static size_t
lines_of(const uint8_t *data, size_t size)
{
	size_t lines = 2; /* the end may stand on a line of its own */

	/* YAML ends lines by more than LF. */
	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n' || data[i] == '\r' || data[i] >= 0x80;
	return lines;
}

static void
check_complaints(const struct complaints *c, size_t lines)
{
	for (size_t i = 0; i < c->count; i++) {
		CHECK(c->list[i].line >= 1 && c->list[i].line <= lines);
		CHECK(c->list[i].column >= 1);
		CHECK(c->list[i].text[0] != '\0');
	}
}

/* The answers about one port agree with each other. */
static void
ask_port(const struct policy *p, const struct mapping_key *key, uint16_t port)
{
	struct endpoint e = {.port = port};
	unsigned lone = policy_breaches(p, key, &e, false),
		 beside = policy_breaches(p, key, &e, true);
	bool right = (lone & (POLICY_OUT_OF_RANGE | POLICY_DENIED)) == 0;

	CHECK((beside & ~lone) == 0);
	CHECK(policy_allows(p, key, &e) == right);
	CHECK(policy_denies(p, key) == ((lone & POLICY_DENIED) != 0));
	CHECK(!policy_is_pin(p, key, &e) || !(lone & POLICY_OFF_PIN));
}

static void
ask(const struct policy *p, const struct mapping_key *key)
{
	char words[64];

	for (unsigned port = 0; port <= 65535; port += 4093)
		ask_port(p, key, (uint16_t)port);
	policy_expected(p, key, words, sizeof(words));
	CHECK(strlen(words) < sizeof(words));
}

static void
check_rule(const struct policy_rule *r)
{
	CHECK(r->has_allowed || r->allowed.count == 0);
	CHECK(!r->deny || r->pins.count == 0);
	CHECK(r->servers.any || r->servers.count > 0);
	CHECK(r->interfaces.any || r->interfaces.count > 0);
}

/* Something that the rule is about. */
static struct mapping_key
key_of(const struct policy_rule *r)
{
	struct mapping_key key = {.protseq = r->protseq != 0 ? r->protseq : PROTSEQ_TCP};

	if (r->servers.count > 0)
		key.server = r->servers.network[0].base;
	if (r->interfaces.count > 0) {
		key.uuid = r->interfaces.interface[0].uuid;
		key.major = r->interfaces.interface[0].major;
	}
	return key;
}

/* A rule that names no port leaves the server at what is dynamic. */
static void
ask_silent(const struct policy *p, const struct mapping_key *key)
{
	const struct policy_rule *r = policy_rule_of(p, key);
	struct endpoint e = {0};

	if (r->deny || r->has_allowed || r->pins.count > 0 ||
	    !protseq_has_port((enum protseq)key->protseq))
		return;
	for (unsigned port = 1; port <= 65535; port += 1021) {
		e.port = (uint16_t)port;
		CHECK(policy_is_well_known(key->protseq, e.port) ||
		      policy_allows(p, key, &e) ==
			  policy_ports_hold(policy_dynamic_of(p, &key->server), e.port));
	}
}

static void
ask_rules(const struct policy *p)
{
	for (size_t i = 0; i < p->rule_count; i++) {
		struct mapping_key key = key_of(&p->rule[i]);

		check_rule(&p->rule[i]);
		CHECK(policy_rule_of(p, &key) != NULL);
		ask(p, &key);
		ask_silent(p, &key);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static FILE *null;
	struct policy_file *f;
	struct complaints said;

	if (null == NULL)
		null = fopen("/dev/null", "w");
	CHECK(null != NULL);
	int err = policy_file_parse((const char *)data, size, "fuzz", &f, &said);
	CHECK(err == 0 || err == ERR_MALFORMED);
	CHECK((err == 0) == (f != NULL));
	CHECK((err == 0) == (said.errors == 0));
	check_complaints(&said, lines_of(data, size));
	if (f == NULL)
		return 0;
	describe_policy(f, null);
	ask_rules(policy_file_policy(f));
	policy_file_free(&f);
	return 0;
}
