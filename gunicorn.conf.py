"""How gunicorn runs Callspan; the Procfile names this file.

Reference for each name: gunicorn's "Settings" page.
"""

import gc
import logging.config
import os
import sys

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

bind = f"0.0.0.0:{os.environ.get('PORT', '8000')}"
workers = settings.workers
# A connection costs no thread; app/gateway.py says what runs where. Its server knows no lifespan events.
worker_class = "app.worker.Worker"
asgi_loop = "asyncio"
asgi_lifespan = "off"
# Genesys and EventBridge keep connections open between calls.
keepalive = 75
# Below the 30 seconds that Heroku leaves between SIGTERM and SIGKILL.
graceful_timeout = 25
timeout = 30
control_socket_disable = True


class JsonLogger(Logger):
    """gunicorn's own log in the form of ours; without an access log, for Callspan logs each request itself."""

    def setup(self, cfg: Config) -> None:
        """Set up logging for the whole process."""
        super().setup(cfg)
        logging.config.dictConfig(log_config(settings.log_level.upper()))


logger_class = JsonLogger


def post_fork(_server: object, worker: object) -> None:
    """Give a new worker its own place to count spans it could not deliver."""
    UNDELIVERED_SPANS.claim(worker.age)  # type: ignore[attr-defined]


def post_worker_init(_worker: object) -> None:
    """Take what lives as long as the worker out of the garbage collector's sight: its pauses are heard on the phone."""
    gc.collect()
    gc.freeze()
