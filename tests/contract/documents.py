"""Runs every command of README.md and docs/*.md: scripts/python tests/contract/documents.py [FILE…]

The blocks of a document are run from its first to its last, by one shell in a working copy of the project, with a service
and the sample company of its own. How a block is marked, in the line that opens it, where nobody who reads sees it:

    ```sh                    run: ends with 0
    ```sh fails              run: ends with something else
    ```sh background         run until the document's end; the next block waits for its /ready
    ```sh no-run: REASON     not run
    ```text                  right below a block that is run: what that prints, with … for anything
    ```sql run               run as the database's owner
    ```js file: NAME         any language: written into the working copy, for the blocks below

and `<!-- sh` begins a block for the test alone, up to `-->`. `localhost:8080` is the service; it runs where a block names it or
`<!-- service -->` is there, and $OWNER_URL is its database, as its owner. 8081 to 8089 are free ports. A refusal (4xx, 5xx) fails
curl, and a document has three minutes.

What document_checks.py says is looked at, too: commands among the text, links, codes of failure, names of tests.
"""

import concurrent.futures
import contextlib
import difflib
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

import document_checks
from document import ROOT, Document, Fault
from document_workplace import Ports, Workplace

# Seconds that a document may take.
LIMIT = 180
# What differs from run to run, in the order it is looked for.
VARYING = [
    (r"eyJ[\w-]+\.[\w-]+\.[\w-]+", "<token>"),
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "<id>"),
    (r"\bc[0-9a-f]{24}\b", "<id>"),
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[+-]\d\d(?::?\d\d)?|Z)?", "<time>"),
    (r"\d{4}-\d\d-\d\d", "<date>"),
    (r"\b\d+(?:\.\d+)? ?(?:ms|µs|s|min)\b", "<duration>"),
]


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
            lines += [f"setsid bash -euo pipefail {step} >{output} 2>&1 </dev/null &",
                      f"begun $! {steps} {ports[block.own_port()]}"]
        elif block.mark == "fails":
            lines += [f"if bash -euo pipefail {step} >{output} 2>&1 </dev/null; then echo 'it should have failed'; exit 1; fi"]
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
            lines = difflib.unified_diff(wanted.splitlines(), got.splitlines(), "shown", "printed", lineterm="", n=100)
            raise Fault("\n".join([f"{document.name}:{block.line}: it prints something else", *lines]))


def attempt(work, *arguments):
    """What some work gives, and what is at fault with it."""
    try:
        return work(*arguments), None
    except Fault as fault:
        return None, str(fault)


CHECKS_OF_EACH = [document_checks.commands_of_the_program, document_checks.links_lead_somewhere]
CHECKS_OF_ALL = [document_checks.codes_are_explained, document_checks.tests_are_there]


def main():
    named = [pathlib.Path(name).resolve() for name in sys.argv[1:]]
    paths = named or [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    read = [attempt(Document, path) for path in paths]
    documents = [document for document, _ in read if document]
    faults = [fault for _, fault in read if fault]
    for document in documents:
        faults += [fault for check in CHECKS_OF_EACH if (fault := attempt(check, document)[1])]
    for check in [] if named else CHECKS_OF_ALL:
        faults += [fault] if (fault := attempt(check)[1]) else []
    to_run = [document for document in documents if any(block.is_run() for block in document.blocks)]
    with Workplace() as workplace, concurrent.futures.ThreadPoolExecutor(3) as runners:
        for said, fault in runners.map(lambda document: attempt(run, workplace, document), to_run):
            print(said or f"FAILED {fault.splitlines()[0]}", flush=True)
            faults += [fault] if fault else []
    blocks = [(document, block) for document in documents for block in document.blocks if block.language == "sh"]
    left = [(document, block) for document, block in blocks if not block.is_run()]
    for document, block in left:
        print(f"{document.name}:{block.line}: not run: {block.reason()}")
    print(f"\n{len(documents)} documents, {len(left)} blocks not run, {len(faults)} faults")
    if faults:
        sys.exit("\n\n" + "\n\n".join(faults))


main()
