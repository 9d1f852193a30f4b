/* config.h - the program's own settings from a file: YAML whose keys are the long options.
 *
 * At the top stand options of `read`, `sense` and `report`; they hold for every verb for which they mean the same. A key that
 * is a verb's name holds a mapping with options for that verb alone. What the command line says wins, and a list there
 * takes the place of a list here. No file is read that is not named by --config: the same command does the same on every machine. */
#ifndef EPMWATCH_APP_CONFIG_H
#define EPMWATCH_APP_CONFIG_H

struct config;
struct option_spec;
struct settings;
struct verb;

/**
 * config_apply(s, v, given):
 * Read the file that ${s} names, and set what it says for ${v} and what is not ${given}, a list that ends with NULL. What is said for
 * other verbs is looked at as well, but for files, and names that files give. 0; EX_CONFIG after a message for each thing that is wrong,
 * with file, line and column, and then nothing is set unless that it is wrong shows only when it is set; EX_OSERR.
 */
int config_apply(struct settings *s, const struct verb *v, const struct option_spec *const *given);

/** config_free(&c): Free it. NULL is fine. */
void config_free(struct config **c);

#endif
