/* Verbs, options, help, and the word that was probably meant. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <cmocka.h>

#include "app/realm_rules.h"
#include "app/event_types.h"
#include "app/exits.h"
#include "app/options.h"
#include "app/suggest.h"
#include "app/verbs.h"
#include "base/err.h"
#include "base/log.h"

enum {
	SCREEN_LINES = 32,
	SCREEN_COLUMNS = 80,
	LINE = 1024
};

static char said[LINE];

static void
remember(void *ctx, enum log_level level, const char *line)
{
	(void)ctx;
	(void)level;
	snprintf(said, sizeof(said), "%s", line);
}

/* Parse ${words} (NULL at the end) as options of ${verb}. */
static int
parsed(const char *verb, struct settings *s, const char *const *words)
{
	static char copy[16][128]; /* what was parsed points into it */
	char *argv[16];
	int argc = 0;

	said[0] = '\0';
	log_set_sink(remember, NULL);
	snprintf(copy[argc++], sizeof(copy[0]), "%s", verb);
	for (; words[argc - 1] != NULL; argc++)
		snprintf(copy[argc], sizeof(copy[0]), "%s", words[argc - 1]);
	for (int i = 0; i < argc; i++)
		argv[i] = copy[i];
	argv[argc] = NULL;
	settings_init(s);
	int status = options_parse(verbs_find(verb), argc, argv, s);
	log_set_sink(NULL, NULL);
	return status;
}

#define PARSED(verb, s, ...) parsed((verb), (s), (const char *const[]){__VA_ARGS__, NULL})

static void
options_and_captures_may_be_mixed(void **state)
{
	struct settings s;

	(void)state;
	assert_int_equal(
	    PARSED("read", &s, "a.pcap", "--count", "12", "-q", "b.pcap", "-r", "c.pcap"), 0);
	assert_int_equal(s.count, 12);
	assert_true(s.quiet);
	assert_int_equal(s.paths, 3);
	assert_string_equal(s.path[0], "c.pcap");
	assert_int_equal(s.files, 1);
	settings_deinit(&s);
	log_set_level(LOG_INFO);
}

static void
filters_of_a_list_are_taken(void **state)
{
	struct settings s;

	(void)state;
	assert_int_equal(PARSED("list", &s, "-d", "x", "--server", "10.0.0.1", "--interface",
			     "nspi", "--protseq", "ncacn_np", "--port", "135", "--fail-on", "high"),
	    0);
	assert_true(s.query.has_server);
	assert_string_equal(s.service, "nspi");
	assert_false(s.query.has_uuid);
	assert_int_equal(s.query.protseq, PROTSEQ_NP);
	assert_int_equal(s.query.port, 135);
	assert_int_equal(s.fail_on, SEVERITY_HIGH);
	settings_deinit(&s);
}

static void
interface_may_be_a_uuid(void **state)
{
	struct settings s;

	(void)state;
	assert_int_equal(
	    PARSED("history", &s, "--interface", "F5CC5A18-4264-101A-8C59-08002B2F8426"), 0);
	assert_true(s.query.has_uuid);
	assert_null(s.service);
	settings_deinit(&s);
}

static void
mistyped_option_suggests_the_nearest(void **state)
{
	struct settings s;

	(void)state;
	assert_int_equal(PARSED("read", &s, "--evnets=x"), EX_USAGE);
	assert_non_null(strstr(said, "did you mean --events?"));
	settings_deinit(&s);
	assert_int_equal(PARSED("read", &s, "--xyzzy"), EX_USAGE);
	assert_null(strstr(said, "did you mean"));
	settings_deinit(&s);
}

static void
bad_arguments_are_refused_with_their_name(void **state)
{
	static const char *const bad[][2] = {{"--port", "0"}, {"--port", "65537"},
	    {"--port", "12x"}, {"--server", "host"}, {"--protseq", "tcp"}, {"--fail-on", "worst"},
	    {"--since", "yesterday"}, {"--at", "2026-13-01"}};
	struct settings s;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(PARSED("list", &s, bad[i][0], bad[i][1]), EX_USAGE);
		assert_non_null(strstr(said, bad[i][1]));
		settings_deinit(&s);
	}
}

static void
words_are_taken_from_the_list_in_the_help(void **state)
{
	struct settings s;

	(void)state;
	assert_int_equal(PARSED("list", &s, "--format", "json"), 0);
	assert_string_equal(s.format, "json");
	settings_deinit(&s);
	assert_int_equal(PARSED("list", &s, "--format=jsn"), EX_USAGE);
	assert_non_null(strstr(
	    said, "list: --format `jsn' is none: text, json or csv is wanted; did you mean json?"));
	settings_deinit(&s);
	assert_int_equal(PARSED("list", &s, "--format", "text|json"), EX_USAGE);
	settings_deinit(&s);
	assert_int_equal(PARSED("list", &s, "--format", ""), EX_USAGE);
	settings_deinit(&s);
}

static void
missing_arguments_and_extra_words_are_refused(void **state)
{
	struct settings s;

	(void)state;
	assert_int_equal(PARSED("read", &s, "--count"), EX_USAGE);
	assert_non_null(strstr(said, "--count wants an argument"));
	settings_deinit(&s);
	assert_int_equal(PARSED("list", &s, "what"), EX_USAGE);
	settings_deinit(&s);
	assert_int_equal(PARSED("read", &s, "--quiet=1"), EX_USAGE);
	assert_non_null(strstr(said, "takes no argument"));
	settings_deinit(&s);
}

static void
unknown_policy_is_a_configuration_error(void **state)
{
	struct settings s;

	(void)state;
	assert_int_equal(PARSED("read", &s, "-c", "site.yaml"), EX_CONFIG);
	assert_non_null(strstr(said, "site.yaml"));
	settings_deinit(&s);
	assert_int_equal(PARSED("read", &s, "-c", "windows-default"), 0);
	assert_non_null(s.policy);
	settings_deinit(&s);
}

static void
names_are_made_harmless(void **state)
{
	struct settings s;

	(void)state;
	assert_int_equal(PARSED("read", &s, "--sensor", "a\033[2J", "--realm", "plant-a"), 0);
	assert_null(strchr(s.sensor, '\033'));
	assert_string_equal(s.realm, "plant-a");
	settings_deinit(&s);
	assert_int_equal(PARSED("read", &s, "--sensor", ""), EX_USAGE);
	settings_deinit(&s);
}

static void
help_of_every_verb_fits_a_screen(void **state)
{
	size_t count;
	const struct verb *verb = verbs_all(&count);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		char *text = NULL;
		size_t len = 0, lines = 0;
		FILE *out = open_memstream(&text, &len);

		options_help(&verb[i], out);
		fclose(out);
		assert_non_null(strstr(text, "\nExamples:\n  epmwatch "));
		for (char *line = strtok(text, "\n"); line != NULL;
		     line = strtok(NULL, "\n"), lines++)
			assert_in_range(strlen(line), 1, SCREEN_COLUMNS - 1);
		/* strtok() skips the three empty lines. */
		assert_in_range(lines + 3, 1, SCREEN_LINES);
		free(text);
	}
}

static void
no_verb_has_a_letter_or_a_name_twice(void **state)
{
	size_t count;
	const struct verb *verb = verbs_all(&count);

	(void)state;
	for (size_t v = 0; v < count; v++)
		for (size_t i = 0; verb[v].option[i] != NULL; i++)
			for (size_t j = 0; j < i; j++) {
				const struct option_spec *a = verb[v].option[i],
							 *b = verb[v].option[j];

				assert_string_not_equal(a->name, b->name);
				assert_true(a->letter == 0 || a->letter != b->letter);
			}
}

static void
distance_counts_swaps_once(void **state)
{
	(void)state;
	assert_int_equal(suggest_distance("read", "read"), 0);
	assert_int_equal(suggest_distance("raed", "read"), 1);
	assert_int_equal(suggest_distance("red", "read"), 1);
	assert_int_equal(suggest_distance("reads", "read"), 1);
	assert_int_equal(suggest_distance("", "list"), 4);
	assert_int_equal(suggest_distance("histroy", "history"), 1);
	assert_int_equal(suggest_distance("kitten", "sitting"), 3);
}

static void
only_near_words_are_offered(void **state)
{
	struct suggest near = {.word = "lsit"}, far = {.word = "xx"};

	(void)state;
	suggest_offer(&near, "read");
	suggest_offer(&near, "list");
	assert_string_equal(near.best, "list");
	suggest_offer(&far, "list");
	suggest_offer(&far, "xy");
	assert_string_equal(far.best, "xy");
	struct suggest longest = {.word = "a-word-that-is-much-longer-than-any-option-could-be"};
	suggest_offer(&longest, "events");
	assert_null(longest.best);
}

static void
exit_values_are_those_of_the_contract(void **state)
{
	(void)state;
	assert_int_equal(exits_of(0), 0);
	assert_int_equal(exits_of(ERR_USAGE), 64);
	assert_int_equal(exits_of(ERR_DAMAGED), 65);
	assert_int_equal(exits_of(-2), 66);
	assert_int_equal(exits_of(ERR_BUSY), 69);
	assert_int_equal(exits_of(ERR_NOT_STORE), 74);
	assert_int_equal(exits_of(-28), 74);
	assert_int_equal(exits_of(-13), 77);
}

static void
interfaces_may_be_named_several_times(void **state)
{
	struct settings s;

	(void)state;
	assert_int_equal(PARSED("sense", &s, "-i", "eth1", "--interface=eth2", "-d", "x",
			     "--no-prefilter", "tcp", "port", "135"),
	    0);
	assert_int_equal(s.devices, 2);
	assert_string_equal(s.device[0], "eth1");
	assert_string_equal(s.device[1], "eth2");
	assert_true(s.unfiltered);
	assert_int_equal(settings_filter_words(&s, 0), 0);
	assert_string_equal(s.filter, "tcp port 135");
	assert_int_equal(s.paths, 0);
	settings_deinit(&s);
	assert_int_equal(PARSED("sense", &s, "-i", "eth1", "-i", "eth1"), EX_USAGE);
	assert_non_null(strstr(said, "eth1 is named twice"));
	settings_deinit(&s);
	assert_int_equal(PARSED("sense", &s, "-f", "udp", "tcp"), 0);
	assert_int_equal(settings_filter_words(&s, 0), EX_USAGE);
	settings_deinit(&s);
}

static void
what_a_run_may_cost_is_checked(void **state)
{
	static const struct {
		const char *option, *good, *bad[4];
	} row[] = {
	    {"--workers", "64", {"0", "65", "two", "-1"}},
	    {"--memory", "32M", {"31M", "0", "32MB", "2000G"}},
	    {"--ring-size", "256K", {"255K", "2G", "x", "0"}},
	    {"--ring-block", "128K", {"127K", "17M", "x", "0"}},
	    {"--ring-timeout", "10000", {"0", "10001", "1s", ""}},
	    {"--snaplen", "128", {"127", "262145", "0", "1K"}},
	    {"--stats-interval", "86400", {"0", "86401", "1m", "-1"}},
	    {"--span-window", "10000", {"-1", "10001", "1s", ""}},
	    {"--span-window", "0", {"00", "0x1", "1 ", "no"}},
	    {"--realm-of", "vlan=10:site", {"vlan=4096:site", "10:site", "vlan=10:", "vlan=10"}},
	    {"--realm-of", "vni=16777215:a:b", {"vni=16777216:x", "vni=:x", "vni=-1:x", ""}},
	};
	struct settings s;

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		assert_int_equal(PARSED("sense", &s, row[i].option, row[i].good), 0);
		settings_deinit(&s);
		for (size_t j = 0; j < 4; j++) {
			assert_int_equal(
			    PARSED("sense", &s, row[i].option, row[i].bad[j]), EX_USAGE);
			assert_true(said[0] != '\0');
			settings_deinit(&s);
		}
	}
	assert_int_equal(PARSED("read", &s, "--memory", "1G", "--workers", "3"), 0);
	assert_true(s.memory == (size_t)1 << 30);
	assert_int_equal(s.workers, 3);
	settings_deinit(&s);
}

static void
realms_of_networks_are_others_than_the_runs(void **state)
{
	struct settings s;

	(void)state;
	assert_int_equal(PARSED("read", &s, "--realm-of", "vlan=10:north", "--realm-of",
			     "vni=5:north", "--span-window", "20"),
	    0);
	assert_int_equal(s.realms->count, 1);
	assert_int_equal(s.span_ns, 20000000);
	assert_int_equal(settings_check_realms(&s), 0);
	settings_deinit(&s);
	assert_int_equal(PARSED("read", &s, "--realm-of", "vlan=1:a", "--realm", "a"), 0);
	assert_int_equal(settings_check_realms(&s), EX_USAGE);
	settings_deinit(&s);
	assert_int_equal(
	    PARSED("read", &s, "--realm-of", "vlan=1:a", "--realm-of", "vlan=1:b"), EX_USAGE);
	assert_non_null(strstr(said, "has a realm already"));
	settings_deinit(&s);
	assert_int_equal(PARSED("read", &s, "--span-window", "0"), 0);
	assert_true(s.span_ns < 0);
	assert_int_equal(settings_check_realms(&s), 0);
	settings_deinit(&s);
}

static void
ndpi_is_asked_about_everything_in_captures_only(void **state)
{
	struct settings s;

	(void)state;
	assert_int_equal(PARSED("read", &s, "--classify", "all"), 0);
	assert_true(s.classify_all);
	assert_false(s.no_ndpi);
	settings_deinit(&s);
	assert_int_equal(PARSED("read", &s, "--classify", "all", "--classify", "none"), 0);
	assert_true(s.no_ndpi);
	assert_false(s.classify_all);
	settings_deinit(&s);
	assert_int_equal(PARSED("read", &s, "--classify", "none", "--classify", "auto"), 0);
	assert_false(s.no_ndpi);
	settings_deinit(&s);
	assert_int_equal(PARSED("read", &s, "--classify", "some"), EX_USAGE);
	assert_non_null(strstr(said, "auto, all or none"));
	settings_deinit(&s);
	assert_int_equal(PARSED("sense", &s, "--classify", "all"), EX_USAGE);
	settings_deinit(&s);
}

static void
event_types_are_a_list_and_a_mistyped_one_suggests_the_nearest(void **state)
{
	struct settings s;

	(void)state;
	assert_int_equal(PARSED("read", &s, "--event-types", "epm,alert"), 0);
	assert_int_equal(s.event_types, EVENT_TYPE(EVENT_EPM) | EVENT_TYPE(EVENT_ALERT));
	settings_deinit(&s);
	assert_int_equal(PARSED("sense", &s, "--event-types", "epm,alret"), EX_USAGE);
	assert_non_null(strstr(said, "`alret'; did you mean alert?"));
	settings_deinit(&s);
	assert_int_equal(PARSED("sense", &s, "--event-types", "everything"), EX_USAGE);
	assert_non_null(strstr(said, "epm, bind, oxid"));
	settings_deinit(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(options_and_captures_may_be_mixed),
	    cmocka_unit_test(filters_of_a_list_are_taken),
	    cmocka_unit_test(interface_may_be_a_uuid),
	    cmocka_unit_test(mistyped_option_suggests_the_nearest),
	    cmocka_unit_test(bad_arguments_are_refused_with_their_name),
	    cmocka_unit_test(words_are_taken_from_the_list_in_the_help),
	    cmocka_unit_test(missing_arguments_and_extra_words_are_refused),
	    cmocka_unit_test(unknown_policy_is_a_configuration_error),
	    cmocka_unit_test(names_are_made_harmless),
	    cmocka_unit_test(help_of_every_verb_fits_a_screen),
	    cmocka_unit_test(no_verb_has_a_letter_or_a_name_twice),
	    cmocka_unit_test(distance_counts_swaps_once),
	    cmocka_unit_test(only_near_words_are_offered),
	    cmocka_unit_test(exit_values_are_those_of_the_contract),
	    cmocka_unit_test(interfaces_may_be_named_several_times),
	    cmocka_unit_test(what_a_run_may_cost_is_checked),
	    cmocka_unit_test(realms_of_networks_are_others_than_the_runs),
	    cmocka_unit_test(ndpi_is_asked_about_everything_in_captures_only),
	    cmocka_unit_test(event_types_are_a_list_and_a_mistyped_one_suggests_the_nearest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
