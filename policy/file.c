/* file.c - the sections in the order in which they need each other. */
#include "policy/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/text.h"
#include "policy/arena.h"
#include "policy/cover.h"
#include "policy/names.h"
#include "policy/sections.h"
#include "policy/tree.h"
#include "policy/values.h"

#include "policy/shipped_table.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum {
	NAME_TEXT = 256
};

struct policy_file {
	struct policy policy;
	struct arena arena;
	size_t range_count;
	const struct named_ports *range;
	char name[NAME_TEXT], hash[HASH_ID_TEXT];
};

static void
read_version(struct reading *r, const struct tree_node *value, void *into)
{
	uint64_t version;

	(void)into;
	if (value->kind != TREE_SCALAR || !values_number(value->text, 1, &version) || version != 1)
		complaints_expected(r->said, value, "version 1");
}

static void
read_dynamic(struct reading *r, const struct tree_node *value, void *into)
{
	(void)into;
	names_ports(r, value, &r->policy->dynamic);
}

/* Names first, and the dynamic ranges before the rules, which are held against them. */
static const struct field sections[] = {
    {"version", true, read_version},
    {"ranges", false, names_read_ranges},
    {"servers", false, names_read_servers},
    {"interfaces", false, names_read_interfaces},
    {"dynamic", false, read_dynamic},
    {"dynamic-for", false, sections_dynamic_for},
    {"rules", false, sections_rules},
    {"newmail", false, sections_newmail},
    {"thresholds", false, sections_thresholds},
    {"realms", false, sections_realms},
    {"suppress", false, sections_suppress},
};

/* The shipped groups are a file in the same syntax, that has nothing but groups in it. */
static void
load_groups(struct reading *r)
{
	const struct tree_node *tree =
	    tree_parse(shipped_groups, sizeof(shipped_groups) - 1, r->arena, r->said);

	if (tree == NULL)
		return;
	names_read_interfaces(r, tree_find(tree, "interfaces"), NULL);
	r->shipped = r->interfaces;
	r->shipped_count = r->interfaces_count;
	r->interfaces = NULL;
	r->interfaces_count = 0;
}

static void
load(struct policy_file *f, size_t len, struct complaints *said)
{
	struct reading r = {.arena = &f->arena, .said = said, .policy = &f->policy};
	size_t count;
	const struct tree_node *tree = tree_parse(f->policy.text, len, &f->arena, said);

	if (tree == NULL)
		return;
	load_groups(&r);
	f->policy.dynamic = (struct policy_ports){1, policy_shipped_ranges(&count) + 1};
	if (!reading_fields(&r, tree, sections, COUNT(sections), NULL, "a policy"))
		return;
	f->range = r.range;
	f->range_count = r.range_count;
	if (said->errors == 0 && !f->arena.failed)
		cover_check(&r);
}

int
policy_file_parse(const char *text, size_t len, const char *name, struct policy_file **out,
    struct complaints *said)
{
	struct policy_file *f = calloc(1, sizeof(*f));

	*out = NULL;
	*said = (struct complaints){.count = 0};
	if (f == NULL)
		return -ENOMEM;
	f->policy =
	    (struct policy){.name = f->name, .hash = f->hash, .thresholds = THRESHOLDS_DEFAULT};
	text_clean((const uint8_t *)name, strlen(name), f->name, sizeof(f->name));
	hash_id(text, len, f->hash);
	f->policy.text = arena_copy(&f->arena, text, len);
	if (f->policy.text != NULL)
		load(f, len, said);
	if (f->arena.failed && said->errors == 0)
		complaints_at(
		    said, 1, 1, "expected a policy of 32 MiB in memory at most, was more");
	complaints_sort(said);
	int err = said->errors > 0 ? ERR_MALFORMED : 0;
	if (err != 0)
		policy_file_free(&f);
	*out = f;
	return err;
}

/* One octet more than is allowed, so that it shows. */
static int
slurp(FILE *in, char **text, size_t *len)
{
	size_t size = TREE_BYTES + 1;

	*text = malloc(size);
	if (*text == NULL)
		return -ENOMEM;
	errno = 0;
	*len = fread(*text, 1, size, in);
	if (!ferror(in))
		return 0;
	int err = errno > 0 ? -errno : -EIO;
	free(*text);
	*text = NULL;
	return err;
}

int
policy_file_read(const char *path, struct policy_file **out, struct complaints *said)
{
	FILE *in = fopen(path, "re");
	char *text;
	size_t len;

	*out = NULL;
	*said = (struct complaints){.count = 0};
	if (in == NULL)
		return -errno;
	int err = slurp(in, &text, &len);
	(void)fclose(in);
	if (err != 0)
		return err;
	err = policy_file_parse(text, len, path, out, said);
	free(text);
	return err;
}

int
policy_file_shipped(const char *name, struct policy_file **out)
{
	struct complaints said;

	*out = NULL;
	for (size_t i = 0; i < COUNT(shipped_policy); i++) {
		if (strcmp(shipped_policy_name[i], name) == 0)
			return policy_file_parse(
			    shipped_policy[i], strlen(shipped_policy[i]), name, out, &said);
	}
	return ERR_USAGE;
}

const char *const *
policy_file_names(size_t *count)
{
	*count = COUNT(shipped_policy_name);
	return shipped_policy_name;
}

const char *
policy_file_example(void)
{
	return shipped_example;
}

const struct policy *
policy_file_policy(const struct policy_file *f)
{
	return &f->policy;
}

const struct named_ports *
policy_file_ranges(const struct policy_file *f, size_t *count)
{
	*count = f->range_count;
	return f->range;
}

void
policy_file_free(struct policy_file **f)
{
	if (*f != NULL)
		arena_clear(&(*f)->arena);
	free(*f);
	*f = NULL;
}
