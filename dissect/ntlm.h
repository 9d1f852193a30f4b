/* ntlm.h - what a server tells of itself in clear while a client logs on: the names in NTLM's challenge.
 *
 * They stand in bind_acks and alter_context_resps, in answers to SMB's SESSION_SETUP, and wherever else NTLM is
 * spoken, by itself or inside of SPNEGO. */
#ifndef EPMWATCH_DISSECT_NTLM_H
#define EPMWATCH_DISSECT_NTLM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct obs_names;
struct obs_queue;

enum {
	NTLM_TOKEN =
	    4096, /* octets of a token that are looked at; a challenge needs a few hundred */
};

/**
 * ntlm_challenge_names(octets, len, queue, out):
 * Look for a CHALLENGE_MESSAGE in a token, wherever in its first NTLM_TOKEN octets it begins, and read the server's own names of it into
 * ${out}: host is its DNS name or, where that is missing, its NetBIOS one, and the other one of them is its alias if it is another name.
 * The strings lie in ${queue}. False, with ${out} all zero, where there is no such message or it names no computer.
 * Shape: signature(8) "NTLMSSP\0"  type:u32 = 2  target_name(8)  flags:u32  challenge(8)  reserved(8)  target_info(8)  version(8)
 * payload; target_info is len:u16 max_len:u16 offset:u32, of pairs id:u16 len:u16 value, the last of id 0. All little-endian.
 * Pairs up to one that does not fit are used. Source: MS-NLMP 2.2.1.2, 2.2.2.1.
 */
bool ntlm_challenge_names(
    const uint8_t *octets, size_t len, struct obs_queue *queue, struct obs_names *out);

#endif
