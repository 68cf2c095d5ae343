"""A document of the project: its blocks of code, the commands and links among its text.

In: the path of a Markdown file. Out: a Document. Refuses a block that is marked as none is, commands in another language than
`sh`, and a block that is only indented, which nobody would run. documents.py says how blocks are marked.
"""

import pathlib
import re

from markdown_it import MarkdownIt

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
MARKDOWN = MarkdownIt("commonmark").enable("table")
# Other names of what is `sh` here; a prompt before a command could not be copied.
OTHER_SHELLS = {"bash", "shell", "console", "zsh", "shell-session", "sh-session", "terminal"}
ADDRESS = "localhost:8080"


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


def anchors(path):
    """What a link into a document can lead to, as GitHub makes it of headings."""
    tokens = MARKDOWN.parse(path.read_text())
    headings = [tokens[index + 1].content for index, token in enumerate(tokens) if token.type == "heading_open"]
    plain = (re.sub(r"[`*]|\]\([^)]*\)", "", heading).lower() for heading in headings)
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in plain}
