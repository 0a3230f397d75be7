"""A model server that answers by a script, for sessions of the official OpenAI clients with the gateway.

usage: python3 model_server.py NOTES

NOTES is a file that gets a line for each client that left before the end.
Prints its port, and serves until its standard input ends. It speaks the chat completions protocol with some of the
oddities that real servers have. The last user message chooses the answer:

  tool     a call of the tool `weather`
  wait     half a sentence, then nothing until the client is gone
  error    an error of status 500
  else     the sentence "You said: …" in pieces, with the message repeated
"""

import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def send_json(self, status, document):
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path == "/v1/models":
            return self.send_json(200, {"data": [{"id": "small", "max_model_len": 4096}]})
        return self.send_json(404, {"error": {"message": "not found"}})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        users = [m for m in body["messages"] if m["role"] == "user"]
        said = users[-1]["content"]
        if isinstance(said, list):
            said = " ".join(part.get("text", "") for part in said)
        if said == "error":
            return self.send_json(500, {"error": {"message": "the engine died"}})
        if body["messages"][-1]["role"] == "tool":
            said = body["messages"][-1]["content"]
        pieces = ["You said", ": ", said, "."]
        call = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": {"city": "Oslo"}}}
        usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
        if not body.get("stream"):
            message = {"role": "assistant", "content": "".join(pieces)}
            if said == "tool":
                message = {"role": "assistant", "content": None, "tool_calls": [call]}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            return self.send_json(200, {"id": "c", "object": "chat.completion", "created": 1, "model": body["model"],
                                        "choices": [choice], "usage": usage})
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()

        def chunk(delta, finish=None, **more):
            document = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": body["model"],
                        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}], **more}
            self.wfile.write(b"data: " + json.dumps(document).encode() + b"\n\n")
            self.wfile.flush()

        try:
            chunk({"role": "assistant", "content": ""})
            chunk({"reasoning": "Let me think. "})
            if said == "tool":
                chunk({"tool_calls": [call]}, "stop")
            elif said == "wait":
                chunk({"content": "Half a sentence. And "})
                while True:
                    time.sleep(0.02)
                    self.wfile.write(b": still here\n\n")
                    self.wfile.flush()
            else:
                for piece in pieces:
                    chunk({"content": piece})
                chunk({}, "stop", usage=usage)
            self.wfile.write(b"data: [DONE]\n\n")
        except OSError:
            # The client is gone.
            with open(sys.argv[1], "a") as file:
                file.write("gone\n")


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
print(server.server_address[1], flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()
