import { randomBytes, randomUUID } from "node:crypto";
import { crc32 } from "node:zlib";
import { Job, type JobEvent } from "@t2m/contract/jobs";
import { CreatedUpload } from "@t2m/contract/new-upload";
import { SignedParts } from "@t2m/contract/uploads";
import { userIdOf } from "@t2m/core/identity/user-id";
import type { SharedStack } from "@t2m/local/testing";

export type SseMessage = { id?: string; event?: string; data: unknown };

type Begun = { uploadId: string; partBytes: number; jobIds: string[] };

/** Somebody who uses the running stack over HTTP, and nothing else. */
export class Person {
  readonly #stack: SharedStack;
  /** A bearer token. */
  readonly token: string;

  private constructor(stack: SharedStack, token: string) {
    this.#stack = stack;
    this.token = token;
  }

  static async arrive(stack: SharedStack): Promise<Person> {
    return new Person(stack, await stack.tokenFor(`person ${randomUUID()}`));
  }

  /** As the token says it. */
  userId(issuerUrl: string): string {
    const claims = JSON.parse(Buffer.from(this.token.split(".")[1] ?? "", "base64url").toString());
    return userIdOf(issuerUrl, claims.sub);
  }

  async ask(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    return await fetch(this.#stack.apiUrl + path, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  }

  /** Uploads a file part by part and gives the ids of upload and jobs. */
  async upload(file: Buffer, conversions: readonly object[], name = "song.wav"): Promise<Begun> {
    const begun = await this.begin(file, conversions, name);
    const path = `/uploads/${begun.uploadId}`;
    const pieces = Array.from({ length: Math.ceil(file.length / begun.partBytes) }, (_, index) =>
      file.subarray(index * begun.partBytes, (index + 1) * begun.partBytes),
    );
    const wanted = pieces.map((piece, index) => ({
      partNumber: index + 1,
      checksumCrc32: checksumOf(piece),
    }));
    const { parts } = SignedParts.parse(
      await (await this.ask("POST", `${path}/parts/urls`, { parts: wanted })).json(),
    );
    for (const { partNumber, url, headers } of parts) {
      const body = new Uint8Array(pieces[partNumber - 1] ?? []);
      const sent = await fetch(url, { method: "PUT", headers, body });
      if (!sent.ok) throw new Error(await sent.text());
    }
    const completed = await this.ask("POST", `${path}/complete`);
    if (!completed.ok) throw new Error(await completed.text());
    return begun;
  }

  async begin(file: Buffer, conversions: readonly object[], name = "song.wav"): Promise<Begun> {
    const request = {
      name,
      type: name.endsWith(".mp4") ? "video/mp4" : "audio/wav",
      sizeBytes: file.length,
      conversions,
    };
    const answer = await this.ask("POST", "/uploads", request);
    const { upload, jobs } = CreatedUpload.parse(await answer.json());
    return { uploadId: upload.id, partBytes: upload.partBytes, jobIds: jobs.map(({ id }) => id) };
  }

  async job(jobId: string): Promise<Job> {
    return Job.parse(await (await this.ask("GET", `/jobs/${jobId}`)).json());
  }

  /** The messages of one connection, comments among them as the event `:`. */
  async *listen(jobId: string, headers: Record<string, string> = {}): AsyncGenerator<SseMessage, void> {
    const answer = await this.ask("GET", `/jobs/${jobId}/events`, undefined, headers);
    if (!answer.ok || !answer.body) throw new Error(`${answer.status} ${await answer.text()}`);
    let rest = "";
    for await (const text of answer.body.pipeThrough(new TextDecoderStream())) {
      const blocks = (rest + text).split("\n\n");
      rest = blocks.pop() ?? "";
      for (const block of blocks) yield messageOf(block);
    }
  }

  async facts(jobId: string, headers: Record<string, string> = {}): Promise<JobEvent["type"][]> {
    const messages = await Array.fromAsync(this.listen(jobId, headers));
    return messages.filter(({ id }) => id).map(({ event }) => event as JobEvent["type"]);
  }
}

function checksumOf(piece: Buffer): string {
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(piece));
  return checksum.toString("base64");
}

function messageOf(block: string): SseMessage {
  if (block.startsWith(":")) return { event: ":", data: block };
  const fields = Object.fromEntries(block.split("\n").map((line) => line.split(/: (.*)/, 2)));
  return { ...fields, data: JSON.parse(String(fields.data)) };
}

/** 16-bit mono noise at 8 kHz. */
export function noise(seconds: number): Buffer {
  const data = randomBytes(seconds * 16_000);
  const head = Buffer.alloc(44);
  head.write("RIFF", 0);
  head.writeUInt32LE(36 + data.length, 4);
  head.write("WAVEfmt ", 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(8_000, 24);
  head.writeUInt32LE(16_000, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write("data", 36);
  head.writeUInt32LE(data.length, 40);
  return Buffer.concat([head, data]);
}
