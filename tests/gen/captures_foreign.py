"""The captures of the golden tests in which something that is not DCE/RPC talks where it used to be. captures.py enters them in its table."""
import ipaddress
import struct

import net
from captures import ADMIN, CLERK, MAIL, capture
from exchange import Outlook, push
from net import CLIENT, SERVER
from scenario import DAY, Capture

SIX, MAIL6 = "2001:db8:1::21", "2001:db8:1::10"

PROBE, STORE, OTHER = "198.51.100.66", 49731, 49732


def record(kind, body):
    """A handshake message of TLS 1.2 in a record of its own (RFC 5246, 6.2.1 and 7.4)."""
    message = bytes([kind]) + struct.pack(">I", len(body))[1:] + body
    return b"\x16\x03\x03" + struct.pack(">H", len(message)) + message


def client_hello():
    extensions = struct.pack(">HHHHH", 10, 6, 4, 23, 24) + struct.pack(">HHHHH", 13, 6, 4, 0x0401, 0x0403)
    return record(1, b"\x03\x03" + bytes(range(32)) + b"\0" + struct.pack(">HHH", 4, 0xC02F, 0xC030) + b"\x01\0" + struct.pack(">H", len(extensions)) + extensions)


def server_hello():
    return record(2, b"\x03\x03" + bytes(range(32, 64)) + b"\0" + struct.pack(">H", 0xC02F) + b"\0") + record(11, b"\0\0\0") + record(14, b"")


def handshake(c, client, cport, server, sport):
    tcp = c.tcp(client, cport, server, sport).open()
    tcp.send(CLIENT, client_hello())
    tcp.send(SERVER, server_hello())
    tcp.send(CLIENT, b"\x14\x03\x03\x00\x01\x01")
    tcp.close()


def store_answers(c):
    for i, port in enumerate((STORE, OTHER)):
        Outlook(c, CLERK, 1100 + i, MAIL, port).connect().fetch().disconnect().close()


def others_answer(c):
    """TLS where the store was, to two clients; on the other port a stranger asks for it in vain, and the store goes on."""
    handshake(c, CLERK, 1200, MAIL, STORE)
    handshake(c, ADMIN, 1201, MAIL, STORE)
    probe = c.tcp(PROBE, 1202, MAIL, OTHER).open()
    probe.send(CLIENT, client_hello())
    probe.reset(SERVER)
    Outlook(c, CLERK, 1203, MAIL, OTHER).connect().fetch().disconnect().close()


@capture
def port_taken_over():
    """A port where the store answered yesterday has TLS today."""
    c = Capture()
    store_answers(c)
    c.wire.wait(DAY)
    others_answer(c)
    return c


@capture
def port_before():
    """Of the same, yesterday."""
    c = Capture()
    store_answers(c)
    return c


@capture
def port_after():
    """Of the same, today: that the port was the store's is known from the history alone."""
    c = Capture()
    c.wire.wait(DAY)
    others_answer(c)
    return c


def refuse(c, octets):
    """The last datagram's receiver says that nobody listens there, and quotes as many octets behind the IP header (RFC 792, RFC 4443)."""
    packet = c.wire.packets[-1].data[14:]
    v6 = packet[0] >> 4 == 6
    header, at, size = (40, 8, 16) if v6 else (20, 12, 4)
    src, dst = (ipaddress.ip_address(packet[i : i + size]) for i in (at + size, at))
    quoted = packet[: header + octets]
    kind, proto = ((1, 4), 58) if v6 else ((3, 3), 1)
    pseudo = src.packed + dst.packed + struct.pack(">II", 8 + len(quoted), proto) if v6 else b""
    total = net.checksum(pseudo + bytes(kind) + b"\0\0" + bytes(4) + quoted)
    c.wire.ip(src, dst, proto, bytes(kind) + struct.pack(">H", total) + bytes(4) + quoted)


@capture
def pushes_refused():
    """New-mail datagrams to a port where nobody listens any more: with their payload quoted, and without; IPv4 and IPv6."""
    c = Capture()
    for client, server, cport in ((CLERK, MAIL, 1100), (SIX, MAIL6, 1101)):
        context = bytes([0xE0]) * 4 + bytes(4)
        s = Outlook(c, client, cport, server, STORE).connect().register(client, 1200, context)
        for octets in (16, 8, None):
            c.wire.wait(60 * net.SECOND)
            push(c, server, 1026, client, 1200, context)
            if octets is not None:
                refuse(c, octets)
        c.row(None, kind="push", server=server, client=client, endpoint="1200", number="3", object=context.hex(), result="registered")
        s.disconnect().close()
    return c
