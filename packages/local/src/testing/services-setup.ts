import { createServer } from "node:http";
import type { TestProject } from "vitest/node";
import { listen } from "./listen.ts";
import { type Database, type Servers, startDatabase, startServers } from "./servers.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Where a test file asks for the run's shared DynamoDB and S3, and below `/database` for its Postgres. */
    servicesUrl: string;
  }
}

/**
 * Vitest's global setup for unit tests. The servers start when the first test file asks for them, and then once
 * for all: most files need none, and a JVM for each would take longer than their tests.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  let servers: Promise<Servers> | undefined;
  let database: Promise<Database> | undefined;
  const ask = (what: string | undefined): Promise<Servers | Database> => {
    if (what === "/database") {
      database ??= startDatabase();
      return database;
    }
    servers ??= startServers();
    return servers;
  };
  const broker = createServer((request, response) => {
    ask(request.url).then(
      ({ stop: _, ...endpoints }) => response.end(JSON.stringify(endpoints)),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  const { url, stop } = await listen(broker);
  project.provide("servicesUrl", url);
  return async () => {
    stop();
    await Promise.all([(await servers)?.stop(), (await database)?.stop()]);
  };
}
