"""Scenarios of what is forged, lost, listed, carried otherwise, translated or blocked: 10 to 13, 16 to 18, 21 to 23."""
from actors import HTTP, LOCAL, PIPE, TCP, UDP, Caller, Mapper, ask, enumerate_all, knock, over_pipe, use
from line import DAY, HOUR, MINUTE, SECOND
from net import Link
from rpc import EPM
from story import CLIENTS, DC, DC2, EMSMDB, FILES, FRS, FRS21, MAIL, NSPI, SCANNER, SPOOLSS, Host, Ports, interface, processes, restart, routine, story, visit

LIAR, ROGUE, VICTIM = "192.0.2.66", "198.51.100.77", "198.51.100.78"


@story(10)
def forged_answers(folder):
    """Answers without a question, on TCP inside a connection and on UDP, and answers from a host that was not asked: EPM-010 for each server and client, and the history
    is untouched. Later one request in a hundred is lost on the way to the sensor, for a day: no EPM-010."""
    w = folder.world()
    host = Host(w, DC)
    some = processes(host, 3, 2)
    what, port = some[0].whats[0], some[0].port
    host.put(what, port + 1, protseq=UDP)
    routine(w, host, 0, 8)
    w.truth.change("new", DC, EPM, UDP, severity=False, maybe=True)  # whether the mapper itself is seen to answer on UDP
    for day in range(8):
        w.at(day * DAY + 7 * HOUR, fetch_over_udp, w, host, CLIENTS[day % 3], what)

    def inject():
        mapper = Mapper(w, ROGUE, host)
        mapper.map(what)
        mapper.unasked([(what, TCP, 50999, DC)])
        mapper.close()

    def inject_over_udp():
        Caller(w, VICTIM, DC).map(what, host.towers(what, UDP))
        w.line.wait(5 * SECOND)
        Caller(w, VICTIM, DC).map(what, [(what, UDP, 50998, DC)], asks=False)

    def elsewhere():
        Caller(w, CLIENTS[5], DC).map(what, [(what, UDP, 50997, LIAR)], answers_from=LIAR)

    w.at(2 * DAY + 5 * HOUR, inject)
    w.at(2 * DAY + 5 * HOUR + MINUTE, inject)
    w.at(2 * DAY + 6 * HOUR, inject_over_udp)
    w.at(2 * DAY + 8 * HOUR, elsewhere)
    for server, client in ((DC, ROGUE), (DC, VICTIM), (LIAR, CLIENTS[5])):
        w.truth.alert("EPM-010", "medium", server, client=client)

    def lossy(on):
        w.line.lose = (lambda frame, carried: carried > 100 and frame[36:38] == b"\0\x87" and w.random.random() < 0.01) if on else None

    def many(n):
        for i in range(4):
            ask(CLIENTS[(n + i) % 6], host)

    w.at(4 * DAY, lossy, True)
    w.every(4 * DAY + 7 * MINUTE, 30 * MINUTE, 5 * DAY, many, 1)
    w.at(5 * DAY, lossy, False)
    w.truth.alert("SYS-001", "medium", None, maybe=True)
    w.run(8 * DAY)


def fetch_over_udp(w, host, client, what):
    Caller(w, client, host.addr).map(what, host.towers(what, UDP))
    w.saw(host.addr, what, UDP, host.get(what, UDP))


@story(11)
def inventory_scanner(folder):
    """A scanner that enumerates 300 towers with ept_lookup every night, in pages of a hundred. One interface moves: its complete listing says so. One is gone: denied twice, EPM-012."""
    w = folder.world()
    host = Host(w, DC)
    ports = Ports(7)
    for i in range(240):
        host.put(interface(1000 + i), ports.take(), note="Service %d" % i)
    for i in range(20):
        host.put(interface(1000 + i), "\\PIPE\\svc%d" % i, protseq=PIPE)
        host.put(interface(1100 + i), ports.take(), protseq=UDP)
        host.put(interface(1200 + i), "LRPC-%04x" % i, protseq=LOCAL)
    mover, gone = interface(1003), interface(1008)
    first = host.get(mover)[0]
    for night in range(6):
        w.at(night * DAY + 17 * HOUR, enumerate_all, SCANNER, host)
    w.at(3 * DAY, host.put, mover, 50003)
    w.at(4 * DAY, host.drop, gone)
    w.truth.change("moved", DC, mover, previous=[first], current=[50003])
    w.truth.alert("EPM-012", "medium", DC, gone, TCP, "open")
    w.run(7 * DAY)


@story(12)
def tcp_and_http(folder):
    """The same interfaces on TCP and HTTP at once, each protocol sequence judged by itself: HTTP 6001 and 6004 are right, and nothing moves."""
    w = folder.world()
    host = Host(w, MAIL)
    for what, tcp, http in ((EMSMDB, 50601, 6001), (NSPI, 50604, 6004)):
        host.put(what, tcp).put(what, http, protseq=HTTP)

    def both(n):
        for protseq in (TCP, HTTP)[:: 1 if n % 2 else -1]:
            ask(CLIENTS[n % 6], host, protseq=protseq)
            for what in (EMSMDB, NSPI):
                use(CLIENTS[n % 6], host, what, protseq=protseq)

    for n in range(20):
        w.at(n * 11 * HOUR, both, n)
    w.run(11 * DAY)


@story(13)
def out_of_range_by_bind(folder):
    """An interface that the mapper never names answers on port 3000, outside the allowed range: EPM-001 from the bind alone."""
    w = folder.world()
    host = Host(w, FILES)
    processes(host, 2, 2)
    routine(w, host, 0, 4)
    hidden = interface(31)
    for n in range(6):
        w.at(DAY + n * 5 * HOUR, use, CLIENTS[n], host, hidden, 3000)
    w.truth.alert("EPM-001", "high", FILES, hidden, TCP, "open", opened=[w.start_ns + DAY, w.start_ns + DAY + 5 * SECOND])
    w.run(4 * DAY)


@story(16)
def two_major_versions(folder):
    """Two major versions under one UUID are two interfaces: one moves, the other stays."""
    w = folder.world()
    host = Host(w, DC).put(FRS, 49711).put(FRS21, 49721)
    routine(w, host, 0, 8)
    w.at(4 * DAY, host.put, FRS, 49712)
    w.truth.change("moved", DC, FRS, previous=[49711], current=[49712])
    w.run(8 * DAY)


@story(17)
def translated(folder):
    """NAT: clients reach the server at another address than its towers name. The server is where they reach it, and nothing is known of the inner address."""
    w = folder.world()
    host = Host(w, "203.0.113.5", towers_host="10.1.1.5")
    processes(host, 3, 2)
    host.put(interface(55), 49750)
    routine(w, host, 0, 8)
    w.at(4 * DAY, host.put, interface(55), 49760)
    w.truth.change("moved", "203.0.113.5", interface(55), previous=[49750], current=[49760])
    w.run(8 * DAY)


@story(18)
def six(folder):
    """IPv6, where towers name 0.0.0.0: the server is the address that was asked."""
    w = folder.world()
    host = Host(w, "2001:db8::11")
    some = processes(host, 4, 2)
    clients = ["2001:db8:1::%d" % i for i in range(1, 6)]
    routine(w, host, 0, 8, clients=clients)
    w.at(3 * DAY + 18 * HOUR, restart, some)
    w.truth.change("restarted", "2001:db8::11", members=[(what, TCP) for what in host.interfaces()])
    w.run(8 * DAY)


@story(21, policy="no-printing.yaml")
def denied_over_a_pipe(folder):
    """spoolss is denied and bound over an SMB pipe: EPM-002."""
    w = folder.world()
    host = Host(w, FILES)
    processes(host, 2, 2)
    routine(w, host, 0, 4)
    for n in range(3):
        w.at(2 * DAY + n * HOUR, over_pipe, CLIENTS[n], host, SPOOLSS, "spoolss")
    w.truth.alert("EPM-002", "high", FILES, SPOOLSS, PIPE, "open", opened=[w.start_ns + 2 * DAY, w.start_ns + 2 * DAY + 5 * SECOND])
    w.run(4 * DAY)


@story(22, pinholes=True)
def blocked_port(folder):
    """A firewall eats what goes to a port that the mapper names on FILES, and resets it on DC2: EPM-013 once three clients have tried in vain, closed when it opens. Two clients
    that fail on DC are no proof."""
    w = folder.world()
    hosts = {addr: Host(w, addr).put(interface(1), 49701).put(interface(2), 49801) for addr in (FILES, DC2, DC)}
    whats = interface(1), interface(2)
    for host in hosts.values():
        for day in (0, 1, 4, 5):
            for n in range(3):
                w.at(day * DAY + (2 + 4 * n) * HOUR, visit, CLIENTS[n], host, *whats)

    def try_it(client, host, answer):
        ask(client, host, *whats)
        w.line.wait(SECOND)
        knock(client, host, 49701, answer)
        use(client, host, whats[1])

    for addr, answer, count in ((FILES, None, 4), (DC2, "reset", 4), (DC, None, 2)):
        for n in range(count):
            w.at(2 * DAY + n * 10 * MINUTE + (0 if answer is None else HOUR) + (2 * HOUR if addr == DC else 0), try_it, CLIENTS[n], hosts[addr], answer)
    for addr in (FILES, DC2):
        w.truth.alert("EPM-013", "medium", addr, state="closed")
    w.truth.extra["pinholes"] = [[FILES, 49701, "silent"], [DC2, 49701, "refused"]]
    w.run(6 * DAY)


def site(w, port, moved):
    host = Host(w, DC).put(interface(1), port).put(interface(2), 49999)
    routine(w, host, 0, 8)
    if moved:
        w.at(4 * DAY, host.put, interface(1), moved)
        w.truth.change("moved", DC, interface(1), previous=[port], current=[moved])
    w.run(8 * DAY)


@story(23, merge=True)
def two_sites(folder):
    """Two sites with the same addresses in two realms, each with a store of its own that are merged: what moves at one is nothing at the other."""
    site(folder.world("north.pcap", ["--realm", "north"], "north.db", realm="north"), 49701, 49801)
    site(folder.world("south.pcap", ["--realm", "south"], "south.db", realm="south"), 49702, None)


@story(28, policy="realms.yaml")
def two_plants(folder):
    """The same in one capture, where VLANs tell the realms apart: as the policy says."""
    for name, tag, realm, port, moved in (("a.pcap", 101, "plant-a", 49701, 49801), ("b.pcap", 200, "plant-b", 49702, None)):
        site(folder.world(name, realm=realm, link=Link(tags=[(0x8100, tag)])), port, moved)
