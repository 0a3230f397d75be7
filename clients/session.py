"""A session of the official Python client with `lorekeep mcp`, over both transports.

usage: session.py PROGRAM HOME
Ends with 0 and a line for each step, or with the step that went wrong.
"""

import asyncio
import os
import subprocess
import sys

from mcp import ClientSession, MCPError, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import create_mcp_http_client, streamable_http_client

PROGRAM, HOME = sys.argv[1], sys.argv[2]
ENV = {"HOME": HOME, "LOREKEEP_HOME": os.path.join(HOME, "lorekeep"), "PATH": os.environ["PATH"]}


def check(what, holds):
    if not holds:
        sys.exit(f"python client: {what}: failed")
    print(f"python client: {what}")


async def refused(session, tool, arguments, says):
    try:
        answer = await session.call_tool(tool, arguments)
    except MCPError as error:
        return says in str(error)
    return answer.is_error and says in answer.content[0].text


async def session(transport, read, write):
    progress = []

    async def on_progress(step, total, message):
        progress.append(step)

    async with ClientSession(read, write) as client:
        info = await client.initialize()
        check(f"{transport}: shakes hands", info.server_info.name == "lorekeep")
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        check(f"{transport}: lists at most seven tools", 0 < len(tools) <= 7)
        check(f"{transport}: each tool says when to use it",
              all(tool.description.startswith("Use ") for tool in tools.values()))
        found = await client.call_tool(
            "search", {"query": "retry policy", "project": "all"},
            progress_callback=on_progress)
        check(f"{transport}: finds with text and values",
              "<search " in found.content[0].text and len(found.structured_content["hits"]) > 0)
        check(f"{transport}: tells progress", len(progress) > 0)
        hit = found.structured_content["hits"][0]
        whole = await client.call_tool(
            "get_full_conversation",
            {"conversation_id": hit["conversation_id"], "project": "all"})
        check(f"{transport}: reads the conversation", len(whole.structured_content["messages"]) > 0)
        stored = await client.call_tool(
            "store_reflection", {"content": f"Seen over {transport}.", "tags": ["client"]})
        check(f"{transport}: stores a reflection",
              stored.content[0].text == "Reflection stored successfully with tags: client")
        check(f"{transport}: refuses a tool that isn't there",
              await refused(client, "no_such_tool", {}, "no tool"))
        check(f"{transport}: refuses a wrong type",
              await refused(client, "search", {"query": 7}, "expected a string"))
        resources = (await client.list_resources()).resources
        read_back = await client.read_resource(resources[0].uri)
        check(f"{transport}: reads a resource", len(read_back.contents[0].text) > 0)
        prompts = [prompt.name for prompt in (await client.list_prompts()).prompts]
        check(f"{transport}: lists prompts", prompts == ["recall", "reflect"])
        prompt = await client.get_prompt("recall", {"query": "retry policy"})
        check(f"{transport}: gets a prompt", "retry" in prompt.messages[0].content.text)


async def over_stdio():
    parameters = StdioServerParameters(command=PROGRAM, args=["mcp"], env=ENV, cwd=HOME)
    async with stdio_client(parameters) as (read, write):
        await session("stdio", read, write)


async def over_http():
    server = subprocess.Popen(
        [PROGRAM, "mcp", "--http", "127.0.0.1:0"], env=ENV, stderr=subprocess.PIPE, text=True)
    try:
        said = server.stderr.readline()
        url = said.split()[-1]
        with open(os.path.join(HOME, "lorekeep/data/mcp-token")) as file:
            token = file.read().strip()
        http = create_mcp_http_client(headers={"Authorization": f"Bearer {token}"})
        async with http, streamable_http_client(url, http_client=http) as streams:
            await session("http", streams[0], streams[1])
    finally:
        server.terminate()
        server.wait()


asyncio.run(over_stdio())
asyncio.run(over_http())
