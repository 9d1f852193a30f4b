/* traffic_quiet.c - traffic without a single RPC PDU in it: what a SPAN port shows nearly all of the time, and floods. */
#include "tests/bench/traffic_scene.h"

#include "tests/bench/traffic_bytes.h"

enum {
	EPM_PORT = 135,
	ELSEWHERE = 8080,
};

void
scene_min_packet(struct scene *s)
{
	const uint64_t r = scene_random(s), f = r % s->flows;
	const struct path path = scene_path(f);

	scene_flow_send(s, &s->flow[f],
	    &(struct segment){.path = &path,
		.by_server = r >> 63 != 0,
		.payload = scene_noise(s),
		.len = r >> 62 & 1 ? 6 : 0});
}

static void
large_packet(struct scene *s)
{
	const uint64_t r = scene_random(s), f = r % s->flows;
	const struct path path = scene_path(f);
	struct segment segment = {.path = &path, .by_server = r >> 63 != 0, .flags = TCP_ACK};
	struct flow *flow = &s->flow[f];

	segment.payload = scene_noise(s);
	segment.len = segment_room(&path);
	segment.seq = flow->next[segment.by_server];
	segment.ack = flow->next[!segment.by_server];
	flow->next[segment.by_server] += (uint32_t)segment.len;
	scene_send(s, &segment);
}

/* Met in the middle of their connections, all of which are under way at once. */
static void
flows_packet(struct scene *s)
{
	const uint64_t n = s->file.packets, turn = n / s->flows;
	const struct path path = scene_path(n % s->flows);

	scene_send(s, &(struct segment){.path = &path,
			  .flags = TCP_ACK | TCP_PSH,
			  .seq = (uint32_t)(1 + turn * 6),
			  .ack = 1,
			  .payload = scene_noise(s),
			  .len = 6});
}

/* Every other one to an endpoint mapper; the sources are forged. */
static void
syn_packet(struct scene *s)
{
	const uint64_t r = scene_random(s);
	const struct path path = {.host = {(uint32_t)r, 0x0a020000u | (uint32_t)(r >> 32 & 0xff)},
	    .port = {(uint16_t)(1024 + (r >> 40) % 64000),
		(r & UINT64_C(1) << 63) != 0 ? EPM_PORT : scene_port(mixed(r))}};

	scene_send(
	    s, &(struct segment){.path = &path, .flags = TCP_SYN, .seq = (uint32_t)mixed(~r)});
}

/* Connections with random payloads, small ones mostly, to a port. */
static void
random_payloads(struct scene *s, uint16_t port)
{
	const uint64_t r = scene_random(s), f = r % s->flows;
	struct path path = scene_path(f);

	path.port[1] = port;
	scene_flow_send(s, &s->flow[f],
	    &(struct segment){.path = &path,
		.by_server = r >> 63 != 0,
		.payload = scene_noise(s),
		.len = 1 + (r >> 32) % 150});
}

static void
lying_packet(struct scene *s)
{
	random_payloads(s, EPM_PORT);
}

static void
elsewhere_packet(struct scene *s)
{
	random_payloads(s, ELSEWHERE);
}

const struct kind scene_quiet[] = {
    {.name = "min", .flows = SCENE_FLOWS, .stateful = true, .packet = scene_min_packet},
    {.name = "large", .flows = 1000, .stateful = true, .packet = large_packet},
    {.name = "flows", .packet = flows_packet},
    {.name = "syn", .packet = syn_packet},
    {.name = "lying", .flows = SCENE_FLOWS, .stateful = true, .packet = lying_packet},
    {.name = "lying-elsewhere", .flows = SCENE_FLOWS, .stateful = true, .packet = elsewhere_packet},
    {0},
};
