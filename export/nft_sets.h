/* nft_sets.h - named sets of nftables, address . port, one for each group, transport and family; and the rules that ask them. */
#ifndef EPMWATCH_EXPORT_NFT_SETS_H
#define EPMWATCH_EXPORT_NFT_SETS_H

#include <stdbool.h>
#include <stdio.h>

struct addr;
struct evidence_group;
struct export_job;
struct export_ops;

/* The four sets that a group can have. */
struct nft_kind {
	const char *suffix;    /* of the set's name */
	const char *family;    /* ip, ip6 */
	const char *transport; /* tcp, udp */
	const char *type;      /* of an address */
	bool v4, udp;
};

enum {
	NFT_KINDS = 4
};

extern const struct nft_kind nft_sets_kinds[NFT_KINDS];

/** nft_sets_open(out, table): Begin the table, which takes the place of one of its name. */
void nft_sets_open(FILE *out, const char *table);

/** nft_sets_write(out, ops, job): The sets of all groups, each behind its evidence. */
void nft_sets_write(FILE *out, const struct export_ops *ops, const struct export_job *job);

/** nft_sets_has(group, kind): Does the group have that set? */
bool nft_sets_has(const struct evidence_group *group, const struct nft_kind *kind);

/** nft_sets_rules(out, job, side, dscp): A rule for each set: packets to (${side} is `d`) or from (`s`) what is in it are accepted, or (${dscp}
 * is not NULL) marked. */
void nft_sets_rules(FILE *out, const struct export_job *job, char side, const char *dscp);

#endif
