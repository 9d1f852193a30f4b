/* ntlm.c - the names in NTLM's challenge. */
#include "dissect/ntlm.h"

#include <string.h>
#include <strings.h>

#include "base/cursor.h"
#include "dissect/obs_queue.h"
#include "dissect/observation.h"

enum {
	CHALLENGE = 2,
	CHALLENGE_FIXED = 48, /* up to the version, which the oldest servers leave out */
	TARGET_INFO_AT = 40,
};

/* AvId. */
enum {
	AV_EOL = 0,
	AV_NB_COMPUTER_NAME = 1,
	AV_DNS_COMPUTER_NAME = 3,
};

/* What a message begins with, and its type. */
static const uint8_t challenge_start[] = {'N', 'T', 'L', 'M', 'S', 'S', 'P', 0, CHALLENGE, 0, 0, 0};

/* A cursor from the start of the message to the end of the token; empty where there is none. */
static struct cursor
find_challenge(const uint8_t *octets, size_t len)
{
	struct cursor c = cur_init(octets, len, true);
	const uint8_t *at;

	while (cur_left(&c) >= CHALLENGE_FIXED) {
		at = memchr(c.pos, challenge_start[0], cur_left(&c));
		if (at == NULL)
			break;
		cur_skip(&c, (size_t)(at - c.pos));
		if (cur_left(&c) >= CHALLENGE_FIXED &&
		    memcmp(at, challenge_start, sizeof(challenge_start)) == 0)
			return cur_sub(&c, cur_left(&c));
		cur_skip(&c, 1);
	}
	return cur_init(NULL, 0, true);
}

/* The part of the message that the 8 octets at TARGET_INFO_AT point to; empty where it is not there. */
static struct cursor
target_info(struct cursor message)
{
	struct cursor field = message;
	uint16_t len;

	cur_skip(&field, TARGET_INFO_AT);
	len = cur_u16_le(&field);
	cur_skip(&field, 2);
	cur_skip(&message, cur_u32_le(&field));
	return len <= cur_left(&message) ? cur_sub(&message, len)
					 : cur_sub(&message, cur_left(&message));
}

/* One pair: AvId:u16 AvLen:u16 value. False at the end, and where there is no more. */
static bool
next_pair(struct cursor *c, uint16_t *id, struct cursor *value)
{
	*id = cur_u16_le(c);
	*value = cur_sub(c, cur_u16_le(c));
	return cur_ok(c) && *id != AV_EOL;
}

static const char *
name_of(struct cursor *value, struct obs_queue *queue)
{
	size_t len = cur_left(value);

	return obs_queue_text_utf16(queue, cur_take(value, len), len);
}

static void
set_alias(struct obs_names *out, const char *name, struct obs_queue *queue)
{
	const char **alias;

	if (name == NULL || strcasecmp(name, out->host) == 0)
		return;
	alias = obs_queue_alloc(queue, sizeof(*alias));
	if (alias == NULL)
		return; /* the queue refuses the observation, and counts */
	alias[0] = name;
	out->alias = alias;
	out->alias_count = 1;
}

bool
ntlm_challenge_names(
    const uint8_t *octets, size_t len, struct obs_queue *queue, struct obs_names *out)
{
	struct cursor value, pairs;
	const char *dns = NULL, *netbios = NULL;
	uint16_t id;

	*out = (struct obs_names){0};
	pairs = target_info(find_challenge(octets, len < NTLM_TOKEN ? len : NTLM_TOKEN));
	while (next_pair(&pairs, &id, &value)) {
		if (id == AV_DNS_COMPUTER_NAME && dns == NULL)
			dns = name_of(&value, queue);
		else if (id == AV_NB_COMPUTER_NAME && netbios == NULL)
			netbios = name_of(&value, queue);
	}
	out->host = dns != NULL ? dns : netbios;
	if (out->host == NULL)
		return false;
	set_alias(out, dns != NULL ? netbios : NULL, queue);
	return true;
}
