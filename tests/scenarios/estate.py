"""A company: many servers over months, each with its routine, and things that happen to one after the other. Scenario 25.

What happens is drawn at random; each incident writes down what must be found of it. Two incidents of one server are far enough apart that
each interface has been seen in between.
"""
from actors import HTTP, TCP, Association, Mapper, ask, enumerate_all, knock, over_pipe, use
from line import DAY, HOUR, MINUTE, SECOND
from rpc import EPM
from story import DRSUAPI, EMSMDB, SCANNER, SPOOLSS, Host, Ports, Process, interface, processes, restart, story

CLIENTS = ["10.9.0.%d" % i for i in range(1, 41)]
STORE = [EMSMDB] + [interface(0x560000 + i) for i in range(3)]
SOLO, HELD, GUEST = 0x1000, 0x2000, 0x3000


class Server(Host):
    """A server and its routine: two visits a day, at some of them not at weekends; a few are enumerated every night; of
    slow ones each visit asks for a quarter of what they have, so that all has been seen after two days."""

    def __init__(self, estate, addr, role, number):
        super().__init__(estate.world, addr)
        self.estate, self.role, self.number = estate, role, number
        self.random, self.ports = estate.world.random, Ports(number)
        self.processes = processes(self, {"dc": 4, "exchange": 3, "files": 2}[role], 3, seed=number + 5000)
        self.solos = [interface(SOLO + i) for i in range(4)]
        for what in self.solos:
            self.put(what, self.ports.take())
        self.store = None
        if role == "dc":
            self.put(DRSUAPI, 50001, self.ports.take())
        if role == "exchange":
            self.store = Process(self, STORE, self.ports)
            self.store.start(56001)
            self.put(EMSMDB, 6001, protseq=HTTP)
        self.mine = self.random.sample(CLIENTS, 6)
        self.weekends, self.scanned, self.slow, self.visits = number % 10 < 3, number % 20 == 4, number % 10 == 8, 0
        self.off, self.also_asked, self.busy = False, [], {}
        self.held = None
        for first, width in ((1, 9), (13, 9)):
            self.world.at(int((first + self.random.random() * width) * HOUR), self.routine)
        if self.scanned:
            self.world.at(23 * HOUR + number * SECOND, self.scan)
        if number % 20 == 7:
            self.world.at(2 * HOUR, self.hold)

    def routine(self):
        if self.off:
            return
        self.world.at(self.world.now() + DAY, self.routine)
        if self.weekends and self.world.now() // DAY % 7 in (5, 6):
            return
        client = self.random.choice(self.mine)
        self.visits += 1
        asked = [k for k in self.ends if k[0] != interface(HELD) and (not self.slow or (int(k[0][0][-3:], 16) + self.visits) % 4 == 0)]
        mapper = Mapper(self.world, client, self)
        for what, protseq in asked:
            mapper.map(what, protseq)
        for what in self.also_asked:
            mapper.map(what)
        mapper.close()
        for what, protseq in self.random.sample(asked, min(2, len(asked))):
            use(client, self, what, protseq=protseq)

    def scan(self):
        if not self.off:
            enumerate_all(SCANNER, self)
            self.world.at(self.world.now() + DAY, self.scan)

    def hold(self):
        """A client that binds once and stays for good."""
        self.put(interface(HELD), self.ports.take())
        ask(self.mine[0], self, interface(HELD))
        self.held = Association(self.mine[0], self, interface(HELD))
        self.world.at(self.world.now() + 6 * HOUR, self.hold_on)

    def hold_on(self):
        if not self.off:
            self.held.call()
            self.world.at(self.world.now() + 6 * HOUR, self.hold_on)

    def dynamic(self):
        """(interface, protseq) of all that a reboot moves."""
        return [(what, TCP) for p in self.processes for what in p.whats]

    def steady(self, days):
        """An interface to which nothing is happening now, taken for some days; None if there is none."""
        now = self.world.now()
        for what in self.random.sample(self.solos, len(self.solos)):
            if self.busy.get(what, 0) <= now:
                self.busy[what] = now + days * DAY
                return what
        return None


class Estate:
    def __init__(self, world, servers, days):
        self.world, self.days, self.truth = world, days, world.truth
        roles = ["dc", "exchange", "files", "files", "files"]
        self.servers = [Server(self, "10.%d.%d.%d" % (1 + roles.index(roles[i % 5]), i // 250, 1 + i % 250), roles[i % 5], i) for i in range(servers)]
        self.quiet = []  # (from, to) in days: nothing happens to servers then
        self.seen = {}
        self.past = {}  # (server, interface) -> ports that it had and left, of those that are not drawn anew
        for server in self.servers:
            self.next_incident(server, 2 + server.number % 5)

    # when

    def next_incident(self, server, day):
        hour = server.random.choice((11, 23))
        if server.weekends and day % 7 in (5, 6, 0):
            day, hour = day + (7 - day % 7) % 7, 23  # after two visits: what happened before is seen in one, and still so in another
        elif server.weekends and day % 7 == 4:
            hour = 11  # or what is over by Sunday is seen by nobody
        self.world.at(day * DAY + hour * HOUR + server.number % 50 * 30 * SECOND, self.incident, server, day)

    def allowed(self, day, days):
        return day + days < self.days and not any(a - 1 <= day + d <= b for a, b in self.quiet for d in range(min(days, 3)))

    def incident(self, server, day):
        names = list(INCIDENTS)
        server.random.shuffle(names)
        names.sort(key=lambda n: self.seen.get(n, 0))  # the rarest that fits
        if server.random.random() < 0.4:
            names.insert(0, "reboot")
        for name in names:
            days, roles, happen = INCIDENTS[name]
            if server.role in roles and self.allowed(day, days) and happen(self, server):
                self.seen[name] = self.seen.get(name, 0) + 1
                break
        if not server.off:
            self.next_incident(server, day + (7 if server.slow else 4) + server.random.randrange(5))

    def later(self, ns, happen, *args):
        self.world.at(self.world.now() + ns, happen, *args)

    # what

    def reboot(self, server):
        restart(server.processes)
        more = []
        if server.role == "dc":
            server.put(DRSUAPI, 50001, server.ports.take())
            more = [(DRSUAPI, TCP)]
        self.truth.change("restarted", server.addr, members=server.dynamic() + more)
        self.truth.may(server.addr, "moved", "restarted")
        return True

    def move(self, server):
        what = server.steady(3)
        if what:
            old, new = server.get(what)[0], server.ports.take()
            server.put(what, new)
            self.truth.change("moved", server.addr, what, previous=[old], current=[new])
        return what

    def there_and_back(self, server, port=None, *rules):
        """To another port for two days and back; ${rules} are broken meanwhile."""
        what = server.steady(6)
        if what:
            old = server.get(what)[0]
            new = port or server.ports.take()
            server.put(what, new)
            self.later(2 * DAY, server.put, what, old)
            past = self.past.setdefault((server.addr, what), set())
            kind = "returned" if new in past else "moved"
            past.add(new)
            self.truth.change(kind, server.addr, what, previous=[old], current=[new], severity="medium" if rules else "low")
            self.truth.change("returned", server.addr, what, previous=[new], current=[old])
            for rule in rules:
                self.truth.alert(rule, "high", server.addr, what, TCP, "closed")
        return what

    def out_of_range(self, server):
        return self.there_and_back(server, 2000 + server.random.randrange(3000), "EPM-001")

    def reserved(self, server):
        return self.there_and_back(server, server.random.choice((6001, 6002, 6004)), "EPM-001", "EPM-008")

    def second_endpoint(self, server):
        what = server.steady(24)
        if what:
            old, new = server.get(what)[0], server.ports.take()
            server.put(what, old, new)
            self.later(8 * DAY, server.put, what, new)
            self.truth.change("additional", server.addr, what, previous=[old], current=[old, new])
            self.truth.change("vanished", server.addr, what, previous=[old, new], current=[new])
        return what

    def flip_flop(self, server):
        what = server.steady(4)
        if what:
            a, b = server.get(what)[0], server.ports.take()
            start = self.world.now() // DAY * DAY + DAY + 22 * HOUR + 30 * MINUTE  # after the day's visits
            for i in range(4):
                self.world.at(start + i * 30 * MINUTE, server.put, what, (b, a)[i % 2])
                for j in range(2):
                    self.world.at(start + i * 30 * MINUTE + (1 + j) * MINUTE, visit_one, server.mine[j], server, what)
            self.truth.change("moved", server.addr, what, previous=[a], current=[b])
            self.truth.change("returned", server.addr, what, previous=[b], current=[a])
            self.truth.change("returned", server.addr, what, previous=[a], current=[b])
            self.truth.change("flip-flop", server.addr, what)
        return what

    def retire(self, server):
        if len(server.solos) < 2:
            return None
        what = server.steady(0)
        if what:
            server.solos.remove(what)
            old = server.get(what)
            server.drop(what)
            self.truth.change("vanished", server.addr, what, previous=old, current=[])
            if server.scanned:
                self.truth.alert("EPM-012", "medium", server.addr, what, TCP)
        return what

    def deny(self, server):
        """Retired, but clients go on asking."""
        what = self.retire(server)
        if what:
            server.also_asked.append(what)
            if not server.scanned:
                self.truth.alert("EPM-012", "medium", server.addr, what, TCP)
        return what

    def install(self, server):
        what = interface(GUEST + len(server.ends))
        if (what, TCP) in server.ends or server.addr + what[0] in self.seen:
            return None
        self.seen[server.addr + what[0]] = 1
        server.put(what, server.ports.take())  # world.saw() writes the `new`
        return what

    def pin_lost(self, server):
        left = server.ports.take()
        server.store.start(left)
        self.later(2 * DAY, server.store.start, 56001)
        some = [(what, TCP) for what in STORE]
        for what in STORE:
            self.truth.change("moved", server.addr, what, previous=[56001], current=[left], severity="medium")
            self.truth.change("returned", server.addr, what, previous=[left], current=[56001])
            for rule in ("EPM-001", "EPM-003"):
                self.truth.alert(rule, "high", server.addr, what, TCP, "closed")
        for severity in ("medium", "info"):
            self.truth.change("restarted", server.addr, members=some, severity=severity)
        self.truth.may(server.addr, "restarted")
        return True

    def switch_off(self, server):
        if server.scanned or server.held or server.slow or server.number % 7 or any(until > self.world.now() for until in server.busy.values()):
            return None
        server.off = True
        keys = [(what, protseq) for what, protseq in server.ends] + [(EPM, TCP)]
        self.truth.change("vanished", server.addr, members=keys)
        return True

    def forge(self, server):
        client = "10.66.%d.%d" % (server.number // 250, 1 + server.number % 250)
        what = server.solos[0]

        def inject():
            mapper = Mapper(self.world, client, server)
            mapper.map(what)
            mapper.unasked([(what, TCP, 50999, server.addr)])
            mapper.close()

        self.later(MINUTE, inject)
        self.truth.alert("EPM-010", "medium", server.addr, client=client)
        return True

    def block(self, server):
        what = server.steady(3)
        if what:
            port = server.get(what)[0]
            for i in range(3):
                self.later((1 + 5 * i) * MINUTE, blocked, server.mine[i], server, what, port)
            self.later(40 * MINUTE, visit_one, server.mine[0], server, what)
            self.truth.alert("EPM-013", "medium", server.addr, state="closed")
        return what

    def print_over_pipe(self, server):
        if ("print", server.addr) in self.seen:
            return None
        self.seen["print", server.addr] = 1
        self.later(MINUTE, over_pipe, server.mine[0], server, SPOOLSS, "spoolss")
        self.truth.alert("EPM-002", "high", server.addr, SPOOLSS, "ncacn_np")
        return True

    def hidden(self, server):
        """An interface that nobody announces, used once, out of range."""
        what = interface(GUEST + 0x800 + self.seen.get("hidden", 0))
        self.later(MINUTE, use, server.mine[0], server, what, 1500 + server.number)
        self.truth.alert("EPM-001", "high", server.addr, what, TCP)
        return True


def visit_one(client, server, what):
    ask(client, server, what)
    use(client, server, what)


def blocked(client, server, what, port):
    ask(client, server, what)
    knock(client, server, port, tries=(1, 2, 4))


ALL = ("dc", "exchange", "files")
# name -> days until all of it can be seen, roles, what happens (false: it cannot happen now)
INCIDENTS = {
    "reboot": (4, ALL, Estate.reboot), "move": (4, ALL, Estate.move), "there-and-back": (7, ALL, Estate.there_and_back), "out-of-range": (7, ALL, Estate.out_of_range),
    "reserved": (7, ALL, Estate.reserved), "second-endpoint": (24, ALL, Estate.second_endpoint), "flip-flop": (5, ALL, Estate.flip_flop), "retire": (20, ALL, Estate.retire),
    "deny": (20, ALL, Estate.deny), "install": (4, ALL, Estate.install), "pin-lost": (7, ("exchange",), Estate.pin_lost), "switch-off": (20, ("files",), Estate.switch_off),
    "forge": (3, ALL, Estate.forge), "block": (3, ALL, Estate.block), "print": (3, ALL, Estate.print_over_pipe), "hidden": (3, ALL, Estate.hidden),
}


def troubles(world, estate, days):
    """What happens to the sensor: days of duplicates and of loss; once a month something else."""
    line = world.line

    def set_(name, value):
        setattr(line, name, value)

    def lossy(frame, carried):
        """Questions to mappers; those of forgers are spared, since their proof would be lost with them."""
        return carried > 100 and frame[36:38] == b"\0\x87" and frame[26:28] != b"\x0a\x42" and world.random.random() < 0.01

    for month in range(0, days, 30):
        for first, last, name, value in ((5, 8, "copies", True), (11, 12, "lose", lossy)):
            world.at((month + first) * DAY, set_, name, value)
            world.at((month + last) * DAY, set_, name, {"copies": False, "lose": None}[name])
        if days < month + 30:
            continue
        kind = month // 30 % 3
        day = month + 15
        estate.quiet.append((day - 1, day + 4))
        if kind == 0:
            world.at(day * DAY, set_, "skew_ns", -HOUR)
            world.at(day * DAY + 3 * HOUR, set_, "skew_ns", 0)
        elif kind == 1:
            world.at(day * DAY, set_, "dark", True)
            world.at((day + 2) * DAY, set_, "dark", False)
        else:
            world.at(day * DAY, set_, "skew_ns", 10 * DAY)
            world.at(day * DAY + 2 * MINUTE, set_, "skew_ns", 0)
        if kind != 1:
            world.truth.alert("SYS-006", "medium", None)
    world.truth.alert("SYS-001", "medium", None, maybe=True)
    for server in estate.servers:
        world.truth.may(server.addr, "additional")  # an answer whose question is lost settles nothing; the next one does


def company(folder, servers, days):
    w = folder.world(beat_ns=10 * MINUTE)
    estate = Estate(w, servers, days)
    troubles(w, estate, days)
    w.run(days * DAY)


@story(25, policy="company.yaml", table=True, slow=True, exact=False)
def a_month_of_all(folder):
    """A month of all that at once on 40 servers: precision and recall of every change kind and rule."""
    company(folder, 40, 32)


@story(125, policy="company.yaml", table=True, slow=True, exact=False, long=True)
def a_year_of_all(folder):
    """A year of all that at once on 200 servers: precision and recall of every change kind and rule."""
    company(folder, 200, 365)
