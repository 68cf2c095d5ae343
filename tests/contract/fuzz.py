"""Calls everything that the OpenAPI documents offer with what nobody would write, and holds each answer against them:
scripts/python tests/contract/fuzz.py [TIMES [SEED]]

TEKUP_URL is the running service, and `$TEKUP_DB token` makes its tokens; DB_TX_END=rollback keeps the sample rows for
whatever comes next. Each role gets its own document, as a client would. Of every answer must hold: it is no failure of the
service, and its status, headers, media type and body are as documented. What an operation's document forbids is refused.

TIMES multiplies the calls, of which there are a few for each method of each path (of one table in three, if TIMES is less
than 3). The same SEED gives the same inputs,
but for what they take from earlier answers.
"""

import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
SEED = 20251022
CHECKS = [
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
    "response_schema_conformance", "unsupported_method", "ignored_auth",
]
OPTIONS = [
    "--phases", "examples,fuzzing", "--continue-on-failure", "--generation-database", "none", "--suppress-health-check", "all",
    "--warnings", "off", "--request-timeout", "60", "--no-color",
]
# What a refusal may be.
REFUSED = ["400", "401", "403", "404", "405", "406", "409", "413", "414", "415", "416", "422", "429"]
# The ids of tables, functions and the service's own routes begin with a verb, those of operations with a schema.
VERBS = "^(get|insert|update|upsert|delete|call)_"
OPERATIONS = ["--exclude-operation-id-regex", VERBS]
TABLES = ["--include-operation-id-regex", VERBS]
# What is called as whom, how often, and with which inputs. What a document forbids is asked without the sample data's
# values, which would put right what is to be wrong; functions take what PostgreSQL can read, so they are left out of it.
RUNS = [
    ("tables", "service_role", 2, TABLES),
    ("operations", "service_role", 3, [*OPERATIONS, "--mode", "positive"]),
    ("what operations forbid", "service_role", 3, [*OPERATIONS, "--mode", "negative"]),
    ("all", "crm_app", 3, []),
]


def token(role, *more):
    """A token that the service itself mints."""
    command = [os.environ["TEKUP_DB"], "token", "--role", role, *more]
    return subprocess.run(command, text=True, capture_output=True, check=True).stdout.strip()


def read(path):
    """What the service role reads."""
    request = urllib.request.Request(
        os.environ["TEKUP_URL"] + path, headers={"Authorization": f"Bearer {token('service_role')}"},
    )
    with urllib.request.urlopen(request, timeout=30) as response:
        return json.load(response)


def all_or_some(times):
    """Chooses tables: one in three is enough of what is made in one way, unless there is time for all."""
    tables = [path for path, item in read("/openapi.json")["paths"].items() if "upsert_" in json.dumps(item)]
    left_out = [path for index, path in enumerate(sorted(tables)) if index % 3 and times < 3]
    return ["--exclude-path-regex", f"^({'|'.join(left_out)})$"] if left_out else []


def without_input():
    """Operations that take nothing, or any text in their path, of which nothing can be forbidden."""
    def takes_any(parameter):
        return parameter.get("in") == "path" and set(parameter["schema"]) <= {"type", "description"} and parameter["schema"]["type"] == "string"
    operations = [operation for item in read("/openapi.json")["paths"].values() for operation in item.values()]
    return [
        operation["operationId"] for operation in operations
        if all(map(takes_any, operation.get("parameters", []))) and "requestBody" not in operation
    ]


def fuzz(run, organisation, times, seed):
    """One run: its name, the calls it made, and what it found."""
    name, role, examples, options = run
    options = [*options, *(all_or_some(times) if options is TABLES else [])]
    bearer = token(role, "--org", organisation, "--sub", "11111111-1111-4111-8111-111111111111", "--expires", "1d")
    path = [str(HERE), os.environ.get("PYTHONPATH", "")]
    environment = dict(os.environ) | {"PYTHONPATH": os.pathsep.join(filter(None, path))}
    checks = CHECKS
    if "negative" in options:
        options = ["|".join([VERBS, *(f"^{id}$" for id in without_input())]) if option == VERBS else option for option in options]
        checks = [*CHECKS, "negative_data_rejection"]
    else:
        environment |= {"SCHEMATHESIS_HOOKS": "fuzz_hooks", "FUZZ_SERVICE_TOKEN": token("service_role", "--expires", "1d")}
    command = [
        sys.executable, "-m", "schemathesis.cli", "run", f"{os.environ['TEKUP_URL']}/openapi.json",
        "--header", f"Authorization: Bearer {bearer}", "--checks", ",".join(checks), "--max-examples", str(examples * times),
        "--seed", str(seed), *OPTIONS, *options,
    ]
    # It leaves a folder where it is run.
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "schemathesis.toml").write_text(f"[checks]\nnegative_data_rejection.expected-statuses = {REFUSED}\n")
        done = subprocess.run(command, cwd=folder, env=environment, text=True, capture_output=True, check=False)
    said = done.stdout + done.stderr
    calls = re.search(r"(\d+) generated", said)
    return f"{name} as {role}", int(calls[1]) if calls else 0, "" if done.returncode == 0 else said


def main(times=1, seed=SEED):
    """0 where nothing was found."""
    organisation = read("/crm/tenants?is_active=is.true&order=slug&limit=1")[0]["id"]
    status = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as workers:
        runs = [workers.submit(fuzz, run, organisation, times, seed) for run in RUNS]
        for run in runs:
            name, calls, found = run.result()
            print(f"{name}: {calls} calls, {'nothing found' if not found else 'findings:'}\n{found}", end="", flush=True)
            status |= bool(found) or calls == 0
    return status


sys.exit(main(*map(int, sys.argv[1:3])))
