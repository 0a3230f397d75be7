// A session of the official TypeScript client with `lorekeep mcp`, over both transports.
//
// usage: node session.mjs PROGRAM HOME
// Ends with 0 and a line for each step, or with the step that went wrong.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { ListRootsRequestSchema } from "@modelcontextprotocol/sdk/types.js";

const [program, home] = process.argv.slice(2);
const env = { HOME: home, LOREKEEP_HOME: join(home, "lorekeep"), PATH: process.env.PATH };

function check(what, holds) {
  if (!holds) {
    console.error(`typescript client: ${what}: failed`);
    process.exit(1);
  }
  console.log(`typescript client: ${what}`);
}

async function refused(call, says) {
  try {
    const answer = await call;
    return answer.isError === true && answer.content[0].text.includes(says);
  } catch (error) {
    return String(error.message).includes(says);
  }
}

async function session(name, transport) {
  const client = new Client(
    { name: "a check", version: "1" },
    { capabilities: { roots: { listChanged: true } } },
  );
  client.setRequestHandler(ListRootsRequestSchema, () => ({ roots: [{ uri: `file://${home}` }] }));
  await client.connect(transport);
  check(`${name}: shakes hands`, client.getServerVersion().name === "lorekeep");
  const { tools } = await client.listTools();
  check(`${name}: lists at most seven tools`, tools.length > 0 && tools.length <= 7);
  const found = await client.callTool({
    name: "search",
    arguments: { query: "retry policy", project: "all" },
  });
  check(
    `${name}: finds with text and values`,
    found.content[0].text.includes("<search ") && found.structuredContent.hits.length > 0,
  );
  const status = await client.callTool({ name: "get_status", arguments: {} });
  check(`${name}: tells its state`, status.structuredContent.overall.total > 0);
  check(
    `${name}: refuses a wrong type`,
    await refused(
      client.callTool({ name: "search", arguments: { query: 7 } }),
      "expected a string",
    ),
  );
  const { resources } = await client.listResources();
  const { contents } = await client.readResource({ uri: resources[0].uri });
  check(`${name}: reads a resource`, contents[0].text.length > 0);
  const { prompts } = await client.listPrompts();
  check(`${name}: lists prompts`, prompts.length === 2);
  await client.close();
}

await session("stdio", new StdioClientTransport({ command: program, args: ["mcp"], env, cwd: home }));

const server = spawn(program, ["mcp", "--http", "127.0.0.1:0"], {
  env,
  stdio: ["ignore", "ignore", "pipe"],
});
try {
  const [said] = await new Promise((resolve) => {
    createInterface(server.stderr).once("line", (line) => resolve([line]));
  });
  const token = readFileSync(join(home, "lorekeep/data/mcp-token"), "utf8").trim();
  const headers = { Authorization: `Bearer ${token}` };
  const url = new URL(said.trim().split(" ").at(-1));
  await session("http", new StreamableHTTPClientTransport(url, { requestInit: { headers } }));
} finally {
  server.kill();
}
