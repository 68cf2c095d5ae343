"""Deploys as Render does, and puts PgBouncer between: scripts/python tests/contract/render.py

Instances of the real binary get the environment that render.yaml gives them, one port each, and a database that a service
of its own keeps. PgBouncer is configured as docs/DEPLOYMENT.md has it, but for addresses. Shown are the deploy that fails
no request, the connections it takes, and that no caller gets another's rows through a pooler.
"""

import concurrent.futures
import configparser
import contextlib
import http.client
import json
import os
import pathlib
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.parse

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))
import service  # noqa: E402  (its folder is known only now)

GUIDE = (ROOT / "docs" / "DEPLOYMENT.md").read_text()
BLUEPRINT = yaml.safe_load((ROOT / "render.yaml").read_text())
(WEB,) = BLUEPRINT["services"]
# Connections of an instance besides those for requests: two that ask, one that listens.
BESIDES = 3
# What the database of the blueprint's plan takes.
BUDGET = 100
START = 60
SECRET, PASSWORD = secrets.token_urlsafe(48), secrets.token_hex(16)
TENANTS = {"0a57e000-0000-4000-8000-00000000000a": "east", "0e570000-0000-4000-8000-00000000000e": "west"}
CONTACTS = 20

# A function to wait in, for requests in flight.
TRIAL = """
create schema trial;
create function trial.nap(seconds float8) returns text language plpgsql as 'begin perform pg_sleep(seconds); return ''rested''; end';
grant usage on schema trial to service_role;
grant execute on function trial.nap to service_role;
"""


class Database:
    """A PostgreSQL with nothing in it, kept by a service of its own."""

    def __init__(self):
        self.keeper = service.Service(folder=service.quick_folder())

    def start(self):
        for words in (["migrate"], ["seed", "minimal"]):
            # A few rows, so that the service does not load the sample company.
            subprocess.run([self.keeper.program, *words], env=self.keeper.environment, cwd=ROOT, check=True, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
        self.keeper.start()
        (self.socket,) = (line for line in self.keeper.postmaster() if line.endswith("/socket"))
        found = [pathlib.Path(f"/proc/{self.keeper.postmaster()[0]}/exe").resolve().parent, *sorted(ROOT.glob(".postgres/**/bin"))]
        self.psql = next(folder / "psql" for folder in found if (folder / "psql").is_file())

    def run(self, name, text):
        """Runs SQL as the owner. Gives its rows, as text."""
        command = [self.psql, "-XqAt", "-v", "ON_ERROR_STOP=1", "-h", self.socket, "-U", "postgres", "-d", name, "-c", text]
        done = subprocess.run(command, text=True, capture_output=True, check=False)
        if done.returncode:
            raise service.Failure(f"{text}: {done.stderr}")
        return done.stdout.splitlines()

    def url(self, name):
        """The URL that Render would give: the owner's."""
        return f"postgres://postgres@{urllib.parse.quote(self.socket, safe='')}:5432/{name}"


DATABASE = Database()


def setUpModule():
    unittest.addModuleCleanup(DATABASE.keeper.remove)
    unittest.addModuleCleanup(DATABASE.keeper.kill)
    DATABASE.start()


def environment(name, **settings):
    """What render.yaml makes of the environment, with a database of this name."""
    generated = {"JWT_SECRET": SECRET, "AUTHENTICATOR_PASSWORD": PASSWORD, "DATABASE_URL": DATABASE.url(name)}
    given = {}
    for entry in WEB["envVars"]:
        key = entry["key"]
        given[key] = entry.get("value") or generated.get(key) or secrets.token_hex(24)
    wanted = service.without_configuration() | given | {"LOG_LEVEL": "warn"} | settings
    return {key: value for key, value in wanted.items() if value is not None}


def command(line, name, **settings):
    """Runs a command of the blueprint."""
    program, *words = line.split()
    assert program == "tekup-db", line
    return subprocess.run([service.binary(), *words], env=environment(name, **settings), cwd=ROOT, text=True, capture_output=True,
                          check=False)


class Instance:
    """One instance of the service on a port that it is given."""

    def __init__(self, name, **settings):
        self.port = service.free_port()
        self.log = tempfile.NamedTemporaryFile("w+", prefix="tekup-", suffix=".log")
        self.environment = environment(name, PORT=str(self.port), **settings)

    def __enter__(self):
        self.process = subprocess.Popen([service.binary(), "serve"], env=self.environment, cwd=ROOT, stdin=subprocess.DEVNULL,
                                        stdout=self.log, stderr=self.log, start_new_session=True)
        began = time.monotonic()
        while True:
            with contextlib.suppress(OSError, http.client.HTTPException):
                if self.get(WEB["healthCheckPath"])[0] == 200:
                    return self
            if self.process.poll() is not None or time.monotonic() - began > START:
                self.__exit__()
                raise service.Failure(f"an instance does not serve; its log ends:\n{self.said()}")
            time.sleep(0.02)

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def said(self):
        """The end of its log."""
        return "".join(pathlib.Path(self.log.name).read_text(errors="replace").splitlines(keepends=True)[-20:])

    def ask_to_stop(self):
        self.process.send_signal(signal.SIGTERM)

    def status(self):
        """What it ends with, in the time that Render gives it."""
        return self.process.wait(WEB["maxShutdownDelaySeconds"])

    def get(self, path, token=None, method="GET", body=None, timeout=30):
        """Status and text of an answer, on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            if body is not None:
                headers["Content-Type"] = "application/json"
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()


def minted(role, *options):
    """A token of the service's own."""
    done = command(f"tekup-db token --role {role} {' '.join(options)}", "tekup")
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


class Stream:
    """Requests without an end, to whichever instances have the traffic, as a router sends them. Keeps what failed."""

    CALLERS = 4

    def __init__(self, instances, token, path):
        self.instances, self.token, self.path = instances, token, path
        self.answered, self.failed, self.is_over = [0] * self.CALLERS, [], False

    def __enter__(self):
        self.callers = [threading.Thread(target=self.call, args=(number,)) for number in range(self.CALLERS)]
        for caller in self.callers:
            caller.start()
        return self

    def __exit__(self, *_):
        self.is_over = True
        for caller in self.callers:
            caller.join()

    def call(self, number):
        while not self.is_over:
            instances = self.instances
            instance = instances[self.answered[number] % len(instances)]
            try:
                status, text = instance.get(self.path, self.token)
            except (OSError, http.client.HTTPException) as error:
                status, text = 0, repr(error)
            if status == 200:
                self.answered[number] += 1
            else:
                self.failed.append((status, text))

    def goes_on(self):
        """Waits until each caller has had some more answers."""
        wanted = [count + 5 for count in self.answered]
        until = time.monotonic() + 20
        while not self.failed and any(count < want for count, want in zip(self.answered, wanted)):
            assert time.monotonic() < until, "the stream of requests has stopped"
            time.sleep(0.01)


class Deploy(unittest.TestCase):
    """A deploy as Render makes it: migrate, start the new instance, hand over, stop the old one."""

    def test_1_no_request_fails(self):
        DATABASE.run("tekup", "create database deploy")
        token = minted("service_role")
        self.assertEqual(command("tekup-db migrate --schema crm", "deploy").returncode, 0)
        DATABASE.run("deploy", TRIAL)
        with contextlib.ExitStack() as stack:
            old = stack.enter_context(Instance("deploy", DB_SCHEMAS="crm,shared,trial"))
            stream = stack.enter_context(Stream([old], token, "/crm/contacts?select=id,company:companies(name)&limit=5"))
            stream.goes_on()
            # The other schemas are made while the old instance serves.
            done = command(WEB["preDeployCommand"], "deploy")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("migrations/renos/0001_people.sql", done.stdout)
            stream.goes_on()
            again = command(WEB["preDeployCommand"], "deploy")
            self.assertEqual((again.returncode, again.stdout), (0, "0 applied\n"))
            new = stack.enter_context(Instance("deploy", DB_SCHEMAS="vault,billy,renos,crm,flow,shared,trial"))
            self.assertEqual(new.get("/renos/leads?limit=1", token)[0], 200)
            self.assertEqual(old.get("/renos/leads?limit=1", token)[0], 406, "the old one serves what it was started with")
            stream.instances = [old, new]
            stream.goes_on()
            stream.instances = [new]
            self.drains(old, token)
            stream.goes_on()
            new.ask_to_stop()
            stream.is_over = True
            self.assertEqual(new.status(), 0, new.said())
        # At the end nobody was there any more, and callers were told so: what went wrong before counts.
        refused = [failure for failure in stream.failed if failure[0] == 0]
        self.assertLessEqual(len(refused), Stream.CALLERS, refused)
        self.assertEqual([failure for failure in stream.failed if failure[0] != 0], [])
        self.assertGreater(sum(stream.answered), 100)

    def drains(self, old, token):
        """A request in flight is answered after SIGTERM; nobody else gets in; the process ends well."""
        with concurrent.futures.ThreadPoolExecutor() as others:
            # By GET it would be a read, and repeated.
            napping = others.submit(old.get, "/trial/rpc/nap", token, "POST", json.dumps({"seconds": 1.5}))
            time.sleep(0.5)
            old.ask_to_stop()
            time.sleep(0.2)
            with self.assertRaises(ConnectionRefusedError):
                old.get(WEB["healthCheckPath"])
            self.assertFalse(napping.done())
            self.assertEqual(napping.result(), (200, '"rested"'))
        self.assertEqual(old.status(), 0, old.said())

    def test_2_two_instances_stay_within_the_budget(self):
        size = int({entry["key"]: entry.get("value") for entry in WEB["envVars"]}["DB_POOL_SIZE"])
        token = minted("service_role")
        nap = ("/trial/rpc/nap", token, "POST", json.dumps({"seconds": 0.5}))
        with Instance("deploy", DB_SCHEMAS="trial") as one, Instance("deploy", DB_SCHEMAS="trial") as two:
            with concurrent.futures.ThreadPoolExecutor(6 * size) as callers:
                asked = [callers.submit(instance.get, *nap) for instance in (one, two) for _ in range(3 * size)]
                time.sleep(0.7)
                names = DATABASE.run("deploy", "select application_name from pg_stat_activity where datname = 'deploy' "
                                               "and application_name like 'tekup-db%'")
                self.assertEqual({call.result()[0] for call in asked}, {200})
        # One role takes four fifths of the pool at most.
        self.assertGreaterEqual(names.count("tekup-db"), 2 * size * 4 // 5)
        self.assertLessEqual(names.count("tekup-db"), 2 * size)
        self.assertLessEqual(len(names), 2 * (size + BESIDES))
        # And one that migrates, and those that PostgreSQL keeps for superusers.
        self.assertLess(2 * (size + BESIDES) + 1 + 3, BUDGET)

    def test_3_it_listens_where_it_is_told_to(self):
        with Instance("deploy", DB_SCHEMAS="trial") as instance:
            listening = [line.split() for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]]
            # State 0A is LISTEN, address 00000000 every interface.
            self.assertIn(("00000000:%04X" % instance.port, "0A"), [(line[1], line[3]) for line in listening])
            second = Instance("deploy", DB_SCHEMAS="trial")
            second.environment["PORT"] = str(instance.port)
            done = subprocess.run([service.binary(), "serve"], env=second.environment, cwd=ROOT, text=True, capture_output=True, check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn(f"can't listen on 0.0.0.0:{instance.port}", done.stderr)


class Pooler:
    """PgBouncer in transaction mode, as the guide configures it."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tekup-"))
        self.port = service.free_port()
        owner = os.stat(DATABASE.socket)
        # PgBouncer refuses root, and the socket is for its owner.
        self.account = {"user": owner.st_uid, "group": owner.st_gid} if os.geteuid() == 0 else {}
        (text,) = re.findall(r"^```ini\n(\[databases\]\n.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
        parsed = configparser.ConfigParser()
        parsed.read_string(text)
        assert list(parsed["databases"]) == ["tekup"]
        parsed["databases"] = {"pooled": f"host={DATABASE.socket} port=5432 dbname=pooled"}
        # Fewer sessions than the service has connections: they are shared all the time.
        parsed["pgbouncer"].update(
            listen_port=str(self.port), unix_socket_dir="", auth_file=str(self.folder / "userlist.txt"), default_pool_size="4",
            logfile=str(self.folder / "log"),
        )
        if keeps_what_is_prepared():
            parsed["pgbouncer"]["max_prepared_statements"] = "256"
        with (self.folder / "pgbouncer.ini").open("w") as file:
            parsed.write(file)
        (self.folder / "userlist.txt").write_text(f'"authenticator" "{PASSWORD}"\n')
        for path in [self.folder, *self.folder.iterdir()]:
            os.chown(path, owner.st_uid, owner.st_gid)

    def __enter__(self):
        self.process = subprocess.Popen(["pgbouncer", "-q", self.folder / "pgbouncer.ini"], cwd="/", stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **self.account)
        until = time.monotonic() + 10
        while True:
            with contextlib.suppress(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", self.port)).close()
                return self
            assert self.process.poll() is None and time.monotonic() < until, (self.folder / "log").read_text()
            time.sleep(0.02)

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder)

    def environment(self):
        """What the guide sets for a service behind it."""
        (text,) = re.findall(r"^```ini\n(DATABASE_URL=postgres://authenticator:.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
        settings = dict(line.split("=", 1) for line in text.splitlines())
        settings["DATABASE_URL"] = f"postgres://authenticator:{PASSWORD}@127.0.0.1:{self.port}/pooled"
        # The login is the URL's.
        return settings | {"AUTHENTICATOR_PASSWORD": None, "DB_SCHEMAS": "crm,shared,trial"}


def keeps_what_is_prepared():
    """Whether this PgBouncer knows prepared statements of the protocol in transaction mode."""
    said = subprocess.run(["pgbouncer", "--version"], text=True, capture_output=True, check=True).stdout
    return tuple(int(number) for number in re.search(r"(\d+)\.(\d+)", said).groups()) >= (1, 21)


class Pooled(unittest.TestCase):
    """Through PgBouncer in transaction mode, everybody sees their own."""

    @classmethod
    def setUpClass(cls):
        DATABASE.run("tekup", "create database pooled")
        done = command("tekup-db migrate --schema crm", "pooled")
        assert done.returncode == 0, done.stderr
        DATABASE.run("pooled", TRIAL)
        cls.tokens = {tenant: minted("crm_app", "--org", tenant) for tenant in TENANTS}
        for tenant, name in TENANTS.items():
            DATABASE.run("pooled", f"insert into crm.tenants (id, name, slug) values ('{tenant}', '{name}', '{name}')")
            DATABASE.run("pooled", f"insert into crm.contacts (tenant_id, first_name, last_name) select '{tenant}', '{name}', n::text "
                                   f"from generate_series(1, {CONTACTS}) n")

    def interleaved(self, instance, times):
        """Asks as each tenant in turn, many at once. Gives the failures; every row must be the caller's."""
        def ask(number):
            tenant = list(TENANTS)[number % len(TENANTS)]
            paths = [f"/crm/contacts?select=tenant_id,last_name&order=id&limit={CONTACTS}",
                     f"/crm/contacts?select=tenant_id,tenant:tenants(id,name)&first_name=neq.nobody&offset={number % 3}",
                     f"/crm/tenants?select=tenant_id:id,contacts(tenant_id)&order=name"]
            return tenant, instance.get(paths[number // 2 % len(paths)], self.tokens[tenant])

        failures = []
        with concurrent.futures.ThreadPoolExecutor(16) as callers:
            for tenant, (status, text) in callers.map(ask, range(times)):
                if status != 200:
                    failures.append((status, json.loads(text)["code"]))
                    continue
                ids = set(re.findall(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", text))
                self.assertEqual(ids, {tenant}, text)
        return failures

    def test_1_tenants_stay_apart_where_nothing_is_prepared(self):
        with Pooler() as pooler, Instance("pooled", **pooler.environment()) as instance:
            self.assertEqual(self.interleaved(instance, 500), [])
            # What one writes, the other does not see.
            for number, (tenant, token) in enumerate(self.tokens.items()):
                body = json.dumps({"first_name": "Ida", "last_name": "Kvist", "email": f"{number}@kvist.example"})
                self.assertEqual(instance.get("/crm/contacts", token, "POST", body)[0], 201)
            for token in self.tokens.values():
                self.assertEqual(len(json.loads(instance.get("/crm/contacts?first_name=eq.Ida", token)[1])), 1)

    def test_2_instances_share_it(self):
        with Pooler() as pooler, Instance("pooled", **pooler.environment()) as one, Instance("pooled", **pooler.environment()) as two:
            for _ in range(3):
                for instance in (one, two):
                    self.assertEqual(instance.get("/ready")[0], 200, instance.said())
                    self.assertEqual(self.interleaved(instance, 20), [])
                # A look at the database holds for a second.
                time.sleep(1.1)

    def test_3_a_signal_reloads_the_catalog(self):
        with Pooler() as pooler, Instance("pooled", **pooler.environment()) as instance:
            token = minted("service_role")
            self.assertEqual(instance.get("/trial/things", token)[0], 404)
            DATABASE.run("pooled", "create table trial.things (id int); grant select on trial.things to service_role")
            instance.process.send_signal(signal.SIGUSR1)
            until = time.monotonic() + 10
            while instance.get("/trial/things", token)[0] != 200:
                self.assertLess(time.monotonic(), until, instance.said())
                time.sleep(0.05)

    def test_4_what_is_prepared_needs_a_pooler_that_knows_it(self):
        settings = {"DB_STATEMENT_CACHE": "256"}
        with Pooler() as pooler, Instance("pooled", **pooler.environment() | settings) as instance:
            failures = self.interleaved(instance, 200)
        if keeps_what_is_prepared():
            self.assertEqual(failures, [])
        else:
            # As the guide says: some requests fail, and none is answered with another's rows.
            self.assertTrue(failures)
            self.assertLessEqual(set(failures), {(400, "26000"), (400, "42P05")})


if __name__ == "__main__":
    unittest.main()
