import { Agent, request } from "node:http";
import { Problem } from "@t2m/contract/errors";

export type RawRequest = {
  method: string;
  /** As it goes out, whatever is in it. */
  path: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
};
export type Answer = { status: number; type: string; text: string };

const agent = new Agent({ keepAlive: true });

/** Sends a request as it is: `fetch` would tidy up paths and refuse what a hostile client does not. */
export function ask(apiUrl: string, { method, path, headers = {}, body }: RawRequest): Promise<Answer> {
  const { hostname, port, pathname } = new URL(apiUrl);
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
  const sent = request(
    { agent, hostname, port, method, path: pathname + path, headers: { ...headers, ...length } },
    (response) => {
      response
        .setEncoding("utf8")
        .toArray()
        .then((chunks) => {
          const { statusCode = 0, headers: got } = response;
          resolve({ status: statusCode, type: got["content-type"] ?? "", text: chunks.join("") });
        }, reject);
    },
  );
  sent.on("error", reject);
  sent.end(body);
  return promise;
}

/** Stack traces, paths and names that only who runs this should see. */
const insideOut =
  /\bat [^\n]*\(?[\w/.-]+\.(ts|js|mjs|cjs):\d+|node_modules|packages\/|\/var\/task|\/tmp\/|file:\/\/|AWS_|T2M_|DynamoDB|arn:aws/;

/**
 * What is wrong with a refusal, or undefined: it has to be a 4xx with a problem document of ours or, where the
 * gateway itself refuses, with its `{"message"}`; and to say nothing of what is behind it.
 */
export function flawOf({ status, type, text }: Answer): string | undefined {
  if (status < 400 || status > 499) return `status ${status}: ${text.slice(0, 300)}`;
  if (insideOut.test(text)) return `it shows what is behind: ${text.slice(0, 300)}`;
  if (type.startsWith("application/problem+json")) {
    const problem = Problem.safeParse(JSON.parse(text));
    if (!problem.success) return `no problem document: ${text}`;
    return problem.data.status === status && problem.data.detail ? undefined : `another status: ${text}`;
  }
  const byGateway = [400, 401, 404, 413, 431].includes(status) && /^\{"message":"[A-Z][\w ]+"\}$/.test(text);
  return byGateway ? undefined : `neither ours nor the gateway's: ${type} ${text.slice(0, 300)}`;
}
