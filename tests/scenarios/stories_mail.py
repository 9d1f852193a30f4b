"""Scenarios of new-mail notifications, and of ports that something else has taken over: 29 to 31."""
import check
import judge
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
    """A port that was an interface's speaks TLS for two hours, to several clients: EPM-011, closed when the interface answers there again. At another, several clients ask for TLS and
    are not answered: that says nothing."""
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
        w.at(DAY + 15 * HOUR + n * 30 * MINUTE, tls, CLIENTS[n + 2], 49801, False)
    begin = w.start_ns + DAY + 10 * HOUR
    w.truth.alert("EPM-011", "medium", FILES, state="closed", opened=[begin, begin + 10 * SECOND])
    w.run(5 * DAY)


def found(program, truth):
    return judge.judge(truth, check.whole(program, truth, "whole")).wrong


def split_at(minutes):
    """The same in two runs, the second of which begins so many minutes after the first."""

    def same(program, truth):
        def place(run, path, moment):
            begin = check.seconds_at(path, 24)
            moment = begin[0] + minutes * 60, begin[1]
            return check.by_time(path, run["marks"], moment), moment

        said = check.whole(program, truth, "whole%d" % minutes)
        other = check.split(program, truth, "cut%d" % minutes, place)
        return check.differences(said, other, "in two runs") + judge.judge(truth, other).wrong

    return same


@story(31, policy="mail.yaml", check=[("finds what is there, and nothing else", found)] +
       [("the same in two runs, cut after %d minutes" % n, split_at(n)) for n in (10, 21, 35, 90, 150)])
def sudden_ends(folder):
    """Clients that register, hear nothing, and leave without a word: their connections end, by FIN or RST. Those who stayed less than an hour had no time to hear anything; one who stayed for
    three hours had: EPM-009. The run may be cut in between, so that of the connections only the end is seen, or that and a few calls."""
    w = folder.world()
    mail, far = (Host(w, addr).put(EMSMDB, STORE) for addr in (MAIL, DC2))
    there = {}

    def come(client, host, port):
        there[client] = Outlook(client, host, port, context_of(client, 0))

    for n, (host, minutes, ends) in enumerate(((mail, 20, "close"), (mail, 30, "reset"), (mail, 50, "close"), (far, 180, "close"))):
        client = CLIENTS[n]
        w.at(n * SECOND, ask, client, host, EMSMDB)
        w.at(MINUTE + n * SECOND, come, client, host, 2200 + n)
        w.at(minutes * MINUTE, lambda client=client, ends=ends: getattr(there[client].conn, ends)())
    for minute in (15, 40):
        w.at(minute * MINUTE, lambda: there[CLIENTS[2]].speak(2, b"\x11" * 40, b"\x22" * 28))
    w.truth.alert("EPM-009", "medium", DC2, state="open", client=CLIENTS[3], opened=[w.start_ns + 3 * HOUR, w.start_ns + 3 * HOUR + MINUTE])
    w.run(2 * DAY)
