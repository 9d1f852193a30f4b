/* packet_filter.h - one BPF expression, compiled for each kind of link that it meets. For capture/
 * alone. */
#ifndef EPMWATCH_CAPTURE_PACKET_FILTER_H
#define EPMWATCH_CAPTURE_PACKET_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include "capture/source_ops.h"

struct bpf_program;
struct packet;
struct packet_filter;

/** packet_filter_new(out, expression): Prepare ${expression}, which is copied; NULL gives NULL,
 * which lets all pass. -ENOMEM. */
int packet_filter_new(struct packet_filter **out, const char *expression);

/** packet_filter_free(&f): Free it and its programs. NULL is fine. */
void packet_filter_free(struct packet_filter **f);

/**
 * packet_filter_for(f, number, big_endian, out, words):
 * Point ${out} to the program for packets of link type ${number} (LINKTYPE_*, one of those that are
 * read) in a file of that byte order; it lives as long as ${f}. NULL if ${f} is. ERR_USAGE if the
 * expression does not fit, and ${words} gets why; -ENOMEM.
 */
int packet_filter_for(struct packet_filter *f, uint32_t number, bool big_endian,
    const struct bpf_program **out, char words[SOURCE_WORDS]);

/** packet_filter_passes(program, packet): True if ${program} lets ${packet} pass. From any thread. */
bool packet_filter_passes(const struct bpf_program *program, const struct packet *packet);

#endif
