"""Readers of what `epmwatch export` writes, from the documented syntax of each format and not from the code that writes it. Each refuses what it
does not know, and returns what the text opens: a set of (transport, address, port)."""
import ipaddress
import re
import shlex

LINE_MOST = 511  # what a command line of ASA or PAN-OS takes


class Wrong(Exception):
    pass


def printable(text):
    """ASCII, tabs and line feeds, and a line feed at the end: nothing that a terminal or a paste takes for something else."""
    bad = re.search(r"[^\t\n -~]", text)
    if bad or not text.endswith("\n"):
        raise Wrong("not plain text: %r" % (bad.group(0) if bad else text[-1:]))


def commands(text, mark):
    """The lines that are no comment, without blank ones."""
    printable(text)
    return [line for line in text.split("\n") if line.strip() and not line.startswith(mark)]


def number(word, low=1, high=65535):
    if not re.fullmatch(r"[1-9][0-9]{0,4}", word) or not low <= int(word) <= high:
        raise Wrong("no number from %d to %d: %r" % (low, high, word))
    return int(word)


def address(word):
    try:
        found = ipaddress.ip_address(word)
    except ValueError as e:
        raise Wrong(str(e)) from e
    if str(found) != word:
        raise Wrong("not in canonical form: %r" % word)
    return word


# nftables: nft(8). Words, braces, commas, semicolons and line ends; a # is a comment up to the end of its line.

NFT_TOKEN = re.compile(r"[ \t]+|#[^\n]*|([A-Za-z][A-Za-z0-9_/.]*|@[A-Za-z][A-Za-z0-9_]*|[0-9a-fA-F:][0-9a-fA-F:.]*(?:-[0-9]+)?|[{};,=.\n])")


def nft_tokens(text):
    at = 0
    while at < len(text):
        m = NFT_TOKEN.match(text, at)
        if not m:
            raise Wrong("nft: %r" % text[at : at + 30])
        at = m.end()
        if m.group(1):
            yield m.group(1)


def nft(text):
    """Tables that are named, deleted, defined; of the last its sets and chains: {set: (type, elements)}, {chain: rules as text}."""
    printable(text)
    words = list(nft_tokens(text))
    lines, depth, line = [], 0, []
    for w in words:
        if w == "\n" and depth < 3 or w == ";":
            if line:
                lines.append(" ".join(line))
            line = []
            continue
        if w == "\n":
            continue
        depth += (w == "{") - (w == "}")
        line.append(w)
    if depth or line:
        raise Wrong("nft: braces")
    return nft_table(lines)


def nft_table(lines):
    m = re.fullmatch(r"table inet (\w+)", lines[0])
    if not m or lines[1:3] != ["delete table inet " + m.group(1), "table inet %s {" % m.group(1)] or lines[-1] != "}":
        raise Wrong("nft: %r" % lines[:3])
    sets, chains, inside = {}, {}, None
    for line in lines[3:-1]:
        start = re.fullmatch(r"(set|chain) ([a-z][a-z0-9_]*) \{", line)
        if start and inside is None:
            inside = start.groups()
            if start.group(2) in sets or start.group(2) in chains:
                raise Wrong("nft: twice: %s" % line)
            (sets if inside[0] == "set" else chains)[inside[1]] = ["", []] if inside[0] == "set" else []
        elif line == "}" and inside:
            inside = None
        elif inside and inside[0] == "set":
            nft_set_line(sets[inside[1]], line)
        elif inside:
            chains[inside[1]].append(line)
        else:
            raise Wrong("nft: %r" % line)
    return m.group(1), sets, chains


def nft_set_line(entry, line):
    if line.startswith("type "):
        entry[0] = line[5:]
        return
    m = re.fullmatch(r"elements = \{ (.*) \}", line)
    if not m:
        raise Wrong("nft: %r" % line)
    entry[1] = m.group(1).split(" , ")


def nft_pairs(sets):
    """What the sets of address . port hold, by set."""
    opened = {}
    for name, (kind, elements) in sets.items():
        m = re.fullmatch(r"ipv([46])_addr \. inet_service", kind)
        if not m:
            continue
        transport, family = re.fullmatch(r".*_(tcp|udp)([46])", name).groups()
        if family != m.group(1):
            raise Wrong("nft: set %s of %s" % (name, kind))
        pairs = [e.split(" . ") for e in elements]
        opened[name] = {(transport, address(a), number(p)) for a, p in pairs}
        if len(opened[name]) != len(pairs) or any(ipaddress.ip_address(a).version != int(family) for a, _ in pairs):
            raise Wrong("nft: elements of %s" % name)
    return opened


def read_nft(text):
    """The filter: what its sets hold, each of which a rule accepts, before all else to those servers is dropped."""
    _, sets, chains = nft(text)
    opened = nft_pairs(sets)
    rules = chains["rpc"]
    drops = [i for i, r in enumerate(rules) if r.endswith("drop")]
    for name in opened:
        transport, family = re.fullmatch(r".*_(tcp|udp)([46])", name).groups()
        rule = "%s daddr . %s dport @%s accept" % ("ip" if family == "4" else "ip6", transport, name)
        if rule not in rules[: min(drops)]:
            raise Wrong("nft: no rule for %s" % name)
    if rules[0] != "ct state established , related accept":
        raise Wrong("nft: %r" % rules[0])
    for family, addr in (("4", "ip"), ("6", "ip6")):
        servers = {a for pairs in opened.values() for _, a, _ in pairs if ("." in a) == (family == "4")}
        if servers != set(sets.get("servers" + family, ("", []))[1]):
            raise Wrong("nft: servers" + family)
        for transport in ("tcp", "udp") if servers else ():
            for rule in ("%s dport 135 accept", "%s dport 1024-65535 counter drop"):
                if addr + " daddr @servers" + family + " " + rule % transport not in rules:
                    raise Wrong("nft: no rule " + rule % transport)
    if chains["forward"] != ["type filter hook forward priority filter", "policy accept", "jump rpc"]:
        raise Wrong("nft: %r" % chains["forward"])
    return set().union(*opened.values())


def read_qos_nft(text, dscp="af21"):
    _, sets, chains = nft(text)
    opened = nft_pairs(sets)
    wanted = set()
    for name in opened:
        transport, family = re.fullmatch(r".*_(tcp|udp)([46])", name).groups()
        ip = "ip" if family == "4" else "ip6"
        wanted |= {"%s %saddr . %s %sport @%s %s dscp set %s" % (ip, s, transport, s, name, ip, dscp) for s in "ds"}
    if set(chains["rpc"]) != wanted or len(chains["rpc"]) != len(wanted):
        raise Wrong("nft: rules %r" % chains["rpc"])
    return set().union(*opened.values())


# tc: tc-flower(8), tc-skbedit(8), in a shell script whose words are split as the shell does it.

TC_HEAD = [
    "set -e",
    "dev=${1:?which device}",
    "class=${2:-1:10}",
    'tc qdisc show dev "$dev" | grep -q clsact || tc qdisc add dev "$dev" clsact',
]


def read_tc(text):
    lines = commands(text, "#")
    if lines[:4] != TC_HEAD or any(not re.fullmatch(r'tc filter del dev "\$dev" egress pref [0-9]+ 2>/dev/null \|\| :', l) for l in lines[4:6]):
        raise Wrong("tc: %r" % lines[:6])
    preferences, seen = {}, {"dst": set(), "src": set()}
    for line in lines[6:]:
        w = shlex.split(line)
        if w[:5] != ["tc", "filter", "add", "dev", "$dev"] or w[5:7] != ["egress", "protocol"] or w[8] != "pref" or w[10:12] != ["flower", "ip_proto"]:
            raise Wrong("tc: %r" % line)
        m = re.fullmatch(r"(dst|src)_ip", w[13])
        side = m.group(1) if m else ""
        if w[15] != side + "_port" or w[17:] != ["action", "skbedit", "priority", "$class"] or w[12] not in ("tcp", "udp"):
            raise Wrong("tc: %r" % line)
        if w[7] != ("ip" if "." in w[14] else "ipv6") or preferences.setdefault(w[9], w[7]) != w[7]:
            raise Wrong("tc: protocol or preference in %r" % line)
        seen[side].add((w[12], address(w[14]), number(w[16])))
    if seen["dst"] != seen["src"] or 2 * len(seen["dst"]) != len(lines) - 6:
        raise Wrong("tc: both directions, each once")
    return seen["dst"]


# PowerShell: about_Parsing, about_Quoting_Rules; New-NetFirewallRule; netsh interface ipv4 set dynamicportrange (KB 929851).

QUOTED = r"'[A-Za-z0-9 .:()-]+'"  # no quote, no variable, nothing that needs another reading
LIST = QUOTED + r"(?:, " + QUOTED + r")*"
PS_IF = re.compile(r"if \(Get-NetIPAddress -IPAddress (%s) -ErrorAction SilentlyContinue\) \{" % LIST)
PS_REMOVE = re.compile(r"    Remove-NetFirewallRule -Group (%s) -ErrorAction SilentlyContinue" % QUOTED)
PS_NEW = re.compile(
    r"    New-NetFirewallRule -Name (%s) -DisplayName %s -Group (%s) -Direction Inbound -Action Allow -Protocol (TCP|UDP) "
    r"-LocalAddress (%s) -LocalPort ([0-9]+(?:, [0-9]+)*) \| Out-Null" % (QUOTED, QUOTED, QUOTED, LIST)
)
NETSH = re.compile(r"    netsh int (ipv4|ipv6) set dynamicport (tcp|udp) start=([0-9]+) num=([0-9]+)")


def quoted(words):
    return [w[1:-1] for w in words.split(", ")]


def read_netsh(text, ranges=None):
    """Without the mapper's own port, which each group has to open; ${ranges} collects the dynamic ranges by group of addresses."""
    opened, names, inside, removed = set(), set(), None, set()
    for line in commands(text, "#"):
        if PS_IF.fullmatch(line) and inside is None:
            inside, mapper, group = frozenset(map(address, quoted(PS_IF.fullmatch(line).group(1)))), False, None
        elif line == "}" and inside:
            if not mapper:
                raise Wrong("PowerShell: no rule for port 135")
            inside = None
        elif inside and PS_REMOVE.fullmatch(line) and group is None and PS_REMOVE.fullmatch(line).group(1) not in removed:
            group = PS_REMOVE.fullmatch(line).group(1)
            removed.add(group)
        elif inside and PS_NEW.fullmatch(line):
            name, of, transport, servers, ports = PS_NEW.fullmatch(line).groups()
            if of != group or name in names or not inside >= set(quoted(servers)):
                raise Wrong("PowerShell: rule %s" % name)
            names.add(name)
            rule = {(transport.lower(), address(a), number(p)) for a in quoted(servers) for p in ports.split(", ")}
            if {p for _, _, p in rule} == {135}:
                mapper = set(quoted(servers)) == inside
            else:
                opened |= rule
        elif inside and NETSH.fullmatch(line):
            family, transport, start, num = NETSH.fullmatch(line).groups()
            if number(num, 255) + number(start, 1025) - 1 > 65535:
                raise Wrong("netsh: %r" % line)
            if ranges is not None:
                ranges.setdefault(inside, set()).add((family, transport, int(start), int(num)))
        else:
            raise Wrong("PowerShell: %r" % line)
    if inside is not None:
        raise Wrong("PowerShell: no }")
    return opened


# Cisco ASA: Firewall CLI Configuration Guide, "Objects for Access Control", "Extended Access Control Lists".

ASA_NAME = r"([A-Za-z0-9._-]{1,64})"


def asa_mode(lines):
    """Each command with the lines of its sub-mode, which begin with a space."""
    blocks = []
    for line in lines:
        if "?" in line or len(line) > LINE_MOST:
            raise Wrong("ASA: %r" % line)
        if line.startswith(" "):
            blocks[-1][1].append(line[1:])
        else:
            blocks.append((line, []))
    return blocks


class Asa:
    def __init__(self):
        self.objects, self.hosts, self.ports, self.permits, self.denies = {}, {}, {}, set(), set()
        self.names, self.closed = set(), set()

    def name(self, name):
        if name in self.names:
            raise Wrong("ASA: %s twice" % name)
        self.names.add(name)

    def define(self, head, body):
        m = re.fullmatch(r"object network " + ASA_NAME, head)
        if m:
            self.name(m.group(1))
            self.objects[m.group(1)] = address(re.fullmatch(r"host (\S+)", body[0]).group(1))
            return len(body) == 1
        m = re.fullmatch(r"object-group network " + ASA_NAME, head)
        if m:
            self.name(m.group(1))
            self.hosts[m.group(1)] = [self.objects[re.fullmatch(r"network-object object " + ASA_NAME, b).group(1)] for b in body]
            return bool(body)
        m = re.fullmatch(r"object-group service " + ASA_NAME + r" (tcp|udp)", head)
        if m:
            self.name(m.group(1))
            self.ports[m.group(1)] = m.group(2), [number(re.fullmatch(r"port-object eq ([0-9]+)", b).group(1)) for b in body]
            return bool(body)
        return not body and self.access(head)

    def access(self, line):
        m = re.fullmatch(r"access-list EPM-EXAMPLE extended (permit|deny) (tcp|udp) any object-group " + ASA_NAME + r" (.+)", line)
        if not m:
            return False
        verb, transport, hosts, service = m.group(1, 2, 3, 4)
        if verb == "deny":
            self.closed |= {(transport, a) for a in self.hosts[hosts]}
            return service == "range 1024 65535"
        if service == "eq 135":
            ports = [135]
        else:
            of, ports = self.ports[re.fullmatch("object-group " + ASA_NAME, service).group(1)]
            if of != transport:
                raise Wrong("ASA: %r" % line)
        # The first line that matches holds.
        self.permits |= {(transport, a, p) for a in self.hosts[hosts] for p in ports if (transport, a) not in self.closed}
        return True


def read_asa(text):
    asa = Asa()
    for head, body in asa_mode(commands(text, "!")):
        try:
            good = asa.define(head, body)
        except (AttributeError, KeyError, IndexError) as e:
            raise Wrong("ASA: %r %r: %s" % (head, body, e)) from e
        if not good:
            raise Wrong("ASA: %r" % head)
    servers = {(t, a) for a in asa.objects.values() for t in ("tcp", "udp")}
    if asa.closed != servers or not {(t, a, 135) for t, a in servers} <= asa.permits:
        raise Wrong("ASA: not closed, or no mapper: %r" % (servers - asa.closed))
    return {p for p in asa.permits if p[2] != 135}


# PAN-OS: CLI Quick Start; names have 63 characters at most, and begin with a letter or digit.

PAN_NAME = r"([A-Za-z0-9][A-Za-z0-9 ._-]{0,62})"


def read_panos(text):
    addresses, groups, services, service_groups = {}, {}, {}, {}
    for line in commands(text, "#"):
        if len(line) > LINE_MOST or "?" in line or "|" in line:
            raise Wrong("PAN-OS: %r" % line)
        m = re.fullmatch(r"set address " + PAN_NAME + r" ip-netmask (\S+)/(32|128)", line)
        if m and m.group(1) not in addresses and (m.group(3) == "32") == ("." in m.group(2)):
            addresses[m.group(1)] = address(m.group(2))
            continue
        m = re.fullmatch(r"set address-group " + PAN_NAME + r" static " + PAN_NAME, line)
        if m and m.group(2) in addresses:
            groups.setdefault(m.group(1), set()).add(addresses[m.group(2)])
            continue
        m = re.fullmatch(r"set service " + PAN_NAME + r" protocol (tcp|udp) port ([0-9]+)", line)
        if m and m.group(1) not in services:
            services[m.group(1)] = m.group(2), number(m.group(3))
            continue
        m = re.fullmatch(r"set service-group " + PAN_NAME + r" members " + PAN_NAME, line)
        if m and m.group(2) in services:
            service_groups.setdefault(m.group(1), set()).add(services[m.group(2)])
            continue
        raise Wrong("PAN-OS: %r" % line)
    if services.get("epm-tcp-135") != ("tcp", 135):
        raise Wrong("PAN-OS: no service for port 135")
    opened = set()
    for name, ports in service_groups.items():
        group, transport = name.rsplit("-", 1)
        if any(t != transport for t, _ in ports):
            raise Wrong("PAN-OS: %s" % name)
        opened |= {(t, a, p) for a in groups[group] for t, p in ports}
    if {g.rsplit("-", 1)[0] for g in service_groups} != set(groups):
        raise Wrong("PAN-OS: groups without services")
    return opened
