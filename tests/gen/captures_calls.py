"""The captures of the golden tests with calls to other services than the endpoint mapper, and with what servers tell of themselves.
captures.py enters them in its table. The stubs and tokens are impacket's (stubs.py)."""
import struct

import net
import rpc
import stubs
from captures import ADMIN, CLERK, DC, EMSMDB, MAIL, NETLOGON, NSPI, RFR, SAMR, capture, service_session, tcp_tower
from net import CLIENT, SERVER
from rpc import EPM, Auth, Context, Result
from scenario import START, Capture, Session

EXPORTER = ("99fcfec4-5260-101b-bbcb-00aa0021347a", (0, 0))
ACTIVATOR = ("000001a0-0000-0000-c000-000000000046", (0, 0))
ACTIVATION = ("4d9f4ab8-7d1c-11cf-861e-0020af6e7c57", (0, 0))
WBEM_LOGIN = ("f309ad18-d86a-11d0-a075-00c04fb68820", (0, 0))
REM_UNKNOWN = ("00000131-0000-0000-c000-000000000046", (0, 0))

SERVER_ALIVE2, RESOLVE_OXID, RESOLVE_OXID2 = 5, 0, 4
GET_CLASS_OBJECT, CREATE_INSTANCE, REMOTE_ACTIVATION = 3, 4, 0
NEW_DSA, FQDN = 0, 1

SIGNED = Auth(level=rpc.INTEGRITY, align=16, value=b"\x5a" * 16)
AT_PORT = [("ncacn_ip_tcp", "DC1", 49724), ("ncacn_ip_tcp", "192.0.2.11", 49724), ("ncacn_ip_tcp", "2001:db8:1::11", 49724), ("ncacn_np", "\\\\DC1", "\\PIPE\\dcom"), ("ncacn_http", "DC1", 593)]
RESOLVER = [("ncacn_ip_tcp", host, "") for host in ("DC1", "dc1.corp.example", "192.0.2.11", "2001:db8:1::11")]


class Talk(Session):
    """A session that tells what is in answers of DCOM's and of the referral service."""

    def dcom(self, opnum, question, answer, operation, bindings, context=0, **options):
        proof = self.exchange(context, opnum, question, answer, **options)
        for protseq, host, endpoint in bindings:
            self.row(proof, kind="binding", operation=operation, protseq=protseq, endpoint=str(endpoint), annotation=host)
        return self

    def refer(self, opnum, question, answer, to, context=0, **options):
        proof = self.exchange(context, opnum, question, answer, **options)
        self.row(proof, kind="referral", operation="RfrGetNewDSA" if opnum == NEW_DSA else "RfrGetFQDNFromServerDN", endpoint=to)
        return self


def talk(c, cport, server, port, interfaces, syntaxes=(rpc.NDR,), client=CLERK, auth=None, reply=None, **options):
    contexts = [Context(i, interface, syntaxes) for i, interface in enumerate(interfaces)]
    return Talk(c, client, cport, server, port, **options).bind(contexts, auth=auth, reply=reply)


def resolver(s, context=0, **options):
    s.dcom(SERVER_ALIVE2, b"", stubs.SERVER_ALIVE2, "ServerAlive2", RESOLVER, context, **options)
    s.dcom(RESOLVE_OXID, stubs.RESOLVE_OXID_REQUEST, stubs.RESOLVE_OXID, "ResolveOxid", AT_PORT, context, **options)
    s.dcom(RESOLVE_OXID2, stubs.RESOLVE_OXID2_REQUEST, stubs.RESOLVE_OXID2, "ResolveOxid2", AT_PORT, context, **options)
    return s.dcom(RESOLVE_OXID2, stubs.RESOLVE_OXID2_REQUEST, stubs.RESOLVE_OXID2_FAILED, "ResolveOxid2", [], context, **options)


def activator(s, context=0, **options):
    s.dcom(CREATE_INSTANCE, b"\0" * 60, stubs.CREATE_INSTANCE, "RemoteCreateInstance", AT_PORT, context, **options)
    s.dcom(CREATE_INSTANCE, b"\0" * 60, stubs.CREATE_INSTANCE_EXTENDED, "RemoteCreateInstance", AT_PORT, context, **options)
    s.dcom(CREATE_INSTANCE, b"\0" * 60, stubs.CREATE_INSTANCE_FAILED, "RemoteCreateInstance", [], context, **options)
    return s.dcom(GET_CLASS_OBJECT, b"\0" * 60, stubs.GET_CLASS_OBJECT, "RemoteGetClassObject", AT_PORT[:2], context, **options)


def activation(s, context=0, **options):
    return s.dcom(REMOTE_ACTIVATION, stubs.REMOTE_ACTIVATION_REQUEST, stubs.REMOTE_ACTIVATION, "RemoteActivation", AT_PORT, context, **options)


@capture
def dcom():
    """All that the resolver and the activators tell; then the exporter's port, where the object's interface and IRemUnknown answer."""
    c = Capture()
    resolver(talk(c, 1066, DC, 135, [EXPORTER])).close()
    activator(talk(c, 1067, DC, 135, [ACTIVATOR], auth=SIGNED), auth=SIGNED).close()
    activation(talk(c, 1068, DC, 135, [ACTIVATION])).close()
    s = talk(c, 1069, DC, 49724, [WBEM_LOGIN, REM_UNKNOWN])
    s.exchange(0, 6, b"\x11" * 40, b"\x22" * 40, obj="33333333-3333-3333-3333-333333333333")
    s.close()
    return c


@capture
def dcom_pieces():
    """The same in fragments of 100 octets, in segments of 90, and each in the other's context of one connection."""
    c = Capture()
    s = talk(c, 1066, DC, 135, [EXPORTER, ACTIVATOR, ACTIVATION])
    activation(activator(resolver(s, 0, piece=100), 1, piece=100), 2, piece=100)
    s.close()
    s = talk(c, 1067, DC, 135, [ACTIVATION, EXPORTER, ACTIVATOR], mss=90)
    activator(resolver(activation(s, 0), 1), 2)
    s.close()
    return c


@capture
def dcom_alone():
    """Answers whose questions were lost: their form tells what they are to, except which object's resolver was asked for."""
    c = Capture()
    s = talk(c, 1066, DC, 135, [EXPORTER, ACTIVATOR, ACTIVATION])
    before = len(c.wire.packets)
    s.dcom(SERVER_ALIVE2, b"", stubs.SERVER_ALIVE2, "ServerAlive2", RESOLVER)
    s.dcom(RESOLVE_OXID2, stubs.RESOLVE_OXID2_REQUEST, stubs.RESOLVE_OXID2, "ResolveOxid2", AT_PORT)
    s.dcom(CREATE_INSTANCE, b"\0" * 60, stubs.CREATE_INSTANCE, "RemoteCreateInstance", AT_PORT, 1)
    activation(s, 2)
    lost = [p for p in c.wire.packets[before:] if p.part and p.part[1] == CLIENT]
    s.close()
    c.packets = [p for p in c.wire.packets if p not in lost]
    c.rows = [(None, fields) for _, fields in c.rows]
    return c


@capture
def dcom_hostile():
    """Sizes and counts that lie: nothing comes of them, and the next answer is found."""
    c = Capture()
    s = talk(c, 1066, DC, 135, [ACTIVATOR])
    honest = stubs.CREATE_INSTANCE
    for at in (12, 16, 20, 24, 68, 76, 80, 96, 108, 140, 176, 180):
        s.exchange(0, CREATE_INSTANCE, b"\0" * 60, honest[:at] + struct.pack("<I", 0x7FFFFFF0) + honest[at + 4 :])
    for length in (0, 4, 40, 100, 300, len(honest) - 1):
        s.exchange(0, CREATE_INSTANCE, b"\0" * 60, honest[:length])
    s.dcom(GET_CLASS_OBJECT, b"\0" * 60, stubs.GET_CLASS_OBJECT, "RemoteGetClassObject", AT_PORT[:2])
    s.close()
    return c


@capture
def referrals():
    """Exchange's referral service, both calls, in NDR32 and NDR64, and in fragments; a call that is not read between them."""
    c = Capture()
    s = talk(c, 1066, MAIL, 56002, [RFR])
    s.refer(NEW_DSA, stubs.NEW_DSA_REQUEST, stubs.NEW_DSA, "gc1.corp.example")
    s.exchange(0, 9, b"\x11" * 40, b"\x22" * 28)
    s.refer(FQDN, stubs.FQDN_REQUEST, stubs.FQDN, "mail1.corp.example").close()
    s = talk(c, 1067, MAIL, 56002, [RFR], syntaxes=(rpc.NDR64,))
    s.refer(NEW_DSA, stubs.NEW_DSA_REQUEST64, stubs.NEW_DSA64, "gc1.corp.example", piece=20)
    s.refer(FQDN, stubs.FQDN_REQUEST64, stubs.FQDN64, "mail1.corp.example", mss=30).close()
    return c


@capture
def server_names():
    """NTLM's challenge in bind_acks and alter_context_resps, by itself and in SPNEGO, in segments of any size."""
    c = Capture()
    asked = Auth(level=rpc.INTEGRITY, value=b"NTLMSSP\0\1\0\0\0" + b"\0" * 20)
    told = Auth(level=rpc.INTEGRITY, value=stubs.CHALLENGE)
    talk(c, 1066, DC, 49667, [SAMR], auth=asked, reply=told).close()
    for i, mss in enumerate((30, 90, 200)):
        s = talk(c, 1067 + i, MAIL, 49731, [EMSMDB], auth=asked, reply=Auth(level=rpc.INTEGRITY, value=stubs.CHALLENGE_NETBIOS), mss=mss)
        s.bind([Context(1, NSPI)], alter=True, auth=Auth(kind=rpc.SPNEGO, value=asked.value), reply=Auth(kind=rpc.SPNEGO, value=stubs.CHALLENGE_SPNEGO))
        s.close()
    return c


def pcontext(interface):
    """A verification trailer that names ${interface} (MS-RPCE 2.2.2.13)."""
    uuid, version = interface
    out = b"\x8a\xe3\x13\x71\x02\xf4\x36\x71" + struct.pack("<HHI", 1, 4, 1)
    out += struct.pack("<HH", 0x8002, 40) + rpc.uuid_wire(uuid) + rpc.version_wire(version) + rpc.uuid_wire(rpc.NDR[0]) + rpc.version_wire((2, 0))
    return out + struct.pack("<HH", 0x4003, 16) + b"\0" * 16


def signed_call(s, context, opnum, interface, stub, answer):
    """One whose request has a verification trailer, and its answer."""
    return s.exchange(context, opnum, stub + b"\0" * (-len(stub) % 4) + pcontext(interface), answer, auth=SIGNED)


@capture
def verification_trailers():
    """Connections from their middle on: signed requests name their interfaces. Sealed ones do not, nor do those of mgmt."""
    c = Capture()
    c.wire.packets.clear()
    kept = []
    for i, (port, interface) in enumerate(((49667, NETLOGON), (49731, EMSMDB))):
        s = talk(c, 1066 + i, DC, port, [interface], auth=SIGNED, tell=False)
        begun = len(c.wire.packets)
        for _ in range(3):
            signed_call(s, 0, 90, interface, b"\x11" * 30, b"\x22" * 40)
        s.close()
        kept.append((begun, len(c.wire.packets)))
    s = talk(c, 1068, DC, 135, [ACTIVATOR], auth=SIGNED, tell=False)
    begun = len(c.wire.packets)
    s.tell = True
    signed_call(s, 0, CREATE_INSTANCE, ACTIVATOR, b"\0" * 60, None)
    s.call -= 1
    s.dcom(CREATE_INSTANCE, None, stubs.CREATE_INSTANCE, "RemoteCreateInstance", AT_PORT, auth=SIGNED)
    s.close()
    kept.append((begun, len(c.wire.packets)))
    c.packets = [p for first, last in kept for p in c.wire.packets[first:last]]
    c.rows = [(None, fields) for _, fields in c.rows]
    return c


@capture
def long_association():
    """One bind, and calls for ten minutes: the endpoint is in use all the while."""
    c = Capture()
    s = service_session(c, CLERK, 1066, MAIL, 49731, EMSMDB)
    for minute in range(1, 11):
        c.wire.until(START + minute * 60 * net.SECOND)
        s.exchange(0, 90, b"\x11" * 40, b"\x22" * 28)
        s.exchange(0, 90, b"\x11" * 40, b"\x22" * 28)
    s.close()
    return c


@capture
def security_contexts():
    """Two security contexts on one connection to the endpoint mapper: what the one carries is sealed, what the other carries is not."""
    c = Capture()
    s = Session(c, ADMIN, 1066, DC, 135)
    s.bind([Context(0, EPM)], [Result()], auth=Auth(level=rpc.PRIVACY, value=b"NTLMSSP\0" + b"\x41" * 60))
    s.bind([Context(0, EPM)], alter=True, auth=Auth(level=rpc.INTEGRITY, value=b"NTLMSSP\0" + b"\x42" * 60, context=1))
    for i in range(3):
        s.exchange(0, 3, b"\x5c" * 156, b"\xc5" * 152, auth=Auth(level=rpc.PRIVACY, align=16))
        s.map(SAMR, [tcp_tower(SAMR, 49667 + i, DC)], auth=Auth(level=rpc.INTEGRITY, align=16, context=1))
    s.close()
    return c
