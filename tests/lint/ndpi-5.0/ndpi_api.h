/* ndpi_api.h - as much as dissect/classifier.c uses of nDPI 5.0, written from the documentation of its functions. Never linked. */
#ifndef EPMWATCH_TESTS_LINT_NDPI_API_H
#define EPMWATCH_TESTS_LINT_NDPI_API_H

#include <stdint.h>

struct ndpi_detection_module_struct;
struct ndpi_flow_struct;
struct ndpi_flow_input_info;
struct ndpi_global_context;

enum { NDPI_PROTOCOL_UNKNOWN = 0, NDPI_PROTOCOL_DCERPC = 127 };

typedef struct {
	uint16_t master_protocol, app_protocol;
} ndpi_master_app_protocol;

typedef struct ndpi_proto {
	ndpi_master_app_protocol proto;
	uint16_t protocol_by_ip;
	int category, state;
} ndpi_protocol;

struct ndpi_detection_module_struct *ndpi_init_detection_module(struct ndpi_global_context *g_ctx);
int ndpi_finalize_initialization(struct ndpi_detection_module_struct *module);
void ndpi_exit_detection_module(struct ndpi_detection_module_struct *module);
ndpi_protocol ndpi_detection_process_packet(struct ndpi_detection_module_struct *module, struct ndpi_flow_struct *flow,
    const unsigned char *packet, const unsigned short packetlen, const uint64_t packet_time_ms,
    struct ndpi_flow_input_info *input_info);
void ndpi_free_flow_data(struct ndpi_flow_struct *flow);
uint32_t ndpi_detection_get_sizeof_ndpi_flow_struct(void);
char *ndpi_get_proto_name(struct ndpi_detection_module_struct *module, uint16_t proto_id);

#endif
