/* text.c - hostile bytes to printable UTF-8. */
#include "base/text.h"

#include <stdbool.h>
#include <string.h>

enum {
	REPLACEMENT = 0xfffd,
	BAD = 0x110000
};

/* What would break a line, move a terminal's cursor, turn the direction of what follows, or is not to be seen at all, so that two
 * names look the same: Default_Ignorable_Code_Point of Unicode, interlinear annotation, and what is no character. Sorted. */
static const struct {
	uint32_t first, last;
} unprintable[] = {
    {0x0000, 0x001f}, {0x007f, 0x009f}, {0x00ad, 0x00ad}, /* soft hyphen */
    {0x034f, 0x034f}, {0x061c, 0x061c}, {0x115f, 0x1160}, /* Hangul fillers */
    {0x17b4, 0x17b5}, {0x180b, 0x180f}, {0x200b, 0x200f}, /* of no width; direction marks */
    {0x2028, 0x202e},                   /* line and paragraph separators, and 202a-202e */
    {0x2060, 0x206f},                   /* word joiner, invisible operators, isolates */
    {0x3164, 0x3164}, {0xfdd0, 0xfdef}, /* no characters */
    {0xfe00, 0xfe0f},                   /* variation selectors */
    {0xfeff, 0xfeff}, {0xffa0, 0xffa0}, {0xfff0, 0xfffb}, {0xfffe, 0xffff}, {0x1bca0, 0x1bca3},
    {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff}, /* tags, and more selectors */
};

static bool
is_unprintable(uint32_t cp)
{
	for (size_t i = 0; i < sizeof(unprintable) / sizeof(unprintable[0]); i++) {
		if (cp <= unprintable[i].last)
			return cp >= unprintable[i].first;
	}
	return (cp & 0xfffe) == 0xfffe; /* no character in any plane */
}

/* Length of the sequence that ${lead} opens, and the bits of the code point in it; 0 if it opens
 * none. */
static size_t
sequence_length(uint8_t lead, uint32_t *bits)
{
	if (lead < 0x80) {
		*bits = lead;
		return 1;
	}
	if (lead >= 0xc2 && lead <= 0xdf) {
		*bits = lead & 0x1f;
		return 2;
	}
	if (lead >= 0xe0 && lead <= 0xef) {
		*bits = lead & 0x0f;
		return 3;
	}
	if (lead >= 0xf0 && lead <= 0xf4) {
		*bits = lead & 0x07;
		return 4;
	}
	return 0;
}

/* Decode one code point at ${in} and return its length, with BAD and 1 where there is none. ${left}
 * is at least 1. */
static size_t
utf8_decode(const uint8_t *in, size_t left, uint32_t *cp)
{
	static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
	uint32_t bits = 0;
	size_t n = sequence_length(in[0], &bits);

	*cp = BAD;
	if (n == 0 || n > left)
		return 1;
	for (size_t i = 1; i < n; i++) {
		if ((in[i] & 0xc0) != 0x80)
			return 1;
		bits = bits << 6 | (in[i] & 0x3f);
	}
	if (bits < smallest[n] || bits >= BAD || (bits >= 0xd800 && bits <= 0xdfff))
		return 1;
	*cp = bits;
	return n;
}

/* Write ${cp}, which is valid, to ${out} (4 bytes) and return the length. */
static size_t
utf8_encode(uint32_t cp, uint8_t out[4])
{
	if (cp < 0x80) {
		out[0] = (uint8_t)cp;
		return 1;
	}
	if (cp < 0x800) {
		out[0] = (uint8_t)(0xc0 | cp >> 6);
		out[1] = (uint8_t)(0x80 | (cp & 0x3f));
		return 2;
	}
	if (cp < 0x10000) {
		out[0] = (uint8_t)(0xe0 | cp >> 12);
		out[1] = (uint8_t)(0x80 | (cp >> 6 & 0x3f));
		out[2] = (uint8_t)(0x80 | (cp & 0x3f));
		return 3;
	}
	out[0] = (uint8_t)(0xf0 | cp >> 18);
	out[1] = (uint8_t)(0x80 | (cp >> 12 & 0x3f));
	out[2] = (uint8_t)(0x80 | (cp >> 6 & 0x3f));
	out[3] = (uint8_t)(0x80 | (cp & 0x3f));
	return 4;
}

/* How many octets at the beginning are ASCII, by eights. */
static size_t
ascii_length(const uint8_t *in, size_t len)
{
	size_t i = 0;
	uint64_t eight;

	for (; i + sizeof(eight) <= len; i += sizeof(eight)) {
		memcpy(&eight, in + i, sizeof(eight));
		if ((eight & UINT64_C(0x8080808080808080)) != 0)
			break;
	}
	return i;
}

bool
text_is_utf8(const char *s, size_t len)
{
	const uint8_t *in = (const uint8_t *)s;
	uint32_t cp;

	for (size_t i = ascii_length(in, len); i < len;) {
		i += utf8_decode(in + i, len - i, &cp);
		if (cp == BAD)
			return false;
	}
	return true;
}

/* The length of ${in} without a character that the end cuts: a field of the wire has room for so much. What would be
 * plain ASCII but for that is more likely Latin-1, and keeps it. */
static size_t
uncut_length(const uint8_t *in, size_t len)
{
	uint32_t cp, bits;
	size_t i = 0;
	bool wide = false;

	while (i < len) {
		size_t n = utf8_decode(in + i, len - i, &cp);

		if (cp == BAD)
			break;
		wide |= n > 1;
		i += n;
	}
	if (i == len || !wide || sequence_length(in[i], &bits) <= len - i)
		return len;
	for (size_t j = i + 1; j < len; j++) {
		if ((in[j] & 0xc0) != 0x80)
			return len;
	}
	return i;
}

/* Add ${cp} to the ${used} octets of ${out}, made harmless. False where it does not fit. */
static bool
put(uint32_t cp, char *out, size_t out_size, size_t *used)
{
	uint8_t encoded[4];
	size_t n = utf8_encode(is_unprintable(cp) ? REPLACEMENT : cp, encoded);

	if (n >= out_size - *used)
		return false;
	memcpy(out + *used, encoded, n);
	*used += n;
	return true;
}

/* Nothing but the printable octets of ASCII, as most text is? */
static bool
is_plain(const uint8_t *in, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if ((uint8_t)(in[i] - 0x20) >= 0x7f - 0x20)
			return false;
	}
	return true;
}

size_t
text_clean(const uint8_t *in, size_t in_len, char *out, size_t out_size)
{
	const uint8_t *nul = in_len > 0 ? memchr(in, 0, in_len) : NULL;
	size_t len = nul != NULL ? (size_t)(nul - in) : in_len, used = 0;
	size_t whole;
	bool utf8, cut;

	if (len < out_size && is_plain(in, len)) {
		if (len != 0)
			memcpy(out, in, len);
		out[len] = '\0';
		return len;
	}
	whole = uncut_length(in, len);
	utf8 = text_is_utf8((const char *)in, whole);
	cut = whole < len;
	for (size_t i = 0; i < whole;) {
		uint32_t cp;

		if (utf8)
			i += utf8_decode(in + i, whole - i, &cp);
		else
			cp = in[i++];
		if (!put(cp, out, out_size, &used)) {
			cut = false;
			break;
		}
	}
	if (cut)
		(void)put(REPLACEMENT, out, out_size, &used);
	out[used] = '\0';
	return used;
}

static uint32_t
unit_at(const uint8_t *in)
{
	return (uint32_t)(in[0] | in[1] << 8);
}

/* Decode one code point of the ${left} octets at ${in}, at least two, and return how many it takes. */
static size_t
utf16_decode(const uint8_t *in, size_t left, uint32_t *cp)
{
	uint32_t first = unit_at(in), second = left >= 4 ? unit_at(in + 2) : 0;

	*cp = first;
	if (first < 0xd800 || first > 0xdfff)
		return 2;
	*cp = REPLACEMENT;
	if (first > 0xdbff || second < 0xdc00 || second > 0xdfff)
		return 2;
	*cp = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
	return 4;
}

size_t
text_clean_utf16(const uint8_t *in, size_t in_len, char *out, size_t out_size)
{
	size_t used = 0;

	for (size_t i = 0; i + 2 <= in_len;) {
		uint32_t cp;

		i += utf16_decode(in + i, in_len - i, &cp);
		if (cp == 0 || !put(cp, out, out_size, &used))
			break;
	}
	out[used] = '\0';
	return used;
}

size_t
text_width(const char *s)
{
	size_t columns = 0;

	for (; *s != '\0'; s++) {
		if (((unsigned char)*s & 0xc0) != 0x80)
			columns++;
	}
	return columns;
}
