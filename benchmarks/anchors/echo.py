"""(a) The echo that everyone starts from: botbuilder's CloudAdapter, as in its own sample, without an app id."""

import os

from aiohttp import web
from botbuilder.core import ActivityHandler, TurnContext
from botbuilder.integration.aiohttp import CloudAdapter, ConfigurationBotFrameworkAuthentication


class Config:
    """The sample's settings."""

    APP_ID = ""
    APP_PASSWORD = ""
    APP_TYPE = "MultiTenant"
    APP_TENANTID = ""


class Echo(ActivityHandler):
    """Says back what was said."""

    async def on_message_activity(self, turn_context: TurnContext) -> None:
        """Answer a message."""
        await turn_context.send_activity(f"Echo: {turn_context.activity.text}")


ADAPTER = CloudAdapter(ConfigurationBotFrameworkAuthentication(Config()))
BOT = Echo()


async def messages(request: web.Request) -> web.Response:
    """Hand a request to the SDK."""
    answer = await ADAPTER.process(request, BOT)
    return answer if isinstance(answer, web.Response) else web.Response(status=201)


if __name__ == "__main__":
    made = web.Application()
    made.router.add_post("/api/messages", messages)
    web.run_app(made, host="127.0.0.1", port=int(os.environ["PORT"]), print=None, access_log=None)
