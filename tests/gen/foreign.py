"""The same bytes by encoders of other people: impacket's of the endpoint mapper, of PDUs and of RTS, scapy's of connectionless PDUs.

They are imported where they are used, since that takes a second. Debian's packages are python3-impacket and python3-scapy.
"""
import importlib
import random
import struct
import sys
import uuid

import rpc

SYSTEM_PACKAGES = "/usr/lib/python3/dist-packages"


def theirs(name):
    """A module of impacket or scapy. They belong to the system's Python, which may not be the first one there is."""
    try:
        return importlib.import_module(name)
    except ImportError:
        if SYSTEM_PACKAGES in sys.path:
            raise
        sys.path.append(SYSTEM_PACKAGES)
        return importlib.import_module(name)


def repeatable(make):
    """Referents are drawn; the same ones each time."""

    def made(*arguments, **options):
        before = random.getstate()
        random.seed(20260302)
        try:
            return make(*arguments, **options)
        finally:
            random.setstate(before)

    return made


def syntax_wire(interface):
    text, (major, minor) = interface
    return uuid.UUID(text).bytes_le + struct.pack("<HH", major, minor)


# Stubs, little-endian: impacket has no other.

def put_tower(into, tower):
    octets = tower.wire()
    into["tower_length"] = len(octets)
    into["tower_octet_string"] = octets


@repeatable
def map_request(tower, wide=False, max_towers=4):
    module = theirs("impacket.dcerpc.v5.epm")

    call = module.ept_map(isNDR64=wide)
    put_tower(call["map_tower"], tower)
    call["max_towers"] = max_towers
    return call.getData()


@repeatable
def map_response(towers, wide=False, status=0):
    module = theirs("impacket.dcerpc.v5.epm")

    answer = module.ept_mapResponse(isNDR64=wide)
    answer["num_towers"] = len(towers)
    for tower in towers:
        item = module.twr_p_t(isNDR64=wide)
        put_tower(item, tower)
        answer["ITowers"].append(item)
    answer["status"] = status
    return answer.getData()


@repeatable
def lookup_request(wide=False, max_ents=500):
    module = theirs("impacket.dcerpc.v5.epm")
    nothing = theirs("impacket.dcerpc.v5.dtypes").NULL

    call = module.ept_lookup(isNDR64=wide)
    call["inquiry_type"] = 0
    call["object"] = nothing
    call["Ifid"] = nothing
    call["vers_option"] = 1
    call["max_ents"] = max_ents
    return call.getData()


@repeatable
def lookup_response(entries, wide=False, status=0):
    module = theirs("impacket.dcerpc.v5.epm")

    answer = module.ept_lookupResponse(isNDR64=wide)
    answer["num_ents"] = len(entries)
    for entry in entries:
        item = module.ept_entry_t(isNDR64=wide)
        item["object"] = uuid.UUID(entry.obj).bytes_le
        put_tower(item["tower"], entry.tower)
        item["annotation"] = entry.annotation.encode() + b"\0"
        answer["entries"].append(item)
    answer["status"] = status
    return answer.getData()


# Connection-oriented PDUs.

def bind(call, contexts):
    rpcrt = theirs("impacket.dcerpc.v5.rpcrt")

    body = rpcrt.MSRPCBind()
    for context in contexts:
        item = rpcrt.CtxItem()
        item["ContextID"] = context.number
        item["TransItems"] = 1
        item["AbstractSyntax"] = syntax_wire(context.interface)
        item["TransferSyntax"] = syntax_wire((context.syntaxes[0][0], (context.syntaxes[0][1], 0)))
        body.addCtxItem(item)
    pdu = rpcrt.MSRPCHeader()
    pdu["type"] = rpcrt.MSRPC_BIND
    pdu["pduData"] = body.getData()
    pdu["call_id"] = call
    return pdu.get_packet()


def bind_nak(call, reason):
    rpcrt = theirs("impacket.dcerpc.v5.rpcrt")

    body = rpcrt.MSRPCBindNak()
    body["RejectedReason"] = reason
    body["SupportedVersions"] = b"\x01\x05\x00"
    pdu = rpcrt.MSRPCHeader()
    pdu["type"] = rpcrt.MSRPC_BINDNAK
    pdu["pduData"] = body.getData()
    pdu["call_id"] = call
    return pdu.get_packet()


def request(call, context, opnum, stub):
    rpcrt = theirs("impacket.dcerpc.v5.rpcrt")

    pdu = rpcrt.MSRPCRequestHeader()
    pdu["call_id"], pdu["ctx_id"], pdu["op_num"], pdu["pduData"] = call, context, opnum, stub
    return pdu.get_packet()


def response(call, context, stub):
    rpcrt = theirs("impacket.dcerpc.v5.rpcrt")

    pdu = rpcrt.MSRPCRespHeader()
    pdu["call_id"], pdu["ctx_id"], pdu["pduData"] = call, context, stub
    return pdu.get_packet()


# RTS PDUs.

def conn_a1(cookie, channel):
    rpch = theirs("impacket.dcerpc.v5.rpch")

    return rpch.hCONN_A1(cookie, channel)


def conn_b1(cookie, channel, group):
    rpch = theirs("impacket.dcerpc.v5.rpch")

    return rpch.hCONN_B1(cookie, channel, group)


def flow_ack(received, channel):
    rpch = theirs("impacket.dcerpc.v5.rpch")

    return rpch.hFlowControlAckWithDestination(rpch.FDOutProxy, received, 65536, channel)


def rts(flags, *commands):
    """${commands}: structures of rpch by name, with their fields."""
    rpch = theirs("impacket.dcerpc.v5.rpch")

    body = b""
    for name, fields in commands:
        command = getattr(rpch, name)()
        for field, value in fields.items():
            if field == "Cookie":
                command["Cookie"] = rpch.RTSCookie()
                command["Cookie"]["Cookie"] = value
            else:
                command[field] = value
        body += command.getData()
    pdu = rpch.RTSHeader()
    pdu["Flags"], pdu["NumberOfCommands"], pdu["pduData"] = flags, len(commands), body
    return pdu.getData()


# Connectionless PDUs.

def datagram(kind, interface, activity, seqnum, opnum, body, le=True, flags=0, number=0, obj=rpc.NIL):
    scapy = theirs("scapy.layers.dcerpc")

    text, (major, minor) = interface
    header = scapy.DceRpc4(ptype=kind, flags1=flags, endian="little" if le else "big", object=uuid.UUID(obj), if_id=uuid.UUID(text), act_id=uuid.UUID(activity),
                     if_vers=major | minor << 16, seqnum=seqnum, opnum=opnum, len=len(body), fragnum=number)
    return bytes(header / scapy.Raw(body))


# The same over TCP in either byte order.

def pdu5(kind, call, body, le):
    """A PDU whose common header is scapy's; ${body} is what follows it."""
    scapy = theirs("scapy.layers.dcerpc")

    return bytes(scapy.DceRpc5(ptype=kind, pfc_flags=3, endian="little" if le else "big", call_id=call, frag_len=16 + len(body), auth_len=0) / scapy.Raw(body))
