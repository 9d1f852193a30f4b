/* smb1.h - commands of SMB 1 (PROTOCOL 4.4). */
#ifndef EPMWATCH_DISSECT_SMB1_H
#define EPMWATCH_DISSECT_SMB1_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissect/smb_message.h"

enum {
	SMB1_HEADER = 32,
	SMB1_COMMANDS =
	    4, /* of a message that are read: the first, and those chained to it by AndX */
};

/**
 * smb1_extent(message, have, size):
 * How many octets from its start a message of ${size} needs for smb1_parse(), as far as its first ${have}, at least
 * SMB1_HEADER + 1, tell: once the answer is no more than ${have}, they are complete. 0: it does not matter.
 */
size_t smb1_extent(const uint8_t *message, size_t have, size_t size);

/**
 * smb1_parse(message, len, out):
 * Read the commands of a message of which the first ${len} octets, as many as smb1_extent() asked for, are there, into
 * ${out}, which borrows them; returns how many there are, up to SMB1_COMMANDS, each but the first chained to the one before. One that makes no sense ends the chain, and
 * ${broken} says so. Source: MS-CIFS 2.2.3 and 2.2.4; MS-SMB 2.2.4.
 */
size_t smb1_parse(
    const uint8_t *message, size_t len, struct smb_message out[SMB1_COMMANDS], bool *broken);

#endif
