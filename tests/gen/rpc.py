"""DCE/RPC version 5 PDUs as bytes: headers, binds and their answers, calls, authentication trailers.

Written from C706 chapter 12 and MS-RPCE; it shares nothing with the programs that are tested by it.
"""
import struct

REQUEST, RESPONSE, FAULT = 0, 2, 3
BIND, BIND_ACK, BIND_NAK, ALTER, ALTER_RESP, AUTH3 = 11, 12, 13, 14, 15, 16
SHUTDOWN, CO_CANCEL, ORPHANED = 17, 18, 19

FIRST, LAST, OBJECT = 0x01, 0x02, 0x80

NDR = ("8a885d04-1ceb-11c9-9fe8-08002b104860", 2)
NDR64 = ("71710533-beba-4937-8319-b5dbef9ccc36", 1)
BTFN = ("6cb71c2c-9812-4540-0300-000000000000", 1)
NIL = "00000000-0000-0000-0000-000000000000"

EPM = ("e1af8308-5d1f-11c9-91a4-08002b14a0fa", (3, 0))
MGMT = ("afa8bd80-7d8a-11c9-bef4-08002b102989", (1, 0))

ACCEPTED, USER_REJECTED, REJECTED, NEGOTIATED = 0, 1, 2, 3

NTLM, SPNEGO, KERBEROS, NETLOGON = 10, 9, 16, 68
CONNECT, INTEGRITY, PRIVACY = 2, 5, 6


def order(le):
    return "<" if le else ">"


def uuid_wire(text, le=True):
    """16 octets: u32, u16 and u16 in the byte order, then eight octets as they stand."""
    a, b, c, d, e = text.split("-")
    return struct.pack(order(le) + "IHH", int(a, 16), int(b, 16), int(c, 16)) + bytes.fromhex(d + e)


def version_wire(version, le=True):
    """major in the low 16 bits, minor in the high ones."""
    major, minor = version
    return struct.pack(order(le) + "I", major | minor << 16)


class Auth:
    """An authentication verifier: trailer and value. What pads the body is garbage, as Windows sends it."""

    def __init__(self, kind=NTLM, level=CONNECT, value=b"\x01\0\0\0" + b"\0" * 12, context=0, align=4):
        self.kind, self.level, self.value, self.context, self.align = kind, level, value, context, align

    def pad(self, body_len):
        return bytes([0x9a, 0x16, 0xa8, 0x89] * 4)[: -body_len % self.align]

    def trailer(self, pad_len, le):
        return struct.pack(order(le) + "BBBBI", self.kind, self.level, pad_len, 0, self.context) + self.value


def pdu(kind, call, body, flags=FIRST | LAST, le=True, auth=None, minor=0):
    """The 16-byte header, ${body}, and a trailer if ${auth} says so."""
    tail = b""
    if auth is not None:
        pad = auth.pad(len(body))
        tail = pad + auth.trailer(len(pad), le)
    total = 16 + len(body) + len(tail)
    drep = b"\x10\0\0\0" if le else b"\0\0\0\0"
    head = struct.pack("BBBB", 5, minor, kind, flags) + drep
    return head + struct.pack(order(le) + "HHI", total, len(auth.value) if auth else 0, call) + body + tail


class Context:
    """One presentation context: id, interface (uuid, (major, minor)), transfer syntaxes offered."""

    def __init__(self, number, interface, syntaxes=(NDR,)):
        self.number, self.interface, self.syntaxes = number, interface, tuple(syntaxes)

    def wire(self, le):
        uuid, version = self.interface
        out = struct.pack(order(le) + "HBB", self.number, len(self.syntaxes), 0) + uuid_wire(uuid, le) + version_wire(version, le)
        for syntax, syntax_version in self.syntaxes:
            out += uuid_wire(syntax, le) + version_wire((syntax_version, 0), le)
        return out


class Result:
    """What became of one context: result, reason, transfer syntax."""

    def __init__(self, result=ACCEPTED, reason=0, syntax=NDR):
        self.result, self.reason, self.syntax = result, reason, syntax

    def wire(self, le):
        if self.result == ACCEPTED:
            uuid, version = self.syntax
        else:
            uuid, version = NIL, 0
        return struct.pack(order(le) + "HH", self.result, self.reason) + uuid_wire(uuid, le) + version_wire((version, 0), le)


def bind_body(contexts, le=True, group=0, fragment=5840):
    out = struct.pack(order(le) + "HHIBBH", fragment, fragment, group, len(contexts), 0, 0)
    return out + b"".join(c.wire(le) for c in contexts)


def ack_body(results, secondary, le=True, group=0x53f2, fragment=5840, terminated=True):
    """${secondary} is text, or None for length 0. The pads are garbage."""
    address = b"" if secondary is None else secondary.encode() + (b"\0" if terminated else b"")
    out = struct.pack(order(le) + "HHIH", fragment, fragment, group, len(address)) + address
    out += b"\xdf\xb3\x31"[: -(16 + len(out)) % 4]
    return out + struct.pack(order(le) + "BBH", len(results), 0, 0) + b"".join(r.wire(le) for r in results)


def nak_body(reason, le=True):
    return struct.pack(order(le) + "HB", reason, 1) + b"\x05\x00" + b"\0" * 3


def request_body(context, opnum, stub, le=True, obj=None, hint=None):
    out = struct.pack(order(le) + "IHH", len(stub) if hint is None else hint, context, opnum)
    return out + (uuid_wire(obj, le) if obj else b"") + stub


def response_body(context, stub, le=True, hint=None):
    return struct.pack(order(le) + "IHBB", len(stub) if hint is None else hint, context, 0, 0) + stub


def fault_body(context, status, le=True):
    return struct.pack(order(le) + "IHBBII", 32, context, 0, 0, status, 0)


def call_pdus(kind, call, context, stub, le=True, opnum=0, obj=None, auth=None, piece=None, hint=None):
    """A request or response as one PDU, or as fragments of at most ${piece} stub octets."""
    pieces = [stub] if not piece else [stub[i : i + piece] for i in range(0, len(stub), piece)] or [b""]
    out = []
    for i, part in enumerate(pieces):
        flags = (FIRST if i == 0 else 0) | (LAST if i == len(pieces) - 1 else 0) | (OBJECT if obj else 0)
        left = len(stub) - sum(len(p) for p in pieces[:i]) if hint is None else hint
        if kind == REQUEST:
            body = request_body(context, opnum, part, le, obj, left)
        else:
            body = response_body(context, part, le, left)
        out.append(pdu(kind, call, body, flags, le, auth))
    return out
