"""The service, started for a test or a measurement: an own database in a temporary folder, an own port, an own key.

In: the path of a binary. Out: a running service on loopback, with the sample data. Stopping it proves that it stops:
in time, with exit status 0, without a panic in its log and without a database left behind.
"""

import os
import pathlib
import re
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent

# A debug build on a busy machine creates a cluster, migrates and loads the sample data in this time.
START_TIMEOUT = 180
# The service itself gives requests in flight 25 seconds.
STOP_TIMEOUT = 40


class Failure(Exception):
    """The service did not do what it should; the message says what and shows the log."""


def binary():
    """TEKUP_DB, or the debug build."""
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target")
    return pathlib.Path(os.environ.get("TEKUP_DB") or target / "debug" / "tekup-db").resolve()


def quick_folder():
    """Where what is thrown away is kept: in memory, if there is room for some databases; None is the usual place."""
    memory = pathlib.Path("/dev/shm")
    return memory if memory.is_dir() and shutil.disk_usage(memory).free > 4 << 30 else None


def free_port():
    """A port of loopback that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def without_configuration():
    """The environment without what would configure the service, but for the place of PostgreSQL's programs."""
    example = ROOT / ".env.example"
    text = example.read_text() if example.exists() else ""
    names = set(re.findall(r"^#? ?([A-Z][A-Z0-9_]*)=", text, re.MULTILINE)) - {"POSTGRES_BIN"}
    return {name: value for name, value in os.environ.items() if name not in names}


class Service:
    """One service and its folder, in a folder where one is given. Use as a context, or call start() and stop(), again where a restart is the point."""

    def __init__(self, program=None, folder=None, **settings):
        self.program = program or binary()
        if not self.program.is_file():
            raise Failure(f"{self.program} is missing: cargo build")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tekup-", dir=folder))
        # PostgreSQL refuses root, so as root its files belong to another user, who must get here.
        self.folder.chmod(0o755)
        self.log = self.folder / "log"
        self.data = self.folder / "data"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = without_configuration() | {
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "DATA_DIR": str(self.data),
            "JWT_SECRET": secrets.token_urlsafe(48),
            "LOG_LEVEL": "warn",
            # What a test looks at changes by what the test does.
            "MAINTENANCE": "off",
        } | settings
        self.process = None

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.kill()
            self.remove()
            raise
        return self

    def __exit__(self, kind, *_):
        try:
            self.stop()
        finally:
            self.kill()
            self.remove()

    def spawn(self):
        """Starts the process; does not wait."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [str(self.program), "serve"], cwd=ROOT, env=self.environment, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, start_new_session=True,
            )

    def start(self, path="/ready", headers=None):
        """Starts the process and waits for an answer of 200. Gives the seconds this took."""
        began = time.monotonic()
        self.spawn()
        while not self.answers(path, headers or {}):
            if self.process.poll() is not None:
                raise Failure(self.with_log(f"the service ended with {self.process.returncode}"))
            if time.monotonic() - began > START_TIMEOUT:
                raise Failure(self.with_log(f"{path} did not answer 200 in {START_TIMEOUT} s"))
            time.sleep(0.005)
        return time.monotonic() - began

    def answers(self, path, headers):
        """Whether the service answers 200."""
        try:
            request = urllib.request.Request(self.url + path, headers=headers)
            with urllib.request.urlopen(request, timeout=10) as response:
                return response.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def token(self, *options):
        """A token that the service itself mints: token("--role", "crm_app", "--org", …)."""
        done = subprocess.run(
            [str(self.program), "token", *options], cwd=ROOT, env=self.environment, text=True, capture_output=True, check=False,
        )
        if done.returncode:
            raise Failure(f"token {' '.join(options)}: {done.stderr.strip()}")
        return done.stdout.strip()

    def postmaster(self):
        """The lines of the database's postmaster.pid (process, folder, start, port, socket folder, …), if it runs."""
        for file in self.data.glob("**/postmaster.pid"):
            return file.read_text().splitlines()
        return None

    def programs(self):
        """The folder of the running database's programs, psql among them."""
        server = self.postmaster()
        if server is None:
            raise Failure(self.with_log("the database does not run"))
        found = [pathlib.Path(f"/proc/{server[0]}/exe").resolve().parent, *sorted(ROOT.glob(".postgres/**/bin"))]
        folder = next((folder for folder in found if (folder / "psql").is_file()), None)
        if folder is None:
            raise Failure(f"no psql beside the database's programs, in {found[0]}")
        return folder

    def load(self, file):
        """Runs a file of SQL in the database that the service keeps, as its owner."""
        psql, server = self.programs() / "psql", self.postmaster()
        command = [psql, "-Xq", "-v", "ON_ERROR_STOP=1", "-h", server[4], "-p", server[3], "-U", "postgres", "-d", "tekup"]
        done = subprocess.run([*command, "-f", file], text=True, capture_output=True, check=False)
        if done.returncode:
            raise Failure(f"{file}: {done.stderr.strip()}")

    def stop(self):
        """Asks the process to stop, and holds it to that."""
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            raise Failure(self.with_log(f"the service did not stop in {STOP_TIMEOUT} s")) from None
        if status:
            raise Failure(self.with_log(f"the service ended with {status} after SIGTERM"))
        if "panicked at" in self.log.read_text(errors="replace"):
            raise Failure(self.with_log("the service panicked"))
        if left := self.postmaster():
            raise Failure(self.with_log(f"the service left its database running, process {left[0]}"))

    def kill(self):
        """Ends whatever is left, by its process id."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if left := self.postmaster():
            try:
                os.kill(int(left[0]), signal.SIGINT)
                time.sleep(1)
            except (ProcessLookupError, ValueError):
                pass

    def remove(self):
        """Removes the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def with_log(self, message):
        """The message and the end of the log."""
        log = self.log.read_text(errors="replace") if self.log.exists() else ""
        return f"{message}; its log ends:\n" + "\n".join(log.splitlines()[-40:])
