/* bpf_asm.h - a small assembler for classic BPF: labels instead of distances. For capture/ alone.
 *
 * A conditional jump reaches 255 instructions; where a label lies farther, an unconditional one, which
 * reaches any distance, is put in behind it. All jumps go forward, as the kernel wants it. Mistakes in the
 * use of labels are bugs, and asserted. */
#ifndef EPMWATCH_CAPTURE_BPF_ASM_H
#define EPMWATCH_CAPTURE_BPF_ASM_H

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>

struct bpf_asm;

/* A finished program. */
struct bpf_code {
	size_t count;
	struct sock_filter code[BPF_MAXINSNS];
};

enum {
	BPF_NEXT = 0             /* as a label: the next instruction */
};

/** bpf_asm_new(out) / bpf_asm_free(&a): An empty program. -ENOMEM. */
int bpf_asm_new(struct bpf_asm **out);
void bpf_asm_free(struct bpf_asm **a);

/** bpf_asm_label(a): A label that can be jumped to; it has to be placed once, behind all jumps to it. */
unsigned bpf_asm_label(struct bpf_asm *a);

/** bpf_asm_place(a, label): ${label} is the next instruction. */
void bpf_asm_place(struct bpf_asm *a, unsigned label);

/** bpf_asm_op(a, code, k): An instruction that is no jump. */
void bpf_asm_op(struct bpf_asm *a, uint16_t code, uint32_t k);

/** bpf_asm_branch(a, test, k, yes, no): BPF_JMP with ${test}, as BPF_JEQ or BPF_JGT, of the accumulator and ${k}. */
void bpf_asm_branch(struct bpf_asm *a, uint16_t test, uint32_t k, unsigned yes, unsigned no);

/** bpf_asm_jump(a, label): Go there. */
void bpf_asm_jump(struct bpf_asm *a, unsigned label);

/** bpf_asm_copy(a, code): An instruction of a finished program, jumps with their distances included: all of
 * such a program has to be copied, one for one, and nothing else be put between. bpf_asm_jump() counts as
 * one. */
void bpf_asm_copy(struct bpf_asm *a, const struct sock_filter *code);

/** bpf_asm_finish(a, out): Lay it out. ERR_CAP if that takes more than BPF_MAXINSNS instructions. */
int bpf_asm_finish(struct bpf_asm *a, struct bpf_code *out);

#endif
