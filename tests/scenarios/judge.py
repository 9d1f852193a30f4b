"""What the program said against what must be found: differences in words, and counts for precision and recall."""
import collections
import json
import re
from datetime import datetime, timezone

OCCURRENCE = ("EPM-004", "EPM-005", "EPM-006", "EPM-007")
CALM = ("info", "low")
KIND = re.compile(r'"event_type": ?"([a-z_]+)"')


def nanoseconds(text):
    moment, fraction = text.rstrip("Z").split(".")
    whole = int(datetime.strptime(moment, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone.utc).timestamp())
    return whole * 10**9 + int(fraction.ljust(9, "0"))


def clock(ns):
    return datetime.fromtimestamp(ns / 10**9, timezone.utc).strftime("%Y-%m-%d %H:%M:%S")


def endpoint(e):
    text = str(e).lower()
    return text[text.rindex("\\") + 1:] if "\\pipe\\" in text else text


def endpoints(some):
    return None if some is None else sorted(endpoint(e) for e in some)


def about(inner):
    """[uuid, major] or None."""
    if not inner.get("interface") or set(inner["interface"]) <= set("0-"):
        return None
    return [inner["interface"], int(inner["version"].split(".")[0])]


def revises(change):
    ids = change.get("revises") or []
    return [ids] if isinstance(ids, str) else ids


def events(path):
    """Of an events file: changes and alerts as they came; how many binds and answers; pinholes."""
    said = {"change": [], "alert": [], "pinhole": [], "bind": 0, "epm": 0, "stats": None}
    with open(path, encoding="utf-8") as f:
        for line in f:
            kind = KIND.search(line).group(1)
            if kind in ("bind", "epm"):
                said[kind] += 1
            elif kind in said:
                e = json.loads(line)
                row = {**e[kind], "timestamp": e["timestamp"], "realm": e.get("realm", "default")}
                if kind == "stats":
                    said["stats"] = row
                else:
                    said[kind].append(row)
    return said


def steady(row):
    """Without what differs when a capture has another name, or its frames other numbers."""
    return json.dumps({k: v for k, v in row.items() if k not in ("evidence", "pcap_filename", "pcap_cnt")}, sort_keys=True)


class Verdicts:
    """The changes that were said, as a net of revisions."""

    def __init__(self, changes):
        self.by_id = {}
        for c in changes:
            self.by_id.setdefault(c["id"], c)
        self.heir = {}
        for c in changes:
            for old in revises(c):
                self.heir[old] = c["id"]
        self.net = [c for c in self.by_id.values() if c["id"] not in self.heir]
        self.told = [c for c in self.by_id.values() if c["id"] in self.heir]

    def last(self, change_id):
        seen = set()
        while change_id in self.heir and change_id not in seen:
            seen.add(change_id)
            change_id = self.heir[change_id]
        return change_id

    def ancestors(self, change):
        out, left = [], list(revises(change))
        while left:
            c = self.by_id.get(left.pop())
            if c is not None and c not in out:
                out.append(c)
                left += revises(c)
        return out


def show_change(c):
    words = [c["kind"], c.get("server") or "-"]
    if about(c):
        words.append("%s@%d %s" % (*about(c), c.get("protseq")))
    words.append("%s -> %s" % (endpoints(c.get("previous")), endpoints(c.get("current"))))
    if c.get("members") is not None:
        words.append("%d members" % len(c["members"]))
    return "%s %s (%s%s)" % (c["timestamp"][:19], " ".join(words), c["id"], ", revises %s" % ",".join(revises(c))[:60] if revises(c) else "")


def show_wanted(w):
    words = [w["kind"], w["server"]]
    if w["interface"]:
        words.append("%s@%d %s" % (*w["interface"], w["protseq"]))
    if w["previous"] is not None or w["current"] is not None:
        words.append("%s -> %s" % (w["previous"], w["current"]))
    if w["members"] is not None:
        words.append("%d members" % len(w["members"]))
    return " ".join(words)


def show_alert(a):
    name = about(a) if "version" in a else a.get("interface")
    return "%s %s %s%s %s" % (a["rule"], a["severity"], a.get("server") or "sensor", " %s@%d %s" % (*name, a.get("protseq") or "") if name else "", a.get("state") or "")


def same_key(w, c):
    return w["kind"] == c["kind"] and w["realm"] == c["realm"] and w["server"] == c.get("server") and w["interface"] == about(c) and (w["protseq"] is None or w["protseq"] == c.get("protseq"))


def member_names(c):
    return None if c.get("members") is None else sorted([*about(m), m["protseq"]] for m in c["members"])


def faults(w, c, verdicts):
    """What is wrong with a change whose key is right."""
    out = []
    for side in ("previous", "current"):
        if w[side] is not None and endpoints(w[side]) != endpoints(c.get(side)):
            out.append("%s is %s, not %s" % (side, endpoints(c.get(side)), endpoints(w[side])))
    if w["members"] is not None:
        got, want = member_names(c) or [], w["members"]
        if got != want:
            out.append("members: %d, not %d; missing %s; too many %s" % (len(got), len(want), [m for m in want if m not in got][:3], [m for m in got if m not in want][:3]))
    if w["revises"]:
        kinds = {a["kind"] for a in verdicts.ancestors(c)}
        if not kinds & set(w["revises"]):
            out.append("revises %s, not %s" % (sorted(kinds) or "nothing", w["revises"]))
    if w["within"]:
        ts = nanoseconds(c["timestamp"])
        if not w["within"][0] <= ts <= w["within"][1]:
            out.append("told at %s, not between %s and %s" % (c["timestamp"][:19], clock(w["within"][0]), clock(w["within"][1])))
    return out


class Judgement:
    def __init__(self):
        self.wrong = []
        self.counts = collections.defaultdict(lambda: [0, 0, 0])  # name -> found, said and not wanted, wanted and not said

    def found(self, name):
        self.counts[name][0] += 1

    def invented(self, name, text):
        self.counts[name][1] += 1
        self.wrong.append("not wanted: " + text)

    def missed(self, name, text):
        self.counts[name][2] += 1
        self.wrong.append("not found: " + text)


def pair(wanted, said, verdicts):
    """Matches each wanted change with one that was said: those without a fault first."""
    index = collections.defaultdict(list)
    for c in said:
        index[c["kind"], c["realm"], c.get("server"), json.dumps(about(c))].append(c)
    pairs, open_ = [], []
    for best in (True, False):
        rest = []
        for w in wanted if best else open_:
            bucket = index[w["kind"], w["realm"], w["server"], json.dumps(w["interface"])]
            match = next((c for c in bucket if same_key(w, c) and (not best or not faults(w, c, verdicts))), None)
            if match is None:
                rest.append(w)
            else:
                bucket.remove(match)
                pairs.append((w, match))
        open_ = rest
    return pairs, open_, [c for bucket in index.values() for c in bucket]


def judge_changes(truth, verdicts, j):
    pairs, missing, extra = pair(truth["changes"], verdicts.net, verdicts)
    for w, c in pairs:
        wrong = faults(w, c, verdicts)
        if wrong:
            j.missed(w["kind"], "%s: %s" % (show_change(c), "; ".join(wrong)))
            j.counts[w["kind"]][1] += 1
        else:
            j.found(w["kind"])
    for w in missing:
        j.missed(w["kind"], show_wanted(w))
    more, _, extra = pair(truth["maybe"], extra, verdicts)
    for c in extra:
        j.invented(c["kind"], show_change(c))
    allowed = {(server, kind) for server, kinds in truth["may"] for kind in kinds}
    for c in verdicts.told:
        if (c.get("server"), c["kind"]) not in allowed:
            j.invented(c["kind"], "%s, revised by %s" % (show_change(c), verdicts.heir[c["id"]]))
    return pairs + more


def latest(alerts):
    """The last state of each alert, and when it opened."""
    out = {}
    for a in alerts:
        opened = out[a["id"]]["first"] if a["id"] in out else a["timestamp"]
        out[a["id"]] = {**a, "first": opened}
    return list(out.values())


def judge_occurrences(alerts, pairs, verdicts, j):
    """Alerts that go with changes: each net change has the alert that it should have, of one id or of those of what it revised."""
    by_change = collections.defaultdict(list)
    for a in alerts:
        by_change[verdicts.last(a.get("change"))].append(a)
    for w, c in pairs:
        mine = by_change.pop(c["id"], [])
        own = [a for a in mine if w["alert"] and a["rule"] == w["alert"][0]]
        if w["alert"] is None:
            for a in mine:
                if a.get("change") == c["id"]:
                    j.invented(a["rule"], "%s with %s" % (show_alert(a), show_change(c)))
            continue
        rule, severity = w["alert"]
        if not own:
            j.missed(rule, "%s with %s" % (rule, show_change(c)))
            continue
        last = own[-1]
        if last["severity"] != severity:
            j.missed(rule, "%s, but it should be %s" % (show_alert(last), severity))
            j.counts[rule][1] += 1
        else:
            j.found(rule)
        for a in mine:
            if a not in own and a["severity"] not in CALM:
                j.invented(a["rule"], "%s, of what %s revised" % (show_alert(a), c["id"]))
    for left in by_change.values():
        for a in left:
            j.invented(a["rule"], show_alert(a))


def goes_with_change(a):
    """A new server (EPM-005 about no interface) is not one change but many."""
    return a["rule"] in OCCURRENCE and not (a["rule"] == "EPM-005" and about(a) is None)


def alert_matches(w, a):
    return w["rule"] == a["rule"] and w["realm"] == a["realm"] and w["server"] == a.get("server") and w["interface"] == about(a) and (
        w["protseq"] is None or w["protseq"] == a.get("protseq")) and (w["client"] is None or w["client"] in (a.get("clients") or [a.get("client")]))


def alert_faults(w, a):
    out = []
    if w["severity"] != a["severity"]:
        out.append("it should be " + w["severity"])
    if w["state"] and w["state"] != ("open" if a["state"] == "update" else a["state"]):
        out.append("it should be " + w["state"] + " in the end")
    if w["opened"] and not w["opened"][0] <= nanoseconds(a["first"]) <= w["opened"][1]:
        out.append("it opened at %s, not at %s" % (a["first"][:19], clock(w["opened"][0])))
    return out


def judge_states(truth, alerts, j):
    index = collections.defaultdict(list)
    for a in alerts:
        index[a["rule"], a.get("server")].append(a)
    for w in truth["alerts"]:
        bucket = index[w["rule"], w["server"]]
        fits = [a for a in bucket if alert_matches(w, a)]
        good = next((a for a in fits if not alert_faults(w, a)), None)
        if good is not None:
            bucket.remove(good)
            j.found(w["rule"])
        elif fits:
            bucket.remove(fits[0])
            j.missed(w["rule"], "%s: %s" % (show_alert(fits[0]), "; ".join(alert_faults(w, fits[0]))))
            j.counts[w["rule"]][1] += 1
        else:
            j.missed(w["rule"], show_alert(w))
    for bucket in index.values():
        for a in bucket:
            if not any(alert_matches(w, a) for w in truth["maybe_alerts"]):
                j.invented(a["rule"], show_alert(a))


def judge(truth, said):
    """What differs between a truth and what was said."""
    j = Judgement()
    verdicts = Verdicts(said["change"])
    pairs = judge_changes(truth, verdicts, j)
    alerts = latest(said["alert"])
    judge_occurrences([a for a in alerts if goes_with_change(a)], pairs, verdicts, j)
    judge_states(truth, [a for a in alerts if not goes_with_change(a)], j)
    holes = sorted([p["server"], p["port"], p["how"]] for p in said["pinhole"])
    if "pinholes" in truth and holes != sorted(truth["pinholes"]):
        j.wrong.append("pinholes: %s, not %s" % (holes, sorted(truth["pinholes"])))
    return j


def table(counts):
    """Precision and recall of each kind and rule."""
    yield "%-12s %8s %8s %8s %10s %8s" % ("", "found", "invented", "missed", "precision", "recall")
    for name in sorted(counts):
        found, extra, missing = counts[name]
        yield "%-12s %8d %8d %8d %10.3f %8.3f" % (name, found, extra, missing, found / (found + extra) if found + extra else 1, found / (found + missing) if found + missing else 1)
