/* export.h - the verbs `export nft` and its kin: rules and objects for firewalls, to be read and loaded by somebody else. */
#ifndef EPMWATCH_APP_EXPORT_H
#define EPMWATCH_APP_EXPORT_H

struct export_ops;
struct settings;

/** export_with(s, ops): Write what ${s} asks for in that format. 0, or a value of sysexits: 66 where nothing qualifies; then nothing is
 * written, and what lies at the output's place stays. */
int export_with(struct settings *s, const struct export_ops *ops);

/** export_run_nft(s) and its kin: The same for one format. */
int export_run_nft(struct settings *s);
int export_run_netsh(struct settings *s);
int export_run_asa(struct settings *s);
int export_run_panos(struct settings *s);
int export_run_qos(struct settings *s);
int export_run_reg(struct settings *s);
int export_run_rpcfw(struct settings *s);
int export_run_rpcdump(struct settings *s);

#endif
