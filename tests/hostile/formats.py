"""One check for each format: what a parser of that format says of an output in which somebody else's names stand.

A check gets the octets and returns what is wrong with them, a line each. Where a parser is not installed it raises Missing.
"""
import csv
import functools
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "gen"))
from scenario import UNSEEN

HIDDEN = UNSEEN - {"\n"}


class Missing(Exception):
    """There is no parser here."""


def parser(name, package):
    try:
        return __import__(name)
    except ImportError:
        raise Missing("%s is not installed" % package) from None


def decoded(data):
    try:
        return data.decode("utf-8"), []
    except UnicodeDecodeError as e:
        return data.decode("utf-8", "replace"), ["no UTF-8 at %d: %r" % (e.start, data[max(0, e.start - 20):e.end + 20])]


def unseen(text, what):
    """Characters that nobody sees, or that steer."""
    for c in sorted(HIDDEN.intersection(text)):
        at = text.index(c)
        yield "U+%04X in %s: %r" % (ord(c), what, text[max(0, at - 30):at + 30])


def steered(text):
    """What a terminal does with it beside writing characters and beginning lines."""
    pyte = parser("pyte", "python3-pyte")
    did = set()

    class Screen:
        """It does nothing, and remembers what it was told to."""

        def __getattr__(self, name):
            return lambda *_, **__: did.add(name)

    pyte.Stream(Screen(), strict=False).feed(text.replace("\n", "\r\n"))
    did -= {"draw", "linefeed", "carriage_return"}
    return ["it makes a terminal do: " + ", ".join(sorted(did))] if did else []


def loose_commands(shown):
    """Commands to paste that are more than one, or run something: to a shell a name in them has to be the one word that it looks like."""
    for line in sorted(set(re.findall(r"^ *(tshark -r .*)$", shown, re.M))):
        try:
            words = shlex.split(line)
        except ValueError as e:
            words = [str(e)]
        seen = subprocess.run(["sh", "-c", "set -f; set -- %s\nprintf '%%s\\0' \"$@\"" % line], capture_output=True, text=True).stdout.split("\0")[:-1]
        if len(words) != 5 or words[3] != "-Y" or not re.fullmatch(r"frame\.number==[0-9]+", words[4]) or words != seen:
            yield "a command that is not one: %r" % line


def text(data, _clean):
    shown, wrong = decoded(data)
    wrong += unseen(shown, "text")
    wrong += loose_commands(shown)
    try:
        wrong += steered(shown)
    except Missing:
        pass  # the octets were looked at
    return wrong


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for k, v in value.items():
            yield k
            yield from strings(v)
    elif isinstance(value, list):
        for v in value:
            yield from strings(v)


def values(value):
    return unseen("".join(strings(value)).replace("\t", ""), "a value")


def twice(pairs):
    keys = [k for k, _ in pairs]
    if len(set(keys)) < len(keys):
        raise ValueError("a key twice among %s" % keys)
    return dict(pairs)


def json_whole(data, _clean):
    shown, wrong = decoded(data)
    try:
        return wrong + list(values(json.loads(shown, object_pairs_hook=twice))) + list(unseen(shown, "JSON"))
    except ValueError:
        pass
    for number, line in enumerate(shown.rstrip("\n").split("\n"), 1):
        try:
            wrong += values(json.loads(line, object_pairs_hook=twice))
        except ValueError as e:
            return wrong + ["line %d: %s: %.200r" % (number, e, line)]
    return wrong + list(unseen(shown, "JSON"))


NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def is_formula(cell):
    """What programs that show tables run."""
    return cell[:1] != "" and cell[:1] in "=+-@\t\r" and not NUMBER.fullmatch(cell)


def csv_table(data, _clean):
    shown, wrong = decoded(data)
    rows = list(csv.reader(io.StringIO(shown, newline=""), strict=True))
    head = rows[:1]
    for number, row in enumerate(rows, 1):
        if row[:1] == ["#table"]:
            head = [row]  # of the next of several tables
        if len(row) != len(head[0]):
            wrong.append("row %d has %d cells, not %d: %.200r" % (number, len(row), len(head[0]), row))
        for cell in row:
            if is_formula(cell):
                wrong.append("row %d has a formula: %r" % (number, cell))
    wrong += unseen("".join(cell for row in rows for cell in row).replace("\t", ""), "a cell")
    # A program that separates by semicolons sees others: none may begin with a formula there.
    for row in csv.reader(io.StringIO(shown, newline=""), delimiter=";"):
        wrong += ["a formula behind a semicolon: %r" % cell for cell in row[1:] if is_formula(cell)]
    return wrong


@functools.lru_cache(maxsize=4)
def elements(data):
    """Names of elements with their attributes, text of styles, and what is wrong by itself."""
    html5lib = parser("html5lib", "python3-html5lib")
    tree = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("etree"), strict=True, namespaceHTMLElements=False).parse(data.decode("utf-8"))
    found, styles, wrong, texts = set(), [], [], []
    for e in tree.iter():
        if not isinstance(e.tag, str):
            wrong.append("a comment: %.100r" % e.text)
            continue
        name = re.sub(r"^\{[^}]*\}", "", e.tag)
        found |= {(name, str(a)) for a in e.attrib} | {(name, "")}
        if name in ("script", "iframe", "object", "embed", "base", "form", "link", "img", "image", "foreignObject"):
            wrong.append("an element %s" % name)
        for a, v in e.attrib.items():
            a = re.sub(r"^\{[^}]*\}", "", str(a))
            if a.lower().startswith("on") or a in ("src", "srcset", "action", "style", "xlink:href") or (a == "href" and not v.startswith("#")):
                wrong.append("an attribute %s=%.100r of %s" % (a, v, name))
            texts.append(v)
        if name == "style":
            styles.append(e.text or "")
        else:
            texts += [e.text or ""]
        texts += [e.tail or ""]
    wrong += unseen("".join(texts), "HTML")
    return found, styles, wrong


def html(data, clean):
    shown, wrong = decoded(data)
    wrong += unseen(shown, "HTML")
    try:
        found, styles, more = elements(data)
    except (ValueError, Exception) as e:  # html5lib has no class of its own for all that is wrong
        if isinstance(e, Missing):
            raise
        return wrong + ["html5lib: %s" % e]
    known, clean_styles, _ = elements(clean)
    wrong += more + ["%s %s is not in the page of harmless names" % pair for pair in sorted(found - known)]
    return wrong + ([] if styles == clean_styles else ["its style sheet is another"])


@functools.lru_cache(maxsize=4)
def tokens(data):
    """Kinds of tokens, where links lead, and text that is not in code."""
    markdown_it = parser("markdown_it", "python3-markdown-it")
    md = markdown_it.MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    kinds, links, loose = set(), [], []
    stack = list(md.parse(data.decode("utf-8")))
    while stack:
        t = stack.pop()
        kinds.add(t.type)
        if "href" in t.attrs or "src" in t.attrs:
            links.append(t.attrs.get("href") or t.attrs.get("src"))
        if t.type == "text":
            loose.append(t.content)
        stack += t.children or []
    return kinds, links, loose


def markdown(data, clean):
    shown, wrong = decoded(data)
    wrong += unseen(shown, "Markdown")
    kinds, links, loose = tokens(data)
    known, _, _ = tokens(clean)
    wrong += ["a %s, which harmless names make none of" % k for k in sorted(kinds - known)]
    wrong += ["a link to %r" % l for l in links if "evil" in l]
    # GitHub and its like make links of bare addresses, also of what was escaped.
    wrong += ["a bare address: %.100r" % t for t in loose if re.search(r"(https?://|www\.)evil", t)]
    return wrong


def yaml_text(data, _clean):
    yaml = parser("yaml", "python3-yaml")
    shown, wrong = decoded(data)
    wrong += unseen(shown, "YAML")
    try:
        for document in yaml.safe_load_all(shown):
            wrong += values(document)
    except yaml.YAMLError as e:
        wrong.append("no YAML: %s" % e)
    return wrong


def outside(shown, comment, mark, quotes='"'):
    """Lines with a foreign name that stands neither in a comment nor in quotes."""
    for number, line in enumerate(shown.split("\n"), 1):
        bare = re.sub(r"%s[^%s]*%s" % (quotes, quotes, quotes), "", line) if quotes else line
        before = re.split(comment, bare)[0] if comment else bare
        if mark in before:
            yield "line %d has a foreign name where it counts: %.160r" % (number, line)


def commented(comment, quotes='"'):
    def check(data, clean):
        shown, _ = decoded(data)
        indented = re.sub(rb"(?m)^\t+", b"", data)
        return text(indented, clean) + list(outside(shown, comment, "zqx", quotes))

    return check


def nft(data, clean):
    wrong = commented("#")(data, clean)
    program = shutil.which("nft") or ("/usr/sbin/nft" if os.path.exists("/usr/sbin/nft") else None)
    if not wrong and program and os.geteuid() == 0 and b"table" in data:
        with tempfile.NamedTemporaryFile(suffix=".nft") as f:
            f.write(data)
            f.flush()
            ran = subprocess.run([program, "-c", "-f", f.name], capture_output=True, text=True)
            if ran.returncode != 0 and "Operation not permitted" not in ran.stderr and "not supported" not in ran.stderr:
                wrong.append("nft -c: " + ran.stderr[:300])
    return wrong


REG = re.compile(r'|;.*|Windows Registry Editor Version 5\.00|\[HKEY_[A-Z_]+\\[^\]\n]*\]|(@|"(\\.|[^"\\])*")=(dword:[0-9a-f]{8}|"(\\.|[^"\\])*"|hex(\(\d\))?:[0-9a-f,\\ ]*)|  [0-9a-f,\\ ]+')


def reg(data, clean):
    try:
        shown = data.decode("utf-16")
    except UnicodeDecodeError as e:
        return ["no UTF-16: %s" % e]
    wrong = [] if data.startswith(b"\xff\xfe") else ["no byte order mark of UTF-16LE"]
    if re.search(r"(?<!\r)\n|\r(?!\n)", shown):
        wrong.append("a line that does not end in CR LF")
    plain = shown.replace("\r\n", "\n").lstrip("\ufeff")
    wrong += unseen(plain, "a .reg file")
    wrong += ["no line of a .reg file: %.160r" % line for line in plain.split("\n") if not REG.fullmatch(line)]
    return wrong + list(outside(plain, ";", "zqx", ""))


BY_NAME = {"text": text, "json": json_whole, "csv": csv_table, "html": html, "markdown": markdown, "yaml": yaml_text, "nft": nft, "reg": reg,
           "tc": commented("#"), "netsh": commented("#", "'"), "asa": commented("!"), "panos": commented("#"), "qos": commented("#"),
           "rpcfw": commented("#"), "rpcdump": text}
