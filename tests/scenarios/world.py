"""A world that is told in packet time: things are planned for moments, happen one after the other, and are captured.

Between two things that happen lies a mark: a place where the capture may be cut and no exchange is torn.
"""
import heapq
import itertools
import random

from line import DAY, HOUR, MINUTE, SECOND, Conn, Line, address
from truth import Truth

START = 1772438400 * SECOND  # 2026-03-02T08:00:00Z, a Monday


class World:
    def __init__(self, path, says, start_ns=START, link=None, seed=1, realm="default", beat_ns=5 * MINUTE):
        self.line = Line(path, start_ns, link)
        self.start_ns, self.random = start_ns, random.Random(seed)
        self.truth = Truth(start_ns, says, realm)
        self.plan, self.order = [], itertools.count()
        self.marks = []
        self.ports, self.isn = itertools.count(), itertools.count(1)
        self.born = {}  # server -> when it was seen first: its first day has one EPM-005, later interfaces have their own
        self.sets = {}  # (server, uuid, major, protseq) -> endpoints seen so far
        self.beat_ns = beat_ns
        self.host = address("192.0.2.250"), address("192.0.2.251")
        if beat_ns:
            self.at(0, self.beat)

    # time

    def now(self):
        """Since the start."""
        return self.line.now_ns - self.start_ns

    def at(self, when_ns, happen, *args):
        """Plan ${happen} for a moment, counted from the start."""
        heapq.heappush(self.plan, (when_ns, next(self.order), happen, args))

    def every(self, first_ns, step_ns, until_ns, happen, *args):
        for when in range(first_ns, until_ns, step_ns):
            self.at(when, happen, *args)

    def days(self, first, count, hours, happen, *args):
        """Plan ${happen} for the same times of several days."""
        for day in range(first, first + count):
            for hour in hours:
                self.at(day * DAY + int(hour * HOUR), happen, *args)

    def run(self, until_ns):
        while self.plan and self.plan[0][0] < until_ns:
            when, _, happen, args = heapq.heappop(self.plan)
            self.marks.append(self.line.size)
            if when > self.now():
                self.line.until(self.start_ns + when)
            happen(*args)
        return self

    def close(self):
        self.line.close()

    # what is captured anyway

    def beat(self):
        """Something that is not RPC, every few minutes: the link is alive."""
        self.line.udp(self.host[0], 123, self.host[1], 123, b"\x23" + bytes(47))
        self.at(self.now() + self.beat_ns, self.beat)

    def connection(self, client, server, port):
        cport = 1025 + next(self.ports) % 60000
        n = next(self.isn)
        return Conn(self.line, client, cport, server, port, ((n * 7919) & 0xFFFFFFFF, (n * 104729 + 77) & 0xFFFFFFFF))

    # the truth that every sight has

    def met(self, what):
        """One more of ${what}, binds or answers, that an observer can see."""
        if not self.line.dark:
            setattr(self.truth, what, getattr(self.truth, what) + 1)

    def saw(self, server, interface, protseq, endpoints):
        """An observer can see these endpoints; the first of a key is `new`."""
        if self.line.dark:
            return
        key = (server, interface[0], interface[1][0], protseq)
        known = self.sets.get(key)
        if known is not None:
            known.update(endpoints)
            return
        self.sets[key] = set(endpoints)
        severity = "info" if self.now() < DAY else "low"
        if server not in self.born:
            self.born[server] = self.now()
            self.truth.alert("EPM-005", severity, server)
        later = self.now() - self.born[server] >= DAY
        self.truth.change("new", server, interface, protseq, previous=[], current=endpoints, severity=later and severity)


__all__ = ["World", "START", "SECOND", "MINUTE", "HOUR", "DAY"]
