"""The table of scenarios, and what they share."""
import json
import os

from actors import Host, ask, interface, use
from world import DAY, HOUR, START, World

STORIES = {}


class Story:
    """One scenario. policy: a file in policies/; check: tests of its own, (what, function of program and truth) each, instead of the
    usual ones; options are for the runner."""

    def __init__(self, number, tell, policy=None, says=None, check=None, **options):
        self.number, self.tell, self.policy, self.options, self.check = number, tell, policy, options, check
        self.name = tell.__name__.replace("_", "-")
        self.says = " ".join((says or tell.__doc__).split())


def story(number, **options):
    def enter(tell):
        STORIES[number] = Story(number, tell, **options)
        return tell

    return enter


class Folder:
    """Where a scenario puts its captures and its truth."""

    def __init__(self, path, story, seed=1):
        self.path, self.story, self.seed = path, story, seed
        self.worlds, self.runs = [], []

    def world(self, name="capture.pcap", arguments=(), store="store.db", **options):
        w = World(os.path.join(self.path, name), self.story.says, seed=self.seed, **options)
        self.worlds.append(w)
        self.runs.append({"capture": name, "arguments": list(arguments), "store": store})
        return w

    def finish(self):
        """truth.json; with all captures in it."""
        for w in self.worlds:
            w.close()
        rows = self.worlds[0].truth.rows()
        for w in self.worlds[1:]:
            for part in ("changes", "maybe", "alerts", "maybe_alerts", "may"):
                rows[part] += w.truth.rows()[part]
            for part in ("binds", "answers"):
                rows[part] += w.truth.rows()[part]
        rows["runs"] = [{**run, "marks": w.marks, "packets": w.line.count} for run, w in zip(self.runs, self.worlds)]
        rows["number"], rows["name"], rows["policy"], rows["options"] = self.story.number, self.story.name, self.story.policy, self.story.options
        with open(os.path.join(self.path, "truth.json"), "w", encoding="utf-8") as f:
            json.dump(rows, f, ensure_ascii=False)
        return rows


def make(number, path, seed=1):
    """Write a scenario into a folder; returns its truth."""
    os.makedirs(path, exist_ok=True)
    folder = Folder(path, STORIES[number], seed)
    STORIES[number].tell(folder)
    return folder.finish()


# What the stories share.

DC, DC2, MAIL, FILES = "192.0.2.11", "192.0.2.12", "192.0.2.10", "192.0.2.13"
CLIENTS = ["198.51.100.%d" % (20 + i) for i in range(6)]
SCANNER = "198.51.100.99"

EMSMDB = ("a4f1db00-ca47-1067-b31f-00dd010662da", (0, 81))
NSPI = ("f5cc5a18-4264-101a-8c59-08002b2f8426", (56, 0))
RFR = ("1544f5e0-613c-11d1-93df-00c04fd7bd09", (1, 0))
DRSUAPI = ("e3514235-4b06-11d1-ab04-00c04fc2dcd2", (4, 0))
NETLOGON = ("12345678-1234-abcd-ef00-01234567cffb", (1, 0))
SPOOLSS = ("12345678-1234-abcd-ef00-0123456789ab", (1, 0))
FRS = ("f5cc59b4-4264-101a-8c59-08002b2f8426", (1, 1))
FRS21 = ("f5cc59b4-4264-101a-8c59-08002b2f8426", (21, 0))


class Ports:
    """Ports of the dynamic range, as a system hands them out, but none twice."""

    LOW, COUNT, STEP = 49664, 15823, 4093  # the count is a prime, so that the steps meet all

    def __init__(self, seed):
        self.at = seed * 7919

    def take(self):
        self.at += self.STEP
        return self.LOW + self.at % self.COUNT


class Process:
    """Interfaces that share a port."""

    def __init__(self, host, whats, ports):
        self.host, self.whats, self.ports = host, whats, ports
        self.start()

    def start(self, port=None):
        self.port = port or self.ports.take()
        for what in self.whats:
            self.host.put(what, self.port)


def processes(host, count, each, seed=1, first=1):
    """${count} processes with ${each} interfaces."""
    ports = Ports(seed)
    return [Process(host, [interface(first + i * each + j) for j in range(each)], ports) for i in range(count)]


def restart(some):
    for process in some:
        process.start()


def visit(client, host, *used):
    """What clients do: ask for all there is over TCP, then use some of it."""
    ask(client, host)
    for what in used:
        use(client, host, what)


def routine(world, host, first, count, hours=(9, 14, 20), uses=2, clients=None):
    """Visits at those hours of so many days: each by another client, so that each interface has several within two days."""
    clients = clients or CLIENTS

    def one(n):
        whats = host.interfaces()
        visit(clients[n % len(clients)], host, *[whats[(n + i) % len(whats)] for i in range(min(uses, len(whats)))])

    for n, when in enumerate(sorted(day * DAY + int(h * HOUR) for day in range(first, first + count) for h in hours)):
        world.at(when, one, n)


__all__ = ["STORIES", "story", "make", "Ports", "Process", "processes", "restart", "visit", "routine", "interface", "Host", "START",
           "DC", "DC2", "MAIL", "FILES", "CLIENTS", "SCANNER", "EMSMDB", "NSPI", "RFR", "DRSUAPI", "NETLOGON", "SPOOLSS", "FRS", "FRS21"]
