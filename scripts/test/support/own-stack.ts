import { rm } from "node:fs/promises";
import type { RequestLine, S3Server as RunningS3 } from "@t2m/local/s3/server";
import { type Stack, type StackOptions, startStack } from "@t2m/local/stack";
import { recordCalls } from "@t2m/local/testing/calls/recorder";
import { type Asked, type DynamodbDoor, openDynamodbDoor } from "@t2m/local/testing/dynamodb-door";
import type {} from "@t2m/local/testing/stack-setup";
import { inject } from "vitest";
import { newFolder } from "./media.ts";

export type OwnStack = Omit<Stack, "s3" | "stop"> & {
  directory: string;
  s3: RunningS3;
  /** Stands between the functions and DynamoDB. */
  door: DynamodbDoor & {
    /** What came through, in order, whatever became of it. */
    asked: Asked[];
  };
  /** By the function: what it signs with. */
  accessKeyIds: ReadonlyMap<string, string>;
  /** What S3 has answered. */
  requests: RequestLine[];
  /** What the stack and its functions have said, by who said it. */
  logged: { part: string; line: string }[];
  stop: () => Promise<void>;
};

/**
 * A whole stack in this process, for tests that break its parts or set its clocks. `@t2m/core` in this process
 * looks into the same stage.
 */
export async function startOwnStack(options: Partial<StackOptions> = {}): Promise<OwnStack> {
  const directory = await newFolder();
  const recorder = recordCalls(inject("callsDirectory"));
  const asked: Asked[] = [];
  const door = await openDynamodbDoor((request) => {
    asked.push(request);
    recorder.onDynamodbRequest(request);
  });
  const requests: RequestLine[] = [];
  const logged: OwnStack["logged"] = [];
  const stack = await startStack({
    directory,
    mode: "test",
    retryDelaysMs: [200, 400],
    ...options,
    environment: { AWS_ENDPOINT_URL_DYNAMODB: door.url, ...options.environment },
    accessKeyIds: recorder.accessKeyIds,
    onS3Request: (line, exchange) => {
      requests.push(line);
      recorder.onS3Request(exchange);
    },
    log: (part, line) => logged.push({ part, line }),
  });
  const { running } = stack.s3;
  if (!running) throw new Error("These tests break S3: it must be the one in this repository");
  door.leadTo(stack.dynamodb.endpoint);
  Object.assign(process.env, stack.environment, { AWS_ENDPOINT_URL_DYNAMODB: stack.dynamodb.endpoint });
  return {
    ...stack,
    directory,
    s3: running,
    door: { ...door, asked },
    accessKeyIds: recorder.accessKeyIds,
    requests,
    logged,
    stop: async () => {
      await stack.stop();
      await door.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
