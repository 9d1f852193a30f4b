/* ident.c - ids as hashes over bytes that are laid out by hand, so that no padding or byte order
 * gets in. */
#include "track/ident.h"

#include <string.h>

#include "track/records.h"

enum {
	KIND_BYTES = 16
};

/* Filled from the front; every append fits by construction. */
struct bytes {
	size_t len;
	uint8_t b[128];
};

static void
append(struct bytes *out, const void *data, size_t len)
{
	memcpy(out->b + out->len, data, len);
	out->len += len;
}

static void
append_number(struct bytes *out, uint64_t value, size_t len)
{
	for (size_t i = 0; i < len; i++)
		out->b[out->len++] = (uint8_t)(value >> 8 * i);
}

/* A chain over the endpoints, so that a set of any size needs no buffer. Names count without case,
 * as they compare. */
static uint64_t
hash_set(const struct endpoint *set, size_t count)
{
	uint64_t chain = count;

	for (size_t i = 0; i < count; i++) {
		struct bytes link = {.len = 0};

		append_number(&link, chain, 8);
		append_number(&link, set[i].port, 2);
		for (const char *c = set[i].name; *c != '\0'; c++)
			append_number(
			    &link, (uint8_t)(*c >= 'A' && *c <= 'Z' ? *c - 'A' + 'a' : *c), 1);
		chain = hash_bytes(link.b, link.len);
	}
	return chain;
}

uint64_t
ident_realm(const char *name)
{
	uint64_t hash;

	if (strcmp(name, "default") == 0)
		return 0;
	hash = hash_bytes(name, strlen(name));
	return hash != 0 ? hash : 1;
}

/* The default one takes a single octet: ids are older than other realms. */
static void
append_realm(struct bytes *out, uint64_t realm)
{
	append_number(out, realm != 0 ? 1 : 0, 1);
	if (realm != 0)
		append_number(out, realm, 8);
}

char *
ident_make(const struct mapping_key *key, uint64_t realm, const char *kind,
    const struct endpoint *set, size_t count, int64_t first_ns, char out[HASH_ID_TEXT])
{
	struct bytes all = {.len = 0};
	char word[KIND_BYTES] = {0};

	for (size_t i = 0; i < sizeof(word) && kind[i] != '\0'; i++)
		word[i] = kind[i];
	append_realm(&all, realm);
	append(&all, key->server.b, sizeof(key->server.b));
	append(&all, key->uuid.b, sizeof(key->uuid.b));
	append_number(&all, key->major, 2);
	append_number(&all, key->protseq, 1);
	append(&all, word, sizeof(word));
	append_number(&all, hash_set(set, count), 8);
	append_number(&all, (uint64_t)first_ns, 8);
	return hash_id(all.b, all.len, out);
}
