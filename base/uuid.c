/* uuid.c - identifiers from the wire and from text. */
#include "base/uuid.h"

#include "base/cursor.h"
#include "base/err.h"

bool
uuid_is_nil(const struct uuid *u)
{
	static const struct uuid nil;

	return uuid_equal(u, &nil);
}

static struct uuid
read_as(struct cursor *c, bool le)
{
	struct cursor bytes = cur_sub(c, 16);
	struct uuid u = {{0}};
	uint32_t low;
	uint16_t mid, high;

	bytes.le = le;
	low = cur_u32(&bytes);
	mid = cur_u16(&bytes);
	high = cur_u16(&bytes);
	for (int i = 0; i < 4; i++)
		u.b[i] = (uint8_t)(low >> (24 - 8 * i));
	u.b[4] = (uint8_t)(mid >> 8);
	u.b[5] = (uint8_t)mid;
	u.b[6] = (uint8_t)(high >> 8);
	u.b[7] = (uint8_t)high;
	cur_copy(&bytes, u.b + 8, 8);
	return u;
}

struct uuid
uuid_read(struct cursor *c)
{
	return read_as(c, c->le);
}

struct uuid
uuid_read_le(struct cursor *c)
{
	return read_as(c, true);
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* A hyphen stands before bytes 4, 6, 8 and 10. */
static bool
hyphen_before(size_t byte)
{
	return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

int
uuid_parse(const char *text, struct uuid *out)
{
	struct uuid u;

	for (size_t i = 0; i < sizeof(u.b); i++) {
		int high, low;

		if (hyphen_before(i) && *text++ != '-')
			return ERR_MALFORMED;
		if ((high = hex_value(text[0])) < 0 || (low = hex_value(text[1])) < 0)
			return ERR_MALFORMED;
		u.b[i] = (uint8_t)(high << 4 | low);
		text += 2;
	}
	if (*text != '\0')
		return ERR_MALFORMED;
	*out = u;
	return ERR_OK;
}

char *
uuid_format(const struct uuid *u, char out[UUID_TEXT])
{
	static const char digits[] = "0123456789abcdef";
	char *p = out;

	for (size_t i = 0; i < sizeof(u->b); i++) {
		if (hyphen_before(i))
			*p++ = '-';
		*p++ = digits[u->b[i] >> 4];
		*p++ = digits[u->b[i] & 15];
	}
	*p = '\0';
	return out;
}
