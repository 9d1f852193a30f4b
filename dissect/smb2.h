/* smb2.h - commands of SMB 2 and 3 (PROTOCOL 4.3). */
#ifndef EPMWATCH_DISSECT_SMB2_H
#define EPMWATCH_DISSECT_SMB2_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct smb_message;

enum {
	SMB2_HEADER = 64
};

/** smb2_next(header): NextCommand of the SMB2_HEADER octets at ${header}: where the next command of the compound begins; 0 in
 * the last. Source: MS-SMB2 2.2.1. */
uint32_t smb2_next(const uint8_t *header);

/** smb2_is_header(octets): Can the first 6 octets of a command be those of an SMB2 header? */
bool smb2_is_header(const uint8_t *octets);

/**
 * smb2_extent(command, have):
 * How many octets from its start a command needs for smb2_parse(), as far as its first ${have}, at least SMB2_HEADER, tell:
 * once the answer is no more than ${have}, they are complete. 0: it does not matter.
 */
size_t smb2_extent(const uint8_t *command, size_t have);

/**
 * smb2_parse(command, len, out):
 * Read a command of which the first ${len} octets, as many as smb2_extent() asked for, are there; ${out} borrows them.
 * ERR_TRUNC where it ends before that, ERR_MALFORMED where it contradicts itself. Source: MS-SMB2 2.2.
 */
int smb2_parse(const uint8_t *command, size_t len, struct smb_message *out);

#endif
