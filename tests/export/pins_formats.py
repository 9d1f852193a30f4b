"""Readers of .reg files, RpcFw.conf and the output of rpcdump.py, from what is documented of each and not from the code that writes them. Each
refuses what it does not know."""
import ipaddress
import re


class Wrong(Exception):
    pass


# .reg: regedit's "Windows Registry Editor Version 5.00".

VALUE = re.compile(r'"((?:[^"\\]|\\["\\])*)"=(.*)')
COLUMNS = 80


def unquoted(text):
    return re.sub(r"\\(.)", r"\1", text)


def reg_lines(octets):
    """Lines of a .reg file; UTF-16LE with its mark, CRLF and nothing else between them."""
    if octets[:2] != b"\xff\xfe":
        raise Wrong("reg: no byte order mark")
    text = octets[2:].decode("utf-16-le")
    if not text.endswith("\r\n") or re.search(r"(?<!\r)\n|\r(?!\n)", text):
        raise Wrong("reg: ends of lines")
    return text[:-2].split("\r\n")


def reg_data(text):
    """A value's type and data."""
    if re.fullmatch(r"dword:[0-9a-f]{8}", text):
        return "dword", int(text[6:], 16)
    if re.fullmatch(r'"(?:[^"\\]|\\["\\])*"', text):
        return "sz", unquoted(text[1:-1])
    if re.fullmatch(r"hex\(7\):[0-9a-f]{2}(?:,[0-9a-f]{2})*", text):
        units = bytes(int(o, 16) for o in text[7:].split(",")).decode("utf-16-le")
        if not units.endswith("\0"):
            raise Wrong("reg: a list without its end")
        return "multi", units[:-1].split("\0")[:-1]
    raise Wrong("reg: %r" % text)


def read_reg(octets, comments=None):
    """{key: [(name, type, data)]} in the order of the file; its comments go into ${comments}."""
    lines = reg_lines(octets)
    if lines[:2] != ["Windows Registry Editor Version 5.00", ""] or lines[-1] != "":
        raise Wrong("reg: %r" % lines[:2])
    keys, at = {}, None
    rest = iter(lines[2:])
    for line in rest:
        while line.endswith("\\") and not line.startswith(";"):
            if len(line) > COLUMNS:
                raise Wrong("reg: %d columns" % len(line))
            more = next(rest)
            if not more.startswith("  "):
                raise Wrong("reg: %r" % more)
            line = line[:-1] + more[2:]
        value = VALUE.fullmatch(line)
        if line.startswith("["):
            key = re.fullmatch(r"\[(HKEY_LOCAL_MACHINE|HKEY_CURRENT_USER)(\\[A-Za-z0-9 .\\]+)\]", line)
            if not key or line[1:-1] in keys:
                raise Wrong("reg: %r" % line)
            at = keys[line[1:-1]] = []
        elif value and at is not None:
            at.append((unquoted(value.group(1)), *reg_data(value.group(2))))
        elif line.startswith(";"):
            if comments is not None:
                comments.append(line)
        elif line == "":
            at = None
        else:
            raise Wrong("reg: %r" % line)
    return keys


# RpcFw.conf: github.com/zeronetworks/rpcfirewall, README.md and rpcFirewall/dllmain.cpp. A line that has neither fw: nor flt: is none to it, but older versions
# take every line for a rule, and 255 octets end what any of them reads.

RPCFW_WORDS = ("fw:", "flt:", "uuid:", "addr:", "opnum:", "prot:", "action:", "audit:", "sid:", "verbose:", "!start!", "!end!")


def read_rpcfw(text):
    """Rules in order: (uuid, address or None, allowed, audited)."""
    rules, told = [], False
    if not text.endswith("\n"):
        raise Wrong("rpcfw: no end of line")
    for line in text[:-1].split("\n"):
        if len(line) > 250:
            raise Wrong("rpcfw: %d octets" % len(line))
        if not line.startswith("fw:"):
            told = True
            if not line.startswith("# ") or any(w in line for w in RPCFW_WORDS):
                raise Wrong("rpcfw: %r" % line)
            continue
        if told:
            raise Wrong("rpcfw: a rule behind a comment: %r" % line)
        words = dict(w.split(":", 1) for w in line[3:].split(" "))
        if set(words) - {"uuid", "addr", "action", "audit"} or words["action"] not in ("allow", "block") or words.get("audit", "true") != "true":
            raise Wrong("rpcfw: %r" % line)
        if not re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", words["uuid"]):
            raise Wrong("rpcfw: %r" % line)
        if "addr" in words and str(ipaddress.ip_address(words["addr"])) != words["addr"]:
            raise Wrong("rpcfw: %r" % line)
        rules.append((words["uuid"], words.get("addr"), words["action"] == "allow", "audit" in words))
    return rules


def decides_rpcfw(text, every):
    """What a call of an interface by a client comes to, (allowed, audited): the first rule that fits; with ${every} line a rule, as old versions have it."""
    rules = []
    for line in text.split("\n")[:-1]:
        if every or "fw:" in line:
            found = {w: re.search(w + r":(\S+)", line) for w in ("uuid", "addr", "action", "audit")}
            rules.append({w: m.group(1) for w, m in found.items() if m})

    def decide(uuid, address):
        for r in rules:
            if r.get("uuid", uuid) == uuid and r.get("addr", address) == address:
                return r.get("action", "allow") != "block", r.get("audit") == "true"
        return True, False

    return decide


# rpcdump.py: what scripts take out of its output.

BLOCK = re.compile(r"Protocol: (?P<protocol>[^\n]*) \nProvider: (?P<provider>[^\n]*) \nUUID    : (?P<uuid>[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}) v(?P<version>[0-9]+\.[0-9]+) "
                   r"(?P<annotation>[^\n]*)\nBindings: \n(?P<bindings>(?:          [^\n]+\n)+)\n")


def read_rpcdump(text):
    """[(uuid, version, annotation, [bindings])], in order."""
    blocks = []
    rest = re.sub(r"(?m)^\[\*\] [^\n]*\n", "", text)
    while rest:
        m = BLOCK.match(rest)
        if not m:
            raise Wrong("rpcdump: %r" % rest[:200])
        bindings = [b.strip() for b in m.group("bindings").splitlines()]
        for b in bindings:
            if not re.fullmatch(r"ncacn_ip_tcp:\S+\[\d+\]|ncadg_ip_udp:\S+\[\d+\]|ncacn_http:\S+\[\d+\]|ncacn_np:\\\\.+\[.+\]", b):
                raise Wrong("rpcdump: %r" % b)
        blocks.append((m.group("uuid"), m.group("version"), m.group("annotation"), bindings))
        rest = rest[m.end():]
    return blocks
