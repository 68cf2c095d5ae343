"""What a fuzzer would never guess: the ids, columns and values of the sample data.

Loaded by tests/contract/fuzz.py into Schemathesis. Half of what it generates is left alone; in the other half, ids in paths and
in inputs are those of rows that there are, and tables are asked and written as a client would. Otherwise nearly every call
would end at the first check, and no answer with rows would ever be held against its schema.
"""

import functools
import json
import os
import re
import urllib.request

import schemathesis
from hypothesis import strategies as st

# Rows of a table to take values from.
ROWS = 20
MEDIA = ["application/json", "application/vnd.pgrst.object+json", "text/csv", "application/x-ndjson", "application/problem+json, */*"]
RETURNS = ["return=representation", "return=minimal", "count=exact"]
PREFERENCES = {
    "get": ["count=exact", "count=planned", "max-rows=fail"],
    "post": [*RETURNS, "return=headers-only", "resolution=merge-duplicates", "resolution=ignore-duplicates"],
    "put": RETURNS, "patch": [*RETURNS, "max-affected=3"], "delete": [*RETURNS, "max-affected=3"],
}
RANGES = ["0-4", "3-", "7-2", "1000-"]
TAGS = ["*", '"none"']
OPERATORS = ["eq", "neq", "gt", "gte", "lt", "lte", "isdistinct", "like", "ilike", "match", "in", "is", "cs", "not.eq", "fts"]


@functools.lru_cache(maxsize=None)
def rows(path):
    """Some rows of a table, as the service role sees them when the first call is made."""
    request = urllib.request.Request(
        f"{os.environ['TEKUP_URL']}{path}?limit={ROWS}", headers={"Authorization": f"Bearer {os.environ['FUZZ_SERVICE_TOKEN']}"},
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            found = json.load(response)
    except (OSError, ValueError):
        return []
    # The service's own routes and some operations are asked in the same way, and answer with something else.
    return found if isinstance(found, list) and all(isinstance(row, dict) for row in found) else []


def table_of(path):
    """The table that a path is of or begins with."""
    return "/".join(path.split("/")[:3])


def is_table(path):
    """Whether a path is a table's own."""
    return path.count("/") == 2 and bool(rows(path))


def ids(path, name):
    """Known ids for a field: of the path's table, or of the one that the field is named after."""
    if name == "id":
        return [row["id"] for row in rows(table_of(path)) if "id" in row]
    schema, thing = path.split("/")[1], name.removesuffix("_ids").removesuffix("_id")
    own = [row[name] for row in rows(table_of(path)) if row.get(name) is not None] if is_table(table_of(path)) else []
    return own or [row["id"] for row in rows(f"/{schema}/{thing}s") if "id" in row]


def with_ids(path, fields):
    """The fields, some with ids that there are."""
    known = {name: ids(path, name) for name in fields if re.fullmatch(r"id|\w+_id", name)}
    known = {name: st.sampled_from(values) for name, values in known.items() if values}
    return st.one_of(st.just(fields), st.fixed_dictionaries(known).map(lambda found: {**fields, **found}))


def literal(value):
    """A value as a filter has it."""
    return value if isinstance(value, str) else json.dumps(value)


def parameters(path, method):
    """Parameters that a client would send to a table."""
    columns = sorted(rows(path)[0])
    names = st.sampled_from(columns)
    values = st.sampled_from([row[name] for row in rows(path) for name in columns])
    own = names.flatmap(lambda name: st.tuples(
        st.just(name), st.sampled_from(OPERATORS), st.one_of(st.sampled_from([row[name] for row in rows(path)]), values),
    ))
    filters = st.lists(own, max_size=2).map(lambda found: {name: f"{word}.{literal(value)}" for name, word, value in found})
    direction = st.sampled_from(["", ".asc", ".desc", ".desc.nullslast", ".asc.nullsfirst"])
    page = {"order": st.tuples(names, direction).map("".join), "limit": st.integers(0, 12), "offset": st.integers(0, 30)}
    wanted = st.fixed_dictionaries({}, optional={
        "select": st.lists(names, min_size=1, max_size=4, unique=True).map(",".join), **(page if method == "get" else {}),
    })
    return st.tuples(filters, wanted).map(lambda both: {**both[0], **both[1]})


def headers_of(method):
    """Headers that a client would send to a table."""
    prefer = PREFERENCES.get(method, []) + ["handling=strict", "missing=default", "timezone=Europe/Copenhagen"]
    own = {"get": {"Range": RANGES, "If-None-Match": TAGS}, "post": {}}.get(method, {"If-Match": TAGS})
    lists = st.lists(st.sampled_from(prefer), min_size=1, max_size=3, unique=True).map(", ".join)
    return st.fixed_dictionaries({}, optional={
        "Prefer": lists, "Accept": st.sampled_from(MEDIA), **{name: st.sampled_from(values) for name, values in own.items()},
    })


def row_of(path):
    """A row that a client might send: one that is there, in part, with or without its id."""
    row = st.sampled_from(rows(path))
    return row.flatmap(lambda row: st.sets(st.sampled_from(sorted(row))).map(
        lambda left_out: {name: value for name, value in row.items() if name not in left_out}
    ))


@schemathesis.hook
def flatmap_path_parameters(context, path_parameters):
    """Ids in the path."""
    return with_ids(context.operation.path, path_parameters) if path_parameters else st.just(path_parameters)


@schemathesis.hook
def flatmap_query(context, query):
    """Ids in the query string of an operation; of a table, what a client asks."""
    operation = context.operation
    if is_table(operation.path):
        return st.one_of(st.just(query), parameters(operation.path, operation.method))
    return with_ids(operation.path, query) if query else st.just(query)


@schemathesis.hook
def flatmap_headers(context, headers):
    """What a client prefers of a table."""
    operation = context.operation
    return st.one_of(st.just(headers), headers_of(operation.method)) if is_table(operation.path) else st.just(headers)


@schemathesis.hook
def flatmap_body(context, body):
    """Ids in an input; of a table, rows."""
    operation = context.operation
    if is_table(operation.path):
        return st.one_of(st.just(body), row_of(operation.path))
    return with_ids(operation.path, body) if isinstance(body, dict) else st.just(body)


@schemathesis.hook
def map_case(context, case):
    """A row is put where it belongs."""
    if case.method.lower() == "put" and isinstance(case.body, dict) and case.body.get("id") in ids(case.path, "id"):
        case.query = {"id": f"eq.{case.body['id']}"}
    return case


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """An answer to a write need not have a body, and then has no media type: OpenAPI has no word for that."""
    is_bare = not response.content and "content-type" not in response.headers
    return not (is_bare and case.method == "POST" and response.status_code in (200, 201))
