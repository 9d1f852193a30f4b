/* epm.c - the stubs of ept_map and ept_lookup. */
#include "dissect/epm.h"

#include "dissect/ndr.h"
#include "dissect/obs_queue.h"
#include "dissect/tower.h"

enum {
	SMALLEST_TOWER =
	    8, /* NDR32: max_count and tower_length; what a referent must at least bring */
	UUID_OCTETS = 16,
};

/*
 * twr_t, a conformant structure: max_count (4 or 8)  tower_length:u32  octets.
 * The two counts must agree; the smaller one is believed. NULL where they promise more than there
 * is.
 */
static const uint8_t *
tower_octets(struct ndr *n, size_t *len)
{
	uint64_t max_count = ndr_count(n);
	uint32_t length = cur_u32(&n->c);

	*len = max_count < length ? (size_t)max_count : length;
	return cur_take(&n->c, *len);
}

/* [ptr] UUID: a referent, and the UUID if it is not NULL. True if it names an object. */
static bool
object_named(struct ndr *n)
{
	struct uuid object;

	if (!ndr_pointer(n))
		return false;
	cur_align(&n->c, 4);
	object = uuid_read(&n->c);
	return !uuid_is_nil(&object);
}

/* object, map_tower, entry_handle, max_towers (PROTOCOL 3.2). */
static void
parse_map_question(struct ndr *n, struct obs_queue *queue, struct obs_epm_question *out)
{
	const uint8_t *octets;
	struct obs_tower tower;
	size_t len;

	out->with_object = object_named(n);
	if (ndr_pointer(n)) {
		octets = tower_octets(n, &len);
		if (octets != NULL && tower_parse(octets, len, queue, &tower) == ERR_OK) {
			out->names_interface = true;
			out->iface = tower.iface;
			out->protseq = tower.protseq;
		}
	}
	out->continues = ndr_handle(n, &out->handle);
	out->max_towers = ndr_u32(n);
}

/* inquiry_type, object, Ifid, vers_option, entry_handle, max_ents (PROTOCOL 3.4). Ifid is plain
 * NDR, in drep's order. */
static void
parse_lookup_question(struct ndr *n, struct obs_epm_question *out)
{
	bool object;

	out->inquiry_type = ndr_u32(n);
	object = object_named(n);
	if (ndr_pointer(n)) {
		cur_align(&n->c, 4);
		out->iface.uuid = uuid_read(&n->c);
		out->iface.major = cur_u16(&n->c);
		out->iface.minor = cur_u16(&n->c);
		out->names_interface =
		    cur_ok(&n->c) && (out->inquiry_type == 1 || out->inquiry_type == 3);
	}
	out->with_object =
	    object && out->inquiry_type >= 2; /* else it is to be ignored, and often garbage */
	out->version_option = ndr_u32(n);
	out->continues = ndr_handle(n, &out->handle);
	out->max_towers = ndr_u32(n);
}

static void
parse_question(struct ndr *n, enum epm_operation operation, struct obs_queue *queue,
    struct obs_epm_question *out)
{
	if (operation == EPM_MAP)
		parse_map_question(n, queue, out);
	else
		parse_lookup_question(n, out);
}

int
epm_parse_question(enum epm_operation operation, const struct rpc_stub *stub,
    struct obs_queue *queue, struct obs_epm_question *out)
{
	struct ndr n = ndr_init(stub->data, stub->len, stub->le, stub->ndr64);

	parse_question(&n, operation, queue, out);
	return cur_ok(&n.c) ? ERR_OK : ERR_MALFORMED;
}

/* What comes before the elements of an answer: entry_handle, number, max_count, offset,
 * actual_count. */
struct answer_head {
	bool handle_live;
	struct uuid handle;
	uint32_t number;
	uint64_t max_count, offset, actual;
};

static bool
parse_answer_head(struct ndr *n, struct answer_head *out)
{
	out->handle = (struct uuid){{0}};
	out->handle_live = ndr_handle(n, &out->handle);
	out->number = ndr_u32(n);
	out->max_count = ndr_count(n);
	out->offset = ndr_count(n);
	out->actual = ndr_count(n);
	return cur_ok(&n->c);
}

/* The elements that will be read: no more than could stand in the stub, nor than anybody sends. */
static size_t
bounded_count(const struct ndr *n, uint64_t promised, size_t smallest)
{
	size_t most = cur_left(&n->c) / smallest;

	if (most > EPM_ENTRIES)
		most = EPM_ENTRIES;
	return promised < most ? (size_t)promised : most;
}

/* ept_map: an array of referents. Returns how many are not NULL. */
static size_t
parse_referents(struct ndr *n, uint64_t count)
{
	size_t towers = 0;

	for (; count != 0 && cur_ok(&n->c); count--)
		towers += ndr_pointer(n);
	return towers;
}

/*
 * ept_entry_t: object:uuid  tower:pointer  annotation: offset, actual_count, octets. The element's
 * alignment is the pointer's; the annotation is a varying string, so it has no max_count.
 */
static bool
parse_entry(struct ndr *n, struct obs_queue *queue, struct obs_tower *out)
{
	const uint8_t *text;
	uint64_t len;
	bool has_tower;

	ndr_align(n);
	out->object = uuid_read(&n->c);
	has_tower = ndr_pointer(n);
	(void)ndr_count(n);
	len = ndr_count(n);
	text = len <= cur_left(&n->c) ? cur_take(&n->c, (size_t)len) : NULL;
	if (text == NULL)
		cur_fail(&n->c, ERR_TRUNC);
	else
		out->annotation = obs_queue_text(queue, text, (size_t)len);
	return has_tower && cur_ok(&n->c);
}

/* ept_lookup: an array of entries; those with a tower go to ${out}. */
static size_t
parse_entries(struct ndr *n, uint64_t count, struct obs_queue *queue, struct obs_tower *out)
{
	size_t towers = 0;

	for (; count != 0 && cur_ok(&n->c); count--) {
		out[towers] = (struct obs_tower){0};
		towers += parse_entry(n, queue, &out[towers]);
	}
	ndr_align(n);
	return towers;
}

/* The towers stand after the whole array, in the order of the referents. Returns how many made
 * sense. */
static size_t
parse_towers(
    struct ndr *n, size_t count, struct obs_queue *queue, struct obs_tower *tower, bool *damaged)
{
	size_t i, len, good = 0;

	for (i = 0; i < count; i++) {
		struct obs_tower from_entry = tower[i], parsed;
		const uint8_t *octets = tower_octets(n, &len);

		if (octets == NULL)
			break;
		if (tower_parse(octets, len, queue, &parsed) != ERR_OK)
			continue;
		parsed.object = from_entry.object;
		parsed.annotation = from_entry.annotation;
		tower[good++] = parsed;
	}
	*damaged |= good != count;
	return good;
}

/* Array and towers of an answer, after its head. */
static int
parse_answer_body(struct ndr *n, enum epm_operation operation, const struct answer_head *head,
    struct obs_queue *queue, struct obs_epm *out)
{
	size_t smallest = operation == EPM_MAP ? (n->wide ? 8 : 4) : UUID_OCTETS + SMALLEST_TOWER;
	size_t count = bounded_count(n, head->actual, smallest);
	struct obs_tower *tower = obs_queue_alloc(queue, (count + 1) * sizeof(*tower));

	if (tower == NULL)
		return ERR_CAP;
	out->damaged = count != head->actual || head->actual != head->number;
	count = operation == EPM_MAP ? parse_referents(n, count)
				     : parse_entries(n, count, queue, tower);
	out->tower = tower;
	out->tower_count = parse_towers(n, count, queue, tower, &out->damaged);
	out->status = ndr_u32(n);
	out->damaged |= !cur_ok(&n->c);
	return out->damaged ? ERR_MALFORMED : ERR_OK;
}

int
epm_parse_answer(enum epm_operation operation, const struct rpc_stub *stub, struct obs_queue *queue,
    struct obs_epm *out)
{
	struct ndr n = ndr_init(stub->data, stub->len, stub->le, stub->ndr64);
	struct answer_head head;

	out->operation = operation;
	out->ndr64 = stub->ndr64;
	if (!parse_answer_head(&n, &head))
		return ERR_TRUNC;
	out->handle_live = head.handle_live;
	out->handle = head.handle;
	return parse_answer_body(&n, operation, &head, queue, out);
}

/* Pass the tower of a referent, and say whether its two counts and its floors could be a tower's.
 */
static bool
skip_tower(struct ndr *n)
{
	uint64_t max_count = ndr_count(n);
	struct cursor octets = cur_sub(&n->c, cur_u32(&n->c));
	uint16_t floors = cur_u16_le(&octets);

	return cur_ok(&octets) && (uint64_t)(octets.end - octets.base) == max_count &&
	       floors >= 1 && floors <= TOWER_FLOORS;
}

/* Pass one entry of an ept_lookup answer. */
static bool
skip_entry(struct ndr *n, size_t *towers)
{
	uint64_t offset, len;

	ndr_align(n);
	cur_skip(&n->c, UUID_OCTETS);
	*towers += ndr_pointer(n);
	offset = ndr_count(n);
	len = ndr_count(n);
	if (offset != 0 || len > 64)
		return false;
	cur_skip(&n->c, (size_t)len);
	return cur_ok(&n->c);
}

static bool
skip_array(struct ndr *n, enum epm_operation operation, uint64_t count, size_t *towers)
{
	*towers = 0;
	if (operation == EPM_MAP) {
		*towers = parse_referents(n, count);
		return cur_ok(&n->c);
	}
	for (; count != 0; count--) {
		if (!skip_entry(n, towers))
			return false;
	}
	ndr_align(n);
	return cur_ok(&n->c);
}

bool
epm_looks_like_answer(enum epm_operation operation, const struct rpc_stub *stub)
{
	struct ndr n = ndr_init(stub->data, stub->len, stub->le, stub->ndr64);
	struct answer_head head;
	size_t towers;

	if (!parse_answer_head(&n, &head) || head.offset != 0 || head.actual != head.number ||
	    head.actual > EPM_ENTRIES)
		return false;
	if (head.max_count > EPM_ENTRIES || head.actual > head.max_count ||
	    !skip_array(&n, operation, head.actual, &towers))
		return false;
	if (towers != head.actual)
		return false;
	for (; towers != 0; towers--) {
		if (!skip_tower(&n))
			return false;
	}
	(void)ndr_u32(&n);
	return cur_ok(&n.c) && cur_left(&n.c) == 0;
}

/* [ptr] object of a question: NULL, or one UUID. */
static void
skip_object(struct ndr *n)
{
	if (ndr_pointer(n))
		cur_skip(&n->c, UUID_OCTETS);
}

bool
epm_looks_like_question(enum epm_operation operation, const struct rpc_stub *stub)
{
	struct ndr n = ndr_init(stub->data, stub->len, stub->le, stub->ndr64);

	if (operation == EPM_LOOKUP && ndr_u32(&n) > 3)
		return false;
	skip_object(&n);
	if (operation == EPM_MAP) {
		if (!ndr_pointer(&n) || !skip_tower(&n))
			return false;
	} else {
		if (ndr_pointer(&n))
			cur_skip(&n.c, UUID_OCTETS + 4);
		(void)ndr_u32(&n);
	}
	(void)ndr_handle(&n, NULL);
	return ndr_u32(&n) <= EPM_ENTRIES && cur_ok(&n.c) && cur_left(&n.c) == 0;
}
