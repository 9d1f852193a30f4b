"""Scenarios of restarts, pins and what lies beside them: 1 to 5, 14, 15, 19."""
from actors import TCP, Mapper, ask, sealed, use
from line import DAY, HOUR, MINUTE, SECOND
from story import CLIENTS, DC, DC2, DRSUAPI, FILES, MAIL, Host, Process, Ports, interface, processes, restart, routine, story, visit


def members(some):
    return [(what, TCP) for process in some for what in process.whats]


@story(1)
def nightly_restarts(folder):
    """Thirty nightly restarts of a domain controller with 40 dynamic interfaces inside the range: 30 `restarted`, no alert of medium or above."""
    w = folder.world()
    host = Host(w, DC)
    some = processes(host, 8, 5)
    routine(w, host, 0, 32, (1.5, 6, 12))
    for night in range(1, 31):
        w.at(night * DAY + 18 * HOUR, restart, some)  # 02:00
        w.truth.change("restarted", DC, members=members(some))
    w.run(33 * DAY)


@story(2)
def slow_surfacing(folder):
    """A restart whose 40 interfaces surface over 12 hours through ordinary clients: one `restarted` (with revisions), no medium alert. What was
    told as `moved` before the third of them surfaced is revised by it."""
    w = folder.world()
    host = Host(w, DC)
    some = processes(host, 8, 5)
    whats = host.interfaces()
    w.random.shuffle(whats)
    for round_ in range(10):  # every interface once in 12 hours
        for i, what in enumerate(whats):
            client = CLIENTS[(i + round_) % len(CLIENTS)]
            when = round_ * 12 * HOUR + i * 18 * MINUTE
            w.at(when, ask, client, host, what)
            if i % 2:
                w.at(when + 5 * SECOND, use, client, host, what)
    w.at(4 * 12 * HOUR - MINUTE, restart, some)
    w.truth.change("restarted", DC, members=members(some))
    w.truth.may(DC, "moved", "restarted")
    w.run(6 * DAY)


STORE = [("a4f1db00-ca47-1067-b31f-00dd010662da", (0, 81))] + [interface(0x560000 + i) for i in range(10)]


@story(3, policy="exchange.yaml", report_line=["2026-03-04T12:00:00Z", "2026-03-05T12:00:00Z", ["EPM-001", "EPM-003", "50123"]])
def pin_lost(folder):
    """A pinned store with eleven interfaces on one port moves into the dynamic range, outside its `allowed`: EPM-003 and EPM-001 at once, `moved` for each once settled,
    closed when it is back, one line in the report. That eleven interfaces of one server moved at one moment is a restart besides (medium: they left their range), and a second one on the way back."""
    w = folder.world()
    host = Host(w, MAIL)
    store = Process(host, STORE, Ports(1))
    store.start(56001)
    routine(w, host, 0, 8, uses=3)
    away, back = 2 * DAY + 9 * HOUR, 4 * DAY + 9 * HOUR
    w.at(away - MINUTE, store.start, 50123)
    w.at(back - MINUTE, store.start, 56001)
    for what in STORE:
        w.truth.change("moved", MAIL, what, previous=[56001], current=[50123], severity="medium")
        w.truth.change("returned", MAIL, what, previous=[50123], current=[56001])
        for rule in ("EPM-001", "EPM-003"):
            w.truth.alert(rule, "high", MAIL, what, TCP, "closed", opened=[w.start_ns + away, w.start_ns + away + 5 * SECOND])
    for severity in ("medium", "info"):
        w.truth.change("restarted", MAIL, members=members([store]), severity=severity)
    w.truth.may(MAIL, "restarted")
    w.run(9 * DAY)


@story(4, policy="ad.yaml")
def static_beside_dynamic(folder):
    """NTDS on its static port beside the dynamic one: no drift. Clients get both in one answer, or one of them; they use either. A reboot moves the dynamic one like every other
    interface: a member of the restart, nothing of its own, since the pin is there and `beside` allows the rest."""
    w = folder.world()
    host = Host(w, DC)
    some = processes(host, 2, 3)
    ports = Ports(5)
    host.put(DRSUAPI, 50001, ports.take())
    routine(w, host, 0, 9, uses=0)

    def partial(n):
        both = host.get(DRSUAPI)
        mapper = Mapper(w, CLIENTS[n % 6], host)
        mapper.map(DRSUAPI, limit=1, only=[both[n % 2]], live=True)
        mapper.close()
        use(CLIENTS[n % 6], host, DRSUAPI, both[(n + n // 2) % 2])
        use(CLIENTS[n % 6], host, some[0].whats[0])

    for n in range(3 * 9):
        w.at((n // 3) * DAY + (11, 15, 21)[n % 3] * HOUR, partial, n)

    def reboot():
        restart(some)
        host.put(DRSUAPI, 50001, ports.take())

    w.at(5 * DAY + 3 * HOUR, reboot)
    w.truth.change("restarted", DC, members=members(some) + [(DRSUAPI, TCP)])
    w.run(10 * DAY)


@story(5)
def rotating_answers(folder):
    """One interface at three ports, of which each answer names one, in turn: `additional` twice, never `moved` or `flip-flop`."""
    w = folder.world()
    host = Host(w, FILES).put(interface(1), 49701, 49702, 49703)
    what = interface(1)

    def rotate(n):
        mapper = Mapper(w, CLIENTS[n % 6], host)
        mapper.map(what, limit=1, only=[host.get(what)[n % 3]], live=True)
        mapper.close()

    w.every(HOUR, 2 * HOUR, 12 * DAY, lambda: rotate(next(counter)))
    counter = iter(range(10**6))
    w.truth.change("additional", FILES, what, previous=[49701], current=[49701, 49702])
    w.truth.change("additional", FILES, what, previous=[49701, 49702], current=[49701, 49702, 49703])
    w.run(12 * DAY)


@story(14)
def flip_flop(folder):
    """Three moves and returns in a day: `moved`, two `returned`, and the third return is the one `flip-flop`; what returns after that on the same day is silent."""
    w = folder.world()
    host = Host(w, FILES).put(interface(1), 49701).put(interface(2), 49800)
    what = interface(1)
    routine(w, host, 0, 7, (9, 14, 20), uses=1)
    for i in range(6):
        when = 3 * DAY + HOUR + i * 90 * MINUTE
        w.at(when, host.put, what, (49702, 49701)[i % 2])
        for j in range(2):
            w.at(when + (5 + 10 * j) * MINUTE, visit, CLIENTS[j], host, what)
    w.truth.change("moved", FILES, what, previous=[49701], current=[49702])
    w.truth.change("returned", FILES, what, previous=[49702], current=[49701])
    w.truth.change("returned", FILES, what, previous=[49701], current=[49702])
    w.truth.change("flip-flop", FILES, what)
    w.run(8 * DAY)


@story(15)
def revised_verdicts(folder):
    """Verdicts that later evidence revises. On DC, only binds show a new port: `additional`, and `moved` after 24 hours without the old one. On DC2, an answer says that the
    interface moved, and the old port turns out to be alive: `additional` takes it back. On FILES, it moves and comes back: `returned` is no revision."""
    w = folder.world()
    a, b, c = Host(w, DC), Host(w, DC2), Host(w, FILES)
    x, other = interface(1), interface(2)
    for host in (a, b, c):
        host.put(x, 49701).put(other, 49900)
        routine(w, host, 0, 2, uses=2)
    # A: from day 2 on nobody asks for x; three clients know its new port.
    for day in range(2, 9):
        for hour in (3, 9, 15, 21):
            client = CLIENTS[(day + hour // 6) % 3]
            w.at(day * DAY + hour * HOUR, use, client, a, x, 49702)
            w.at(day * DAY + hour * HOUR + MINUTE, ask, client, a, other)
    w.truth.change("moved", DC, x, previous=[49701], current=[49702], revises=["additional"])
    w.truth.may(DC, "additional")
    # B: the mapper names the new port only, but the old one still answers.
    w.at(2 * DAY, b.put, x, 49702)
    routine(w, b, 2, 6, uses=2)
    for day in range(2, 8):
        w.at(day * DAY + 12 * HOUR, use, CLIENTS[day % 3], b, x, 49701)
        w.at(day * DAY + 12 * HOUR + MINUTE, use, CLIENTS[day % 4], b, x, 49702)
    w.truth.change("additional", DC2, x, current=[49701, 49702], revises=["moved"])
    w.truth.may(DC2, "moved")
    # C
    w.at(3 * DAY, c.put, x, 49702)
    w.at(5 * DAY, c.put, x, 49701)
    routine(w, c, 2, 6, uses=2)
    w.truth.change("moved", FILES, x, previous=[49701], current=[49702])
    w.truth.change("returned", FILES, x, previous=[49702], current=[49701])
    w.run(9 * DAY)


@story(19)
def sealed_mapper(folder):
    """The endpoint mapper is asked at packet privacy throughout, so only binds are seen. One interface moves: `additional`, after a day `moved`. A reboot moves four: in the end one
    `restarted`, which revises what was told of each on the way."""
    w = folder.world()
    host = Host(w, DC)
    some = processes(host, 4, 1)
    whats = host.interfaces()

    def day(n):
        client = CLIENTS[n % 4]
        sealed(client, host)
        for what in whats:
            use(client, host, what)

    for n in range(4 * 16):
        w.at((n // 4) * DAY + (1, 7, 13, 19)[n % 4] * HOUR, day, n)
    first = some[0].port
    w.at(4 * DAY, some[0].start, 50111)
    w.truth.change("moved", DC, whats[0], previous=[first], current=[50111], revises=["additional"])
    w.at(9 * DAY, restart, some)
    w.truth.change("restarted", DC, members=members(some))
    w.truth.may(DC, "additional", "moved", "restarted")
    w.run(16 * DAY)
