"""Callers behind PgBouncer in transaction mode, configured as docs/DEPLOYMENT.md has it, but for addresses. Run by render.py."""

import concurrent.futures
import configparser
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

from instances import PASSWORD, ROOT, TRIAL, Instance, command, database, minted, service

GUIDE = (ROOT / "docs" / "DEPLOYMENT.md").read_text()
TENANTS = {"0a57e000-0000-4000-8000-00000000000a": "east", "0e570000-0000-4000-8000-00000000000e": "west"}
CONTACTS = 20


class Pooler:
    """PgBouncer in transaction mode, as the guide configures it."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tekup-"))
        self.port = service.free_port()
        owner = os.stat(database().socket)
        # PgBouncer refuses root, and the socket is for its owner.
        self.account = {"user": owner.st_uid, "group": owner.st_gid} if os.geteuid() == 0 else {}
        (text,) = re.findall(r"^```ini\n(\[databases\]\n.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
        parsed = configparser.ConfigParser()
        parsed.read_string(text)
        assert list(parsed["databases"]) == ["tekup"]
        parsed["databases"] = {"pooled": f"host={database().socket} port=5432 dbname=pooled"}
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
        database().run("tekup", "create database pooled")
        done = command("tekup-db migrate --schema crm", "pooled")
        assert done.returncode == 0, done.stderr
        database().run("pooled", TRIAL)
        cls.tokens = {tenant: minted("crm_app", "--org", tenant) for tenant in TENANTS}
        for tenant, name in TENANTS.items():
            database().run("pooled", f"insert into crm.tenants (id, name, slug) values ('{tenant}', '{name}', '{name}')")
            database().run("pooled", "insert into crm.contacts (tenant_id, first_name, last_name) "
                                     f"select '{tenant}', '{name}', n::text from generate_series(1, {CONTACTS}) n")

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
        with contextlib.ExitStack() as stack:
            settings = stack.enter_context(Pooler()).environment()
            one, two = (stack.enter_context(Instance("pooled", **settings)) for _ in range(2))
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
            database().run("pooled", "create table trial.things (id int); grant select on trial.things to service_role")
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
