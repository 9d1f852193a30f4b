/* Files of settings: what they may say, for whom it counts, and what is refused with its place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <cmocka.h>

#include "app/event_types.h"
#include "app/options.h"
#include "app/realm_rules.h"
#include "app/verbs.h"
#include "base/log.h"
#include "track/service.h"
#include "temp_dir.h"

enum {
	SAID = 4096,
	WORDS = 16
};

static struct temp_dir dir;
static char said[SAID];

static void
remember(void *ctx, enum log_level level, const char *line)
{
	size_t at = strlen(said);

	(void)ctx;
	(void)level;
	snprintf(said + at, sizeof(said) - at, "%s\n", line);
}

static int
set_up(void **state)
{
	(void)state;
	return temp_dir_make(&dir);
}

static int
tear_down(void **state)
{
	(void)state;
	log_set_level(LOG_INFO);
	temp_dir_remove(&dir);
	return 0;
}

static const char *
write_file(const char *name, const char *text, size_t len)
{
	static char path[4][512];
	static size_t next;
	char *p = path[next++ % 4];
	FILE *out;

	snprintf(p, sizeof(path[0]), "%s/%s", dir.path, name);
	out = fopen(p, "wb");
	assert_non_null(out);
	assert_int_equal(fwrite(text, 1, len, out), len);
	assert_int_equal(fclose(out), 0);
	return p;
}

/* Parse ${words} (NULL at the end) as options of ${verb}, behind --config and a file of ${text}. */
static int
parsed(struct settings *s, const char *verb, const char *text, const char *const *words)
{
	static char copy[WORDS][512];
	char *argv[WORDS + 1];
	int argc = 3;

	snprintf(copy[0], sizeof(copy[0]), "%s", verb);
	snprintf(copy[1], sizeof(copy[1]), "--config");
	snprintf(copy[2], sizeof(copy[2]), "%s", write_file("c.yaml", text, strlen(text)));
	for (; words[argc - 3] != NULL; argc++)
		snprintf(copy[argc], sizeof(copy[0]), "%s", words[argc - 3]);
	for (int i = 0; i < argc; i++)
		argv[i] = copy[i];
	argv[argc] = NULL;
	said[0] = '\0';
	log_set_sink(remember, NULL);
	settings_init(s);
	int status = options_parse(verbs_find(verb), argc, argv, s);
	log_set_sink(NULL, NULL);
	return status;
}

static void
long_options_are_keys(void **state)
{
	struct settings s;

	(void)state;
	assert_int_equal(
	    parsed(&s, "sense",
		"# a sensor\nstore: a.db\ninterface: [eth1, eth2]\nevent-types: [epm, alert]\n"
		"memory: 64M\nno-smb: true\nno-prefilter: false\nsensor: plant\n"
		"realm-of: [\"vlan=10:north\", \"vni=5:south\"]\npolicy: ad-static\n",
		(const char *const[]){NULL}),
	    0);
	assert_string_equal(s.store, "a.db");
	assert_int_equal(s.devices, 2);
	assert_string_equal(s.device[1], "eth2");
	assert_int_equal(s.event_types, EVENT_TYPE(EVENT_EPM) | EVENT_TYPE(EVENT_ALERT));
	assert_int_equal(s.memory, 64 << 20);
	assert_true(s.no_smb);
	assert_false(s.unfiltered);
	assert_string_equal(s.sensor, "plant");
	assert_int_equal(s.realms->count, 2);
	assert_string_equal(s.policy_name, "ad-static");
	settings_deinit(&s);
}

static void
command_line_wins(void **state)
{
	static const char text[] = "store: a.db\ninterface: [eth1, eth2]\nfilter: tcp\ncount: 5\n";
	struct settings s;

	(void)state;
	assert_int_equal(parsed(&s, "sense", text,
			     (const char *const[]){"-i", "eth3", "-d", "b.db", "-f", "udp", NULL}),
	    0);
	assert_string_equal(s.store, "b.db");
	assert_int_equal(s.devices, 1);
	assert_string_equal(s.device[0], "eth3");
	assert_string_equal(s.filter, "udp");
	assert_int_equal(s.count, 5);
	settings_deinit(&s);
	/* Words that are no options are a filter, too. */
	assert_int_equal(parsed(&s, "sense", text, (const char *const[]){"port", "135", NULL}), 0);
	assert_int_equal(settings_filter_words(&s, 0), 0);
	assert_string_equal(s.filter, "port 135");
	settings_deinit(&s);
	assert_int_equal(
	    parsed(&s, "read", "filter: tcp\n",
		(const char *const[]){"-F", write_file("f", "udp", 3), "x.pcap", NULL}),
	    0);
	assert_string_equal(s.filter, "udp");
	settings_deinit(&s);
}

static void
keys_count_for_verbs_for_which_they_mean_the_same(void **state)
{
	static const char text[] =
	    "store: a.db\ninterface: eth1\nsensor: plant\nsince: 24h\nfail-on: high\n"
	    "list:\n  fail-on: low\n  format: csv\nreport:\n  until: 1h\n";
	struct settings s;

	(void)state;
	assert_int_equal(parsed(&s, "list", text, (const char *const[]){NULL}), 0);
	assert_string_equal(s.store, "a.db");
	assert_null(s.service);
	assert_null(s.query.sensor);
	assert_null(s.since);
	assert_int_equal(s.fail_on, SEVERITY_LOW);
	assert_string_equal(s.format, "csv");
	settings_deinit(&s);
	assert_int_equal(parsed(&s, "report", text, (const char *const[]){NULL}), 0);
	assert_string_equal(s.since, "24h");
	assert_string_equal(s.until, "1h");
	assert_int_equal(s.fail_on, SEVERITY_HIGH);
	settings_deinit(&s);
	assert_int_equal(
	    parsed(&s, "list", text, (const char *const[]){"--fail-on", "info", NULL}), 0);
	assert_int_equal(s.fail_on, SEVERITY_INFO);
	settings_deinit(&s);
	/* A section outranks the top, wherever it stands. */
	assert_int_equal(
	    parsed(&s, "read", "read:\n  count: 7\ncount: 5\n", (const char *const[]){"x", NULL}),
	    0);
	assert_int_equal(s.count, 7);
	settings_deinit(&s);
	/* What may be said once is said by the section then. */
	assert_int_equal(parsed(&s, "read", "filter: tcp\nread:\n  filter: udp\n",
			     (const char *const[]){"x", NULL}),
	    0);
	assert_string_equal(s.filter, "udp");
	settings_deinit(&s);
}

static void
nothing_is_a_file_too(void **state)
{
	static const char *const text[] = {"", "\n\n", "# store: a.db\n\n  # more\r\n", "list:\n"};
	struct settings s;

	(void)state;
	for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++) {
		assert_int_equal(parsed(&s, "list", text[i], (const char *const[]){NULL}), 0);
		assert_null(s.store);
		settings_deinit(&s);
	}
}

static void
what_is_wrong_is_refused_with_its_place(void **state)
{
	static const struct {
		const char *text, *wanted;
	} row[] = {
	    {"store: a\npolcy: b\n", "c.yaml:2:1: expected a long option of read, sense or report, "
				     "or a verb, was `polcy'; did you mean policy?"},
	    {"config: x\n", "c.yaml:1:1: expected a long option"},
	    {"help: true\n", "c.yaml:1:1: expected a long option"},
	    {"store: [a, b]\n", "c.yaml:1:8: expected FILE, was a list"},
	    {"store:\n", "c.yaml:1:7: expected FILE, was nothing"},
	    {"store: {a: b}\n", "c.yaml:1:8: expected FILE, was a mapping"},
	    {"interface: [eth0, [eth1]]\n", "c.yaml:1:19: expected DEVICE, was a list"},
	    {"quiet: yes\n", "c.yaml:1:8: expected true or false, was `yes'"},
	    {"quiet: [true]\n", "c.yaml:1:8: expected true or false, was a list"},
	    {"store: a\nstore: b\n", "c.yaml:2:1: expected each key once"},
	    {"- store\n", "c.yaml:1:1: expected settings, each with its key, was a list"},
	    {"list: text\n", "c.yaml:1:7: expected a mapping of options of this verb, was `text'"},
	    {"list:\n  formt: csv\n", "c.yaml:2:3: expected an option of epmwatch list, was "
				      "`formt'; did you mean format?"},
	    {"memory: 99999999999999999999999\n",
		"c.yaml:1:9: size `99999999999999999999999' is none"},
	    {"workers: -1\n", "c.yaml:1:10: number of workers `-1' is none"},
	    {"progress: sometimes\n",
		"c.yaml:1:11: expected auto, always or never, was `sometimes'"},
	    {"list:\n  format: xml\n", "c.yaml:2:11: expected text, json or csv, was `xml'"},
	    {"list:\n  format: [text]\n", "c.yaml:2:11: expected text, json or csv, was a list"},
	    {"policy: no-such.yaml\n", "c.yaml:1:9: policy no-such.yaml"},
	    {"event-types: [epm, alret]\n",
		"c.yaml:1:14: there is no event type `alret'; did you mean alert?"},
	    {"realm-of: ['vlan=1:a', 'vlan=1:b']\n",
		"c.yaml:1:24: `vlan=1:b': that has a realm already"},
	    {"filter: tcp\nfilter-file: f\n", "c.yaml:2:14: more than one filter"},
	    {"store: &a x\n", "c.yaml:1:8: expected a value, was an anchor"},
	    {"store: \"a\n", "c.yaml:"},
	};
	struct settings s;

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		assert_int_equal(
		    parsed(&s, "read", row[i].text, (const char *const[]){"x", NULL}), EX_CONFIG);
		if (strstr(said, row[i].wanted) == NULL)
			fail_msg("%s\nsaid %s\nand not %s", row[i].text, said, row[i].wanted);
		settings_deinit(&s);
	}
}

/* Whichever verb runs. */
static void
values_for_other_verbs_are_looked_at(void **state)
{
	static const struct {
		const char *text, *wanted;
	} row[] = {
	    {"memory: 5\n", "c.yaml:1:9: memory of 5 is too little"},
	    {"sense:\n  ring-size: 3\n", "c.yaml:2:14: size of a ring `3' is none"},
	    {"read:\n  count: none\n", "c.yaml:2:10: count `none' is none"},
	    {"db prune:\n  sessions: 7\n  keys: 0\n", "c.yaml:3:9: number of days `0' is none"},
	    {"report:\n  since: yesterday\n", "c.yaml:2:10: time `yesterday' is none"},
	    {"report:\n  mail: [a@b.example, 'x y']\n", "c.yaml:2:23: address `x y' is none"},
	    {"list:\n  server: dc1\n", "c.yaml:2:11: server `dc1' is none"},
	    {"pushes:\n  port: 70000\n", "c.yaml:2:9: port `70000' is none"},
	    {"export nft:\n  table: filter\n", "c.yaml:2:10: table `filter' is none"},
	    {"sense:\n  event-types: [epm, alret]\n", "c.yaml:2:16: there is no event type"},
	    {"sense:\n  interface: [a, a]\n", "c.yaml:2:18: interface a is named twice"},
	    {"realm-of: 'vlan=x:a'\n", "c.yaml:1:11: realm `vlan=x:a' is none"},
	};
	struct settings s;

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		assert_int_equal(
		    parsed(&s, "changes", row[i].text, (const char *const[]){NULL}), EX_CONFIG);
		if (strstr(said, row[i].wanted) == NULL || strchr(said, '\n')[1] != '\0')
			fail_msg("%s\nsaid %s\nand not %s", row[i].text, said, row[i].wanted);
		settings_deinit(&s);
	}
}

static void
nothing_of_other_verbs_is_left_behind(void **state)
{
	struct settings s;

	(void)state;
	/* what only files can tell is for the verb that runs, and so is what holds at once */
	assert_int_equal(
	    parsed(&s, "changes",
		"store: a.db\nquiet: true\nlist: {interface: no-such, hosts: no-such, policy: no-such}\n"
		"sense: {filter-file: no-such, filter: tcp, uuids: no-such, workers: 3}\n",
		(const char *const[]){NULL}),
	    0);
	assert_string_equal(s.store, "a.db");
	assert_null(s.filter);
	assert_int_equal(s.workers, 0);
	assert_false(s.quiet);
	log_set_sink(remember, NULL);
	log_info("still told");
	log_set_sink(NULL, NULL);
	assert_string_equal(said, "still told\n");
	settings_deinit(&s);
}

static void
names_of_the_command_line_outlive_the_look(void **state)
{
	static const char names[] = "12345678-1234-abcd-ef00-0123456789aa\tacme\n";
	const char *file = write_file("u.tsv", names, sizeof(names) - 1);
	struct settings s;

	(void)state;
	assert_int_equal(parsed(&s, "list", "read: {count: 3}\nlist: {interface: acme}\n",
			     (const char *const[]){"--uuids", file, NULL}),
	    0);
	assert_string_equal(s.service, "acme");
	settings_deinit(&s);
}

static void
all_that_is_wrong_is_said_and_nothing_is_taken(void **state)
{
	struct settings s;

	(void)state;
	assert_int_equal(parsed(&s, "read", "store: a.db\nx: 1\nquiet: no\nmemory: []\ny: 2\n",
			     (const char *const[]){"x", NULL}),
	    EX_CONFIG);
	assert_non_null(strstr(said, "2:1"));
	assert_non_null(strstr(said, "3:8"));
	assert_non_null(strstr(said, "5:1"));
	assert_null(s.store);
	settings_deinit(&s);
}

static void
a_file_that_cannot_be_read_is_an_error(void **state)
{
	static char big[(1 << 20) + 2];
	char verb[] = "list", option[] = "--config", *argv[] = {verb, option, dir.path, NULL};
	struct settings s;

	(void)state;
	settings_init(&s);
	log_set_sink(remember, NULL);
	assert_int_equal(options_parse(verbs_find("list"), 3, argv, &s), EX_CONFIG);
	log_set_sink(NULL, NULL);
	settings_deinit(&s);
	memset(big, '#', sizeof(big) - 1);
	big[0] = 'a';
	assert_int_equal(parsed(&s, "list", big, (const char *const[]){NULL}), EX_CONFIG);
	assert_non_null(strstr(said, "1 MiB"));
	settings_deinit(&s);
	assert_int_equal(
	    parsed(&s, "list", "", (const char *const[]){"--config", "y", NULL}), EX_USAGE);
	settings_deinit(&s);
}

static void
help_reads_no_file(void **state)
{
	struct settings s;

	(void)state;
	assert_int_equal(parsed(&s, "list", "nonsense", (const char *const[]){"--help", NULL}), 0);
	assert_true(s.help);
	settings_deinit(&s);
}

static void
names_for_interfaces_are_there_before_what_refers_to_them(void **state)
{
	static const char names[] = "12345678-1234-abcd-ef00-0123456789aa\tacme\n";
	char text[1200];
	struct settings s;

	(void)state;
	snprintf(text, sizeof(text), "list:\n  interface: acme\n  uuids: %s\n",
	    write_file("u.tsv", names, sizeof(names) - 1));
	assert_int_equal(parsed(&s, "list", text, (const char *const[]){NULL}), 0);
	assert_string_equal(s.service, "acme");
	settings_deinit(&s);
	assert_int_equal(service_find_name("acme", NULL, 0), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(long_options_are_keys),
	    cmocka_unit_test(command_line_wins),
	    cmocka_unit_test(keys_count_for_verbs_for_which_they_mean_the_same),
	    cmocka_unit_test(nothing_is_a_file_too),
	    cmocka_unit_test(what_is_wrong_is_refused_with_its_place),
	    cmocka_unit_test(values_for_other_verbs_are_looked_at),
	    cmocka_unit_test(nothing_of_other_verbs_is_left_behind),
	    cmocka_unit_test(names_of_the_command_line_outlive_the_look),
	    cmocka_unit_test(all_that_is_wrong_is_said_and_nothing_is_taken),
	    cmocka_unit_test(a_file_that_cannot_be_read_is_an_error),
	    cmocka_unit_test(help_reads_no_file),
	    cmocka_unit_test(names_for_interfaces_are_there_before_what_refers_to_them),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
