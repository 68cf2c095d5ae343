"""Runs every example of docs/API.md: tests/with-service scripts/python tests/contract/guide.py

The guide is a list of requests, each with its answer below it, and is run from its first line to its last. What a section
says of roles is tried too, with `Prefer: tx=rollback` (DB_TX_END=commit-allow-override). With UPDATE_GUIDE=1 answers that
are no longer right are written anew.
"""

import datetime
import functools
import http.client
import json
import os
import pathlib
import re
import subprocess
import sys
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
GUIDE = ROOT / "docs" / "API.md"

# The methods of the former client that plain access to tables replaces.
METHODS = {
    "V": [1, 2, 5],
    "B": [1, 6, 7, 9],
    "R": [1, 2, 5, 6, 8, 9, 15, 17, 22, 25, 26],
    "C": [1, 3, 4, 5, 6, 7, 8, 12, 13, 16, 17, 20],
    "F": [1, 2, 3, 7, 8, 12, 14, 17, 20, 24, 26],
}
SCHEMAS = {"V": "vault", "B": "billy", "R": "renos", "C": "crm", "F": "flow"}
ROLES = ["authenticated", "vault_app", "billy_app", "renos_app", "crm_app", "flow_app", "service_role"]
# Marks a number among texts.
DECIMAL = "decimal "
# Answers are written in lines of this width where that is possible.
WIDTH = 110

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
KEY = r"\bc[0-9a-f]{24}\b"
DATE = r"\d{4}-\d\d-\d\d"
TIME = DATE + r"T\d\d:\d\d:\d\d(?:\.\d+)?(?:[+-]\d\d:\d\d|Z)"
# What differs from run to run. Times go before dates, which they begin with.
VARYING = re.compile(f"(?P<uuid>{UUID})|(?P<key>{KEY})|(?P<time>{TIME})|(?P<date>{DATE})")


class Fault(Exception):
    """The guide and the service do not agree; the message says where and how."""


class Example:
    """A request with its answer, as the guide shows them."""

    def __init__(self, section, line, request, answer, place):
        self.section, self.line, self.place = section, line, place
        first, self.headers, self.body = message(request)
        self.method, self.target = first.split(" ", 1)
        self.answer = answer
        status, self.answer_headers, self.answer_body = message(answer)
        self.status = int(status.split(" ")[1])

    def is_plain(self):
        """Whether it is of a table: operations and batches keep what they do."""
        return self.target.partition("?")[0].count("/") == 2

    def role(self):
        """The variable of its token, if it has one."""
        found = re.search(r"\$([A-Z_]+)", self.headers.get("Authorization", ""))
        return found and found[1]


def message(text):
    """First line, headers and body of a message. Indented lines go on with the first."""
    head, _, body = text.partition("\n\n")
    lines = head.split("\n")
    first = lines.pop(0)
    while lines and lines[0].startswith(" "):
        first += lines.pop(0).strip()
    return first, dict(line.split(": ", 1) for line in lines), body.strip()


def parse(text):
    """The shell block that makes tokens, and the examples. Refuses every block that is neither."""
    shell, examples, request, section = None, [], None, ""
    for block in re.finditer(r"^(#+ .*)$|^```(.*)\n((?:(?!```).*\n)*)```$", text, re.MULTILINE):
        line = text.count("\n", 0, block.start()) + 1
        heading, language, content = block.groups()
        if heading:
            section = heading.lstrip("# ")
        elif language == "sh" and shell is None:
            shell = content
        elif language != "http":
            raise Fault(f"line {line}: a block of {language!r}; all but the first of sh are http")
        elif content.startswith("HTTP/1.1 "):
            if request is None:
                raise Fault(f"line {line}: an answer without a request")
            answer = content.rstrip("\n")
            examples.append(Example(section, line, request, answer, block.start(3)))
            request = None
        elif request is not None:
            raise Fault(f"line {line}: a request whose predecessor has no answer")
        else:
            request = content.rstrip("\n")
    if request is not None:
        raise Fault("the last request has no answer")
    if len(re.findall(r"^\s*(?:```|~~~)", text, re.MULTILINE)) != 2 * (2 * len(examples) + 1) or shell is None:
        raise Fault("a block is not closed or is indented, or there is none that makes tokens")
    return shell, examples


def sections(text):
    """What the guide says of each method: its code, and its text."""
    parts = re.split(r"^### ([A-Z]\d+) .*$", text, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], (re.split(r"^#{1,3} ", part, flags=re.MULTILINE)[0] for part in parts[1::2])))


def complete(text, examples):
    """Every method has a section with an example on its schema that succeeds, and no other method has one."""
    wanted = [f"{letter}{number}" for letter, numbers in METHODS.items() for number in numbers]
    found = re.findall(r"^### ([A-Z]\d+) ", text, re.MULTILINE)
    if found != wanted:
        raise Fault(f"missing {sorted(set(wanted) - set(found))}, too many {sorted(set(found) - set(wanted))}, or out of order")
    for code in wanted:
        own = [example for example in examples if example.section.split(" ")[0] == code]
        if not any(example.status < 300 and example.target.startswith(f"/{SCHEMAS[code[0]]}/") for example in own):
            raise Fault(f"{code} has no example that succeeds")
    return wanted


def environment(shell):
    """The variables that the shell block sets, with the service's own program as tekup-db, and the options of each token."""
    program = pathlib.Path(os.environ["TEKUP_DB"])
    found = dict(re.findall(r"^([A-Z_]+)=\$\(tekup-db token (.*)\)$", shell, re.MULTILINE))
    script = f"set -eu\ntekup-db() {{ '{program}' \"$@\"; }}\n{shell}\n" + "".join(f'echo "{name}=${name}"\n' for name in found)
    done = subprocess.run(["bash", "-c", script], text=True, capture_output=True, check=False, cwd=ROOT)
    if done.returncode or len(found) != shell.count("tekup-db token"):
        raise Fault(f"the block that makes tokens: {done.stderr.strip() or 'a line of another form'}")
    return dict(line.split("=", 1) for line in done.stdout.split()), found


@functools.cache
def token(options):
    """A token with these options."""
    done = subprocess.run([os.environ["TEKUP_DB"], "token", *options.split()], text=True, capture_output=True, check=True, cwd=ROOT)
    return done.stdout.strip()


def request(method, target, body, headers):
    """Sends a request as it is. Gives status, headers and body."""
    address = urllib.parse.urlsplit(os.environ["TEKUP_URL"])
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
    try:
        connection.request(method, target, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()
    finally:
        connection.close()


class Run:
    """What is known of a run: how many days after the guide it is, and which identifiers stand for those of the guide."""

    def __init__(self, tokens, days):
        self.tokens, self.days = tokens, days
        self.actual, self.shown = {}, {}
        # Moments that were sent; an answer may have them.
        self.sent = set()

    def moved(self, date, days):
        """A date as many days later."""
        return (datetime.date.fromisoformat(date) + datetime.timedelta(days)).isoformat()

    def translate(self, text, names, days):
        """A text with other identifiers, and its dates moved."""
        text = VARYING.sub(lambda found: found[0] if found["time"] or found["date"] else names.get(found[0], found[0]), text)
        return re.sub(DATE, lambda found: self.moved(found[0], days), text)

    def here(self, text):
        """A text of the guide as it has to be sent."""
        for shown, actual in self.actual.items():
            if not VARYING.fullmatch(shown):
                text = text.replace(shown, actual)
        return self.translate(text, self.actual, self.days)

    def there(self, text):
        """A text of this run as the guide shows it."""
        return self.translate(text, self.shown, -self.days)

    def bind(self, shown, actual):
        """One identifier stands for one of the guide, and stays so."""
        if self.actual.setdefault(shown, actual) != actual or self.shown.setdefault(actual, shown) != shown:
            raise Fault(f"{shown} stands for {self.actual.get(shown)}, not for {actual}")

    def send(self, example, bearer, headers=None):
        """Sends a request of the guide. Gives status, headers and body."""
        sent = {name: self.here(value) for name, value in example.headers.items() if name != "Authorization"}
        if bearer:
            sent["Authorization"] = f"Bearer {bearer}"
        sent |= headers or {}
        body = self.here(example.body)
        self.sent |= {moment(time) for time in re.findall(TIME, body)}
        return request(example.method, self.here(example.target), body.encode() or None, sent)

    def same_text(self, place, shown, actual):
        """Two texts are the same but for times, days moved along, and identifiers that stand for each other."""
        tokens = [list(VARYING.finditer(text)) for text in (shown, actual)]
        kinds = [[found.lastgroup for found in side] for side in tokens]
        if kinds[0] != kinds[1] or VARYING.sub("\0", shown) != VARYING.sub("\0", actual):
            raise Fault(f"{place} is {actual!r}, not {shown!r}")
        for mine, other in zip(*tokens):
            if mine.lastgroup in ("uuid", "key"):
                self.bind(mine[0], other[0])
            elif mine.lastgroup == "date" and self.here(mine[0]) != other[0]:
                raise Fault(f"{place} is {other[0]}, not {mine[0]} moved by {self.days} days")
            elif mine.lastgroup == "time":
                moments = {moment(self.here(mine[0])), moment(other[0])}
                if len(moments) > 1 and moments & self.sent:
                    raise Fault(f"{place} is {other[0]}, not {mine[0]} moved by {self.days} days")

    def same(self, place, shown, actual):
        """Two JSON values are the same in that sense."""
        if isinstance(shown, dict) and isinstance(actual, dict):
            if list(shown) != list(actual):
                raise Fault(f"{place} has {list(actual)}, not {list(shown)}")
            for name, value in shown.items():
                # A time may have fewer digits.
                if name != "content-length":
                    self.same(f"{place}.{name}", value, actual[name])
        elif isinstance(shown, list) and isinstance(actual, list):
            if len(shown) != len(actual):
                raise Fault(f"{place} has {len(actual)} values, not {len(shown)}: {one_line(actual)[:1000]}")
            for number, (mine, other) in enumerate(zip(shown, actual)):
                self.same(f"{place}[{number}]", mine, other)
        elif isinstance(shown, str) and isinstance(actual, str):
            self.same_text(place, shown, actual)
        elif type(shown) is not type(actual) or shown != actual:
            raise Fault(f"{place} is {one_line(actual)}, not {one_line(shown)}")

    def check(self, example, answer):
        """Refuses an answer that is not the one shown."""
        status, headers, body = answer
        if status != example.status:
            raise Fault(f"{status}, not {example.status}: {body[:1000]}")
        for name, value in example.answer_headers.items():
            actual = headers.get(name)
            if actual is None:
                raise Fault(f"no header {name}")
            if name == "ETag":
                self.bind(value, actual)
            else:
                self.same_text(name, value, actual)
        if not example.answer_body or not body:
            if example.answer_body != body:
                raise Fault(f"the body is {body[:1000]!r}")
            return
        self.same("body", read(example.answer_body), read(body))

    def roles(self, example, options):
        """The roles for which this request is not forbidden. Nothing of it is kept."""
        may = set()
        prefer = ", ".join(filter(None, [example.headers.get("Prefer"), "tx=rollback"]))
        for role in ROLES:
            bearer = token(re.sub(r"--role \w+", f"--role {role}", options[example.role()]))
            status, headers, body = self.send(example, bearer, {"Prefer": prefer})
            if example.method != "GET" and status < 300 and "tx=rollback" not in headers.get("Preference-Applied", ""):
                raise Fault("DB_TX_END does not let a request be tried: set it to commit-allow-override")
            if status not in (401, 403):
                may.add(role)
        return may

    def written(self, example, answer):
        """The answer as the guide is to show it."""
        status, headers, body = answer
        lines = [f"HTTP/1.1 {status} {http.client.responses[status]}"]
        for name, value in example.answer_headers.items():
            if name == "ETag":
                self.bind(value, headers[name])
            else:
                value = self.there(headers.get(name, "none"))
            lines.append(f"{name}: {value}")
        if not body:
            return "\n".join(lines)
        actual = read(body)
        if example.answer_body:
            self.adopt(read(example.answer_body), actual)
        return "\n".join([*lines, "", self.there(laid_out(actual))])

    def adopt(self, shown, actual):
        """Identifiers that the old answer has in the same places keep their names in the guide."""
        if isinstance(shown, dict) and isinstance(actual, dict):
            for name in shown.keys() & actual.keys():
                self.adopt(shown[name], actual[name])
        elif isinstance(shown, list) and isinstance(actual, list):
            for mine, other in zip(shown, actual):
                self.adopt(mine, other)
        elif isinstance(shown, str) and isinstance(actual, str):
            mine, other = VARYING.fullmatch(shown), VARYING.fullmatch(actual)
            if mine and other and mine.lastgroup == other.lastgroup and mine.lastgroup in ("uuid", "key") and shown not in self.actual:
                self.bind(shown, actual)


def moment(text):
    """A time as one that can be compared."""
    return datetime.datetime.fromisoformat(text)


def read(text):
    """JSON whose decimals keep their digits: 837.60 is not 837.6."""
    return json.loads(text, parse_float=lambda digits: DECIMAL + digits)


def one_line(value):
    """What `read` reads, as JSON again."""
    return re.sub(rf'"{DECIMAL}([^"]*)"', r"\1", json.dumps(value, ensure_ascii=False))


def laid_out(value, indent=""):
    """JSON in short lines: what fits on one is on one."""
    line = one_line(value)
    if len(indent) + len(line) <= WIDTH or not isinstance(value, (dict, list)) or not value:
        return line
    inner = indent + "  "
    if isinstance(value, list):
        return "[\n" + ",\n".join(inner + laid_out(item, inner) for item in value) + f"\n{indent}]"
    lines, current = [], ""
    for name, item in value.items():
        piece = f"{json.dumps(name)}: {laid_out(item, inner)}"
        if current and ("\n" in piece or len(inner) + len(current) + len(piece) + 2 > WIDTH):
            lines.append(current)
            current = ""
        current = f"{current}, {piece}" if current else piece
        if "\n" in piece:
            lines.append(current)
            current = ""
    lines += [current] if current else []
    return "{\n" + ",\n".join(inner + text for text in lines) + f"\n{indent}}}"


def days_since(text):
    """How many days after the guide's day the sample data's is."""
    (recorded,) = re.findall(r"sample company on (\d{4}-\d\d-\d\d)", text)
    bearer = {"Authorization": f"Bearer {token('--role service_role')}"}
    _, _, body = request("GET", "/crm/metrics?select=date&order=date.desc&limit=1", None, bearer)
    (newest,) = read(body)
    # The newest figures are those of the day before.
    day = datetime.date.fromisoformat(newest["date"]) + datetime.timedelta(1)
    return (day - datetime.date.fromisoformat(recorded)).days


def attempt(run, example, said, options):
    """Sends an example and compares. Gives the answer to be shown instead where it is not the one shown, and the fault."""
    code = example.section.split(" ")[0]
    answer = None
    try:
        if code in said and example.status < 300 and example.is_plain():
            claimed = said.pop(code)
            may = run.roles(example, options)
            if may != claimed:
                raise Fault(f"it is for {sorted(claimed)}, says the guide, but {sorted(may)} may")
        role = example.role()
        answer = run.send(example, role and run.tokens[role])
        run.check(example, answer)
    except Fault as fault:
        return fault, answer and run.written(example, answer)
    return None, None


def main():
    text = GUIDE.read_text(encoding="utf-8")
    shell, examples = parse(text)
    wanted = complete(text, examples)
    firsts = {code: part.strip().split("\n\n")[0] for code, part in sections(text).items()}
    said = {code: set(re.findall(r"`(\w+)`", first)) & set(ROLES) for code, first in firsts.items()}
    tokens, options = environment(shell)
    run = Run(tokens, days_since(text))
    update, faults, written = os.environ.get("UPDATE_GUIDE") == "1", 0, []
    for example in examples:
        fault, instead = attempt(run, example, said, options)
        if fault:
            faults += 1
            print(f"docs/API.md:{example.line}: {example.section}: {fault}", file=sys.stderr)
        if instead:
            written.append((example, instead))
    if said:
        faults += 1
        print(f"docs/API.md: for whom {', '.join(said)} are was not tried", file=sys.stderr)
    if update:
        for example, instead in reversed(written):
            text = text[: example.place] + instead + text[example.place + len(example.answer):]
        GUIDE.write_text(text, encoding="utf-8")
    print(f"{len(examples)} examples, {len(wanted)} methods, {faults} faults; the guide is {run.days} days old")
    return 1 if faults else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Fault as fault:
        sys.exit(f"docs/API.md: {fault}")
