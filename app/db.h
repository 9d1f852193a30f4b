/* db.h - the verbs that look after stores. */
#ifndef EPMWATCH_APP_DB_H
#define EPMWATCH_APP_DB_H

struct settings;

/** db_check(s) / db_merge(s) / db_prune(s) / db_vacuum(s) / db_export(s): Each returns an exit value, by sysexits. */
int db_check(struct settings *s);
int db_merge(struct settings *s);
int db_prune(struct settings *s);
int db_vacuum(struct settings *s);
int db_export(struct settings *s);

/** db_exit(err): The exit value for ${err}: what is no store, or damaged, or of another version is bad data; all else has its own. */
int db_exit(int err);

#endif
