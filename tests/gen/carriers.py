"""What carries DCE/RPC other than TCP itself, as bytes: connectionless PDUs, RTS PDUs, HTTP headers, the banner.

Written from C706 chapter 12 and MS-RPCH; it shares nothing with the programs that are tested by it.
"""
import struct

import rpc
from rpc import order, uuid_wire, version_wire

BANNER = b"ncacn_http/1.0"

DG_REQUEST, DG_PING, DG_RESPONSE, DG_FAULT, DG_WORKING, DG_NOCALL, DG_REJECT, DG_ACK, DG_CANCEL, DG_FACK, DG_CANCEL_ACK = range(11)
DG_LAST, DG_FRAG, DG_MAYBE, DG_BROADCAST = 0x02, 0x04, 0x10, 0x40

PROFINET = ("dea00001-6c97-11d1-8271-00a02442df7d", (1, 0))


def datagram(kind, interface, activity, seqnum, opnum, body, le=True, flags=0, number=0, auth=0, obj=rpc.NIL, flags2=0):
    """One connectionless PDU: an 80-byte header and ${body}."""
    uuid, version = interface
    o = order(le)
    out = struct.pack("BBBB", 4, kind, flags, flags2) + (b"\x10\0\0" if le else b"\0\0\0") + b"\0"
    out += uuid_wire(obj, le) + uuid_wire(uuid, le) + uuid_wire(activity, le)
    out += struct.pack(o + "I", 0) + version_wire(version, le) + struct.pack(o + "I", seqnum)
    out += struct.pack(o + "HHHHH", opnum, 0xFFFF, 0xFFFF, len(body), number) + bytes([auth, 0])
    return out + body


def fragments(kind, interface, activity, seqnum, opnum, body, piece, **options):
    """The same in fragments of ${piece} octets."""
    cuts = [body[i : i + piece] for i in range(0, len(body), piece)]
    return [
        datagram(kind, interface, activity, seqnum, opnum, cut, flags=DG_FRAG | (DG_LAST if i == len(cuts) - 1 else 0), number=i, **options)
        for i, cut in enumerate(cuts)
    ]


def rts(flags, *commands):
    """An RTS PDU of ${commands}, each (type, octets behind it)."""
    body = struct.pack("<HH", flags, len(commands)) + b"".join(struct.pack("<I", kind) + data for kind, data in commands)
    return rpc.pdu(20, 0, body)


def u32(value):
    return struct.pack("<I", value)


def conn_a1(cookie, channel=b"\xa1" * 16):
    return rts(0, (6, u32(1)), (3, cookie), (3, channel), (0, u32(262144)))


def conn_b1(cookie, channel=b"\xb1" * 16):
    return rts(0, (6, u32(1)), (3, cookie), (3, channel), (4, u32(1 << 30)), (5, u32(300000)), (12, b"\x0c" * 16))


def conn_a3():
    return rts(0, (2, u32(120000)))


def conn_c2():
    return rts(0, (6, u32(1)), (0, u32(65536)), (2, u32(120000)))


def flow_ack(channel=b"\xa1" * 16):
    return rts(2, (13, u32(3)), (1, u32(1000) + u32(65536) + channel))


def request(method, target, length=None, *lines):
    head = ["%s /rpc/rpcproxy.dll?%s HTTP/1.1" % (method, target), "Accept: application/rpc", "User-Agent: MSRPC", "Host: proxy.example"]
    head += list(lines) + ([] if length is None else ["Content-Length: %d" % length])
    return ("\r\n".join(head) + "\r\n\r\n").encode()


def response(status="200 Success", length=None, *lines):
    head = ["HTTP/1.1 " + status, "Content-Type: application/rpc"] + list(lines) + ([] if length is None else ["Content-Length: %d" % length])
    return ("\r\n".join(head) + "\r\n\r\n").encode()


def chunk(data):
    return b"%x\r\n" % len(data) + data + b"\r\n"
