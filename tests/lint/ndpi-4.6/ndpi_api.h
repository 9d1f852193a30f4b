/* ndpi_api.h - as much as dissect/classifier.c uses of nDPI 4.6 and 4.8, written from the documentation of its functions. Never linked. */
#ifndef EPMWATCH_TESTS_LINT_NDPI_API_H
#define EPMWATCH_TESTS_LINT_NDPI_API_H

#include <stdint.h>

struct ndpi_detection_module_struct;
struct ndpi_flow_struct;
struct ndpi_flow_input_info;

typedef uint32_t ndpi_init_prefs;
enum { ndpi_no_prefs = 0, ndpi_dont_load_tor_hosts = 1 };
enum { NDPI_PROTOCOL_UNKNOWN = 0, NDPI_PROTOCOL_DCERPC = 127 };

typedef struct {
	uint32_t fds_bits[16];
} ndpi_protocol_bitmask_struct_t;
#define NDPI_PROTOCOL_BITMASK ndpi_protocol_bitmask_struct_t
#define NDPI_BITMASK_SET_ALL(a) ((void)((a).fds_bits[0] = 0))

typedef struct ndpi_proto {
	uint16_t master_protocol, app_protocol, protocol_by_ip;
	int category;
} ndpi_protocol;

struct ndpi_detection_module_struct *ndpi_init_detection_module(ndpi_init_prefs prefs);
void ndpi_set_protocol_detection_bitmask2(struct ndpi_detection_module_struct *module, const NDPI_PROTOCOL_BITMASK *bitmask);
void ndpi_finalize_initialization(struct ndpi_detection_module_struct *module);
void ndpi_exit_detection_module(struct ndpi_detection_module_struct *module);
ndpi_protocol ndpi_detection_process_packet(struct ndpi_detection_module_struct *module, struct ndpi_flow_struct *flow,
    const unsigned char *packet, const unsigned short packetlen, const uint64_t packet_time_ms,
    struct ndpi_flow_input_info *input_info);
void ndpi_free_flow_data(struct ndpi_flow_struct *flow);
uint32_t ndpi_detection_get_sizeof_ndpi_flow_struct(void);
char *ndpi_get_proto_name(struct ndpi_detection_module_struct *module, uint16_t proto_id);

#endif
