// Runs sst.config.ts as SST does, with stand-ins for AWS and for SST's command line tool, and writes down every
// resource with the inputs it was given. Bundled by setup.ts, one process a stage: `program <stage> <output> <work>`.
import { writeFileSync } from "node:fs";
import { run } from "sst:run";
import * as pulumi from "@pulumi/pulumi";
import config from "../../../sst.config.ts";
import { answer, outputsOf, type Properties } from "./answers.ts";
import { startRpc } from "./rpc.ts";

const [, , stage = "", output = "", work = ""] = process.argv;
const root = process.cwd();
const region = process.env.AWS_REGION ?? "";
const resources: { type: string; name: string; inputs: Properties }[] = [];
const errors: string[] = [];

/** A secret arrives wrapped; tests look at what is in it. */
function unwrapped(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unwrapped);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  const secret = entries.find(([key]) => key === "4dabf18193072939515e22adb298388d");
  if (secret) return unwrapped(Object.fromEntries(entries).value);
  return Object.fromEntries(entries.map(([key, inner]) => [key, unwrapped(inner)]));
}

const compare = (one: string, other: string) => (one < other ? -1 : Number(one > other));

process.on("unhandledRejection", (reason) => {
  errors.push(reason instanceof Error ? (reason.stack ?? reason.message) : String(reason));
});
process.on("beforeExit", () => {
  console.error(errors.join("\n"));
  // Pulumi registers what does not wait for anything in any order.
  resources.sort((one, other) => compare(one.type, other.type) || compare(one.name, other.name));
  writeFileSync(output, JSON.stringify({ app, outputs, resources, errors }));
  process.exit(errors.length > 0 ? 1 : 0);
});

process.env.SST_SERVER = await startRpc();
const app = { ...(await config.app({ stage })), stage };
Object.assign(globalThis, {
  synthApp: app,
  synthCli: {
    command: "deploy",
    paths: { home: work, root, work, platform: `${root}/.sst/platform` },
    state: {},
  },
});
await pulumi.runtime.setMocks(
  {
    call: ({ token, inputs }) => answer(token, inputs, region),
    newResource: ({ type, name, inputs }) => {
      const plain = Object.fromEntries(
        Object.entries(inputs as Properties).map(([key, value]) => [key, unwrapped(value)]),
      );
      resources.push({ type, name, inputs: plain });
      return { id: `${name}-id`, state: outputsOf(type, name, plain, region) };
    },
  },
  app.name,
  stage,
);

let outputs: unknown;
const declared = await pulumi.runtime.runInPulumiStack(() => run(config.run));
pulumi.output(declared).apply((resolved) => {
  outputs = resolved;
});
