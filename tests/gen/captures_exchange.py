"""The captures of the golden tests with calls to Exchange's store and its new-mail datagrams. captures.py enters them in its table."""
import exchange
import net
import rpc
from captures import ADMIN, CLERK, MAIL, capture
from captures_carriers import Foreign, Proxied
from exchange import ASYNC_EMSMDB, CONNECT, EMSMDB, IPX, TOO_BIG, Outlook, push, sockaddr
from net import SERVER
from rpc import NDR, NDR64
from scenario import Capture

STORE, SIX, MAIL6 = 49731, "2001:db8:1::21", "2001:db8:1::10"


def pushed(s, server, client, port, context, sports=(1026, 1026, 1031), apart=net.SECOND):
    """Datagrams, each with what the client does then."""
    for sport in sports:
        s.capture.wire.wait(apart)
        push(s.capture, server, sport, client, port, context)
        s.fetch()
    s.row(None, kind="push", server=server, client=client, endpoint=str(port), number=str(len(sports)), object=context.hex(), result="registered")
    return s


@capture
def registrations():
    """Registrations in NDR32 and NDR64, of IPv4 and IPv6, with contexts of 4 to 32 octets, each with its datagrams."""
    c = Capture()
    for i, (syntax, size) in enumerate(((NDR, 8), (NDR64, 8), (NDR, 4), (NDR64, 16), (NDR, 32), (NDR64, 1))):
        context = bytes(range(0x10 * i, 0x10 * i + size))
        s = Outlook(c, CLERK, 1100 + i, MAIL, STORE, syntax).connect().register(CLERK, 1200 + i, context)
        pushed(s, MAIL, CLERK, 1200 + i, context).disconnect().close()
        context = context[::-1]
        s = Outlook(c, SIX, 1100 + i, MAIL6, STORE, syntax).connect(CONNECT).register(SIX, 1200 + i, context)
        pushed(s, MAIL6, SIX, 1200 + i, context).disconnect().close()
    return c


@capture
def registrations_big_endian():
    """Registrations with either side big-endian, or both, and in small segments."""
    c = Capture()
    for i, le in enumerate(((False, False), (False, True), (True, False))):
        context = bytes([0xB0 + i]) * 8
        s = Outlook(c, CLERK, 1100 + i, MAIL, STORE, le=le, mss=(1460, 60, 40)[i]).connect().register(CLERK, 1200 + i, context)
        pushed(s, MAIL, CLERK, 1200 + i, context).disconnect().close()
    return c


@capture
def registrations_refused():
    """ecTooBig, a fault, an answer that was lost, an address of another family, and a second registration that takes the place of the first."""
    c = Capture()
    Outlook(c, CLERK, 1100, MAIL, STORE).connect().register(CLERK, 1200, b"\xa0" * 20, TOO_BIG).fetch().close()
    Outlook(c, CLERK, 1101, MAIL, STORE).connect().refused_registration(CLERK, 1201, b"\xa1" * 8, 0x1C010002).close()
    s = Outlook(c, CLERK, 1102, MAIL, STORE).connect()
    before = len(c.wire.packets)
    s.register(CLERK, 1202, b"\xa2" * 8)
    lost = net.data_packets(c.wire.packets[before:], s.tcp, SERVER)
    c.rows[-1][1]["result"] = ""
    c.wire.wait(20 * net.SECOND)
    pushed(s.fetch(), MAIL, CLERK, 1202, b"\xa2" * 8).close()
    Outlook(c, CLERK, 1103, MAIL, STORE).connect().register(CLERK, 1203, b"\xa3" * 8, where=sockaddr(CLERK, 1203, family=IPX)[:14]).close()
    s = Outlook(c, CLERK, 1104, MAIL, STORE).connect().register(CLERK, 1204, b"\xa4" * 8).register(CLERK, 1205, b"\xa5" * 8)
    pushed(s, MAIL, CLERK, 1205, b"\xa5" * 8).close()
    c.packets = [p for p in c.wire.packets if p not in lost]
    return c


@capture
def registrations_sealed():
    """Outlook that encrypts: of its registrations no more is seen than that there are some. Its datagrams come once a minute."""
    c = Capture()
    for i, (client, server, size) in enumerate(((CLERK, MAIL, 8), (SIX, MAIL6, 8), (ADMIN, MAIL, 16))):
        context = bytes(range(0x10 * i + 1, 0x10 * i + 1 + size))
        s = Outlook(c, client, 1100 + i, server, STORE, sealed=True).connect().register(client, 1200 + i, context)
        for sport in (1026, 1031, 1026):
            c.wire.wait(60 * net.SECOND)
            push(c, server, sport, client, 1200 + i, context)
            s.fetch()
        s.row(None, kind="push", server=server, client=client, endpoint=str(1200 + i), number="3", object=context.hex(), result="inferred")
        s.disconnect().close()
    return c


@capture
def mailboxes_that_wait():
    """Clients of today: one call stays pending until there is news, and no datagram is asked for; another store refuses that."""
    c = Capture()
    s = Outlook(c, CLERK, 1100, MAIL, STORE, interfaces=(EMSMDB, ASYNC_EMSMDB)).connect().prepare_to_wait()
    waits = Outlook(c, CLERK, 1101, MAIL, STORE, interfaces=(ASYNC_EMSMDB,), sealed=True)
    for _ in range(3):
        waits.wait_for_news()
        s.fetch()
        c.wire.wait(300 * net.SECOND)
    waits.wait_for_news(answer=False).close()
    s.disconnect().close()
    s = Outlook(c, ADMIN, 1102, MAIL, STORE).connect(status=TOO_BIG)
    s.fault(0, exchange.ASYNC_CONNECT_EX, 0x1C010002, exchange.HANDLE)
    s.close()
    return c


@capture
def registrations_http():
    """Registrations through a proxy, and behind the banner of ncacn_http."""
    c = Capture()
    for s, port in ((Proxied(c, CLERK, 1100, "mail.example.org:6001", 1, chunked=True), 1200), (Foreign(c, CLERK, 1110, MAIL, 6001, banner=[]), 1201)):
        s.bound([rpc.Context(0, EMSMDB)])
        context = bytes([port & 255]) * 8
        s.exchange(0, exchange.CONNECT_EX, b"\x11" * 124, b"\x22" * 156 + b"\0" * 4)
        s.exchange(0, exchange.REGISTER, exchange.register_request(context, sockaddr(CLERK, port)), exchange.register_response())
        s.row(None, kind="registration", endpoint=str(port), annotation=CLERK, object=context.hex(), result="0")
        for sport in (1026, 1031):
            c.wire.wait(net.SECOND)
            push(c, MAIL, sport, CLERK, port, context)
            s.exchange(0, exchange.RPC_EXT2, b"\x33" * 68, b"\x44" * 68)
        s.row(None, kind="push", server=MAIL, client=CLERK, endpoint=str(port), number="2", object=context.hex(), result="registered")
        s.close()
    return c


@capture
def registrations_mid_stream():
    """Associations whose binds were not captured: a registration in clear is told by its form; of a sealed one the datagrams tell, which repeat."""
    c = Capture()
    for i, (client, sealed) in enumerate(((CLERK, False), (ADMIN, True))):
        before = len(c.wire.packets)
        s = Outlook(c, client, 1100 + i, MAIL, STORE, tell=False, sealed=sealed).connect()
        del c.wire.packets[before:]
        s.tell = not sealed
        context = bytes([0xC0 + i]) * 8
        s.fetch().register(client, 1200 + i, context)
        if sealed:
            for _ in range(2):
                c.wire.wait(60 * net.SECOND)
                push(c, MAIL, 1026, client, 1200 + i, context)
            c.row(None, kind="push", server=MAIL, client=client, endpoint=str(1200 + i), number="2", object=context.hex(), result="inferred")
        else:
            pushed(s, MAIL, client, 1200 + i, context, apart=60 * net.SECOND)
        s.disconnect().close()
    return c
