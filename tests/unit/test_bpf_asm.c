/* test_bpf_asm.c - labels, near and far, and the bounds of a program. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/err.h"
#include "tests/unit/filter_rig.h"

enum {
	ACCEPT = 77
};

static struct filter_rig rig;
static struct bpf_asm *a;

static int
begin(void **state)
{
	(void)state;
	return bpf_asm_new(&a);
}

static int
end(void **state)
{
	(void)state;
	bpf_asm_free(&a);
	return a != NULL;
}

static void
finish(void)
{
	assert_int_equal(bpf_asm_finish(a, &rig.code), ERR_OK);
	filter_rig_load(&rig);
	filter_rig_load_kernel(&rig);
}

/* What the program returns where the accumulator begins as ${byte}. The kernel has to agree. */
static unsigned
run(uint8_t byte)
{
	unsigned result = filter_rig_run(&rig, &byte, 1);

	assert_int_equal(filter_rig_run_kernel(&rig, &byte, 1), result > 0);
	return result;
}

static void
load(void)
{
	bpf_asm_op(a, BPF_LD | BPF_B | BPF_ABS, 0);
}

static void
ret(uint32_t k)
{
	bpf_asm_op(a, BPF_RET | BPF_K, k);
}

static void
fill(size_t count)
{
	for (size_t i = 0; i < count; i++)
		bpf_asm_op(a, BPF_ALU | BPF_OR | BPF_K, 0);
}

static void
test_branches_go_where_they_are_told(void **state)
{
	unsigned yes = bpf_asm_label(a), no = bpf_asm_label(a), last = bpf_asm_label(a);

	(void)state;
	load();
	bpf_asm_branch(a, BPF_JEQ, 1, yes, BPF_NEXT);
	bpf_asm_branch(a, BPF_JGT, 9, BPF_NEXT, no);
	bpf_asm_branch(a, BPF_JSET, 0x80, last, BPF_NEXT);
	ret(3);
	bpf_asm_place(a, yes);
	ret(4);
	bpf_asm_place(a, no);
	bpf_asm_jump(a, last);
	ret(5);
	bpf_asm_place(a, last);
	ret(6);
	finish();
	assert_int_equal(run(1), 4);
	assert_int_equal(run(9), 6);
	assert_int_equal(run(10), 3);
	assert_int_equal(run(0x80), 6);
	assert_int_equal(rig.code.count, 9);
	filter_rig_unload_kernel(&rig);
}

/* A branch with both labels ${yes} and ${no} instructions behind it, whichever is nearer first. */
static void
build_distances(size_t yes, size_t no)
{
	unsigned to_yes = bpf_asm_label(a), to_no = bpf_asm_label(a);
	size_t first = yes < no ? yes : no, second = yes < no ? no : yes;

	load();
	bpf_asm_branch(a, BPF_JEQ, 1, to_yes, to_no);
	fill(first);
	bpf_asm_place(a, yes < no ? to_yes : to_no);
	ret(yes < no ? 1 : 2);
	fill(second - first - 1);
	bpf_asm_place(a, yes < no ? to_no : to_yes);
	ret(yes < no ? 2 : 1);
}

/* Each distance around the 255 that a branch reaches, to either side. */
static void
test_far_labels_are_reached_by_jumps(void **state)
{
	static const size_t distance[] = {0, 1, 2, 3, 253, 254, 255, 256, 257, 258, 600, 2000};
	const size_t count = sizeof(distance) / sizeof(distance[0]);

	for (size_t i = 0; i < count * count; i++) {
		size_t yes = distance[i / count], no = distance[i % count];
		size_t far = (size_t)(yes > 255) + (size_t)(no > 255);

		if (yes == no)
			continue;
		end(state);
		begin(state);
		build_distances(yes, no);
		finish();
		assert_int_equal(run(1), 1);
		assert_int_equal(run(0), 2);
		assert_int_equal(run(2), 2);
		/* Not more jumps than it takes: one may push the other label out of reach. */
		assert_in_range(rig.code.count, 3 + (yes > no ? yes : no) + far,
		    4 + (yes > no ? yes : no) + far);
		filter_rig_unload_kernel(&rig);
	}
}

/* A chain in which each jump that is put in pushes the label before it out of reach. */
static void
test_jumps_that_are_put_in_count_as_distance(void **state)
{
	enum {
		CHAIN = 300
	};
	unsigned label[CHAIN];

	(void)state;
	load();
	for (unsigned i = 0; i < CHAIN; i++) {
		label[i] = bpf_asm_label(a);
		bpf_asm_branch(a, BPF_JEQ, i % 256, label[i], BPF_NEXT);
	}
	ret(ACCEPT);
	for (unsigned i = 0; i < CHAIN; i++) {
		bpf_asm_place(a, label[i]);
		ret(1000 + i);
	}
	finish();
	for (unsigned i = 0; i < 256; i++)
		assert_int_equal(run((uint8_t)i), 1000 + i);
	filter_rig_unload_kernel(&rig);
}

static void
test_finished_programs_are_copied_with_their_jumps(void **state)
{
	static const struct sock_filter program[] = {
	    {BPF_LD | BPF_B | BPF_ABS, 0, 0, 0},
	    {BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 7},
	    {BPF_RET | BPF_K, 0, 0, 5},
	    {BPF_RET | BPF_K, 0, 0, 6},
	};
	unsigned behind = bpf_asm_label(a);

	(void)state;
	for (size_t i = 0; i < 3; i++)
		bpf_asm_copy(a, &program[i]);
	bpf_asm_jump(a, behind);
	fill(300);
	bpf_asm_place(a, behind);
	ret(8);
	finish();
	assert_int_equal(run(7), 8);
	assert_int_equal(run(8), 5);
	filter_rig_unload_kernel(&rig);
}

static void
test_a_program_has_at_most_what_the_kernel_takes(void **state)
{
	(void)state;
	load();
	fill(BPF_MAXINSNS - 2);
	ret(ACCEPT);
	finish();
	assert_int_equal(rig.code.count, BPF_MAXINSNS);
	assert_int_equal(run(0), ACCEPT);
	filter_rig_unload_kernel(&rig);
	ret(ACCEPT);
	assert_int_equal(bpf_asm_finish(a, &rig.code), ERR_CAP);
}

/* As many instructions as fit, and a branch that does not reach. */
static void
test_jumps_that_are_put_in_count_for_the_bound(void **state)
{
	for (size_t spare = 0; spare < 3; spare++) {
		unsigned yes, no;

		end(state);
		begin(state);
		yes = bpf_asm_label(a);
		no = bpf_asm_label(a);
		load();
		bpf_asm_branch(a, BPF_JEQ, 1, yes, no);
		fill(BPF_MAXINSNS - 4 - spare);
		bpf_asm_place(a, yes);
		ret(1);
		bpf_asm_place(a, no);
		ret(2);
		if (spare < 2) {
			assert_int_equal(bpf_asm_finish(a, &rig.code), ERR_CAP);
			continue;
		}
		finish();
		assert_int_equal(rig.code.count, BPF_MAXINSNS);
		assert_int_equal(run(1), 1);
		assert_int_equal(run(3), 2);
		filter_rig_unload_kernel(&rig);
	}
}

static void
test_labels_are_bounded(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3 * BPF_MAXINSNS; i++)
		bpf_asm_place(a, bpf_asm_label(a));
	ret(ACCEPT);
	assert_int_equal(bpf_asm_finish(a, &rig.code), ERR_CAP);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_branches_go_where_they_are_told, begin, end),
	    cmocka_unit_test_setup_teardown(test_far_labels_are_reached_by_jumps, begin, end),
	    cmocka_unit_test_setup_teardown(
		test_jumps_that_are_put_in_count_as_distance, begin, end),
	    cmocka_unit_test_setup_teardown(
		test_finished_programs_are_copied_with_their_jumps, begin, end),
	    cmocka_unit_test_setup_teardown(
		test_a_program_has_at_most_what_the_kernel_takes, begin, end),
	    cmocka_unit_test_setup_teardown(
		test_jumps_that_are_put_in_count_for_the_bound, begin, end),
	    cmocka_unit_test_setup_teardown(test_labels_are_bounded, begin, end),
	};

	return cmocka_run_group_tests_name("bpf_asm", tests, NULL, NULL);
}
