/* settings.h - what the command line asked for, and the setters that the option tables name. */
#ifndef EPMWATCH_APP_SETTINGS_H
#define EPMWATCH_APP_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/progress.h"
#include "report/registry/registry.h"
#include "store/query.h"
#include "track/records.h"

struct config;
struct policy;
struct hosts;
struct policy_file;
struct realm_rules;
struct report_table;

enum {
	SETTINGS_DEVICES = 16, /* as many as a tap can have */
	SETTINGS_STATS_S = 60,
	SETTINGS_MAILS = 32,   /* addresses that one report goes to */
	SETTINGS_PREFIX = 100, /* bytes before the subject of a mail */
};

enum settings_color {
	COLOR_AUTO, /* on a terminal, unless the environment says otherwise */
	COLOR_ALWAYS,
	COLOR_NEVER,
};

struct settings {
	bool help;
	bool bare; /* no verb was named: operands are words of a BPF expression */
	bool quiet;
	bool no_smb;     /* read, sense: SMB is left alone */
	bool no_ndpi, classify_all; /* read: nDPI is asked about nothing, about everything */
	bool registrations; /* pushes: for them, not of them */
	bool unfiltered; /* sense: by the kernel */
	const char *store; /* NULL: in memory */
	const struct policy
	    *policy; /* NULL: the one that the store was last used with, or the default */
	struct policy_file *policy_file; /* where it comes from; owned */
	const char *policy_name;         /* as given; NULL: none was, or that of the store */
	/* read and sense */
	const char *events;   /* NULL: none; `-`: standard output */
	unsigned event_types; /* a set of EVENT_TYPE(); 0: those of the verb */
	char *filter;         /* BPF; owned; NULL: all */
	uint64_t count;       /* packets to read; 0: all */
	char sensor[64], realm[64];
	struct realm_rules *realms; /* of VLANs and VNIs; owned; NULL: none */
	int64_t span_ns;            /* 0: the default; below: off */
	size_t workers; /* 0: as many as the verb thinks */
	size_t memory;  /* bytes; 0: the default */
	/* read */
	enum progress_mode progress;
	uint64_t uncompressed; /* bytes that one capture may expand to; 0: the default */
	/* sense */
	const char *device[SETTINGS_DEVICES];
	size_t devices;
	size_t ring_bytes; /* of each interface; 0: its share of the memory */
	size_t ring_block; /* 0: the default */
	unsigned ring_timeout_ms, snaplen, stats_s; /* 0: the defaults */
	/* list, history, report */
	const char *format, *output;
	const char *at, *since, *until; /* times, read once the end of the store is known */
	const char *service;            /* an interface by its name, which is known */
	struct query_filter query;
	enum severity fail_on;
	int64_t keep_sessions_ns, keep_pushes_ns, keep_keys_ns; /* db prune; 0: the defaults */
	const char *config_path; /* NULL: none was named */
	struct config *config;   /* what it said, which others point into; owned */
	/* export */
	enum confidence least; /* that is sure enough */
	bool least_given;
	bool violations, tc, only_pinned;
	bool from_evidence, rpc_internet, block;
	enum registry_product product;
	const char *group, *pinned; /* NULL: all there are */
	const char *table, *dscp; /* NULL: those of the format */
	const char *reason; /* why something is accepted; NULL: none was given */
	const struct report_table *section; /* report: that table alone; NULL: all */
	enum settings_color color;
	struct hosts *hosts; /* names for hosts; owned; NULL: none */
	/* report, by mail */
	const char *mail[SETTINGS_MAILS];
	size_t mails;
	bool always;                                 /* also where nothing is found */
	const char *from, *subject_prefix, *sendmail; /* NULL: those of the system */
	/* operands, and captures named by -r */
	const char **path; /* owned; the strings are those of argv; those of -r first */
	size_t paths;
	size_t files; /* how many of them -r named */
};

/** settings_init(s) / settings_deinit(s): The defaults; free what is owned. */
void settings_init(struct settings *s);
void settings_deinit(struct settings *s);

/** settings_release(s): Free what is its own alone; the file of settings and names of interfaces, which are the run's, stay. */
void settings_release(struct settings *s);

/** settings_operand(s, word): Take an argument that is no option. 0, or an exit value after a
 * message. */
int settings_operand(struct settings *s, const char *word);

/** settings_filter_words(s, from): Operands from index ${from} on are the words of a BPF expression. 0, or an exit value after
 * a message. */
int settings_filter_words(struct settings *s, size_t from);

/** settings_check_realms(s): Realms by rule are others than the run's. 0, or an exit value after a message. */
int settings_check_realms(const struct settings *s);

/* Setters, one for each option. Each returns 0, or an exit value after a message that says what is
 * wrong. */
typedef int settings_setter(struct settings *s, const char *arg);
settings_setter settings_set_help, settings_set_file, settings_set_store, settings_set_policy,
    settings_set_events, settings_set_filter, settings_set_filter_file, settings_set_count,
    settings_set_sensor, settings_set_realm, settings_set_progress, settings_set_quiet,
    settings_set_verbose, settings_set_format, settings_set_output, settings_set_at,
    settings_set_since, settings_set_until, settings_set_server, settings_set_interface,
    settings_set_protseq, settings_set_port, settings_set_fail_on, settings_set_only_sensor,
    settings_set_only_realm, settings_set_event_types, settings_set_workers, settings_set_memory,
    settings_set_device, settings_set_unfiltered, settings_set_ring_size, settings_set_ring_block,
    settings_set_ring_timeout, settings_set_snaplen, settings_set_stats_interval,
    settings_set_uncompressed, settings_set_realm_of, settings_set_span_window,
    settings_set_no_smb, settings_set_classify, settings_set_registrations, settings_set_reason, settings_set_keep_sessions, settings_set_keep_pushes,
    settings_set_keep_keys, settings_set_mail, settings_set_always, settings_set_from,
    settings_set_subject_prefix, settings_set_sendmail, settings_set_section, settings_set_color,
    settings_set_hosts, settings_set_least, settings_set_violations, settings_set_only_pinned, settings_set_table,
    settings_set_dscp, settings_set_product, settings_set_group, settings_set_from_evidence,
    settings_set_rpc_internet, settings_set_block, settings_set_pinned, settings_set_form, settings_set_config, settings_set_uuids;

#endif
