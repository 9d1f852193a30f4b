#include "capture/bpf_asm.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/err.h"

enum {
	ITEMS = BPF_MAXINSNS,
	LABELS = 2 * BPF_MAXINSNS,
	REACH = 255, /* of a conditional jump */
	UNPLACED = UINT16_MAX,
};

enum kind {
	KIND_PLAIN,  /* as it is */
	KIND_BRANCH, /* yes and no are labels */
	KIND_JUMP,   /* yes is a label */
};

struct item {
	struct sock_filter code;
	uint16_t yes, no;
	uint8_t kind;
	bool yes_far, no_far; /* it takes a jump of its own to get there */
	uint16_t at;          /* its place in the program */
};

struct bpf_asm {
	size_t items, labels;
	bool overflow;
	struct item item[ITEMS + 1]; /* the last one is where a label behind everything points */
	uint16_t place[LABELS];      /* by label: the item */
};

int
bpf_asm_new(struct bpf_asm **out)
{
	*out = malloc(sizeof(**out));
	if (*out == NULL)
		return -ENOMEM;
	(*out)->items = 0;
	(*out)->labels = BPF_NEXT + 1;
	(*out)->overflow = false;
	return 0;
}

void
bpf_asm_free(struct bpf_asm **a)
{
	free(*a);
	*a = NULL;
}

unsigned
bpf_asm_label(struct bpf_asm *a)
{
	if (a->labels == LABELS) {
		a->overflow = true;
		return LABELS - 1;
	}
	a->place[a->labels] = UNPLACED;
	return (unsigned)a->labels++;
}

void
bpf_asm_place(struct bpf_asm *a, unsigned label)
{
	assert(a->overflow || a->place[label] == UNPLACED);
	a->place[label] = (uint16_t)a->items;
}

static void
add(struct bpf_asm *a, const struct item *item)
{
	if (a->items == ITEMS)
		a->overflow = true;
	else
		a->item[a->items++] = *item;
}

void
bpf_asm_op(struct bpf_asm *a, uint16_t code, uint32_t k)
{
	struct item item = {.code = {.code = code, .k = k}, .kind = KIND_PLAIN};

	add(a, &item);
}

void
bpf_asm_copy(struct bpf_asm *a, const struct sock_filter *code)
{
	struct item item = {.code = *code, .kind = KIND_PLAIN};

	add(a, &item);
}

void
bpf_asm_branch(struct bpf_asm *a, uint16_t test, uint32_t k, unsigned yes, unsigned no)
{
	struct item item = {
	    .code = {.code = (uint16_t)(BPF_JMP | test | BPF_K), .k = k},
	    .kind = KIND_BRANCH,
	    .yes = (uint16_t)yes,
	    .no = (uint16_t)no,
	};

	add(a, &item);
}

void
bpf_asm_jump(struct bpf_asm *a, unsigned label)
{
	struct item item = {
	    .code = {.code = BPF_JMP | BPF_JA}, .kind = KIND_JUMP, .yes = (uint16_t)label};

	add(a, &item);
}

/* Instructions that an item takes. */
static unsigned
size_of(const struct item *item)
{
	return 1u + item->yes_far + item->no_far;
}

/* Give every item its place. Returns the length of the program. */
static size_t
lay_out(struct bpf_asm *a)
{
	size_t at = 0;

	for (size_t i = 0; i <= a->items; i++) {
		a->item[i].at = (uint16_t)at;
		at += i < a->items ? size_of(&a->item[i]) : 0;
	}
	return at;
}

/* Where ${label} lies, jumped to from item ${i}. */
static unsigned
target(const struct bpf_asm *a, size_t i, unsigned label)
{
	size_t to = label == BPF_NEXT ? i + 1 : a->place[label];

	assert(to > i && to <= a->items);
	return a->item[to].at;
}

static bool
is_far(const struct bpf_asm *a, size_t i, unsigned label)
{
	return target(a, i, label) - a->item[i].at - 1u > REACH;
}

/* Mark the branches that do not reach. A far one makes the program longer, and may put others out
 * of reach. */
static bool
stretch(struct bpf_asm *a)
{
	bool changed = false;

	for (size_t i = 0; i < a->items; i++) {
		struct item *item = &a->item[i];

		if (item->kind != KIND_BRANCH)
			continue;
		if (!item->yes_far && is_far(a, i, item->yes))
			item->yes_far = changed = true;
		if (!item->no_far && is_far(a, i, item->no))
			item->no_far = changed = true;
	}
	return changed;
}

static void
emit_jump(struct bpf_code *out, unsigned to)
{
	unsigned from = (unsigned)out->count + 1;

	out->code[out->count++] = (struct sock_filter){.code = BPF_JMP | BPF_JA, .k = to - from};
}

/* The test, then the jumps that help it: the one for "yes" first. */
static void
emit_branch(const struct bpf_asm *a, size_t i, struct bpf_code *out)
{
	const struct item *item = &a->item[i];
	unsigned yes = target(a, i, item->yes), no = target(a, i, item->no);
	unsigned from = item->at + 1u;
	struct sock_filter code = item->code;

	code.jt = (uint8_t)(item->yes_far ? 0 : yes - from);
	code.jf = (uint8_t)(item->no_far ? item->yes_far : no - from);
	out->code[out->count++] = code;
	if (item->yes_far)
		emit_jump(out, yes);
	if (item->no_far)
		emit_jump(out, no);
}

static void
emit(const struct bpf_asm *a, size_t i, struct bpf_code *out)
{
	const struct item *item = &a->item[i];

	assert(out->count == item->at);
	switch (item->kind) {
	case KIND_BRANCH:
		emit_branch(a, i, out);
		break;
	case KIND_JUMP:
		emit_jump(out, target(a, i, item->yes));
		break;
	default:
		out->code[out->count++] = item->code;
		break;
	}
}

int
bpf_asm_finish(struct bpf_asm *a, struct bpf_code *out)
{
	size_t length;

	out->count = 0;
	if (a->overflow)
		return ERR_CAP;
	do {
		length = lay_out(a);
		if (length > BPF_MAXINSNS)
			return ERR_CAP;
	} while (stretch(a));
	for (size_t i = 0; i < a->items; i++)
		emit(a, i, out);
	return ERR_OK;
}
