"""gunicorn's own logs, of each request and of its errors, without the keys that stand in addresses."""

import logging
from typing import Any

from gunicorn.glogging import Logger

from portal.redaction import Formatter


class RedactingLogger(Logger):
    def _set_handler(self, log: Any, output: Any, fmt: logging.Formatter, stream: Any = None) -> None:
        super()._set_handler(log, output, Formatter(fmt._fmt, fmt.datefmt), stream)
