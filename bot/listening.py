"""Listening for HTTP without repeating to anyone what they sent, or telling what the bot is made of."""

import asyncio
from typing import Any

from aiohttp import web


class _Quiet(web.RequestHandler):
    """Answers what is no HTTP: aiohttp would send the line back, with its own version."""

    __slots__ = ()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Give a constant answer; the log has the exception's kind and place."""
        self.log_exception("request_unreadable", exc_info=exc)
        if request.writer.output_size > 0:
            raise ConnectionError  # an answer had begun: nothing can be said any more
        response = web.json_response({"error": "bad request"}, status=status, headers={"Server": ""})
        response.force_close()
        return response


class QuietRunner(web.AppRunner):
    """Serves an application; no access log, which would hold conversation ids and case numbers."""

    def __init__(self, application: web.Application) -> None:
        super().__init__(application, access_log=None)

    @property
    def server(self) -> Any:
        """Give what makes the handler of a connection."""
        inner = super().server
        return None if inner is None else lambda: _quiet(inner)


def _quiet(server: web.Server) -> _Quiet:
    no_log: Any = None
    return _Quiet(server, loop=asyncio.get_running_loop(), access_log=no_log)
