"""How gunicorn runs Callspan; the Procfile names this file.

Reference for each name: gunicorn's "Settings" page.
"""

import gc
import logging.config
import os
import sys
import tempfile
from pathlib import Path

from gunicorn.config import Config
from gunicorn.glogging import Logger

# First of all, before gunicorn sets its own signal handlers: see app/telemetry.py.
from app import telemetry  # noqa: F401
from app.config import ConfigurationError, Settings
from app.logs import log_config
from app.shared import UNDELIVERED_SPANS

try:
    settings = Settings.from_environ()
except ConfigurationError as error:
    # Here, in the master, so that the process ends: a worker that fails to start would be started again.
    sys.exit(str(error))

if settings.journal is None:
    # For spans to outlive a worker, if not the service. It is named to the workers by the same variable.
    os.environ["CALLSPAN_JOURNAL_DIR"] = tempfile.mkdtemp(prefix="callspan-")

bind = f"0.0.0.0:{os.environ.get('PORT', '8000')}"
workers = settings.workers
worker_class = "app.worker.Worker"
# Of each worker; what comes beyond is refused with 503.
worker_connections = 4000
# Longer than the 90 seconds for which Heroku's router keeps a connection, so that the router is the one to close it: a
# request would be lost that it sends while we close.
keepalive = 100
# Of the 30 seconds that Heroku leaves between SIGTERM and SIGKILL: the rest is for the last spans, on which ddtrace
# spends 3 seconds when the agent does not answer.
graceful_timeout = 25
timeout = 30
# Workers show they are alive through a file; on a disk that is busy, that could hold them up until they are killed.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: PTH112, S108
# Heroku's Python buildpack sets this to everybody. Whom to believe is for CALLSPAN_TRUSTED_PROXIES alone, and no header
# may move a request to another path.
forwarded_allow_ips = ""
control_socket_disable = True


class JsonLogger(Logger):
    """gunicorn's own log in the form of ours."""

    def setup(self, cfg: Config) -> None:
        """Set up logging for the whole process."""
        super().setup(cfg)
        logging.config.dictConfig(log_config(settings.log_level.upper()))

    def access(self, *_: object) -> None:
        """Write nothing: Callspan logs each request itself, and Heroku's Python buildpack turns this log on."""


logger_class = JsonLogger


def post_fork(_server: object, worker: object) -> None:
    """Give a new worker its own place to count spans it could not deliver."""
    UNDELIVERED_SPANS.claim(worker.age)  # type: ignore[attr-defined]


def post_worker_init(_worker: object) -> None:
    """Take what lives as long as the worker out of the garbage collector's sight: its pauses are heard on the phone."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(25_000, 20, 50)
    # The loop asks for its turn again after a millisecond, not five, when threads are at work.
    sys.setswitchinterval(0.001)


def on_exit(_server: object) -> None:
    """Leave no temporary folder behind, unless spans are in it."""
    if settings.journal is None:
        folder = Path(os.environ["CALLSPAN_JOURNAL_DIR"])
        try:
            folder.rmdir()
        except OSError:
            text = "the agent did not take all spans; a start with CALLSPAN_JOURNAL_DIR set to this folder sends them"
            logging.getLogger("callspan").warning(text, extra={"fields": {"path": str(folder)}})
