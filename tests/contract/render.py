"""Deploys as Render does, and puts PgBouncer between: scripts/python tests/contract/render.py

Instances of the real binary get the environment that render.yaml gives them, and a port each. Shown are the deploy that fails
no request, and the connections it takes; pooler.py shows that no caller gets another's rows through PgBouncer.
"""

import concurrent.futures
import contextlib
import http.client
import json
import pathlib
import subprocess
import threading
import time
import unittest

import instances
from instances import ROOT, TRIAL, WEB, Instance, command, minted, service
from pooler import Pooled  # noqa: F401  (its tests are run, too)

# Connections of an instance besides those for requests: two that ask, one that listens.
BESIDES = 3
# What the database of the blueprint's plan takes.
BUDGET = 100
NAPPING = "select count(*) from pg_stat_activity where datname = 'deploy' and wait_event = 'PgSleep'"


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


def is_refused(instance):
    """Whether it takes no new connections."""
    try:
        instance.get(WEB["healthCheckPath"])
    except ConnectionRefusedError:
        return True
    except (OSError, http.client.HTTPException):
        # Taken just before it stopped taking any.
        pass
    return False


class Deploy(unittest.TestCase):
    """A deploy as Render makes it: migrate, start the new instance, hand over, stop the old one."""

    def test_1_no_request_fails(self):
        instances.database().run("tekup", "create database deploy")
        token = minted("service_role")
        self.assertEqual(command("tekup-db migrate --schema crm", "deploy").returncode, 0)
        instances.database().run("deploy", TRIAL)
        with contextlib.ExitStack() as stack:
            old = stack.enter_context(Instance("deploy", DB_SCHEMAS="crm,shared,trial"))
            with Stream([old], token, "/crm/contacts?select=id,company:companies(name)&limit=5") as stream:
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
                self.assertEqual(old.get("/renos/leads?limit=1", token)[0], 406, "it serves what it was started with")
                stream.instances = [old, new]
                stream.goes_on()
                stream.instances = [new]
                self.drains(old, token)
                stream.goes_on()
            self.assertEqual(stream.failed, [])
            self.assertGreater(sum(stream.answered), 100)
            new.ask_to_stop()
            self.assertEqual(new.status(), 0, new.said())

    def until(self, holds):
        """Waits until something holds."""
        end = time.monotonic() + 10
        while not holds():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.02)

    def drains(self, old, token):
        """A request in flight is answered after SIGTERM; nobody else gets in; the process ends well."""
        with concurrent.futures.ThreadPoolExecutor() as others:
            napping = others.submit(old.get, "/trial/rpc/nap", token, "POST", json.dumps({"seconds": 2.5}))
            self.until(lambda: instances.database().run("deploy", NAPPING) == ["1"])
            old.ask_to_stop()
            self.until(lambda: is_refused(old))
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
                names = instances.database().run("deploy", "select application_name from pg_stat_activity where datname = 'deploy' "
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
            done = subprocess.run([service.binary(), "serve"], env=second.environment, cwd=ROOT, text=True,
                                  capture_output=True, check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn(f"can't listen on 0.0.0.0:{instance.port}", done.stderr)


if __name__ == "__main__":
    unittest.main()
