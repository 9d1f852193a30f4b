"""Scenarios of new-mail notifications, and of ports that something else has taken over: 29 and 30."""
import rpc
from actors import Association, ask, use
from captures_foreign import client_hello, server_hello
from exchange import CONNECT_EX, DISCONNECT, HANDLE, REGISTER, register_request, register_response, sockaddr
from line import DAY, HOUR, MINUTE, SECOND
from net import CLIENT, SERVER
from story import CLIENTS, DC2, EMSMDB, FILES, MAIL, Host, interface, story

STORE = 50601


class Outlook(Association):
    """A client with its mailbox open, which asks for new-mail notifications."""

    def __init__(self, client, host, port, context):
        super().__init__(client, host, EMSMDB)
        self.client, self.port_udp, self.context = client, port, context
        self.speak(CONNECT_EX, b"\x11" * 124, b"\x22" * 156 + b"\0" * 4)
        self.speak(REGISTER, register_request(context, sockaddr(client, port)), register_response())

    def speak(self, opnum, question, answer):
        self.conn.send(CLIENT, rpc.call_pdus(rpc.REQUEST, self.number, 0, question, opnum=opnum)[0])
        self.conn.send(SERVER, rpc.call_pdus(rpc.RESPONSE, self.number, 0, answer)[0])
        self.number += 1

    def leave(self):
        self.speak(DISCONNECT, HANDLE, HANDLE + b"\0" * 4)
        self.close()


class Morning:
    """Who is there, by client and server."""

    def __init__(self, world):
        self.world, self.there, self.sent = world, {}, {}

    def come(self, client, host, port, context):
        self.there[client, host.addr] = Outlook(client, host, port, context)

    def mail(self, client, host, sport, *decoys):
        """A notification, from a port that the server has just opened; and others that are none."""
        one = self.there[client, host.addr]
        for payload in decoys:
            self.world.line.udp(host.addr, sport, client, one.port_udp, payload)
        self.world.line.udp(host.addr, sport, client, one.port_udp, one.context)
        key = host.addr, client, one.port_udp
        self.sent[key] = self.sent.get(key, 0) + 1

    def leave(self, client, host):
        self.there.pop((client, host.addr)).leave()


def context_of(client, day):
    return b"\xd0\x27" + bytes([CLIENTS.index(client), day]) + b"\x80\xe0\xfd\x7f"


@story(29, policy="mail.yaml")
def new_mail(folder):
    """Clients are told of new mail for four days, with decoys among it. One has a port outside the policy on the first day: EPM-009, closed when it has left. At another
    site a firewall eats what goes to one client for two days: EPM-009, closed when the third day's mail arrives."""
    w = folder.world()
    mail, far = (Host(w, addr).put(EMSMDB, STORE) for addr in (MAIL, DC2))
    m = Morning(w)
    for day in range(4):
        for n, (client, host) in enumerate(((CLIENTS[0], mail), (CLIENTS[1], mail), (CLIENTS[2], far), (CLIENTS[3], far))):
            begin = day * DAY + n * 10 * MINUTE
            port = 3100 if n == 1 and day == 0 else 2100 + n
            context = context_of(client, day)
            w.at(begin, ask, client, host, EMSMDB)
            w.at(begin + MINUTE, m.come, client, host, port, context)
            for i in range(4):
                if n != 3 or day > 1:
                    w.at(begin + HOUR + i * 50 * MINUTE, m.mail, client, host, 1100 + 13 * i, context[:-1], context[:-1] + b"\0", context + b"\0")
            w.at(begin + 8 * HOUR, m.leave, client, host)
    w.truth.alert("EPM-009", "medium", MAIL, state="closed", client=CLIENTS[1], opened=[w.start_ns + HOUR, w.start_ns + 2 * HOUR])
    w.truth.alert("EPM-009", "medium", DC2, state="closed", client=CLIENTS[3], opened=[w.start_ns + 4 * HOUR, w.start_ns + 9 * HOUR])
    w.run(5 * DAY)
    w.truth.extra["pushes"] = [[*key, "registered", count] for key, count in sorted(m.sent.items())]


@story(30)
def taken_over(folder):
    """A port that was an interface's speaks TLS for two hours, to several clients: EPM-011, closed when the interface answers there again. At another, one client asks for TLS and is
    not answered: that says nothing."""
    w = folder.world()
    host = Host(w, FILES).put(interface(1), 49701).put(interface(2), 49801)
    for day in range(4):
        for n in range(3):
            w.at(day * DAY + n * HOUR, ask, CLIENTS[n], host)
            w.at(day * DAY + n * HOUR + MINUTE, use, CLIENTS[n], host, interface(1))
            w.at(day * DAY + n * HOUR + 2 * MINUTE, use, CLIENTS[n], host, interface(2))

    def tls(client, port, answered):
        conn = w.connection(client, FILES, port).open()
        conn.send(CLIENT, client_hello())
        if answered:
            conn.send(SERVER, server_hello())
            conn.send(CLIENT, b"\x14\x03\x03\x00\x01\x01")
        conn.close()

    for n in range(4):
        w.at(DAY + 10 * HOUR + n * 30 * MINUTE, tls, CLIENTS[n], 49701, True)
        w.at(DAY + 15 * HOUR + n * 30 * MINUTE, tls, CLIENTS[5], 49801, False)
    begin = w.start_ns + DAY + 10 * HOUR
    w.truth.alert("EPM-011", "medium", FILES, state="closed", opened=[begin, begin + 10 * SECOND])
    w.run(5 * DAY)
