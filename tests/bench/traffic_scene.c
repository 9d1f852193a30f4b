/* traffic_scene.c - sequence numbers, flags and randomness for all kinds. */
#include "tests/bench/traffic_scene.h"

#include <stdlib.h>

#include "tests/bench/traffic_bytes.h"

enum {
	NOISE = 1 << 16, /* places where a packet's random octets can begin */
};

static bool
make_noise(struct scene *s)
{
	const size_t octets = NOISE + RPC_PDU_MAX;

	s->noise = malloc(octets);
	if (s->noise == NULL)
		return false;
	for (size_t i = 0; i + 8 <= octets; i += 8)
		put_le(s->noise + i, mixed(~(uint64_t)i), 8);
	return true;
}

bool
scene_open(struct scene *s, const struct kind *kind)
{
	if (kind->talks > 0) {
		s->talk = calloc(kind->talks, sizeof(*s->talk));
		if (s->talk == NULL)
			return false;
	}
	if (kind->bulks > 0) {
		s->bulk = calloc(kind->bulks, sizeof(*s->bulk));
		if (s->bulk == NULL)
			return false;
	}
	if (kind->stateful) {
		s->flow = calloc(s->flows, sizeof(*s->flow));
		if (s->flow == NULL)
			return false;
	}
	return make_noise(s);
}

void
scene_close(struct scene *s)
{
	free(s->talk);
	free(s->bulk);
	free(s->flow);
	free(s->noise);
}

uint64_t
scene_random(const struct scene *s)
{
	return mixed(s->file.packets);
}

const uint8_t *
scene_noise(const struct scene *s)
{
	return s->noise + (mixed(~s->file.packets) >> 48);
}

uint16_t
scene_port(uint64_t m)
{
	static const uint16_t others[] = {
	    SCENE_HTTP, SCENE_HTTP, 3389, 1433, 25, 993, 389, 8443, 22, 636};
	const uint64_t percent = m % 100;

	if (percent < 60)
		return SCENE_HTTPS;
	if (percent < 90)
		return others[(m >> 8) % (sizeof(others) / sizeof(others[0]))];
	return (uint16_t)(7000 + (m >> 16) % 40000);
}

struct path
scene_path(uint64_t f)
{
	const uint64_t m = mixed(f);

	return (struct path){.host = {0x0a000000u | ((uint32_t)f * 0x9e3779b1u & 0xffffff),
				 0xc6336400u | (uint32_t)(m >> 24 & 0xff)},
	    .port = {(uint16_t)(0xc000 | m >> 32), scene_port(m)}};
}

void
scene_send(struct scene *s, const struct segment *segment)
{
	traffic_file_add(
	    &s->file, frame_put(traffic_file_frame(&s->file), segment, traffic_file_now(&s->file)));
}

void
scene_flow_send(struct scene *s, struct flow *flow, const struct segment *segment)
{
	static const uint8_t handshake[] = {TCP_SYN, TCP_SYN | TCP_ACK, TCP_ACK};
	struct segment now = *segment;

	now.flags = segment->len > 0 ? TCP_ACK | TCP_PSH : TCP_ACK;
	if (!now.path->udp && flow->packets < sizeof(handshake)) {
		now.flags = handshake[flow->packets];
		now.by_server = flow->packets == 1;
		now.len = 0;
	}
	now.seq = flow->next[now.by_server];
	now.ack = flow->packets == 0 ? 0 : flow->next[!now.by_server];
	flow->next[now.by_server] += (uint32_t)now.len + ((now.flags & TCP_SYN) != 0);
	flow->packets++;
	scene_send(s, &now);
}
