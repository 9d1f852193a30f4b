/* reading.h - what the readers of a policy's sections share: where to put things, whom to tell, and the names in it. */
#ifndef EPMWATCH_POLICY_READING_H
#define EPMWATCH_POLICY_READING_H

#include <stdbool.h>
#include <stddef.h>

#include "track/policy.h"

struct arena;
struct complaints;
struct tree_node;

enum {
	READING_NAME = 64, /* bytes of a name at most, NUL included */
};

struct named_ports {
	const char *name;
	struct policy_ports ports;
};

struct reading {
	struct arena *arena;
	struct complaints *said;
	struct policy *policy; /* that is made */
	size_t range_count, servers_count, interfaces_count, shipped_count;
	struct named_ports *range;               /* of the file's own */
	struct policy_servers *servers;          /* groups, likewise */
	struct policy_interfaces *interfaces;    /* groups, likewise */
	const struct policy_interfaces *shipped; /* groups that come with the program */
	const struct tree_node
	    *rule; /* the first of the list of rules, for what is judged of all of them */
};

/* A key of a mapping: what reads its value into the thing that is made. */
struct field {
	const char *key;
	bool required;
	void (*read)(struct reading *r, const struct tree_node *value, void *into);
};

/** reading_fields(r, map, fields, count, into, what): Read ${map}, in the order of ${fields}. False, with a complaint, if it is no mapping;
 * unknown keys, and those that are missing, are complained about. */
bool reading_fields(struct reading *r, const struct tree_node *map, const struct field *fields,
    size_t count, void *into, const char *what);

/** reading_items(r, value, count): The first of the values that ${value} is a list of, or itself: one is a list of one. An empty
 * list is complained about, and NULL then. */
const struct tree_node *reading_items(
    struct reading *r, const struct tree_node *value, size_t *count);

/** reading_text(r, value, what): The text of a scalar; NULL, after a complaint that ${what} was expected, for anything else. */
const char *reading_text(struct reading *r, const struct tree_node *value, const char *what);

/** reading_is_name(node): Is that fit for the name of a group or range: printable, 63 bytes at most, and not empty? */
bool reading_is_name(const struct tree_node *node);

/** reading_each(r, list, size, read, count, what): A table of ${size} octets for each member of ${list}, a list of mappings, each filled by ${read}.
 * NULL, after a complaint, where there is none. */
void *reading_each(struct reading *r, const struct tree_node *list, size_t size,
    void (*read)(struct reading *r, const struct tree_node *value, void *into), size_t *count,
    const char *what);

#endif
