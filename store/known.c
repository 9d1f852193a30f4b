/* known.c - see known.h. The bits of a key lie within one line of a processor's cache. */
#include "store/known.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/hash.h"
#include "store/column.h"
#include "store/param.h"
#include "store/state.h"
#include "track/records.h"

enum {
	KNOWN_LINE = 8,     /* words of a block */
	KNOWN_PROBES = 6,   /* bits of a key */
	KNOWN_BIT_BITS = 9, /* that number one of the block's 512 bits */
	/* Reading a key of the store takes about a quarter of a look-up that finds nothing. */
	KNOWN_PAYS = 4,
};

/* What is hashed: without padding. */
struct known_name {
	int64_t scope;
	struct addr server;
	struct uuid uuid;
	uint16_t major;
	uint8_t protseq;
	char rule[9];
};

_Static_assert(sizeof(struct known_name) == 52 + 4, "only the end is padded, and cleared");

int
known_init(struct known *k, uint64_t secret)
{
	*k = (struct known){.word = calloc(KNOWN_BYTES, 1),
	    .mask = KNOWN_BYTES / (KNOWN_LINE * sizeof(uint64_t)) - 1,
	    .secret = secret};
	return k->word != NULL ? ERR_OK : -ENOMEM;
}

void
known_deinit(struct known *k)
{
	free(k->word);
	k->word = NULL;
}

static uint64_t
known_hash(
    const struct known *k, int64_t scope, const struct mapping_key *key, const char *rule)
{
	struct known_name name;

	memset(&name, 0, sizeof(name));
	name.scope = scope;
	name.server = key->server;
	name.uuid = key->uuid;
	name.major = key->major;
	name.protseq = key->protseq;
	for (size_t i = 0; i < sizeof(name.rule) && rule[i] != '\0'; i++)
		name.rule[i] = rule[i];
	return hash_keyed(&name, sizeof(name), k->secret);
}

/* The bits of a hash, one in each of the block's first words; the hash's upper bits choose the block. */
static void
known_bits(uint64_t hash, uint64_t bits[KNOWN_LINE])
{
	uint64_t lower = hash * UINT64_C(0x9e3779b97f4a7c15);

	memset(bits, 0, KNOWN_LINE * sizeof(*bits));
	for (int i = 0; i < KNOWN_PROBES; i++) {
		unsigned bit = (unsigned)(lower >> (64 - KNOWN_BIT_BITS));

		bits[bit / 64] |= UINT64_C(1) << bit % 64;
		lower <<= KNOWN_BIT_BITS;
	}
}

static uint64_t *
known_block(const struct known *k, uint64_t hash)
{
	return &k->word[(hash >> 20 & k->mask) * KNOWN_LINE];
}

static void
known_set(struct known *k, uint64_t hash)
{
	uint64_t bits[KNOWN_LINE], *block = known_block(k, hash);

	known_bits(hash, bits);
	for (int i = 0; i < KNOWN_LINE; i++)
		block[i] |= bits[i];
}

static bool
known_has(const struct known *k, uint64_t hash)
{
	uint64_t bits[KNOWN_LINE], missing = 0;
	const uint64_t *block = known_block(k, hash);

	known_bits(hash, bits);
	for (int i = 0; i < KNOWN_LINE; i++)
		missing |= bits[i] & ~block[i];
	return missing == 0;
}

static void
known_fill_one(struct known *k, sqlite3_stmt *st)
{
	struct column c = column_init(st);
	struct mapping_key key = {.realm = 0};
	int64_t scope = column_int(&c);
	const char *rule;

	column_octets(&c, key.server.b, sizeof(key.server.b));
	column_octets(&c, key.uuid.b, sizeof(key.uuid.b)); /* zeros, where it is a server as a whole */
	key.major = column_u16(&c);
	key.protseq = (uint8_t)column_range(&c, UINT8_MAX);
	rule = column_text(&c);
	known_set(k, known_hash(k, scope, &key, rule != NULL ? rule : ""));
	if (rule != NULL && strcmp(rule, KNOWN_ALERT) == 0)
		known_set(k, known_hash(k, scope, &key, KNOWN_OLDER));
}

/* A store that cannot be read is no reason to stop here: it stays a maybe, and the look-up will say. */
static void
known_fill(struct store *s)
{
	sqlite3_stmt *st;
	struct param p;
	int err = statement_fresh(s, STATEMENT_EACH_KEY, &st);

	s->known.in_vain = 0;
	if (err != 0)
		return;
	p = param_init(st);
	while ((err = statement_row(s, &p, STATEMENT_EACH_KEY)) == 1)
		known_fill_one(&s->known, st);
	sqlite3_finalize(st);
	s->known.filled = err == 0;
}

/* Rows count episodes, ended ones and those of this run too, so this is rather late than early. */
static bool
known_pays(const struct store *s)
{
	return s->known.in_vain >= (uint64_t)s->opened_row / KNOWN_PAYS;
}

bool
known_maybe(struct store *s, int64_t scope, const struct mapping_key *key, const char *rule)
{
	struct known *k = &s->known;

	if (k->word == NULL || s->db.mode == STORE_READER)
		return true;
	if (!k->filled && known_pays(s))
		known_fill(s);
	return !k->filled || known_has(k, known_hash(k, scope, key, rule));
}

void
known_note(struct store *s, int64_t scope, const struct mapping_key *key, const char *rule)
{
	if (s->known.word != NULL)
		known_set(&s->known, known_hash(&s->known, scope, key, rule));
}

bool
known_maybe_id(const struct store *s, const char *id)
{
	const struct known *k = &s->known;

	return k->word == NULL || known_has(k, hash_keyed(id, strlen(id), k->secret));
}

void
known_note_id(struct store *s, const char *id)
{
	if (s->known.word != NULL)
		known_set(&s->known, hash_keyed(id, strlen(id), s->known.secret));
}

void
known_missed(struct store *s)
{
	s->known.in_vain++;
}
