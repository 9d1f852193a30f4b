"""An hour of Exchange servers with their clients: sealed associations, pushes of new mail, and a thousand small one-way flows of
other protocols from and to the servers.

Written from the protocols (MS-OXCRPC, MS-OXCNOTIF, RFC 1035, 1157, 3164, 5905, 3550, 6263, 1002, 4120, statsd's text). What
is drawn at random is drawn from a seed, so a capture is the same wherever it is made.
"""
import random
import struct
from dataclasses import dataclass, field

import epm
import rpc
from net import MICROSECOND, MILLISECOND, SECOND, Packet
from scenario import START, Capture, Session, epm_session

MINUTE = 60 * SECOND
EMSMDB = ("a4f1db00-ca47-1067-b31f-00dd010662da", (0, 81))
ASYNC = ("5261574a-4572-206e-b268-6b199213b4e4", (0, 1))
STORE_PORT = 60001
CONNECT, REGISTER, FETCH, ASYNC_CONNECT, ASYNC_WAIT = 10, 4, 11, 14, 0
SEALED = dict(kind=rpc.NTLM, level=rpc.PRIVACY, align=16)

SERVERS = ["10.50.0.%d" % n for n in (11, 12, 13, 14)]
OTHERS = ["10.70.0.%d" % n for n in range(1, 60)]  # name servers, collectors, telephones: no mailbox


@dataclass
class Flow:
    """A one-way flow of datagrams: when, after the first, and with which payloads."""
    kind: str
    src: str
    sport: int
    dst: str
    dport: int
    sent: list = field(default_factory=list)  # (nanoseconds since the capture's begin, payload)


@dataclass
class Push:
    """A client's registration, and what came of it."""
    server: str
    client: str
    port: int
    context: bytes
    registered_ns: int
    went: list = field(default_factory=list)  # when its datagrams were on the wire

    @property
    def key(self):
        return self.server, self.client, self.port


class Mailbox:
    """A client with its association: it binds, connects, and asks now and then for as long as the capture lasts."""

    def __init__(self, world, client, server, port, begins_ns):
        self.world, self.client, self.server, self.port, self.begins_ns = world, client, server, port, begins_ns
        self.session = None
        self.udp = world.rng.randrange(1050, 5000)  # a client takes one when it starts

    def begin(self):
        c = self.world.capture
        if self.world.rng.random() < 0.3:
            epm_session(c, self.client, self.port - 1, self.server).map(EMSMDB, [epm.Tower(EMSMDB, "ncacn_ip_tcp", STORE_PORT, self.server)]).close()
        self.session = Session(c, self.client, self.port, self.server, STORE_PORT, tell=False)
        self.session.bind([rpc.Context(0, EMSMDB)], auth=rpc.Auth(**SEALED))
        self.ask(CONNECT, 240, 180)

    def ask(self, opnum, question, answer):
        draw = self.world.rng.randbytes
        self.session.exchange(0, opnum, draw(question), draw(answer), auth=rpc.Auth(value=draw(16), **SEALED))

    def register(self, context_len):
        """Its stub's length is in clear: PROTOCOL 6.4."""
        self.ask(REGISTER, 28 + context_len + -(28 + context_len) % 2 + 2 + -(30 + context_len + context_len % 2) % 4 + 26, 28)


class World:
    """Events by time; those of one moment in the order in which they were planned."""

    def __init__(self, seed, noise=1000, pushes=200, idle=80, minutes=60, alike=True):
        self.alike = alike
        self.rng = random.Random(seed)
        self.capture = Capture(START, step_ns=20 * MICROSECOND)
        self.end_ns = minutes * MINUTE
        self.events = []
        self.flows, self.truth, self.mailboxes = [], [], []
        for n in range(pushes + idle):
            self.add_mailbox(n, registers=n < pushes)
        self.add_noise(noise)
        self.play()

    def at(self, ns, what, *arguments):
        if ns < self.end_ns:
            self.events.append((ns, len(self.events), what, arguments))

    def play(self):
        wire = self.capture.wire
        for ns, _, what, arguments in sorted(self.events, key=lambda e: e[:2]):
            wire.until(max(wire.now_ns, START + ns))
            what(*arguments)

    # mailboxes

    def add_mailbox(self, n, registers):
        """Four of five are there in the first eight minutes, the others come later; the last ones wait on AsyncEMSMDB."""
        rng = self.rng
        begins = rng.randrange(1 * SECOND, 8 * MINUTE) if n % 5 else rng.randrange(8 * MINUTE, self.end_ns // 2)
        m = Mailbox(self, "10.60.%d.%d" % (n // 200, 10 + n % 200), SERVERS[n % 4], rng.randrange(20000, 30000) * 2 + 1, begins)
        self.mailboxes.append(m)
        self.at(begins, m.begin)
        if not registers and n % 2:
            self.at(begins + SECOND, self.wait_for_mail, m)
        ns = begins + rng.randrange(20, 120) * SECOND
        while ns < self.end_ns:
            self.at(ns, m.ask, FETCH, rng.randrange(40, 400), rng.randrange(60, 700))
            ns += rng.randrange(40 * SECOND, 400 * SECOND)
        if registers:
            self.add_push(n, m)

    def wait_for_mail(self, m):
        """A second connection, where one call stays open for up to five minutes."""
        s = Session(self.capture, m.client, m.port + 1, m.server, STORE_PORT, tell=False)
        s.bind([rpc.Context(0, ASYNC)], auth=rpc.Auth(**SEALED))
        ns = self.capture.wire.now_ns - START
        while ns < self.end_ns:
            self.at(ns, s.exchange, 0, ASYNC_WAIT, self.rng.randbytes(20), self.rng.randbytes(32))
            ns += self.rng.randrange(60, 300) * SECOND

    def add_push(self, n, m):
        """It registers a second after it came. Two of three fetch at once when mail comes; of the others some are away, so that the
        server repeats every minute, and a few are busy with the server at that moment."""
        rng = self.rng
        p = Push(m.server, m.client, m.udp, self.cookie(n), m.begins_ns + SECOND)
        self.truth.append(p)
        self.at(p.registered_ns, m.register, len(p.context))
        for _ in range(rng.choice((1, 1, 2, 3, 5))):
            self.add_mail(n, m, p, rng.randrange(max(11 * MINUTE, p.registered_ns + 5 * SECOND), self.end_ns - 5 * MINUTE))

    def cookie(self, n):
        """What a client registers: a pointer, which lies beside others of its kind as in the real specimens, or anything at all."""
        start = bytes([0xd0, 0x27]) if self.alike else b""
        return start + self.rng.randbytes((8, 8, 8, 16)[n % 4] - len(start))

    def add_mail(self, n, m, p, ns):
        rng = self.rng
        if n % 10 in (3, 6):  # away
            for i in range(rng.randrange(2, 5)):
                self.send_push(p, ns + i * 60 * SECOND + rng.randrange(200) * MILLISECOND)
        elif n % 10 == 9:  # busy
            for i in range(4):
                self.at(ns - (4 - i) * 100 * MILLISECOND, m.ask, FETCH, 200, 300)
            self.send_push(p, ns)
        else:
            self.send_push(p, ns)
            self.at(ns + rng.randrange(200, 30000) * MICROSECOND, m.ask, FETCH, 96, 300)

    def send_push(self, p, ns):
        self.at(ns, self.push, p, self.rng.randrange(1025, 65000))

    def push(self, p, sport):
        p.went.append(self.capture.wire.now_ns)
        self.capture.wire.udp(p.server, sport, p.client, p.port, p.context)

    # all the others

    def add_noise(self, count):
        total = sum(share for share, _ in KINDS)
        for share, kind in KINDS:
            for i in range(count * share // total):
                self.add_flow(kind, i)

    def add_flow(self, kind, i):
        """Seven of ten come from a server; half of the others' ends have a mailbox there."""
        rng = self.rng
        m = rng.choice(self.mailboxes)
        server, other = (m.server, m.client) if rng.random() < 0.5 else (rng.choice(SERVERS), rng.choice(OTHERS))
        src, dst = (server, other) if i % 10 < 7 else (other, server)
        flow = Flow(kind.__name__, src, 0, dst, 0)
        first = rng.randrange(30 * SECOND, self.end_ns - 10 * MINUTE)
        kind(rng, flow, i)
        flow.sent = [(first + ns, data) for ns, data in flow.sent]
        self.flows.append(flow)
        for ns, data in flow.sent:
            self.at(ns, self.capture.wire.udp, flow.src, flow.sport, flow.dst, flow.dport, data)


def high(rng):
    return rng.randrange(1025, 65000)


def once(data):
    return [(0, data)]


def dns(rng, f, i):
    """Answers: an error is a header and no more; some name servers listen elsewhere."""
    f.sport, f.dport = (53, 5353, 53, 5300)[i % 4], high(rng)
    head = struct.pack(">HHHHHH", rng.randrange(65536), 0x8182 if i % 2 else 0x8583, 0 if i % 3 else 1, 0, 0, 0)
    f.sent = once(head if i % 3 else head + b"\4mail\7example\0\0\1\0\1")


def snmp(rng, f, i):
    """SNMPv1 trap: linkDown, of an enterprise."""
    f.sport, f.dport = high(rng), 162 if i % 4 else 10162
    body = bytes.fromhex("060a2b0601040182370101024004") + rng.randbytes(4) + bytes.fromhex("02010202010043021234") + b"\x30\0"
    pdu = bytes([0xa4, len(body)]) + body
    inner = b"\2\1\0\4\6public" + pdu
    f.sent = once(bytes([0x30, len(inner)]) + inner)


def syslog(rng, f, i):
    f.sport, f.dport = high(rng), (514, 1514, 5514)[i % 3]
    words = (b"<30>up", b"<14>ok %d" % rng.randrange(99), b"<165>1 - - mail store: %d sessions" % rng.randrange(999))
    f.sent = [(n * rng.randrange(30, 300) * SECOND, words[i % 3]) for n in range(rng.choice((1, 1, 2)))]


def ntp(rng, f, i):
    f.sport, f.dport = (123, 123) if i % 2 else (123, high(rng))
    f.sent = once(b"\x24\x02\x06\xe9" + rng.randbytes(44))


def rtp(rng, f, i):
    """Keep-alives of RFC 6263: a header without payload, of a payload type nobody knows, or comfort noise of one octet."""
    f.sport, f.dport = rng.randrange(8192, 32000) * 2, rng.randrange(8192, 32000) * 2
    first, stamp, source = rng.randrange(60000), rng.randrange(1 << 31), rng.randbytes(4)
    f.sent = [(n * 15 * SECOND, struct.pack(">BBHI", 0x80, 13 if i % 2 else 20, first + n, stamp + n * 120000) + source + (b"\x40" if i % 2 else b""))
              for n in range(rng.randrange(1, 12))]


def netbios(rng, f, i):
    """A negative name response, and a datagram."""
    f.sport, f.dport = ((137, 137), (137, high(rng)), (138, 138))[i % 3]
    name = b"\x20" + b"".join(bytes([0x41 + (c >> 4), 0x41 + (c & 15)]) for c in b"MAIL%-11d\0" % i) + b"\0"
    head = struct.pack(">HHHHHH", rng.randrange(65536), 0x8583, 0, 1, 0, 0)
    f.sent = once(head + name + struct.pack(">HHIH", 10, 1, 0, 0))


def kerberos(rng, f, i):
    """KRB-ERROR, response too big."""
    f.sport, f.dport = 88, high(rng)
    f.sent = once(bytes.fromhex("7e3c303aa003020105a10302011ea411180f") + b"20260302080000Z" + bytes.fromhex("a505020300") + rng.randbytes(2)
                  + bytes.fromhex("a603020134a90d1b0b") + b"EXAMPLE.COM" + bytes.fromhex("aa12301003020102a10930071b05") + b"krbtg")


def ping(rng, f, i):
    """Eight octets that ask whether somebody is there: once; with a number that counts; the same every few seconds; a time."""
    f.sport, f.dport = high(rng), high(rng)
    word = rng.randbytes(4)
    if i % 4 == 0:
        f.sent = once(word + rng.randbytes(4))
    elif i % 4 == 1:
        f.sent = [(n * 10 * SECOND, word + struct.pack("<I", n + 1)) for n in range(rng.randrange(2, 40))]
    elif i % 4 == 2:
        f.sent = [(n * 5 * SECOND, b"PING" + word) for n in range(rng.randrange(12, 60))]
    else:
        f.sent = [(n * 60 * SECOND, struct.pack(">Q", (1772438400 + i * 7 + n * 60) << 20)) for n in range(rng.randrange(1, 6))]


def statsd(rng, f, i):
    f.sport, f.dport = high(rng), 8125
    words = (b"up:1|g", b"mail.in:%d|c" % rng.randrange(99), b"q:%d|g" % rng.randrange(9999), b"rpc.ms:%d|ms" % rng.randrange(999))
    f.sent = [(n * 10 * SECOND, words[i % 4]) for n in range(rng.choice((1, 3, 20)))]


# Of a thousand.
KINDS = ((100, dns), (100, snmp), (110, syslog), (80, ntp), (140, rtp), (90, netbios), (90, kerberos), (150, ping), (140, statsd))


# What a sensor may get of it. Each takes packets and returns others.

def cut(packets, ns):
    """Without what came first."""
    return [p for p in packets if p.ts_ns >= START + ns]


def of_servers(packets):
    """Only what the servers send: the source address of IPv4 behind an Ethernet header."""
    servers = {bytes(map(int, s.split("."))) for s in SERVERS}
    return [p for p in packets if p.data[26:30] in servers]


def in_vlans(packets, numbers=(50, 60), after_ns=40 * MICROSECOND):
    """Each twice, in one network and, routed, in another: tagged otherwise, a hop older."""
    out = []
    for p in packets:
        for hop, number in enumerate(numbers):
            out.append(Packet(p.ts_ns + hop * after_ns, tagged(p.data, number, hop)))
    return sorted(out, key=lambda p: p.ts_ns)


def tagged(frame, number, hop):
    head, ip = frame[:12] + struct.pack(">HH", 0x8100, number) + frame[12:14], bytearray(frame[14:])
    ip[8] -= hop
    total = struct.unpack(">H", ip[10:12])[0] + (hop << 8)  # RFC 1624, for a number that grows
    ip[10:12] = struct.pack(">H", (total & 0xFFFF) + (total >> 16))
    return head + bytes(ip)
