"""What must be found in a capture, written down while it is made.

changes   those that hold in the end: that no later one revises
may       kinds that may be told of a server on the way, if something later revises them
maybe     changes that may hold or not: where both readings are right
alerts    rule, severity, server, and the interface it is about; state in the end (None: not looked at)
What is not listed must not be there.
"""
import json

PREFIX = {"new": "EPM-005", "moved": "EPM-004", "additional": "EPM-004", "vanished": "EPM-004", "flip-flop": "EPM-006", "restarted": "EPM-007"}
DAY = 86400 * 10**9


def key(interface):
    """(uuid, major) of an interface."""
    uuid, (major, _) = interface
    return [uuid, major]


class Truth:
    def __init__(self, start_ns, says, realm="default"):
        self.start_ns, self.says, self.realm = start_ns, says, realm
        self.changes, self.maybe_changes, self.alerts, self.maybe_alerts = [], [], [], []
        self.may_tell = []
        self.binds = self.answers = 0
        self.extra = {}

    def change(self, kind, server, interface=None, protseq="ncacn_ip_tcp", previous=None, current=None, members=None, revises=None, severity=None, within=None, maybe=False):
        """members: (interface, protseq) each; revises: kinds that it has to revise, directly or by way of others; severity: of the alert that goes with it
        (None: low, info for restarted, medium for flip-flop; False: no alert); within: (from, to) of its timestamp in nanoseconds."""
        if severity is None:
            severity = {"restarted": "info", "flip-flop": "medium"}.get(kind, "low")
        row = {"kind": kind, "realm": self.realm, "server": server, "interface": key(interface) if interface else None, "protseq": protseq if interface else None,
               "previous": None if previous is None else sorted(map(str, previous)), "current": None if current is None else sorted(map(str, current)),
               "members": None if members is None else sorted([*key(i), p] for i, p in members), "revises": revises,
               "alert": [PREFIX[kind], severity] if kind in PREFIX and severity else None, "within": within}
        (self.maybe_changes if maybe else self.changes).append(row)

    def alert(self, rule, severity, server, interface=None, protseq=None, state=None, opened=None, client=None, maybe=False):
        row = {"rule": rule, "severity": severity, "realm": self.realm, "server": server, "interface": key(interface) if interface else None, "protseq": protseq,
               "state": state, "opened": opened, "client": client}
        (self.maybe_alerts if maybe else self.alerts).append(row)

    def may(self, server, *kinds):
        self.may_tell.append([server, sorted(kinds)])

    def rows(self):
        return {"says": self.says, "changes": self.changes, "maybe": self.maybe_changes, "alerts": self.alerts, "maybe_alerts": self.maybe_alerts,
                "may": self.may_tell, "binds": self.binds, "answers": self.answers, **self.extra}

    def save(self, path):
        with open(path, "w", encoding="utf-8") as f:
            json.dump(self.rows(), f, indent=0, ensure_ascii=False)
