/* policy_verb.h - the verbs `policy check`, `show`, `init` and `suggest`. */
#ifndef EPMWATCH_APP_POLICY_VERB_H
#define EPMWATCH_APP_POLICY_VERB_H

struct settings;

/** policy_verb_check(s) and its kin: Do what ${s} asks for. An exit value; 78 where a policy is refused. */
int policy_verb_check(struct settings *s);
int policy_verb_show(struct settings *s);
int policy_verb_init(struct settings *s);
int policy_verb_suggest(struct settings *s);

#endif
