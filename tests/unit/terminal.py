"""The `callspan` command with a person looking on: one of its outputs is a terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from typing import Literal


def on_a_terminal(output: Literal["stdout", "stderr"], *arguments: str, **environ: str) -> str:
    """Run the command, which must succeed, and return what it wrote to that output."""
    ours, theirs = pty.openpty()
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL, output: theirs}
    environ = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100", "PYTHONIOENCODING": "utf-8", **environ}
    with subprocess.Popen([sys.executable, "-m", "app.cli", *arguments], env=environ, **streams) as process:
        os.close(theirs)
        written = b""
        try:
            while chunk := os.read(ours, 65536):
                written += chunk
        except OSError:  # Linux ends a terminal whose other side is closed with EIO
            pass
        assert process.wait(30) == 0
    os.close(ours)
    return written.decode()
