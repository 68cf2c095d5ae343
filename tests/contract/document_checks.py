"""What is held against the program without running it: commands, links, codes of failure, names of tests.

In: a Document, or nothing where it is about one page. Out: nothing, or a Fault that says where and what.
"""

import functools
import re
import subprocess
import sys
import urllib.parse

from document import ROOT, Fault, anchors

sys.path.insert(0, str(ROOT / "tests"))
import service  # noqa: E402  (its folder is known only now)

CODE = re.compile(r'"((?:auth|batch|idempotency|operation|query|request)\.[a-z_]+|PGRST[0-9X]{3})"')
# Settings of a transaction have such names, too.
SETTINGS = {"request.cookies", "request.headers", "request.method", "request.path", "request.jwt.claims"}


_anchors = functools.cache(anchors)


@functools.cache
def usage(words):
    """The help of a command of the program, or nothing where there is no such command."""
    done = subprocess.run([service.binary(), *words, "--help"], text=True, capture_output=True, check=False)
    return done.stdout if done.returncode == 0 else None


def commands_of_the_program(document):
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


def links_lead_somewhere(document):
    """Links within the project lead to files, and to headings of documents."""
    for line, link in document.links:
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = urllib.parse.unquote(link).partition("#")
        target = (document.path.parent / name).resolve() if name else document.path
        if not target.exists():
            raise Fault(f"{document.name}:{line}: {link}: there is no such file")
        if anchor and target.suffix == ".md" and anchor not in _anchors(target):
            raise Fault(f"{document.name}:{line}: {link}: there is no such heading")


def codes_are_explained():
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


def tests_are_there():
    """The tests that docs/SECURITY.md names are there."""
    named = re.findall(r"`([a-z]+(?:_[a-z0-9]+){3,})`", (ROOT / "docs" / "SECURITY.md").read_text())
    sources = "\n".join(path.read_text() for folder in ("src", "tests/it") for path in (ROOT / folder).rglob("*.rs"))
    missing = [name for name in named if f"fn {name}(" not in sources]
    if missing or not named:
        raise Fault(f"docs/SECURITY.md: there are no such tests: {', '.join(missing)}")
