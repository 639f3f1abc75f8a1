"""(d) The echo of Microsoft 365 Agents SDK, botbuilder's successor, without tokens as in its own quick start."""

import os
from typing import cast

from aiohttp import web
from microsoft_agents.hosting.aiohttp import CloudAdapter
from microsoft_agents.hosting.core import ActivityHandler, RestChannelServiceClientFactory, TurnContext
from microsoft_agents.hosting.core.authorization import Connections


class Echo(ActivityHandler):
    """Says back what was said."""

    async def on_message_activity(self, turn_context: TurnContext) -> None:
        """Answer a message."""
        await turn_context.send_activity(f"Echo: {turn_context.activity.text}")


# Without tokens nobody asks for a connection.
ADAPTER = CloudAdapter(channel_service_client_factory=RestChannelServiceClientFactory(cast("Connections", None)))
BOT = Echo()


async def messages(request: web.Request) -> web.Response:
    """Hand a request to the SDK."""
    answer = await ADAPTER.process(request, BOT)
    return answer if isinstance(answer, web.Response) else web.Response(status=202)


if __name__ == "__main__":
    made = web.Application()
    made.router.add_post("/api/messages", messages)
    web.run_app(made, host="127.0.0.1", port=int(os.environ["PORT"]), print=None, access_log=None)
