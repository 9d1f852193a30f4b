/* test_service.c - the table of names that the build makes. */
#include "track/service.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/uuid.h"

#define SHARED "IWbemClassObject"

static const struct service *
find(const char *text)
{
	struct uuid uuid;

	assert_int_equal(uuid_parse(text, &uuid), 0);
	return service_find(&uuid);
}

static void
known_interfaces_have_a_name_a_description_and_an_owner(void **state)
{
	const struct service *s = find("e3514235-4b06-11d1-ab04-00c04fc2dcd2");

	(void)state;
	assert_non_null(s);
	assert_string_equal(s->name, "drsuapi");
	assert_string_equal(s->product, "Active Directory DS");
	assert_non_null(strstr(s->description, "MS-DRSR"));
}

static void
an_unknown_uuid_has_none(void **state)
{
	(void)state;
	assert_null(find("00000000-0000-0000-0000-000000000000"));
	assert_null(find("ffffffff-ffff-ffff-ffff-ffffffffffff"));
	assert_null(find("e3514235-4b06-11d1-ab04-00c04fc2dcd3"));
}

static void
a_name_means_all_interfaces_that_bear_it_in_any_case(void **state)
{
	struct uuid uuid[4], drsuapi;

	(void)state;
	assert_int_equal(uuid_parse("e3514235-4b06-11d1-ab04-00c04fc2dcd2", &drsuapi), 0);
	assert_int_equal(service_find_name("drsuapi", uuid, 4), 1);
	assert_memory_equal(&uuid[0], &drsuapi, sizeof(drsuapi));
	assert_int_equal(service_find_name("DRSUAPI", NULL, 0), 1);
	assert_int_equal(service_find_name("drsuap", uuid, 4), 0);
	assert_int_equal(service_find_name("", uuid, 4), 0);
}

static void
names_that_several_interfaces_share_give_all_of_them(void **state)
{
	struct uuid uuid[2];

	(void)state;
	assert_true(service_find_name(SHARED, NULL, 0) > 1);
	memset(uuid, 0, sizeof(uuid));
	assert_true(service_find_name(SHARED, uuid, 1) > 1);
	assert_string_equal(service_find(&uuid[0])->name, SHARED);
	assert_null(service_find(&uuid[1]));
	assert_true(service_find_name(SHARED, uuid, 2) > 1);
	assert_memory_not_equal(&uuid[0], &uuid[1], sizeof(uuid[0]));
	assert_string_equal(service_find(&uuid[1])->name, SHARED);
}

/* Every row of the list that the table is made of is found, and those without an identity are not.
 */
static void
every_row_of_the_list_is_found_as_it_stands_there(void **state)
{
	const char *srcdir = getenv("srcdir");
	char path[1024], line[2048];
	size_t rows = 0;
	FILE *list;

	(void)state;
	snprintf(path, sizeof(path), "%s/data/interfaces.tsv", srcdir != NULL ? srcdir : ".");
	list = fopen(path, "r");
	if (list == NULL)
		skip();
	assert_non_null(fgets(line, sizeof(line), list));
	while (fgets(line, sizeof(line), list) != NULL) {
		char *rest = line, *uuid = strsep(&rest, "\t"), *name = strsep(&rest, "\t");
		char *description = strsep(&rest, "\t"), *product = strsep(&rest, "\n");
		const struct service *s = find(uuid);

		rows++;
		if (strncmp(name, "unknown_", 8) == 0) {
			assert_null(s);
			continue;
		}
		assert_non_null(s);
		assert_string_equal(s->name, name);
		assert_string_equal(s->description, description);
		assert_string_equal(s->product, product);
	}
	fclose(list);
	assert_true(rows > 700);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(known_interfaces_have_a_name_a_description_and_an_owner),
	    cmocka_unit_test(an_unknown_uuid_has_none),
	    cmocka_unit_test(a_name_means_all_interfaces_that_bear_it_in_any_case),
	    cmocka_unit_test(names_that_several_interfaces_share_give_all_of_them),
	    cmocka_unit_test(every_row_of_the_list_is_found_as_it_stands_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
