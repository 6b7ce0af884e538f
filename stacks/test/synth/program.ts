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
type Made = { type: string; name: string; inputs: Properties; waitsFor: string[]; place: number };
const resources: Made[] = [];
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

/** By type and name: what has to be there before a resource is made, and the component that it is part of. */
const waits = new Map<string, string[]>();

/** Pulumi's mocks keep to themselves what a resource waits for; the request says it. */
function noteDependencies() {
  const monitor = pulumi.runtime.getMonitor();
  if (!monitor) throw new Error("There is no monitor: were the mocks set?");
  const { registerResource } = monitor;
  const named = (urn: string) => urn.split("::").slice(-2).join(" ").replace(/^.*\$/, "");
  Object.assign(monitor, {
    registerResource: (request: Parameters<typeof registerResource>[0], ...rest: unknown[]) => {
      const before = [...request.getDependenciesList(), request.getParent()].filter((urn) => urn !== "");
      waits.set(`${request.getType()} ${request.getName()}`, before.map(named).sort());
      return Reflect.apply(registerResource, monitor, [request, ...rest]);
    },
  });
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
    newResource: async ({ type, name, inputs }) => {
      // Slow enough that whoever does not wait for it is seen to be made before.
      if (type === "aws:lambda/invocation:Invocation") await new Promise((done) => setTimeout(done, 300));
      const plain = Object.fromEntries(
        Object.entries(inputs as Properties).map(([key, value]) => [key, unwrapped(value)]),
      );
      const waitsFor = waits.get(`${type} ${name}`) ?? [];
      resources.push({ type, name, inputs: plain, waitsFor, place: resources.length });
      return { id: `${name}-id`, state: outputsOf(type, name, plain, region) };
    },
  },
  app.name,
  stage,
);

noteDependencies();

let outputs: unknown;
const declared = await pulumi.runtime.runInPulumiStack(() => run(config.run));
pulumi.output(declared).apply((resolved) => {
  outputs = resolved;
});
