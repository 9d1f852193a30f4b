/* activation.h - the activation properties that IRemoteSCMActivator answers with: a custom object reference, in it a blob of
 * properties, each a serialised type of its own (MS-DCOM 2.2.22). */
#ifndef EPMWATCH_DISSECT_ACTIVATION_H
#define EPMWATCH_DISSECT_ACTIVATION_H

struct cursor;
struct dcom_answer;

/**
 * activation_parse(objref, out):
 * Read the object exporter's OXID and bindings (ScmReplyInfoData) and the object's interfaces (PropsOutInfo) into ${out}. Every size
 * is checked against what holds it, and each type against its serialisation header. Errors: ERR_MALFORMED.
 * Shape: PROTOCOL 5.2.  Source: MS-DCOM 2.2.18.6, 2.2.22; MS-RPCE 2.2.6.   Cannot allocate.
 */
int activation_parse(struct cursor *objref, struct dcom_answer *out);

#endif
