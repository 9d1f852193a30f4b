/* smb.h - SMB 1, 2 and 3 as carriers of DCE/RPC: the named pipes in what a connection to port 445 or 139 carries.
 *
 * By the economy of DESIGN 7.2: of each command the header is read, of opens the name, and what is written to and read
 * from files that are pipes, or may be, goes to their conversations as it comes. What is known to belong to a disk
 * share, and all else, is passed over by its length. Encrypted and compressed messages are counted.
 *
 * Where the opening of a pipe was not seen, it is known by what goes through it: a write or a read that begins as a PDU
 * does. Source: MS-SMB2, MS-SMB, MS-CIFS; PROTOCOL 4.3, 4.4. */
#ifndef EPMWATCH_DISSECT_SMB_H
#define EPMWATCH_DISSECT_SMB_H

#include <stdbool.h>

struct carrier_ends;
struct carrier_kind;

enum {
	SMB_PORT = 445,
	SMB_NETBIOS_PORT = 139,
	SMB_WAITING =
	    32, /* requests whose answers are waited for; further ones take the place of the oldest */
	SMB_TREES =
	    16, /* of which it is known what they share; further ones take the place of the oldest */
};

extern const struct carrier_kind smb_carrier;

/** smb_is_expected(ends): Is it a connection to one of its ports? */
bool smb_is_expected(const struct carrier_ends *ends);

#endif
