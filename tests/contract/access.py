"""Who may do what, asked of a running service: scripts/python tests/contract/access.py

Each role asks for each table, function and operation (TEKUP_URL, with tokens of `$TEKUP_DB token`), and what it was told is
compared with docs/ACCESS.md; UPDATE_ACCESS=1 writes the page anew. A role must be told, too, what its own OpenAPI document
offers, and what tests/fixtures/tables.json says of secrets and of columns that operations alone write.

Nothing stays behind: writes are rolled back (DB_TX_END=commit-allow-override), and operations are called with a field that
none of them has, which they refuse once they have let the caller in.
"""

import concurrent.futures
import difflib
import functools
import http.client
import json
import os
import pathlib
import subprocess
import sys
import threading
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PAGE = ROOT / "docs" / "ACCESS.md"
# All that there is: a test of its own compares it with the database and the operations.
DOCUMENT = json.loads((ROOT / "openapi" / "openapi.json").read_text())
FIXTURE = {f"{t['schema']}.{t['table']}": t for t in json.loads((ROOT / "tests/fixtures/tables.json").read_text())["tables"]}

ROLES = ["anon", "authenticated", "vault_app", "billy_app", "renos_app", "crm_app", "flow_app", "service_role"]
VERBS = {"GET": "r", "POST": "c", "PATCH": "u", "DELETE": "d"}
NONE = "–"
# An organisation and a person that no row belongs to.
NOBODY = "99999999-9999-4999-8999-999999999999"
# Columns that say whose a row is, where the fixture doesn't.
OF_ORGANISATION = ["organization_id", "tenant_id"]
OF_PERSON = {"shared.users": "id"}
# Requests at a time.
WORKERS = 4
# Rows to choose one from that belongs to somebody.
ROWS = 200
# More would only bury the first.
SHOWN = 40

ABOUT = """# Who may do what

Asked of the running service with the sample data, by `tests/contract/access.py`. CI fails where an answer is another one, and
where a table, a function or an operation is missing here; `make access` writes this page anew.

A caller without a token is `anon`. What a role may not do is answered with 401 to `anon`, and with 403 to others. PUT takes
the rights to insert and to change."""
ABOUT_TABLES = """
## Tables

`R` read, `C` insert, `U` change, `D` delete: rows of every organisation and every person. In lower case: rows of the caller's
organisation, or of the caller, and no others, which are to it as if they weren't there. In brackets: the role has the right,
but the row rules leave it none of the sample rows, or there are none. Which columns a role may read and write is in the
OpenAPI document that it gets."""
ABOUT_FUNCTIONS = """
## Functions
"""
ABOUT_OPERATIONS = """
## Operations

They find rows of the caller's organisation, as the tables do.
"""


@functools.lru_cache(maxsize=None)
def token(role, organisation, person):
    """A token that the service itself mints."""
    options = ["--role", role]
    options += ["--org", organisation] if organisation else []
    options += ["--sub", person] if person else []
    done = subprocess.run([os.environ["TEKUP_DB"], "token", *options], text=True, capture_output=True, check=True)
    return done.stdout.strip()


class Answer:
    """What the service said."""

    def __init__(self, response):
        self.status = response.status
        self.range = response.headers.get("Content-Range", "")
        self.applied = response.headers.get("Preference-Applied", "")
        text = response.read()
        self.body = json.loads(text) if text else None

    @property
    def problem(self):
        """Code and message of a failure."""
        body = self.body if isinstance(self.body, dict) and self.status >= 400 else {}
        return body.get("code"), body.get("message") or ""

    @property
    def is_refused(self):
        """The role may not. A rule that keeps one row from it is something else."""
        return self.status in (401, 403) and "row-level security" not in self.problem[1]

    @property
    def has_row(self):
        """The caller may have the row: it was shown or written, or the data alone stood in the way."""
        return self.status not in (401, 403) and self.body != [] and not self.range.endswith("/0")


_OF_THREAD = threading.local()


def ask(method, path, caller, body=None, prefer=None):
    """One request, on a connection of the thread's own. Where another's locks got in its way it is sent again."""
    headers = {"Content-Type": "application/json"} if body is not None else {}
    if caller[0] != "anon":
        headers["Authorization"] = f"Bearer {token(*caller)}"
    if prefer:
        headers["Prefer"] = prefer
    text = None if body is None else json.dumps(body)
    while True:
        if not hasattr(_OF_THREAD, "connection"):
            host = urllib.parse.urlsplit(os.environ["TEKUP_URL"]).netloc
            _OF_THREAD.connection = http.client.HTTPConnection(host, timeout=60)
        _OF_THREAD.connection.request(method, path, text, headers)
        answer = Answer(_OF_THREAD.connection.getresponse())
        if answer.problem[0] in ("40001", "40P01"):
            continue
        if answer.status >= 500:
            raise RuntimeError(f"{method} {path} as {caller[0]}: {answer.status} {answer.body}")
        if prefer and answer.status < 300 and "tx=rollback" not in answer.applied:
            raise RuntimeError(f"{method} {path} as {caller[0]} was not rolled back: is DB_TX_END=commit-allow-override set?")
        return answer


@functools.lru_cache(maxsize=None)
def document(role):
    """The OpenAPI document that a role gets."""
    return ask("GET", "/openapi.json", (role, None, None)).body


def columns_of(described, name, suffix=None):
    """Columns in a document: of a table's row, or of what may be inserted or updated."""
    schema = described["components"]["schemas"].get(".".join(filter(None, [name, suffix])), {})
    return list(schema.get("properties", {}))


def rows(path):
    """What the service role reads."""
    answer = ask("GET", path, ("service_role", None, None))
    return answer.body if answer.status == 200 else []


class Table:
    """A table or view, and one of its rows with whoever it belongs to."""

    def __init__(self, name):
        self.name = name
        self.path = "/" + name.replace(".", "/", 1)
        self.fixture = FIXTURE.get(name, {})
        self.columns = columns_of(DOCUMENT, name)
        self.row = self.newest()
        self.organisation, self.person = self.owner(self.row)

    def newest(self):
        """A row that belongs to somebody, if any does; the newest, which no retention takes."""
        times = [column for column in ("created_at", "timestamp", "updated_at") if column in self.columns]
        order = f"&order={times[0]}.desc" if times else ""
        found = rows(f"{self.path}?limit={ROWS}{order}")
        owners = 2 if self.fixture.get("user_scoped") else 1
        return next((row for row in found if all(self.owner(row)[:owners])), (found or [{}])[0])

    def owner(self, row):
        """The organisation and the person that a row belongs to, by its own columns or by its parent's."""
        if via := self.fixture.get("org_scope_via"):
            parent = Table(via["parent"])
            found = rows(f"{parent.path}?id=eq.{row.get(via['column'])}")
            return parent.owner(found[0]) if found else (None, None)
        organisations = [self.fixture.get("org_scoped"), *OF_ORGANISATION]
        person = self.fixture.get("user_scoped") or OF_PERSON.get(self.name) or "user_id"
        return next((row[name] for name in organisations if row.get(name)), None), row.get(person)

    def filters(self):
        """The row, as filters name it; no row, where there is none."""
        if "id" in self.row:
            return f"id=eq.{urllib.parse.quote(str(self.row['id']))}"
        return f"{urllib.parse.quote(self.columns[0])}=is.null"

    def written(self, role, verb):
        """Columns that a role may write, or those that it is to be refused: what the service role may, or all."""
        documents = [document(role), document("service_role"), DOCUMENT]
        return next(filter(None, (columns_of(each, self.name, verb) for each in documents)), self.columns)

    def ask(self, verb, role, caller):
        """One verb on the row, without an effect."""
        prefer = "return=minimal, count=exact, tx=rollback"
        place = f"{self.path}?{self.filters()}"
        if verb == "GET":
            return ask(verb, f"{place}&limit=1", caller)
        if verb == "DELETE":
            return ask(verb, place, caller, prefer=prefer)
        if verb == "POST":
            row = {name: self.row[name] for name in self.written(role, "insert") if name in self.row}
            return ask(verb, self.path, caller, row, prefer)
        columns = self.written(role, "update")
        column = next((name for name in columns if self.row.get(name) is not None), columns[0])
        return ask(verb, place, caller, {column: self.row.get(column)}, prefer)

    def cell(self, role):
        """What a role may do with it: RCUD, rc, RC(d)."""
        cell = ""
        for verb, letter in VERBS.items():
            owner = self.ask(verb, role, (role, self.organisation, self.person))
            if owner.is_refused:
                continue
            is_any = owner.has_row and self.ask(verb, role, (role, NOBODY, NOBODY)).has_row
            cell += letter.upper() if is_any else letter if owner.has_row else f"({letter})"
        return cell or NONE

    def faults(self, role, cell):
        """What contradicts the role's own document, or what is said of the table."""
        told = set(cell.lower()) & set("rcud")
        item = document(role)["paths"].get(self.path, {})
        if told != (offered := {letter for verb, letter in VERBS.items() if verb.lower() in item}):
            yield f"{role} is offered {sorted(offered)} of {self.name} by its document, and may {sorted(told)}"
        writing = self.fixture.get("write_access", "plain")
        forbidden = {"append-only": "ud", "operations-only": "cud"}.get(writing, "") if role != "service_role" else ""
        if told & set(forbidden) or (writing == "append-only" and "u" in told):
            yield f"{role} may {cell} on {self.name}, which is {writing}"
        caller = (role, self.organisation, self.person)
        for column in self.fixture.get("sensitive_columns", []):
            if not ask("GET", f"{self.path}?select={column}&limit=1", caller).is_refused:
                yield f"{role} may read {self.name}.{column}, which is secret"
        for column in self.fixture.get("protected_columns", []) if role != "service_role" else []:
            for verb, place in ("PATCH", f"{self.path}?{self.filters()}"), ("POST", self.path):
                answer = ask(verb, place, caller, {column: None}, "tx=rollback")
                # A generated column is written by nobody.
                if not answer.is_refused and answer.problem[0] != "428C9":
                    yield f"{role} may {verb} {self.name}.{column}, which operations alone write"


def is_operation(operation, schema):
    """The ids of tables and functions begin with a verb."""
    return operation["operationId"].startswith(f"{schema}_")


def described(is_wanted):
    """Path, method and operation of what is wanted, in order."""
    found = []
    for path, item in DOCUMENT["paths"].items():
        schema, *rest = path.strip("/").split("/")
        # The service's own routes are for operators, or for everybody.
        wanted = [(method, operation) for method, operation in item.items() if "system" not in operation["tags"]]
        found += [(path, method.upper(), operation) for method, operation in wanted if rest and is_wanted(schema, rest, operation)]
    return sorted(found, key=lambda each: (each[0], each[1]))


def may_call(path, operation, role):
    """Whether a role may call a function: with nulls, and without an effect."""
    arguments = operation["requestBody"]["content"]["application/json"]["schema"].get("properties", {})
    return not ask("POST", path, (role, None, None), dict.fromkeys(arguments), "tx=rollback").is_refused


def may_use(path, method, role):
    """Whether a role is let in to an operation."""
    place = "/".join("x" if part.startswith("{") else part for part in path.split("/"))
    answer = ask(method, f"{place}?no_such_field=1", (role, None, None))
    if answer.problem[0] not in ("auth.operation_forbidden", "operation.invalid_input"):
        raise RuntimeError(f"{role}: {method} {place} is not refused: {answer.status} {answer.body}")
    return answer.problem[0] == "operation.invalid_input"


def line(*cells):
    """A line of a table."""
    return f"| {' | '.join(cells)} |"


def head(*names):
    """The head of a table that has a column for each role."""
    return [line(*names, *ROLES), "|" + "---|" * (len(names) + len(ROLES))]


def of_table(name):
    """A table's line, and what contradicts it."""
    table = Table(name)
    cells = [table.cell(role) for role in ROLES]
    return line(f"`{name}`", *cells), [fault for role, cell in zip(ROLES, cells) for fault in table.faults(role, cell)]


def of_call(found):
    """The line of a function or an operation, and what contradicts it."""
    path, method, operation = found
    is_function = path.split("/")[2] == "rpc"
    may = [may_call(path, operation, role) if is_function else may_use(path, method, role) for role in ROLES]
    faults = [
        f"{role}: the service and the document of the role differ about {method} {path}"
        for role, yes in zip(ROLES, may) if yes != (method.lower() in document(role)["paths"].get(path, {}))
    ]
    names = [] if is_function else [f"`{operation['operationId']}`"]
    return line(*names, f"`{method} {path}`", *("yes" if yes else NONE for yes in may)), faults


def page(workers):
    """The page, and all that contradicts it."""
    of_tables = described(lambda schema, rest, operation: len(rest) == 1 and not is_operation(operation, schema))
    names = sorted({path.strip("/").replace("/", ".") for path, _, _ in of_tables})
    functions = described(lambda _, rest, operation: rest[0] == "rpc" and "requestBody" in operation)
    operations = described(lambda schema, _, operation: is_operation(operation, schema))
    parts = [
        (ABOUT_TABLES, head("table"), workers.map(of_table, names)),
        (ABOUT_FUNCTIONS, head("function"), workers.map(of_call, functions)),
        (ABOUT_OPERATIONS, head("operation", "call"), workers.map(of_call, operations)),
    ]
    lines, faults = [ABOUT], []
    for about, columns, answers in parts:
        lines += [about.rstrip("\n"), "", *columns]
        for text, contradictions in answers:
            lines.append(text)
            faults += contradictions
    return "\n".join(lines) + "\n", faults


def main():
    """0 where the page is what the service says, and nothing contradicts it."""
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as workers:
        # Before the threads begin, which would all ask for the first.
        for role in ROLES:
            document(role)
        told, faults = page(workers)
    if os.environ.get("UPDATE_ACCESS"):
        PAGE.write_text(told)
    committed = PAGE.read_text() if PAGE.exists() else ""
    faults += difflib.unified_diff(committed.splitlines(), told.splitlines(), "docs/ACCESS.md", "the service", lineterm="", n=0)
    for fault in faults[:SHOWN]:
        print(fault, file=sys.stderr)
    if faults:
        print(f"{len(faults)} differences; `make access` writes docs/ACCESS.md as the service is", file=sys.stderr)
        return 1
    print(f"{told.count(chr(10) + '| `')} lines of docs/ACCESS.md are what the service says")
    return 0


sys.exit(main())
