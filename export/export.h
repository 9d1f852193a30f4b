/* export.h - what every export is made of: evidence, and a way to write it down for one kind of firewall.
 *
 * Nothing is ever applied here. An export is text for somebody to read and then to load, so each begins with a comment that says what it
 * was made from (comment.h), and the same store and arguments give the same bytes. Words from outside (names of hosts, sensors,
 * captures, groups, annotations) stand in comments only, written by comment_text(); names of objects are made of them by label.h. */
#ifndef EPMWATCH_EXPORT_EXPORT_H
#define EPMWATCH_EXPORT_EXPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "report/registry/registry.h"

struct evidence_options;
struct evidence_set;
struct policy;
struct store;

/* What one export is made from. All is borrowed. */
struct export_job {
	const struct evidence_set *evidence; /* with at least one group */
	const struct evidence_options *options;
	const struct policy *policy;
	int64_t end_ns;                  /* up to where the store goes: the export's date */
	const char *table;               /* nft, qos: the table's name; NULL: the format's own */
	const char *dscp;                /* qos: the class, as nft calls it; NULL: af21 */
	bool tc;                         /* qos: lines for tc instead of nft */
	struct store *store;             /* reg, rpcfw: who runs what, who talks to whom */
	enum registry_product product;   /* reg: what the servers run; REGISTRY_UNKNOWN: as far as it can be told */
	const char *service;             /* plan: only this, by the name of its group of interfaces; NULL: all */
	const char *format;              /* plan: text, yaml, json */
	const char *group;               /* reg, rpcfw, plan: only this group of servers; NULL: the one that there is */
	bool from_evidence;              /* reg: also what no policy pins and was at one port only */
	bool rpc_internet;               /* reg: also the range of the whole host */
	bool violations;                 /* what breaks a rule was asked for */
	bool block;                      /* rpcfw: refuse all other clients */
};

/* One format: a row of it stands in a file of its own. */
struct export_ops {
	const char *name;                /* as on the command line */
	const char *title;               /* the first line of the comment: what this is */
	const char *usage;               /* the second: what is to be done with it */
	const char *comment;             /* what a line of comment begins with, its space included */
	const char *unsafe;              /* characters that mean something even in a comment there */
	bool brief;                      /* what is left out is counted, not told */
	bool breaches;                   /* it opens nothing: what breaks a rule is looked at as well */
	bool all;                        /* announced is sure enough where nobody says otherwise, and nothing need qualify */
	/* 0, -ENOMEM, the store's error, ERR_CAP; ERR_USAGE or -ENOENT after a message; write errors show on ${out} */
	int (*write)(FILE *out, const struct export_job *job);
};

extern const struct export_ops export_nft, export_netsh, export_asa, export_panos, export_qos;
extern const struct export_ops export_reg, export_rpcfw, export_rpcdump;

#endif
