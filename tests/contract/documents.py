"""Runs every command of README.md and docs/*.md: scripts/python tests/contract/documents.py [FILE…]

The blocks of a document are run from its first to its last, by one shell in a working copy of the project, with a service
and the sample company of its own. How a block is marked, in the line that opens it, where nobody who reads sees it:

    ```sh                    run: ends with 0 within a minute
    ```sh fails              run: ends with something else
    ```sh background         run until the document's end; the next block waits for its /ready
    ```sh no-run: REASON     not run
    ```text                  right below a block that is run: what that prints, with … for anything
    ```sql run               run as the database's owner
    ```js file: NAME         any language: written into the working copy, for the blocks below

and `<!-- sh` begins a block for the test alone, up to `-->`. `localhost:8080` is the service; it runs where a block names it or
`<!-- service -->` is there, and $OWNER_URL is its database, as its owner. 8081 to 8089 are free ports. A command in a line's code, such as `tekup-db seed demo`,
has to be one that the program knows, with its options; links have to lead somewhere; docs/TROUBLESHOOTING.md has every code
that the service answers with, and the tests that docs/SECURITY.md names are there.
"""

import concurrent.futures
import contextlib
import difflib
import functools
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse

from markdown_it import MarkdownIt

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))
import service  # noqa: E402  (its folder is known only now)

MARKDOWN = MarkdownIt("commonmark").enable("table")
# Other names of what is `sh` here; a prompt before a command could not be copied.
OTHER_SHELLS = {"bash", "shell", "console", "zsh", "shell-session", "sh-session", "terminal"}
# What is no part of a working copy: built, fetched or of one's own.
LEFT_OUT = {".git", "target", "node_modules", ".postgres", ".data", ".env", "__pycache__"}
LENT = {"src", "tests", "fuzz", "benches"}
LIMIT = 180
CODE = re.compile(r'"((?:auth|batch|idempotency|operation|query|request)\.[a-z_]+|PGRST[0-9X]{3})"')
# Settings of a transaction have such names, too.
SETTINGS = {"request.cookies", "request.headers", "request.method", "request.path", "request.jwt.claims"}
ADDRESS = "localhost:8080"
PORT = re.compile(r"\b808\d\b")
# What differs from run to run, in the order it is looked for.
VARYING = [
    (r"eyJ[\w-]+\.[\w-]+\.[\w-]+", "<token>"),
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "<id>"),
    (r"\bc[0-9a-f]{24}\b", "<id>"),
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[+-]\d\d(?::?\d\d)?|Z)?", "<time>"),
    (r"\d{4}-\d\d-\d\d", "<date>"),
    (r"\b\d+(?:\.\d+)? ?(?:ms|µs|s|min)\b", "<duration>"),
]


class Fault(Exception):
    """A document is not right; the message says where and how."""


class Block:
    """A block of a document: the line it begins in, its language, how it is marked, its text, and what it prints."""

    def __init__(self, line, info, text):
        self.line, self.text, self.output = line, text, None
        self.language, _, self.mark = info.strip().partition(" ")
        self.mark = self.mark.strip()

    def own_port(self):
        """The port of what it starts, where it names one."""
        found = re.search(r"\bPORT=(808\d)\b", self.text)
        return found[1] if found else "8080"

    def is_run(self):
        """Whether the shell gets to see it."""
        return self.language == "sh" and not self.mark.startswith("no-run:") or self.language == "sql" and self.mark == "run"

    def names_service(self):
        """Whether it needs the service, or the database that the service keeps."""
        return self.is_run() and (self.language == "sql" or ADDRESS in self.text) or bool(self.file()) and ADDRESS in self.text

    def reason(self):
        """Why it is not run."""
        return self.mark.removeprefix("no-run:").strip()

    def file(self):
        """The file that it is."""
        return self.mark.removeprefix("file:").strip() if self.mark.startswith("file:") else None


class Document:
    """A document's blocks, links and commands among its text."""

    def __init__(self, path):
        self.path = path
        self.name = str(path.relative_to(ROOT))
        text = path.read_text()
        tokens = MARKDOWN.parse(text)
        self.blocks = [block for index, token in enumerate(tokens) for block in self.blocks_of(token, tokens[index + 1:index + 2])]
        inline = [(token.map[0] + 1, child) for token in tokens if token.type == "inline" for child in token.children]
        self.spans = [(line, child.content) for line, child in inline if child.type == "code_inline"]
        self.links = [(line, child.attrs["href"]) for line, child in inline if child.type == "link_open"]
        self.wants_service = "<!-- service -->" in text or any(block.names_service() for block in self.blocks)

    def blocks_of(self, token, following):
        """The block that a token is, checked."""
        hidden = re.match(r"<!-- (sh.*)\n([^\0]*?)-->", token.content) if token.type == "html_block" else None
        if hidden:
            yield Block(token.map[0] + 1, *hidden.groups())
        if token.type == "code_block" and self.path.name != "API.md":
            raise Fault(f"{self.name}:{token.map[0] + 1}: a block that is only indented: write ```sh, so that it is run")
        if token.type != "fence":
            return
        block = Block(token.map[0] + 1, token.info, token.content)
        where = f"{self.name}:{block.line}"
        if block.language in OTHER_SHELLS or not block.language:
            raise Fault(f"{where}: a block of {block.language or 'nothing'!r}: commands are sh, what they print is text")
        has_reason = block.mark.startswith("no-run:") and block.reason()
        if block.language == "sh" and block.mark not in ("", "fails", "background") and not has_reason:
            raise Fault(f"{where}: marked {block.mark!r}; there are fails, background and no-run: REASON")
        if block.is_run() and following and following[0].type == "fence" and following[0].info.strip() == "text":
            block.output = following[0].content
        yield block


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


def normal(text):
    """A text without what differs from run to run."""
    for pattern, name in VARYING:
        text = re.sub(pattern, name, text)
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def prints(wanted, got):
    """Whether a text is another, where … stands for anything, and for any lines where it has one of its own."""
    pattern = re.escape(wanted)
    pattern = re.sub(r"(?:^|(?<=\n))…\n", "(?:.*\n)*?", pattern.replace("\\\n", "\n"))
    pattern = re.sub(r"\n…$", r"(?:\n.*)*", pattern).replace("…", ".*?")
    return re.fullmatch(pattern, got) is not None


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
        found = [pathlib.Path(f"/proc/{self.template.postmaster()[0]}/exe").resolve().parent, *sorted(ROOT.glob(".postgres/**/bin"))]
        self.postgres = next((folder for folder in found if (folder / "psql").is_file()), found[0])
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
        self.program("curl", 'case " $* " in *" --fail "*) ;; *) set -- --fail-with-body "$@" ;; esac\nexec curl --no-progress-meter "$@"')

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
            "OWNER_URL": f"postgres://postgres@{urllib.parse.quote(str(data / 'socket'), safe='')}:5432/tekup",
        }
        return {name: value for name, value in given.items() if value}

    def __exit__(self, *_):
        self.template.kill()
        self.template.remove()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self


PRELUDE = """
set -euo pipefail -a
started=()
# Notes what was started, and waits until it is ready.
begun() {
    started+=("$1"); echo "$1" >>"$2/pids"
    until curl --silent --fail --output /dev/null "http://127.0.0.1:$3/ready"; do
        kill -0 "$1" || { echo "it ended before it was ready"; return 1; }
        sleep 0.05
    done
}
# Stops it all, the last one first: whose database it is ends last.
end() {
    local index
    for ((index = ${#started[@]} - 1; index >= 0; index--)); do
        kill -TERM "${started[index]}"
        wait "${started[index]}" || { echo "what was started ended with $? after SIGTERM"; return 1; }
    done
}
"""


def script(document, steps, ports):
    """Writes the blocks into a folder, and the program that runs them all in one shell."""
    lines = [PRELUDE]
    starts_it = any(block.mark == "background" and block.own_port() == "8080" for block in document.blocks)
    if document.wants_service and not starts_it:
        lines += [f"setsid tekup-db serve >{steps}/service.out 2>&1 &", f"begun $! {steps} $PORT"]
    for number, block in enumerate(document.blocks):
        step, output = steps / f"{number}.sh", steps / f"{number}.out"
        text = ports.into(block.text)
        if name := block.file():
            step.write_text(text)
            lines += [f"mkdir -p \"$(dirname '{name}')\"; cp {step} '{name}'"]
        if not block.is_run():
            continue
        step.write_text(text)
        lines += [f"echo {number} >{steps}/current"]
        if block.language == "sql":
            lines += [f"psql -XqAt -v ON_ERROR_STOP=1 \"$OWNER_URL\" -f {step} >{output} 2>&1 </dev/null"]
        elif block.mark == "background":
            # The shell gives way to the program, which a signal is for.
            step.write_text(re.sub(r"^((?:\w+=\S+ )*)(tekup-db serve)\s*\Z", r"\1exec \2\n", text, flags=re.MULTILINE))
            lines += [f"setsid bash -euo pipefail {step} >{output} 2>&1 </dev/null &", f"begun $! {steps} {ports[block.own_port()]}"]
        elif block.mark == "fails":
            lines += [f"! bash -euo pipefail {step} >{output} 2>&1 </dev/null"]
        else:
            lines += [f". {step} >{output} 2>&1 </dev/null"]
    return "\n".join([*lines, f"echo done >{steps}/current", "end\n"])


def kill(steps):
    """Ends what is left of what a document has started."""
    pids = (steps / "pids").read_text().split() if (steps / "pids").exists() else []
    for pid in map(int, pids):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)


def run(workplace, document):
    """Runs a document. Gives what there is to say of it."""
    began = time.monotonic()
    # Not long: the path of a Unix socket has its bounds.
    place = workplace.folder / document.path.stem.lower()[:16]
    steps, ports = workplace.folder / f"{place.name}.d", Ports()
    workplace.copy(place)
    steps.mkdir()
    shell = None
    try:
        shell = subprocess.Popen(["bash", "-c", script(document, steps, ports)], cwd=place,
                                 env=workplace.environment(place, ports["8080"]),
                                 stdin=subprocess.DEVNULL, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            said = shell.communicate(timeout=LIMIT)[0].decode()
        except subprocess.TimeoutExpired:
            raise Fault(f"{where(document, steps)}: not done after {LIMIT} s\n{output(steps)}") from None
        if shell.returncode:
            raise Fault(f"{where(document, steps)}: the block ended with {shell.returncode}\n{output(steps)}{said}")
        compare(document, steps, ports)
    finally:
        if shell and shell.poll() is None:
            os.killpg(shell.pid, signal.SIGKILL)
        kill(steps)
        workplace.remove(place)
    done = [block for block in document.blocks if block.is_run()]
    compared = sum(block.output is not None for block in done)
    return f"{document.name}: {len(done)} run, {compared} outputs compared, {time.monotonic() - began:.1f} s"


def current(steps):
    """The number of the block that is run, or was last."""
    file = steps / "current"
    text = file.read_text().strip() if file.exists() else ""
    return int(text) if text.isdigit() else None


def where(document, steps):
    """Its place in the document."""
    number = current(steps)
    return document.name if number is None else f"{document.name}:{document.blocks[number].line}"


def output(steps):
    """What it has printed."""
    number = current(steps)
    file = steps / ("service.out" if number is None else f"{number}.out")
    return file.read_text(errors="replace") if file.exists() else ""


def compare(document, steps, ports):
    """Holds what was printed to what the document shows."""
    for number, block in enumerate(document.blocks):
        if block.output is None:
            continue
        wanted, got = normal(block.output), normal(ports.out_of((steps / f"{number}.out").read_text(errors="replace")))
        if not prints(wanted, got):
            difference = "\n".join(difflib.unified_diff(wanted.splitlines(), got.splitlines(), "shown", "printed", lineterm="", n=100))
            raise Fault(f"{document.name}:{block.line}: it prints something else\n{difference}")


@functools.cache
def usage(words):
    """The help of a command of the program, or nothing where there is no such command."""
    done = subprocess.run([service.binary(), *words, "--help"], text=True, capture_output=True, check=False)
    return done.stdout if done.returncode == 0 else None


def check_commands(document):
    """Commands among the text are the program's, and so are their options."""
    commands = [(line, span) for line, span in document.spans if span.startswith("tekup-db ")]
    for block in document.blocks:
        if block.language == "sh" and not block.is_run():
            joined = block.text.replace("\\\n", " ")
            commands += [(block.line, found) for found in re.findall(r"^\s*(?:\S+=\S+ )*(tekup-db .*)$", joined, re.MULTILINE)]
    for line, command in commands:
        words = command.split()[1:]
        name = words[0].split("|")[0]
        if name.startswith(("-", "…", "$", "[", "<")):
            continue
        text = usage((name,))
        if text is None:
            raise Fault(f"{document.name}:{line}: `{command}`: there is no such command")
        # A command of a command: its options are in either's help.
        if len(words) > 1 and re.fullmatch(r"[a-z-]+", words[1]) and "Commands:" in text:
            text += usage((name, words[1])) or ""
            if f"{words[1]}" not in text:
                raise Fault(f"{document.name}:{line}: `{command}`: there is no {words[1]} of {name}")
        elif "Commands:" in text:
            for sub in re.findall(r"^  ([a-z-]+)  ", text.partition("Commands:")[2], re.MULTILINE):
                text += usage((name, sub)) or ""
        for option in re.findall(r"(?<![\w-])--[a-z][a-z-]*", command):
            if not re.search(rf"{option}(?![\w-])", text):
                raise Fault(f"{document.name}:{line}: `{command}`: it has no option {option}")


@functools.cache
def anchors(path):
    """What a link into a document can lead to, as GitHub makes it of headings."""
    tokens = MARKDOWN.parse(path.read_text())
    headings = [tokens[index + 1].content for index, token in enumerate(tokens) if token.type == "heading_open"]
    texts = (re.sub(r"[^\w\- ]", "", re.sub(r"[`*]|\]\([^)]*\)", "", heading).lower()).replace(" ", "-") for heading in headings)
    return set(texts)


def check_links(document):
    """Links within the project lead to files, and to headings of documents."""
    for line, link in document.links:
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = urllib.parse.unquote(link).partition("#")
        target = (document.path.parent / name).resolve() if name else document.path
        if not target.exists():
            raise Fault(f"{document.name}:{line}: {link}: there is no such file")
        if anchor and target.suffix == ".md" and anchor not in anchors(target):
            raise Fault(f"{document.name}:{line}: {link}: there is no such heading")


def check_codes():
    """Every code of the sources is in the page that explains them."""
    page = (ROOT / "docs" / "TROUBLESHOOTING.md").read_text()
    codes = {}
    for path in sorted((ROOT / "src").rglob("*.rs")):
        if "tests" not in path.parts and path.name != "tests.rs":
            for code in CODE.findall(path.read_text()):
                codes.setdefault(code, path.relative_to(ROOT))
    missing = [f"{code} ({path})" for code, path in codes.items() if code not in SETTINGS and f"`{code}`" not in page]
    if missing:
        raise Fault(f"docs/TROUBLESHOOTING.md: these codes are not explained: {', '.join(missing)}")


def check_tests():
    """The tests that docs/SECURITY.md names are there."""
    named = re.findall(r"`([a-z]+(?:_[a-z0-9]+){3,})`", (ROOT / "docs" / "SECURITY.md").read_text())
    sources = "\n".join(path.read_text() for folder in ("src", "tests/it") for path in (ROOT / folder).rglob("*.rs"))
    missing = [name for name in named if f"fn {name}(" not in sources]
    if missing or not named:
        raise Fault(f"docs/SECURITY.md: there are no such tests: {', '.join(missing)}")


def attempt(work, *arguments):
    """What some work gives, and what is at fault with it."""
    try:
        return work(*arguments), None
    except Fault as fault:
        return None, str(fault)


def main():
    named = [pathlib.Path(name).resolve() for name in sys.argv[1:]]
    paths = named or [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    read = [attempt(Document, path) for path in paths]
    documents = [document for document, _ in read if document]
    faults = [fault for _, fault in read if fault]
    for document in documents:
        faults += [fault for check in (check_commands, check_links) if (fault := attempt(check, document)[1])]
    for check in () if named else (check_codes, check_tests):
        faults += [fault] if (fault := attempt(check)[1]) else []
    to_run = [document for document in documents if any(block.is_run() for block in document.blocks)]
    with Workplace() as workplace, concurrent.futures.ThreadPoolExecutor(3) as runners:
        for said, fault in runners.map(lambda document: attempt(run, workplace, document), to_run):
            print(said or f"FAILED {fault.splitlines()[0]}", flush=True)
            faults += [fault] if fault else []
    left = [(document, block) for document in documents for block in document.blocks if block.language == "sh" and not block.is_run()]
    for document, block in left:
        print(f"{document.name}:{block.line}: not run: {block.reason()}")
    print(f"\n{len(documents)} documents, {len(left)} blocks not run, {len(faults)} faults")
    if faults:
        sys.exit("\n\n" + "\n\n".join(faults))


main()
