"use strict";
// AWS's runtime client requires a native module (curl and C++) for three calls to the runtime API. Loaded before the
// client, this file stands in for that module with the same calls over node:http, so that nothing must be compiled.
const http = require("node:http");
const { flushCompileCache, registerHooks } = require("node:module");
const { pathToFileURL } = require("node:url");

const [hostname, port] = (process.env.AWS_LAMBDA_RUNTIME_API ?? "").split(":");
const agent = new http.Agent({ keepAlive: true });

/** Answers [status, headers, body] of a call below `/runtime/invocation/`. */
function call(method, path, body = "", headers = {}) {
  return new Promise((resolve, reject) => {
    const request = http.request({
      agent,
      hostname,
      port,
      method,
      path: `/2018-06-01/runtime/invocation/${path}`,
      headers: method === "GET" ? headers : { ...headers, "content-length": Buffer.byteLength(body) },
    });
    request.on("error", reject);
    request.on("response", (response) => {
      const chunks = [];
      response.on("error", reject);
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () =>
        resolve([response.statusCode, response.headers, Buffer.concat(chunks).toString()]),
      );
    });
    request.end(body);
  });
}

// The native calls block until the answer is posted. These cannot, so the next invocation waits for them instead.
let posted = Promise.resolve();
function post(path, body, headers) {
  posted = posted.then(() => call("POST", path, body, { "content-type": "application/json", ...headers }));
  // A supervisor that is gone rejects `next` as well, and that ends the process.
  posted.catch(() => undefined);
}

let calls = 0;

module.exports = {
  async next() {
    await posted;
    const waiting = call("GET", "next");
    calls += 1;
    // Sandboxes end by SIGKILL, so nobody would write the cache at exit: once after init, once after first use.
    if (calls <= 2) setImmediate(flushCompileCache);
    const [status, headers, bodyJson] = await waiting;
    if (status !== 200) throw new Error(`The runtime API answered ${status} to "next"`);
    return { bodyJson, headers };
  },
  done(requestId, body) {
    post(`${requestId}/response`, body);
  },
  error(requestId, body) {
    const { errorType } = JSON.parse(body);
    post(`${requestId}/error`, body, {
      "lambda-runtime-function-error-type": encodeURIComponent(String(errorType)),
    });
  },
};

const hooks = registerHooks({
  resolve(specifier, context, nextResolve) {
    if (specifier !== "./rapid-client.node") return nextResolve(specifier, context);
    hooks.deregister();
    return { url: pathToFileURL(__filename).href, format: "commonjs", shortCircuit: true };
  },
});
