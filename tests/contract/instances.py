"""Instances of the real binary, as render.yaml configures them, and a database for them that a service of its own keeps.

In: the name of a database, and settings besides the blueprint's. Out: a running instance on a port of its own, its answers, its
exit status.
"""

import atexit
import contextlib
import functools
import http.client
import pathlib
import secrets
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))
import service  # noqa: E402  (its folder is known only now)

(WEB,) = yaml.safe_load((ROOT / "render.yaml").read_text())["services"]
START = 60
SECRET, PASSWORD = secrets.token_urlsafe(48), secrets.token_hex(16)

# A function to wait in, for requests in flight.
TRIAL = """
create schema trial;
create function trial.nap(seconds float8) returns text language plpgsql as
    'begin perform pg_sleep(seconds); return ''rested''; end';
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
            subprocess.run([self.keeper.program, *words], env=self.keeper.environment, cwd=ROOT, check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.keeper.start()
        (self.socket,) = (line for line in self.keeper.postmaster() if line.endswith("/socket"))
        self.psql = self.keeper.programs() / "psql"

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


@functools.cache
def database():
    """The one for all tests of the process."""
    made = Database()
    atexit.register(made.keeper.remove)
    atexit.register(made.keeper.kill)
    made.start()
    return made


def environment(name, **settings):
    """What render.yaml makes of the environment, with a database of this name."""
    generated = {"JWT_SECRET": SECRET, "AUTHENTICATOR_PASSWORD": PASSWORD, "DATABASE_URL": database().url(name)}
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
