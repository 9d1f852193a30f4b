/* evidence_settle.c - what contradicts itself, and what is one thing seen twice. Each step sorts for itself, and walks runs of equals. */
#include <stdlib.h>
#include <string.h>

#include "export/evidence.h"
#include "export/evidence_parts.h"
#include "track/policy.h"

typedef int compare_function(const void *a, const void *b);

static int
compare_server(const void *a, const void *b)
{
	const struct proof *x = a, *y = b;
	int order = strcmp(x->realm, y->realm);

	return order != 0 ? order : addr_compare(&x->key.server, &y->key.server);
}

static int
compare_interface(const struct proof *x, const struct proof *y)
{
	int order = memcmp(x->key.uuid.b, y->key.uuid.b, sizeof(x->key.uuid.b));

	if (order == 0)
		order = (x->key.major > y->key.major) - (x->key.major < y->key.major);
	if (order == 0)
		order = (x->key.protseq > y->key.protseq) - (x->key.protseq < y->key.protseq);
	return order;
}

static int
compare_key(const void *a, const void *b)
{
	int order = compare_server(a, b);

	return order != 0 ? order : compare_interface(a, b);
}

static int
compare_port(const void *a, const void *b)
{
	const struct proof *x = a, *y = b;
	int order = compare_server(a, b);

	if (order == 0)
		order = x->udp - y->udp;
	return order != 0 ? order : (x->port > y->port) - (x->port < y->port);
}

int
evidence_compare_place(const void *a, const void *b)
{
	int order = compare_port(a, b);

	return order != 0 ? order : compare_interface(a, b);
}

static int
compare_address(const void *a, const void *b)
{
	const struct proof *x = a, *y = b;
	int order = addr_compare(&x->key.server, &y->key.server);

	return order != 0 ? order : evidence_compare_place(a, b);
}

/* By key, then by sensor and port. */
static int
compare_sensors(const void *a, const void *b)
{
	const struct proof *x = a, *y = b;
	int order = compare_key(a, b);

	if (order == 0)
		order = strcmp(x->sensor, y->sensor);
	return order != 0 ? order : (x->port > y->port) - (x->port < y->port);
}

/* By place; of one endpoint the surest first, then the one seen last, then by sensor. */
static int
compare_worth(const void *a, const void *b)
{
	const struct proof *x = a, *y = b;
	int order = evidence_compare_place(a, b);

	if (order == 0)
		order = (x->confidence < y->confidence) - (x->confidence > y->confidence);
	if (order == 0)
		order = (x->last_ns < y->last_ns) - (x->last_ns > y->last_ns);
	return order != 0 ? order : strcmp(x->sensor, y->sensor);
}

/* How many from ${proof} on are equal by ${compare}. */
static size_t
run_length(const struct proof *proof, size_t count, compare_function *compare)
{
	size_t n = 1;

	while (n < count && compare(&proof[0], &proof[n]) == 0)
		n++;
	return n;
}

static void
each_run(struct proof *proof, size_t count, compare_function *compare,
    void (*run)(struct proof *proof, size_t count))
{
	for (size_t at = 0; at < count;) {
		size_t n = run_length(proof + at, count - at, compare);

		run(proof + at, n);
		at += n;
	}
}

static void
leave_out(struct proof *proof, size_t count, enum evidence_left why)
{
	for (size_t i = 0; i < count; i++)
		if (proof[i].left == LEFT_NOT)
			proof[i].left = why;
}

/* A sensor sees what the server says of itself, at least. */
static bool
is_sight(const struct proof *p)
{
	return evidence_enough(p->confidence, CONFIDENCE_ANNOUNCED);
}

static bool
same_sensor(const struct proof *a, const struct proof *b)
{
	return strcmp(a->sensor, b->sensor) == 0;
}

static size_t
sensor_begins(const struct proof *proof, size_t at)
{
	while (at > 0 && same_sensor(&proof[at - 1], &proof[at]))
		at--;
	return at;
}

/* The sensors at ${one} and ${other} have a port of that key in common, used or merely announced: then they look at one host. Each
 * sensor's ports are sorted. */
static bool
agrees(const struct proof *proof, size_t count, size_t one, size_t other)
{
	size_t i = sensor_begins(proof, one), j = sensor_begins(proof, other);

	while (j < count && same_sensor(&proof[i], &proof[one]) &&
	       same_sensor(&proof[j], &proof[other])) {
		if (!is_sight(&proof[i]) || (is_sight(&proof[j]) && proof[i].port < proof[j].port))
			i++;
		else if (!is_sight(&proof[j]) || proof[i].port > proof[j].port)
			j++;
		else
			return true;
	}
	return false;
}

/* One key: two of its sensors that see it, and have no port in common, are not looking at one host. */
static void
check_sensors(struct proof *proof, size_t count)
{
	size_t last = count;

	for (size_t i = 0; i < count; i++) {
		if (proof[i].left != LEFT_NOT)
			continue;
		if (last < count && !same_sensor(&proof[last], &proof[i]) &&
		    !agrees(proof, count, last, i)) {
			leave_out(proof, count, LEFT_SENSORS);
			return;
		}
		last = i;
	}
}

/* One address, sorted by realm within: if something qualifies in two of them, nothing does. */
static void
check_realms(struct proof *proof, size_t count)
{
	const struct proof *last = NULL;

	for (size_t i = 0; i < count; i++) {
		if (proof[i].left != LEFT_NOT)
			continue;
		if (last != NULL && strcmp(last->realm, proof[i].realm) != 0) {
			leave_out(proof, count, LEFT_REALMS);
			return;
		}
		last = &proof[i];
	}
}

static int
compare_address_only(const void *a, const void *b)
{
	const struct proof *x = a, *y = b;

	return addr_compare(&x->key.server, &y->key.server);
}

static bool
is_denied(const struct proof *p)
{
	for (size_t i = 0; i < p->verdict.count; i++)
		if (strcmp(p->verdict.rule[i], "EPM-002") == 0)
			return true;
	return false;
}

/* One port of one server: to open it for one interface opens it for all. Who wants violations has them. */
static void
check_denied(struct proof *proof, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (proof[i].left == LEFT_BREACH && is_denied(&proof[i])) {
			leave_out(proof, count, LEFT_DENIED);
			return;
		}
}

/* Into the first, which is the surest: what the others add. What one sensor holds against it holds. */
static void
unite(struct proof *into, const struct proof *from)
{
	if (from->first_ns < into->first_ns)
		into->first_ns = from->first_ns;
	if (from->last_ns > into->last_ns)
		into->last_ns = from->last_ns;
	if (from->clients > into->clients)
		into->clients = from->clients;
	into->clients_estimated |= from->clients_estimated;
	if (from->left != LEFT_WEAK && from->left != LEFT_NOT && into->left == LEFT_NOT) {
		into->left = from->left;
		into->verdict = from->verdict;
	}
}

static size_t
unite_all(struct proof *proof, size_t count)
{
	size_t kept = 0;

	for (size_t at = 0; at < count;) {
		size_t n = run_length(proof + at, count - at, evidence_compare_place);

		proof[kept] = proof[at];
		for (size_t i = 1; i < n; i++)
			unite(&proof[kept], &proof[at + i]);
		kept++;
		at += n;
	}
	return kept;
}

static void
sort(struct proof *proof, size_t count, compare_function *compare)
{
	if (count > 1)
		qsort(proof, count, sizeof(*proof), compare);
}

size_t
evidence_settle(struct proof *proof, size_t count)
{
	sort(proof, count, compare_sensors);
	each_run(proof, count, compare_key, check_sensors);
	sort(proof, count, compare_worth);
	count = unite_all(proof, count);
	each_run(proof, count, compare_port, check_denied);
	sort(proof, count, compare_address);
	each_run(proof, count, compare_address_only, check_realms);
	sort(proof, count, evidence_compare_place);
	return count;
}
