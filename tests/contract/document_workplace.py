"""Where documents are run: the programs, and for each a working copy, a database with the sample company, and ports.

In: nothing but the project. Out: a Workplace, which copies for each document what it may change, and removes it again.
"""

import functools
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.parse

from document import ROOT

sys.path.insert(0, str(ROOT / "tests"))
import service  # noqa: E402  (its folder is known only now)

# What is no part of a working copy: built, fetched or of one's own.
LEFT_OUT = {".git", "target", "node_modules", ".postgres", ".data", ".env", "__pycache__"}
# What no command changes.
LENT = {"src", "tests", "fuzz", "benches"}
PORT = re.compile(r"\b808\d\b")


class Ports(dict):
    """The ports that stand for those that documents name, made when they are asked for."""

    def __missing__(self, name):
        self[name] = str(service.free_port())
        return self[name]

    def into(self, text):
        """The text with the ports that there are."""
        return PORT.sub(lambda found: self[found[0]], text)

    def out_of(self, text):
        """The text with the ports that the document names."""
        return functools.reduce(lambda text, names: re.sub(rf"\b{names[1]}\b", names[0], text), self.items(), text)


class Workplace:
    """What all documents have in common: the programs, and a database with the sample company to copy."""

    def __init__(self):
        self.template = service.Service(folder=service.quick_folder(), LOG_LEVEL="error")
        self.template.environment.pop("JWT_SECRET")
        # Programs may be run from here, which they may not from memory.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tekup-"))
        self.folder.chmod(0o755)
        self.template.start()
        # Its packages are fetched before anybody looks at what is printed.
        subprocess.run([ROOT / "scripts" / "node", "--version"], check=True, stdout=subprocess.DEVNULL)
        self.postgres = self.template.programs()
        self.template.stop()
        # What is lost with the machine is only a copy.
        with (self.template.data / "cluster" / "postgresql.conf").open("a") as settings:
            settings.write("fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n")
        self.path = os.environ["PATH"]
        self.programs = self.folder / "bin"
        self.programs.mkdir()
        (self.programs / "tekup-db").symlink_to(service.binary())
        # The tests' own clients are what a reader would install.
        self.program("node", f"exec '{ROOT}/scripts/node' \"$@\"")
        self.program("python3", f"exec '{ROOT}/scripts/python' \"$@\"")
        # A refusal is a failure, and who looks at a terminal sees no meter.
        fails = 'case " $* " in *" --fail "*) ;; *) set -- --fail-with-body "$@" ;; esac'
        self.program("curl", f'{fails}\nexec curl --no-progress-meter "$@"')

    def program(self, name, text):
        """Puts a program before those of the machine, which it may call."""
        (self.programs / name).write_text(f"#!/bin/sh\nPATH='{self.path}'\n{text}\n")
        (self.programs / name).chmod(0o755)

    def copy(self, to):
        """A working copy, with what was built and fetched in its place. What no command changes is not copied."""
        to.mkdir()
        for path in ROOT.iterdir():
            if path.name in LENT:
                (to / path.name).symlink_to(path)
            elif path.is_dir() and path.name not in LEFT_OUT:
                shutil.copytree(path, to / path.name, ignore=shutil.ignore_patterns(*LEFT_OUT))
            elif path.name not in LEFT_OUT:
                shutil.copy2(path, to)
        release = to / "target" / "release"
        release.mkdir(parents=True)
        (release / "tekup-db").symlink_to(service.binary())
        (to / "node_modules").symlink_to(ROOT / "tests" / "node_modules")
        data = self.template.folder / to.name
        data.mkdir()
        (to / ".data").symlink_to(data)
        subprocess.run(["cp", "-a", self.template.data, data / "postgres"], check=True)

    def remove(self, place):
        """Removes a working copy."""
        shutil.rmtree(self.template.folder / place.name, ignore_errors=True)
        shutil.rmtree(place, ignore_errors=True)

    def environment(self, place, port):
        """Where a document's commands find everything."""
        data = self.template.folder / place.name / "postgres"
        given = service.without_configuration() | {
            "PATH": f"{self.programs}:{self.path}:{self.postgres}",
            "HOST": "127.0.0.1",
            "PORT": port,
            "DATA_DIR": str(data),
            "POSTGRES_BIN": str(self.postgres) if (self.postgres / "initdb").is_file() else "",
            "LOG_LEVEL": "warn",
            # What a document shows changes by its own commands alone.
            "MAINTENANCE": "off",
            "OWNER_URL": f"postgres://postgres@{urllib.parse.quote(str(data / 'socket'), safe='')}:5432/tekup",
        }
        return {name: value for name, value in given.items() if value}

    def __exit__(self, *_):
        self.template.kill()
        self.template.remove()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self
