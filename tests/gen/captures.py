"""The captures of the golden tests, by name. Each function tells one story; its doc line is what the story shows."""
import epm
import net
import pcapfile
import rpc
from net import CLIENT, SERVER, Link
from rpc import BTFN, EPM, MGMT, NDR, NDR64, Auth, Context, Result
from scenario import DAY, START, Capture, Session, epm_session, service_session

DC, MAIL, CLERK, ADMIN = "192.0.2.11", "192.0.2.10", "198.51.100.21", "198.51.100.99"

EMSMDB = ("a4f1db00-ca47-1067-b31f-00dd010662da", (0, 81))
NSPI = ("f5cc5a18-4264-101a-8c59-08002b2f8426", (56, 0))
RFR = ("1544f5e0-613c-11d1-93df-00c04fd7bd09", (1, 0))
DRSUAPI = ("e3514235-4b06-11d1-ab04-00c04fc2dcd2", (4, 0))
NETLOGON = ("12345678-1234-abcd-ef00-01234567cffb", (1, 0))
SAMR = ("12345778-1234-abcd-ef00-0123456789ac", (1, 0))
LSARPC = ("12345778-1234-abcd-ef00-0123456789ab", (0, 0))
SVCCTL = ("367abb81-9844-35f1-ad32-98f038001003", (2, 0))
NOBODY = ("0badcafe-0000-4000-8000-00000000beef", (7, 3))

THREE = [Context(0, EPM, [NDR]), Context(1, EPM, [NDR64]), Context(2, EPM, [BTFN])]
THREE_RESULTS = [Result(rpc.REJECTED, 2), Result(syntax=NDR64), Result(rpc.NEGOTIATED, 3)]
LARGE = {"contexts": THREE, "results": THREE_RESULTS}

CAPTURES = {}


def capture(function=None, **writing):
    """Enter a function in the table; ${writing} is handed to the file writer (format, byte order, ...)."""

    def enter(f):
        CAPTURES[f.__name__.replace("_", "-")] = (f, writing)
        return f

    return enter(function) if function else enter


def tcp_tower(interface, port, host="0.0.0.0"):
    return epm.Tower(interface, "ncacn_ip_tcp", port, host)


def plain(c, client=CLERK, server=MAIL, port=49731, **options):
    """What most clients do: ask the mapper, close, connect to the port, call."""
    epm_session(c, client, 1066, server, **options).map(EMSMDB, [tcp_tower(EMSMDB, port, "192.0.2.10")]).close()
    service_session(c, client, 1067, server, port, EMSMDB, calls=2, **options).close()
    return c


@capture
def map_ndr():
    """ept_map over NDR, then a bind and calls on the port it named."""
    return plain(Capture())


@capture
def map_ndr64():
    """Three contexts offered, NDR rejected, NDR64 accepted, features negotiated; the answer is in NDR64."""
    c = Capture()
    s = epm_session(c, CLERK, 1066, DC, bind=LARGE)
    s.map(DRSUAPI, [tcp_tower(DRSUAPI, 49667, DC)], context=1)
    s.map(SVCCTL, [tcp_tower(SVCCTL, 49679, DC), tcp_tower(SVCCTL, 49680, DC)], context=1, obj=None)
    s.close()
    return c


@capture
def big_endian():
    """A big-endian server and client, a big-endian server with a little-endian client, and the reverse."""
    c = Capture()
    for i, le in enumerate([(False, False), (True, False), (False, True)]):
        s = epm_session(c, CLERK, 1066 + i, DC, le=le)
        s.map(NOBODY, [tcp_tower(NOBODY, 50000 + i, DC)]).lookup([[epm.Entry(tcp_tower(EMSMDB, 50010 + i), "big")]])
        s.close()
        service_session(c, CLERK, 1076 + i, DC, 50000 + i, NOBODY, le=le).close()
    return c


@capture
def tower_kinds():
    """One enumeration with a tower of every kind, and kinds that nobody knows."""
    c = Capture()
    host = "192.0.2.11"
    odd = b"\x04\0" + epm.uuid_floor(*NOBODY[:1], 7, 3) + epm.uuid_floor(NDR[0], 2, 0) + epm.floor(b"\x0b", b"\0\0") + epm.floor(b"\x7e", b"\x01\x02\x03")
    towers = [
        tcp_tower(SAMR, 49200, host),
        epm.Tower(SAMR, "ncadg_ip_udp", 49201, host),
        epm.Tower(SAMR, "ncacn_http", 49202, host),
        epm.Tower(NSPI, "ncacn_http", 6004, host, host_id=0x20),
        epm.Tower(SAMR, "ncacn_np", "\\PIPE\\lsass", "\\\\DC1"),
        epm.Tower(SAMR, "ncalrpc", "samss lpc"),
        epm.Tower(SAMR, "ncacn_nb_nb", "\x88", "\\\\DC1"),
        epm.Tower(SAMR, "ncacn_spx", b"\x40\x05", b"\0" * 10),
        epm.Tower(SAMR, "ncadg_ipx", b"\x40\x06", b"\0" * 10),
        epm.Tower(SAMR, "ncacn_at_dsp", "DynEpt 312.1", "DC1@zone"),
        epm.Tower(SAMR, "ncacn_vns_spp", b"\x02\x00", b"street"),
        tcp_tower(LSARPC, 49203, bytes(12) + bytes([192, 0, 2, 11])),
    ]
    towers[6].endpoint = b"\x88"
    s = epm_session(c, ADMIN, 1066, DC)
    s.lookup([[epm.Entry(t, "kind %d" % i) for i, t in enumerate(towers)]])
    s.lookup([[epm.Entry(epm.Tower(NOBODY, "unknown", b"", octets=odd), "nobody knows")]])
    s.close()
    return c


@capture
def lookup_pages():
    """Enumerations in NDR and NDR64 over several pages, with annotations and object identifiers."""
    c = Capture()
    thing = "6f9619ff-8b86-d011-b42d-00c04fc964ff"
    first = [epm.Entry(tcp_tower(SAMR, 49667, DC), "SAM"), epm.Entry(epm.Tower(LSARPC, "ncacn_np", "\\PIPE\\lsass", "\\\\DC1"), "LSA")]
    second = [epm.Entry(tcp_tower(DRSUAPI, 49667, DC), "MS NT Directory DRS Interface"), epm.Entry(tcp_tower(NOBODY, 49700, DC), "x" * 63, thing)]
    third = [epm.Entry(tcp_tower(NETLOGON, 49667, DC), "")]
    s = epm_session(c, ADMIN, 1066, DC)
    s.lookup([first, second, third]).close()
    s = epm_session(c, ADMIN, 1067, DC, bind=LARGE)
    s.lookup([first, second, third], context=1, end=False).close()
    return c


@capture
def lookup_large():
    """An enumeration of 120 entries, in fragments of 4,280 octets over many segments."""
    c = Capture()
    entries = [epm.Entry(tcp_tower(("%08x-1234-4000-8000-0123456789ab" % i, (1, i)), 49152 + i, DC), "service %d" % i) for i in range(120)]
    epm_session(c, ADMIN, 1066, DC).lookup([entries], piece=4280 - 24).close()
    return c


@capture
def nothing_there():
    """Not registered, an empty enumeration, other status codes, faults, a reply without a live context."""
    c = Capture()
    s = epm_session(c, CLERK, 1066, MAIL)
    s.map(NOBODY, []).map(NOBODY, [], status=0x16C9A0CD).map(NOBODY, [], status=0x6D9).lookup([])
    s.fault(0, 42, 0x1C010002)
    s.fault(9, 3, 0x1C00001A, epm.map_request(tcp_tower(EMSMDB, 135)))
    s.close()
    return c


@capture
def two_endpoints():
    """One interface at two ports at once, in one answer; and an answer that says there may be more."""
    c = Capture()
    both = [tcp_tower(NETLOGON, 49676, DC), tcp_tower(NETLOGON, 49667, DC)]
    epm_session(c, CLERK, 1066, DC).map(NETLOGON, both).close()
    live = b"\0" * 4 + b"\x42" * 16
    epm_session(c, ADMIN, 1067, DC).map(NETLOGON, both[1:], max_towers=1, handle=live, hint=0).close()
    return c


@capture
def authentication():
    """Verifiers of several kinds: connect, integrity, a third leg, privacy: then the answer is sealed."""
    c = Capture()
    token = Auth(value=b"NTLMSSP\0" + b"\x41" * 60)
    for i, level in enumerate((rpc.CONNECT, rpc.INTEGRITY, rpc.PRIVACY)):
        s = Session(c, CLERK, 1066 + i, DC, 135)
        s.bind([Context(0, EPM)], auth=Auth(level=level, value=token.value))
        s.send(CLIENT, [rpc.pdu(rpc.AUTH3, s.call - 1, b"\xd0\x16\xd0\x16", 3, True, Auth(level=level, value=token.value))])
        sign = Auth(level=level, align=16)
        clear = level != rpc.PRIVACY
        if clear:
            s.map(SAMR, [tcp_tower(SAMR, 49667, DC)], auth=sign)
        else:
            s.exchange(0, epm.MAP, b"\x5c" * 156, b"\xc5" * 152, auth=sign)
        s.bind([Context(0, EPM)], alter=True, auth=Auth(kind=rpc.SPNEGO, level=level, value=b"\xa1\x81" + b"\x30" * 40))
        s.close()
    return c


@capture
def bind_kinds():
    """Refused, unanswered, partly rejected and altered binds; no flags, version 5.1, no NUL, no secondary address."""
    c = Capture()
    Session(c, CLERK, 1100, MAIL, 49731).refused_bind([Context(0, EMSMDB), Context(1, MGMT)]).close()
    Session(c, CLERK, 1101, MAIL, 49731).bind([Context(0, EMSMDB)], answer=False).close()
    s = Session(c, CLERK, 1102, MAIL, 49731)
    s.bind([Context(0, NOBODY), Context(5, EMSMDB, [NDR64, NDR])], [Result(rpc.REJECTED, 1), Result(syntax=NDR)])
    s.bind([Context(5, EMSMDB), Context(6, MGMT)], alter=True).close()
    Session(c, CLERK, 1103, MAIL, 49731).bind([Context(0, EMSMDB)], flags=0, terminated=False).close()
    Session(c, CLERK, 1104, MAIL, 49731).bind([Context(0, EMSMDB)], minor=1, secondary=None).close()
    Session(c, CLERK, 1105, MAIL, 49731).bind([Context(0, EMSMDB)], [Result(rpc.USER_REJECTED, 0)]).close()
    Session(c, CLERK, 1106, MAIL, 49731).bind([Context(i, MGMT, [NDR]) for i in range(20)]).close()
    return c


KERBEROS = {"kind": rpc.KERBEROS, "level": rpc.PRIVACY}


def token(length, kind=rpc.KERBEROS):
    """A verifier with a ticket of ${length} octets in it, in which a PDU's header stands now and then."""
    header = rpc.pdu(rpc.REQUEST, 7, rpc.request_body(0, 3, b"?" * 30))
    return Auth(kind=kind, level=rpc.PRIVACY, value=(b"\x6e\x82" + header + b"\x5a" * 181) * (length // 253) + b"\x6e" * (length % 253))


def ticket_talk(c, cport, mss, ask=4096, reply=2900):
    """An endpoint mapper that wants tickets: bind and alter_context with one of ${ask} octets, then a map in clear."""
    s = Session(c, CLERK, cport, DC, 135, mss=mss)
    s.bind(THREE, THREE_RESULTS, auth=token(ask), reply=token(reply))
    s.bind([Context(3, EPM, [NDR])], alter=True, auth=token(ask, rpc.SPNEGO), reply=token(reply, rpc.SPNEGO))
    return s.map(DRSUAPI, [tcp_tower(DRSUAPI, 49667, DC)], context=1).map(SAMR, [tcp_tower(SAMR, 49668, DC)], context=3)


@capture
def tickets():
    """Kerberos tickets in binds and answers, over two to five segments, and over many where the contexts are cut, too."""
    c = Capture()
    for i, mss in enumerate((2200, 1460, 1100, 900, 536, 100)):
        ticket_talk(c, 1066 + i, mss).close()
    return c


@capture
def tickets_snapped():
    """The same with a snap length of 256: of the binds and answers nothing is left but the contexts and results."""
    c = Capture()
    for i, mss in enumerate((2200, 1460, 900)):
        ticket_talk(c, 1066 + i, mss).close()
    c.packets = net.snap(c.wire.packets, 256)
    return c


@capture
def tickets_lost():
    """Of each connection another segment is lost, of those that carry nothing but the ticket of a bind or of an answer."""
    c = Capture()
    gone = []
    for i in range(14):
        before = len(c.wire.packets)
        ticket_talk(c, 1066 + i, 900).close()
        gone.append([p for run in net.runs(c.wire.packets[before:]) for p in run[1:]][i])
    c.packets = [p for p in c.wire.packets if p not in gone]
    c.rows = [(None, fields) for _, fields in c.rows]
    return c


@capture
def tickets_reversed():
    """The segments of each bind and of each answer come in reverse."""
    c = Capture()
    for i, mss in enumerate((2200, 900, 600)):
        ticket_talk(c, 1066 + i, mss).close()
    c.packets = net.reverse_runs(c.wire.packets)
    return c


@capture
def bind_fragments():
    """Binds and alter_contexts in fragments, which no version allows: each says what it says, and the next bind is read."""
    c = Capture()
    for i, (kind, name, answer) in enumerate(((rpc.BIND, "bind", rpc.BIND_NAK), (rpc.ALTER, "alter_context", rpc.FAULT))):
        s = Session(c, CLERK, 1066 + i, DC, 135)
        for flags, context in ((rpc.FIRST, Context(0, EPM)), (0, Context(1, SAMR)), (rpc.LAST, Context(2, LSARPC))):
            asked = s.send(CLIENT, [rpc.pdu(kind, s.call, rpc.bind_body([context]), flags)])
            s.tell_context(asked, name, context, None)
        s.send(SERVER, [rpc.pdu(answer, s.call, rpc.nak_body(4) if answer == rpc.BIND_NAK else rpc.fault_body(0, 0x1C01000B))])
        s.call += 1
        s.bind([Context(4, EPM)]).map(SAMR, [tcp_tower(SAMR, 49667, DC)], context=4).close()
    return c


@capture
def bulk():
    """A megabyte of answers in fragments between two questions to the endpoint mapper, signed ones and ones with a hole."""
    c = Capture()
    s = Session(c, CLERK, 1066, DC, 135)
    s.tcp.every = 2
    s.bind([Context(0, EPM), Context(1, DRSUAPI)])
    s.map(SAMR, [tcp_tower(SAMR, 49667, DC)])
    s.exchange(1, 3, b"\x11" * 200, b"\x22" * 524288, piece=5840 - 24)
    s.exchange(1, 3, b"\x11" * 200, b"\x22" * 262144, piece=4280 - 48, auth=Auth(level=rpc.INTEGRITY))
    before = len(c.wire.packets)
    s.exchange(1, 3, b"\x11" * 200, b"\x22" * 262144, piece=5840 - 24)
    gone = range(before + 10, len(c.wire.packets) - 10, 20)
    s.map(LSARPC, [tcp_tower(LSARPC, 49668, DC)]).close()
    c.packets = [p for i, p in enumerate(c.wire.packets) if i not in gone]
    c.rows = [(None, fields) for _, fields in c.rows]
    return c


@capture
def several_pdus():
    """Two calls asked and answered in one segment each, and a call between the fragments' segments."""
    c = Capture()
    s = epm_session(c, CLERK, 1066, DC)
    asks = [epm.map_request(tcp_tower(i, 135)) for i in (SAMR, LSARPC)]
    s.send(CLIENT, [p for n, a in enumerate(asks) for p in rpc.call_pdus(rpc.REQUEST, 10 + n, 0, a, True, epm.MAP)])
    towers = [tcp_tower(SAMR, 49667, DC), tcp_tower(LSARPC, 49668, DC)]
    answers = [rpc.call_pdus(rpc.RESPONSE, 11 - n, 0, epm.map_response([towers[1 - n]])) for n in range(2)]
    proof = s.send(SERVER, [p for a in answers for p in a])
    for t in reversed(towers):
        s.tell_tower(proof, "ept_map", t)
    s.close()
    return c


@capture
def rpc_fragments():
    """Questions and answers cut into fragments of 24 and of 3 octets of stub."""
    c = Capture()
    s = epm_session(c, CLERK, 1066, DC)
    s.map(SAMR, [tcp_tower(SAMR, 49667, DC)], piece=24).map(LSARPC, [tcp_tower(LSARPC, 49668, DC)], piece=3)
    s.lookup([[epm.Entry(tcp_tower(DRSUAPI, 49667, DC), "DRS")]], piece=7).close()
    return c


@capture
def small_segments():
    """The same bytes in segments of 1 to 9 octets: headers are cut anywhere."""
    c = Capture()
    for i, mss in enumerate((1, 3, 9)):
        s = Session(c, CLERK, 1066 + i, DC, 135, mss=mss)
        s.bind([Context(0, EPM)], ack=False).map(SAMR, [tcp_tower(SAMR, 49667 + i, DC)], mss=mss).close()
    return c


@capture
def out_of_order():
    """Segments of 40 octets in another order, and some twice."""
    c = Capture()
    for i in range(6):
        s = Session(c, CLERK, 1066 + i, DC, 135, mss=40)
        s.bind([Context(0, EPM)], ack=False, frames=False).map(SAMR, [tcp_tower(SAMR, 49667 + i, DC)]).close()
    c.packets = net.duplicate(net.shuffle_runs(c.wire.packets, 7, reach=4), 8)
    return c


@capture
def crossed():
    """As capture queues that are emptied in turn deliver it: answers may overtake their questions."""
    c = Capture()
    for i in range(6):
        s = Session(c, CLERK, 1066 + i, DC, 135, mss=40)
        s.bind([Context(0, EPM)], ack=False, frames=False).map(SAMR, [tcp_tower(SAMR, 49667 + i, DC)]).close()
    c.packets = net.shuffle(c.wire.packets, 7, reach=4)
    c.rows = [(None, fields) for _, fields in c.rows]
    return c


def sent_by(address):
    octets = bytes(int(x) for x in address.split("."))
    return lambda p: p.data[26:30] == octets


def skewed(late, lose=lambda packets: packets):
    """Connections to the endpoint mapper and to the service that it names, while the packets of ${late} come later and later."""
    c = Capture()
    for i, by in enumerate((1, 2, 3, 5, 8, 13, 21, 34, 50)):
        for step in (0, 1):
            start = len(c.wire.packets)
            if step == 0:
                s = epm_session(c, CLERK, 2000 + 10 * i, DC, mss=700 - 70 * i).map(SAMR, [tcp_tower(SAMR, 49667 + i, DC)])
                s.lookup([[epm.Entry(tcp_tower(LSARPC, 49667 + i, DC), "LSA")], [epm.Entry(tcp_tower(DRSUAPI, 49667 + i, DC), "DRS")]]).close()
                s = epm_session(c, CLERK, 2001 + 10 * i, DC, bind=LARGE).map(SAMR, [tcp_tower(SAMR, 49667 + i, DC)], context=1)
                s.tcp.reset()
            else:
                service_session(c, CLERK, 2002 + 10 * i, DC, 49667 + i, SAMR, calls=9).close()
                service_session(c, CLERK, 2003 + 10 * i, DC, 49667 + i, DRSUAPI, calls=1).tcp.reset()
            c.wire.packets[start:] = net.skew(lose(c.wire.packets[start:]), sent_by(late), by)
            c.wire.wait(60 * net.SECOND)
    c.rows = [(None, fields) for _, fields in c.rows]
    return c


@capture
def skewed_client():
    """Two taps, or two queues of a network card: what the client sent comes 1 to 50 packets late."""
    return skewed(CLERK)


@capture
def skewed_server():
    """What the server sent comes 1 to 50 packets late."""
    return skewed(DC)


@capture
def skewed_lost():
    """The same with a question lost in each first connection: the answer counts, and all else is as it was."""

    def lose(packets):
        questions = [run for run in net.runs(packets) if run[0].part and run[0].part[1] == CLIENT]
        return [p for p in packets if p not in questions[1]]

    return skewed(CLERK, lose)


@capture
def overlap():
    """Bytes sent again with another content: the first that came counts."""
    c = Capture()
    s = epm_session(c, CLERK, 1066, DC)
    tower = tcp_tower(SAMR, 49667, DC)
    s.send(CLIENT, rpc.call_pdus(rpc.REQUEST, 5, 0, epm.map_request(tcp_tower(SAMR, 135)), True, epm.MAP))
    answer = b"".join(rpc.call_pdus(rpc.RESPONSE, 5, 0, epm.map_response([tower])))
    forged = b"".join(rpc.call_pdus(rpc.RESPONSE, 5, 0, epm.map_response([tcp_tower(SAMR, 6666, DC)])))
    start, _ = s.tcp.send(SERVER, answer[:120], ack=False)
    s.tcp.again(SERVER, start, forged[:120])
    proof = s.send(SERVER, [answer[120:]])
    s.tcp.again(SERVER, start + 60, forged[60:])
    s.tell_tower(proof, "ept_map", tower)
    s.close()
    return c


@capture
def lost_segments():
    """Holes in calls that mean nothing to us, in the middle of a large answer, and of a whole question."""
    c = Capture()
    gone = set()
    s = epm_session(c, CLERK, 1066, DC)
    before = len(c.wire.packets)
    s.exchange(0, 2, b"\x77" * 3000, b"\x78" * 5000)
    gone.update(range(before + 1, before + 2))
    gone.update(range(before + 5, before + 6))
    s.map(SAMR, [tcp_tower(SAMR, 49667, DC)])
    before = len(c.wire.packets)
    s.map(LSARPC, [tcp_tower(LSARPC, 49668, DC)])
    gone.add(before)
    s.map(NETLOGON, [tcp_tower(NETLOGON, 49669, DC)]).close()
    c.packets = [p for i, p in enumerate(c.wire.packets) if i not in gone]
    c.rows = [(None, fields) for _, fields in c.rows]
    return c


@capture
def mid_stream():
    """Nothing of a connection's beginning was captured: the answers tell themselves apart."""
    c = Capture()
    begun = []
    for i, bind in enumerate((None, LARGE)):
        s = epm_session(c, CLERK, 1066 + i, DC, bind=bind, tell=False)
        begun.append(len(c.wire.packets))
        s.tell = True
        s.map(SAMR, [tcp_tower(SAMR, 49667 + i, DC)], context=i).map(LSARPC, [tcp_tower(LSARPC, 49668 + i, DC)], context=i).close()
        if i == 0:
            c.wire.packets = c.wire.packets[begun[0] :]
            begun = [len(c.wire.packets)]
    c.packets = c.wire.packets[: begun[0]] + c.wire.packets[begun[1] :]
    c.rows = [(None, fields) for _, fields in c.rows]
    return c


def one_side(seen):
    c = plain(Capture())
    c.packets = [p for p in c.wire.packets if p.data[26:30] == bytes(int(x) for x in seen.split("."))]
    return c


@capture
def server_side_only():
    """Only what the server sent was captured: towers are there, binds are not."""
    c = one_side(MAIL)
    c.rows = [(None, f) for _, f in c.rows if f["kind"] == "tower"]
    return c


@capture
def client_side_only():
    """Only what the client sent was captured: binds without answers, no towers."""
    c = one_side(CLERK)
    c.rows = [(None, {**f, "result": "unanswered"}) for _, f in c.rows if f["kind"] == "context"]
    return c


@capture
def port_reuse():
    """The same addresses and ports again: after FIN, after RST, and by a new SYN alone; sequence numbers wrap."""
    c = Capture()
    for i, isn in enumerate([(1000, 2000), (0xFFFFFFC0, 0xFFFFFFE0), (5000, 6000), (0x7FFFFFF0, 0x10)]):
        s = epm_session(c, CLERK, 1066, DC, isn=isn)
        s.map(SAMR, [tcp_tower(SAMR, 49667 + i, DC)])
        if i == 0:
            s.close()
        elif i == 1:
            s.tcp.reset()
        c.wire.wait(net.SECOND)
    return c


@capture
def keep_alive():
    """Keep-alive probes with and without a garbage byte, and a window probe, between question and answer."""
    c = Capture()
    s = epm_session(c, CLERK, 1066, DC)
    s.tcp.segment(SERVER, net.ACK, b"\0", seq=s.tcp.seq(SERVER) - 1)
    s.tcp.segment(CLIENT, net.ACK, b"", seq=s.tcp.seq(CLIENT) - 1)
    s.map(SAMR, [tcp_tower(SAMR, 49667, DC)])
    s.tcp.segment(CLIENT, net.ACK, b"\0", seq=s.tcp.seq(CLIENT) - 1)
    s.map(LSARPC, [tcp_tower(LSARPC, 49667, DC)]).close()
    return c


@capture
def unannounced_port():
    """RPC on a port that nobody announced, beside traffic that is not RPC but begins with 05 00."""
    c = Capture()
    service_session(c, CLERK, 1066, MAIL, 50123, NOBODY, calls=3).close()
    t = c.tcp(CLERK, 1070, MAIL, 1080).open()
    t.send(CLIENT, b"\x05\x01\x00")
    t.send(SERVER, b"\x05\x00")
    t.send(CLIENT, b"\x05\x01\x00\x01" + bytes([192, 0, 2, 10]) + b"\0\x50")
    t.close()
    t = c.tcp(CLERK, 1071, MAIL, 5900).open()
    for i in range(5):
        t.send(CLIENT, b"\x05\x00\x01\x02" + bytes([i] * 4))
        t.send(SERVER, b"\x05\0\0\0\0\0\0\0\x0b\0\0\0\0\0\0\0\x0a" + bytes(40))
    t.close()
    return c


@capture
def ip6():
    """IPv6, with and without a hop-by-hop header; the towers carry 0.0.0.0."""
    c = Capture()
    client, server = "2001:db8:1::21", "2001:db8:1::11"
    for i, extension in enumerate((b"", b"\x06\0\x01\x04\0\0\0\0")):
        options = {"extension": extension}
        epm_session(c, client, 1066 + i, server, **options).map(SAMR, [tcp_tower(SAMR, 49667)]).close()
        service_session(c, client, 1076 + i, server, 49667, SAMR, **options).close()
    return c


@capture
def vlan():
    """An 802.1Q tag."""
    return plain(Capture(link=Link(tags=[(0x8100, 100)])))


@capture
def qinq():
    """Two tags, 88a8 and 8100, and three old ones, 9100."""
    c = plain(Capture(link=Link(tags=[(0x88A8, 20), (0x8100, 100)])))
    c.wire.link = Link(tags=[(0x9100, 20), (0x9100, 21), (0x8100, 0x6000 | 22)])
    epm_session(c, CLERK, 1068, DC).map(SAMR, [tcp_tower(SAMR, 49667, DC)]).close()
    return c


@capture(link="sll")
def cooked():
    """Linux cooked, version 1."""
    return plain(Capture(link=Link("sll")))


@capture(link="sll2")
def cooked2():
    """Linux cooked, version 2."""
    return plain(Capture(link=Link("sll2")))


@capture(link="raw")
def raw_ip():
    """No link header at all; IPv4 and IPv6 together."""
    c = plain(Capture(link=Link("raw")))
    epm_session(c, "2001:db8::1", 1068, "2001:db8::2").map(SAMR, [tcp_tower(SAMR, 49667)]).close()
    return c


@capture(link="null")
def loopback_null():
    """BSD loopback, its family in little-endian and in big-endian order; IPv4 and IPv6."""
    c = plain(Capture(link=Link("null")))
    c.wire.link = Link("null", null_le=False)
    epm_session(c, "2001:db8::1", 1068, "2001:db8::2").map(SAMR, [tcp_tower(SAMR, 49667)]).close()
    return c


@capture(link="loop")
def loopback_loop():
    """OpenBSD loopback."""
    return plain(Capture(link=Link("loop")))


@capture(le=False)
def pcap_big_endian():
    """A classic pcap written on a big-endian machine."""
    return plain(Capture())


@capture(nanoseconds=True)
def pcap_nanoseconds():
    """A classic pcap with nanoseconds."""
    return plain(Capture(start_ns=START + 123456789))


@capture(le=False, nanoseconds=True)
def pcap_big_endian_nanoseconds():
    """Both."""
    return plain(Capture(start_ns=START + 123456789))


@capture(ng=True)
def pcapng():
    """pcapng, microseconds."""
    return plain(Capture())


@capture(ng=True, nanoseconds=True, le=False)
def pcapng_nanoseconds():
    """pcapng, big-endian, nanoseconds."""
    return plain(Capture(start_ns=START + 123456789))


@capture
def snapped():
    """A snap length of 200: what was cut off is a hole, what stands before it is used, nothing is invented."""
    c = Capture(exact=False)
    plain(c)
    entries = [epm.Entry(tcp_tower(("%08x-1234-4000-8000-0123456789ab" % i, (1, i)), 49152 + i, DC), "service %d" % i) for i in range(6)]
    epm_session(c, ADMIN, 1068, DC).lookup([entries]).map(SAMR, [tcp_tower(SAMR, 49667, DC)]).close()
    c.packets = net.snap(c.wire.packets, 200)
    return c


@capture
def offload():
    """Segments larger than a frame, IP length 0, wrong checksums: as captured on the sending host."""
    c = Capture()
    entries = [epm.Entry(tcp_tower(("%08x-1234-4000-8000-0123456789ab" % i, (1, i)), 49152 + i, DC), "service %d" % i) for i in range(80)]
    epm_session(c, ADMIN, 1068, DC, mss=60000).lookup([entries]).close()
    for p in c.wire.packets:
        length = b"\0\0" if len(p.data) > 1514 else p.data[16:18]
        p.data = p.data[:16] + length + p.data[18:24] + b"\xde\xad" + p.data[26:50] + b"\xbe\xef" + p.data[52:]
    return c


@capture
def hostile_names():
    """Annotations and pipes with escape sequences, line breaks, marks of direction, markup, formulas, Latin-1."""
    c = Capture()
    names = ["\x1b[31mred\x1b[0m", "two\nlines\r", "\u202eevil", "<script>alert(1)</script>", "=1+1", "caf\u00e9".encode("latin-1"), "na\u00efve", b"\xff\xfe\xfd", "'; DROP TABLE episode; --", "\t\x07\x7f"]
    entries = [epm.Entry(tcp_tower(("%08x-0bad-4000-8000-0123456789ab" % i, (1, 0)), 49300 + i, DC), n if isinstance(n, bytes) else n.encode()) for i, n in enumerate(names)]
    pipes = [epm.Entry(epm.Tower(("%08x-0bad-4000-8000-0123456789ac" % i, (1, 0)), "ncacn_np", n.encode() + b"\0" if isinstance(n, str) else n + b"\0", b"\\\\\x1b]0;host\x07\0")) for i, n in enumerate(names)]
    epm_session(c, ADMIN, 1068, DC).lookup([entries, pipes]).close()
    return c


@capture
def hostile_lengths():
    """Counts, lengths and floors that lie: nothing is read beyond what is there, and the next call is found."""
    c = Capture(exact=False)
    good = tcp_tower(SAMR, 49667, DC)
    s = epm_session(c, CLERK, 1066, DC)
    honest = epm.map_response([good])
    lies = [
        honest[:20] + b"\xff\xff\xff\xff" + honest[24:],
        honest[:32] + b"\xff\xff\xff\x7f" + honest[36:],
        honest[:40] + b"\xff\xff\0\0" * 2 + honest[48:],
        honest[:48] + b"\xff\xff" + honest[50:],
        honest[:50] + b"\xff\xff" + honest[52:],
        honest[:60],
        b"",
        epm.lookup_response([epm.Entry(good, "x")])[:60] + b"\xff" * 40,
    ]
    for lie in lies:
        s.exchange(0, epm.MAP, epm.map_request(tcp_tower(SAMR, 135)), lie)
    s.tell_tower(None, "ept_map", good)
    s.map(LSARPC, [tcp_tower(LSARPC, 49668, DC)]).close()
    s = Session(c, CLERK, 1067, DC, 135)
    broken = bytearray(rpc.pdu(rpc.BIND, 1, rpc.bind_body([Context(0, EPM)])))
    broken[24] = 200
    s.send(CLIENT, [bytes(broken)])
    s.tell_context(None, "bind", Context(0, EPM), None)
    s.close()
    return c


# Stories over days: what changed.

def visit(c, when, client, cport, towers, interface=EMSMDB, port=None, server=MAIL, **options):
    """At ${when}: ask for ${interface}, be told ${towers}; then bind at ${port}."""
    c.wire.until(START + when)
    epm_session(c, client, cport, server).map(interface, [tcp_tower(interface, p, server) for p in towers], **options).close()
    if port:
        service_session(c, client, cport + 1, server, port, interface).close()


HOUR = 3600 * net.SECOND


@capture
def changes():
    """new, additional, moved, returned; out of range and back."""
    c = Capture()
    visit(c, 0, CLERK, 2000, [49731], port=49731)                     # new
    visit(c, 2 * HOUR, ADMIN, 2010, [49731], port=49731)
    visit(c, DAY, CLERK, 2020, [49731, 50200], port=50200)            # additional: both in one answer
    visit(c, DAY + HOUR, ADMIN, 2030, [49731, 50200])
    visit(c, 2 * DAY, CLERK, 2040, [51000], port=51000)               # moved: a complete answer without the old ones
    visit(c, 2 * DAY + HOUR, ADMIN, 2050, [51000])
    visit(c, 3 * DAY, CLERK, 2060, [49731], port=49731)               # returned
    visit(c, 4 * DAY, CLERK, 2070, [6004], port=6004)                 # moved, out of range
    visit(c, 4 * DAY + HOUR, ADMIN, 2080, [6004])
    visit(c, 5 * DAY, CLERK, 2090, [49731], port=49731)               # returned, in range again
    visit(c, 5 * DAY + HOUR, CLERK, 2100, [1025], NSPI, server=DC)    # new, out of range
    return c


@capture
def incomplete_answers():
    """Answers that may leave something out move nothing."""
    c = Capture()
    live = b"\0" * 4 + b"\x42" * 16
    visit(c, 0, CLERK, 2000, [49731], port=49731)
    visit(c, HOUR, CLERK, 2010, [50200], max_towers=1)                # as many as asked for
    visit(c, 2 * HOUR, CLERK, 2020, [50201], handle=live)             # more may follow
    visit(c, 3 * HOUR, CLERK, 2030, [50202], obj="6f9619ff-8b86-d011-b42d-00c04fc964ff")  # asked for one object
    c.wire.until(START + 4 * HOUR)
    service_session(c, CLERK, 2040, MAIL, 50203, EMSMDB).close()      # a bind alone
    return c


def two_captures():
    """The two directions of a tap, in two files: (client's, server's)."""
    c = plain(Capture())
    halves = []
    for side in (CLERK, MAIL):
        octets = bytes(int(x) for x in side.split("."))
        halves.append([p for p in c.wire.packets if p.data[26:30] == octets])
    return c, halves


@capture
def damaged_segment():
    """Each answer comes with a bit flipped in its port first, then as it was sent; checksums tell."""
    c = plain(Capture())
    packets = []
    for p in c.wire.packets:
        place = p.data.find(bytes([1, 0, 7, 2, 0, 49731 >> 8, 49731 & 255]))
        if place >= 0:
            packets.append(net.Packet(p.ts_ns, p.data[: place + 5] + bytes([p.data[place + 5] ^ 0x40]) + p.data[place + 6 :]))
        packets.append(p)
    c.packets = packets
    return c


@capture
def tap_a():
    """What the client sent; with tap-b it is one conversation."""
    c, (a, _) = two_captures()
    c.packets, c.rows = a, []
    return c


@capture
def tap_b():
    """What the server sent; read with tap-a it is one conversation, whose rows are told here."""
    c, (_, b) = two_captures()
    c.packets = b
    c.rows = [(None, fields) for _, fields in c.rows]
    return c


def build(name):
    """(Capture, bytes of the file) for a name of the table."""
    function, writing = CAPTURES[name]
    c = function()
    options = dict(writing)
    writer = pcapfile.pcapng if options.pop("ng", False) else pcapfile.pcap
    return c, writer(c.finished(), **options)


import captures_calls  # noqa: E402 - it enters its captures in the table above
import captures_carriers  # noqa: E402 - so does it
import captures_exchange  # noqa: E402 - so does it
import captures_foreign  # noqa: E402 - so does it
import captures_smb  # noqa: E402 - so does it
import captures_tunnels  # noqa: E402 - so does it
