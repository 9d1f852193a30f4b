"""Scenarios of silence, of clocks, and of what is captured twice: 6 to 9, 20."""
from actors import TCP, Association, ask, enumerate_all, use
from line import DAY, HOUR, MINUTE
from rpc import EPM
from story import CLIENTS, DC, DC2, FILES, SCANNER, Host, interface, processes, restart, routine, story, visit


@story(6)
def quiet_weekend(folder):
    """Weekends on which nobody calls while other traffic goes on; an interface that is asked for every third day and then not for eight; ten days that were not captured: nothing
    vanishes."""
    w = folder.world()
    host = Host(w, DC)
    processes(host, 3, 2)
    rare = interface(99)
    for week in range(6):
        if week != 3:
            routine(w, host, week * 7, 5)
    rarely = Host(w, DC2).put(rare, 49777)
    for day in (0, 3, 6, 9, 12, 20, 34, 37):
        w.at(day * DAY + 13 * HOUR, visit, CLIENTS[day % 3], rarely, rare)

    def dark(on):
        w.line.dark = on

    w.at(20 * DAY + 16 * HOUR, dark, True)
    w.at(30 * DAY + 16 * HOUR, dark, False)
    w.run(40 * DAY)


@story(7)
def retired(folder):
    """On DC one interface is retired: `vanished`, once, after seven days. DC2 is switched off: one `vanished` with all it had. What an inventory scan saw once on FILES ends
    silently."""
    w = folder.world()
    a, b, c = Host(w, DC), Host(w, DC2), Host(w, FILES)
    processes(a, 3, 2)
    gone = interface(77)
    a.put(gone, 50777)
    processes(b, 3, 2, seed=2, first=200)
    processes(c, 2, 3, seed=3, first=300)
    routine(w, a, 0, 25)
    routine(w, b, 0, 10)
    w.at(3 * DAY + 5 * HOUR, enumerate_all, SCANNER, c)
    w.at(10 * DAY, a.drop, gone)
    last = w.start_ns + 9 * DAY + 20 * HOUR
    w.truth.change("vanished", DC, gone, previous=[50777], current=[], within=[last + 7 * DAY, last + 7 * DAY + 6 * HOUR])
    w.truth.change("vanished", DC2, members=[(what, TCP) for what in b.interfaces()] + [(EPM, TCP)], within=[last + 7 * DAY, last + 8 * DAY + 6 * HOUR])
    w.run(25 * DAY)


def ordinary(w):
    """A few days in which something happens; for scenarios that compare two captures of it."""
    a, b = Host(w, DC), Host(w, FILES).put(interface(900), 49701)
    some = processes(a, 4, 3)
    routine(w, a, 0, 6)
    routine(w, b, 0, 6, (8, 10, 16), uses=1)
    w.at(2 * DAY + 18 * HOUR, restart, some)
    w.at(3 * DAY, b.put, interface(900), 49702)
    w.truth.change("restarted", DC, members=[(what, TCP) for what in a.interfaces()])
    w.truth.change("moved", FILES, interface(900), previous=[49701], current=[49702])
    w.run(7 * DAY)


@story(8, twin="plain.pcap")
def duplicated_packets(folder):
    """A mirror port that delivers every packet twice: counts, changes, alerts and ids are those of the capture without duplicates."""
    w = folder.world()
    w.line.copies = True
    ordinary(w)
    plain = folder.world("plain.pcap")
    ordinary(plain)
    folder.worlds.pop()
    folder.runs.pop()
    plain.close()


@story(9)
def wrong_clock(folder):
    """The clock goes one hour back for three hours, and forward again; later it is ten days ahead for two minutes. An interface that is retired after that vanishes when seven days
    have gone by, and not before; nothing else changes. SYS-006 says each time that the clock went back."""
    w = folder.world()
    host = Host(w, DC)
    processes(host, 3, 2)
    gone = interface(77)
    host.put(gone, 50777)
    routine(w, host, 0, 20)

    def skew(ns):
        w.line.skew_ns = ns

    w.at(3 * DAY + 4 * HOUR, skew, -HOUR)
    w.at(3 * DAY + 5 * HOUR, visit, CLIENTS[1], host, gone)
    w.at(3 * DAY + 7 * HOUR, skew, 0)
    w.at(6 * DAY + 4 * HOUR, skew, 10 * DAY)
    w.at(6 * DAY + 4 * HOUR + MINUTE, visit, CLIENTS[2], host, gone)
    w.at(6 * DAY + 4 * HOUR + 2 * MINUTE, skew, 0)
    w.at(8 * DAY, host.drop, gone)
    last = w.start_ns + 7 * DAY + 20 * HOUR
    w.truth.change("vanished", DC, gone, previous=[50777], current=[], within=[last + 7 * DAY - 4 * HOUR, last + 7 * DAY + 10 * HOUR])
    for _ in range(2):
        w.truth.alert("SYS-006", "medium", None)
    w.run(20 * DAY)


@story(20)
def bound_for_ten_days(folder):
    """A client that binds once and calls for ten days, another interface that is asked for as ever: nothing vanishes, nothing moves."""
    w = folder.world()
    host = Host(w, DC)
    held, other = interface(1), interface(2)
    host.put(held, 49701).put(other, 49801)
    kept = []

    def begin():
        ask(CLIENTS[0], host, held)
        kept.append(Association(CLIENTS[0], host, held))

    def again():
        kept[0].call()

    w.at(HOUR, begin)
    w.every(HOUR + 30 * MINUTE, 30 * MINUTE, 11 * DAY, again)
    for day in range(13):
        w.at(day * DAY + 5 * HOUR, ask, CLIENTS[day % 5], host, other)
        w.at(day * DAY + 5 * HOUR + MINUTE, use, CLIENTS[day % 5], host, other)
    w.at(11 * DAY + HOUR, lambda: kept[0].close())
    w.run(13 * DAY)
