"""Every command that README and docs show is run here and prints what they show, or is listed with the reason why not.

A page's commands run in their order, in a temporary folder of its own that has what a reader has by then. What stands
for a reader's address or secret is replaced by a service and a test agent on loopback.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from architect.sandbox import BIN, Agent, Credentials, Service, clean_environment
from schemas import CONTRACTS
from schemas.exports import exports, write
from tests.complete import program
from tests.contract.pages import PAGES, ROOT, blocks, text_of
from tests.contract.sessions import difference, shown
from tests.system.conftest import Caller

ELSEWHERE = {
    # How a command begins, the test that runs it, and a text in that test that shows it.
    r"make demo$": ("tests/system/test_fresh_clone.py", "demo"),
    r"make test$": ("Makefile", "$(BIN)/pytest"),
    r"make bench$": ("tests/system/test_bench.py", "bench"),
    r"tr .* (heroku config:set|make run)": ("tests/system/test_init.py", "xargs -0"),
    r"curl .*/attributes": ("tests/system/test_attributes.py", "/attributes"),
    r"callspan action (lint --fix|run|diff) find-customer": ("tests/unit/linter/test_page.py", "shown("),
    r"callspan why": ("tests/contract/test_troubleshooting_documented.py", "<!-- why -->"),
    r"callspan doctor$": ("tests/unit/doctor/test_command.py", "doctor"),
    r"DD_API_URL=": ("tests/contract/monitoring/test_choices.py", "docs/monitoring.md"),
    r"(eval .*)?_CALLSPAN_COMPLETE": ("tests/unit/test_completion.py", "_source"),
    r"terraform (init|plan|apply)$": ("tests/terraform/test_genesys_module.py", "plan"),
}
NOT_HERE = {
    # How a command begins, and why no test can run it.
    r"make (bench-micro|profile)$": "it takes minutes, and only prints figures",
    r"heroku |git push heroku ": "it needs an account at Heroku",
    r"docker ": "it needs a Docker daemon; tests/system/test_container.py runs what is in the image",
    r"archy publish ": "Archy needs an organisation in Genesys Cloud",
    r"pip install '\.\[emulator\]'$": "it needs the network",
    r"export (\w+=\S+ )*\w+=\.\.\.$": "it names secrets of the reader's own",
    r"cp terraform\.tfvars\.example terraform\.tfvars$": "it runs in a folder of the reader's own",
    r"callspan action (lint +FILE|run +FILE|diff +PUBLISHED)": "it is how the command is written, not a call of it",
}
TEXTS = {
    # How a block that is no command begins, and what holds it true.
    r" +\(1\) data action Start Call Trace": "a picture",
    r"Append\(": "tests/contract/test_readme.py, tests/contract/test_docs_texts.py",
    r'"traceparent": "\$!\{input': "tests/system/test_downstream.py",
    r"CALLSPAN_\w+=": "tests/contract/test_docs_texts.py",
    r"https://YOUR-ADDRESS/": "an address",
    r'\{"(status|timestamp)":': "tests/system/test_downstream.py, tests/http/test_logs.py",
}


def listed(command: str) -> bool:
    return any(re.match(pattern, command) for pattern in (*ELSEWHERE, *NOT_HERE))


ALL = [each for page in PAGES for block in blocks(page) for each in shown(block)]
HERE = {page: [each for each in ALL if each.block.page == page and not listed(each.command)] for page in PAGES}


@dataclass(frozen=True)
class World:
    """What a reader has who followed the pages: a service, an agent, a client, and a call."""

    agent: Agent
    service: Service
    credentials: Credentials

    def command(self, command: str) -> str:
        """Return a command with the addresses that are here."""
        if command.startswith(("curl ", "callspan doctor ")):
            command = re.sub(r"https://(YOUR-ADDRESS|callspan\.example\.com)", self.service.url, command)
        return command.replace("http://127.0.0.1:8126", self.agent.url)

    def environment(self, command: str) -> dict[str, str]:
        """Return the reader's environment: the service's own for what signs tokens, else that of anybody."""
        return {
            **clean_environment(),
            **(self.credentials.environment if command.startswith("callspan token") else {}),
            "CALLSPAN_CLIENT_ID": self.credentials.client_id,
            "CALLSPAN_CLIENT_SECRET": self.credentials.client_secret,
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "COLUMNS": "100",
        }


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    agent = Agent().start()
    try:
        credentials = Credentials.new()
        service = Service(agent.url, credentials).start()
        try:
            conversation = "8f14e45f-ceea-467f-a34e-7d5c3b2a1908"
            Caller(service, credentials).start(conversation)
            agent.wait_for_spans(lambda spans: any(each["meta"]["conversation.id"] == conversation for each in spans))
            yield World(agent, service, credentials)
        finally:
            service.stop()
    finally:
        agent.stop()


def prepare(folder: Path, world: World) -> None:
    """Give a folder the files that a reader has: the checkout's, those that a page takes as its example, an export."""
    for name in ("actions", "flows"):
        shutil.copytree(ROOT / "architect" / name, folder / "architect" / name)
    write(exports(CONTRACTS, world.service.url, "oauth"), folder / "actions")
    shutil.copy(ROOT / "architect" / "actions" / "start-call-trace.custom.json", folder / "published.custom.json")
    shutil.copy(ROOT / "architect" / "flows" / "inbound-call.yaml", folder / "your-flow.yaml")
    example = re.search(r"<!-- example -->\n```json\n(.*?)```", text_of(Path("docs/data-actions.md")), re.DOTALL)
    assert example is not None
    (folder / "find-customer.custom.json").write_text(example[1])
    lacking = (ROOT / "tests/system/downstream/order-status.custom.json").read_text()
    (folder / "order-status.custom.json").write_text(lacking.replace("$!{input.traceparent}", "${input.traceparent}"))


@pytest.mark.parametrize("page", [page for page, commands in HERE.items() if commands], ids=str)
def test_the_commands_of_a_page_print_what_it_shows(page: Path, world: World, tmp_path: Path) -> None:
    prepare(tmp_path, world)
    for each in HERE[page]:
        program(shlex.split(each.command)[0] if each.command.startswith("curl ") else "sh")
        done = subprocess.run(
            ["sh", "-c", world.command(each.command)],
            cwd=tmp_path,
            env=world.environment(each.command),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode in ((0, 1) if " lint " in each.command and each.output else (0,)), (
            done.stdout + done.stderr
        )
        if each.output is not None:
            assert difference(each.output, done.stdout) == "", done.stdout


def test_every_block_is_a_command_or_listed_as_something_else() -> None:
    others = [
        block
        for page in PAGES
        for block in blocks(page)
        if block.language in ("", "sh", "diff") and not shown(block) and not any(re.match(p, block.text) for p in TEXTS)
    ]
    assert not others, [str(block) for block in others]


def test_no_exception_is_left_that_no_page_needs() -> None:
    commands = [each.command for each in ALL]
    unused = [pattern for pattern in (*ELSEWHERE, *NOT_HERE) if not any(re.match(pattern, each) for each in commands)]
    texts = [block.text for page in PAGES for block in blocks(page)]
    unused += [pattern for pattern in TEXTS if not any(re.match(pattern, each) for each in texts)]
    assert not unused


@pytest.mark.parametrize(("path", "text"), ELSEWHERE.values(), ids=[path for path, _ in ELSEWHERE.values()])
def test_a_test_that_is_named_for_a_command_exists(path: str, text: str) -> None:
    assert text in text_of(Path(path))


def test_another_output_would_be_noticed() -> None:
    printed = "one 5 ms\ntwo\n├─ b 3 ms ━··\n├─ a\nend"
    assert difference(["one 7 ms", "...", "├─ a", "├─ b 9.0 s ··", "end"], printed) == ""
    assert difference(["one 7 ms", "t...", "..."], printed) == ""
    assert difference(["one 7 ms", "end"], printed) == "end"
    assert difference(["one 7 ms", "...", "three", "..."], printed) == "three"
    assert difference(["...", "├─ c", "end"], printed) == "├─ c"
    assert difference(["one 7 ms", "two"], printed).startswith("nothing")
