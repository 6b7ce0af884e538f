import { api, type Operation, type OperationName } from "@t2m/contract/api";
import type { AnyCall, ArgumentsOf, CallOf, ReplyOf } from "./call.ts";
import { type JobUpdate, streamJob } from "./events.ts";
import { UnexpectedReply } from "./problem.ts";
import { type Connection, createSend, type Send } from "./send.ts";

/** A method for each operation of the API; `streamJob` iterates over a job's events. */
export type Client = {
  [Name in Exclude<OperationName, "streamJob">]: (...call: ArgumentsOf<Name>) => Promise<ReplyOf<Name>>;
} & {
  streamJob(call: CallOf<"streamJob"> & { after?: number }): AsyncGenerator<JobUpdate, void>;
};

/**
 * The API, typed by the contract: `client.getJob({ params: { jobId } })`.
 * Every method may throw `ApiProblem` (a refusal), `Unreachable`, `UnexpectedReply` or the signal's reason.
 */
export function createClient(connection: Connection): Client {
  const send = createSend(connection);
  const methods = Object.entries(api).map(([name, operation]) => [name, method(send, name, operation)]);
  const client: Omit<Client, "streamJob"> = Object.fromEntries(methods);
  return {
    ...client,
    streamJob: (call) => streamJob({ send, getJob: client.getJob }, call),
  };
}

function method(send: Send, name: string, { response }: Operation) {
  return async (call: AnyCall = {}): Promise<unknown> => {
    const reply = await send(name as OperationName, call);
    if (!response) return undefined;
    const parsed = response.safeParse(await reply.json().catch(() => undefined));
    if (parsed.success) return parsed.data;
    throw new UnexpectedReply(`The answer to ${name} is not as the contract has it`, { cause: parsed.error });
  };
}
