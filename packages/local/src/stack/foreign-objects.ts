import { AwsClient } from "aws4fetch";
import { XMLParser } from "fast-xml-parser";
import * as z from "zod/mini";
import type { S3Server } from "../buckets.ts";
import { bucketName } from "../names.ts";
import { readJson, writeJson } from "../processes/json-file.ts";
import { eventMessage, type S3Event } from "../s3/events.ts";
import type { Manifest } from "./manifest.ts";

export type ForeignObjectsOptions = {
  server: S3Server;
  stage: string;
  triggers: Manifest["objectTriggers"];
  onEvent: (bucketName: string, event: S3Event) => Promise<void>;
  /** Where it remembers which objects are dealt with. */
  statePath: string;
  everyMs: number;
  log: (line: string) => void;
};

const Found = z.object({ Key: z.string(), ETag: z.string(), LastModified: z.string(), Size: z.string() });
type Found = z.infer<typeof Found>;
const Listing = z.object({
  ListBucketResult: z.object({
    Contents: z._default(z.array(Found), []),
    NextContinuationToken: z.optional(z.string()),
  }),
});
const Seen = z.record(z.string(), z.string());
const parser = new XMLParser({
  parseTagValue: false,
  trimValues: false,
  isArray: (name) => name === "Contents",
});

/**
 * Looks for new objects, since another S3 server cannot call us: how (and whether) it sends notifications differs
 * from server to server. Each new object is one event, sent again until it has been dealt with, also after a
 * restart.
 */
export class ForeignObjects {
  readonly #options: ForeignObjectsOptions;
  readonly #client: AwsClient;
  /** What is dealt with, by bucket and key: the ETag and the time of change. */
  readonly #seen: Map<string, string>;
  readonly #underWay = new Set<string>();
  readonly #timer: NodeJS.Timeout;
  #isLooking = false;

  constructor(options: ForeignObjectsOptions) {
    this.#options = options;
    this.#client = new AwsClient({
      ...options.server.credentials,
      region: options.server.region,
      service: "s3",
      retries: 0,
    });
    const saved = Seen.safeParse(readJson(options.statePath));
    this.#seen = new Map(saved.success ? Object.entries(saved.data) : []);
    this.#timer = setInterval(() => void this.#look(), options.everyMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      for (const { bucket, prefix } of this.#options.triggers) {
        const name = bucketName(this.#options.stage, bucket, this.#options.server.region);
        await this.#lookIn(name, prefix);
      }
    } catch (error) {
      this.#options.log(`New objects cannot be listed: ${String(error)}`);
    } finally {
      this.#isLooking = false;
    }
  }

  async #lookIn(bucket: string, prefix: string): Promise<void> {
    const found = await this.#list(bucket, prefix);
    const present = new Set(found.map(({ Key }) => `${bucket}/${Key}`));
    for (const path of this.#seen.keys()) {
      if (path.startsWith(`${bucket}/${prefix}`) && !present.has(path)) this.#seen.delete(path);
    }
    for (const object of found) {
      const [path, version] = [`${bucket}/${object.Key}`, `${object.ETag} ${object.LastModified}`];
      if (this.#seen.get(path) === version || this.#underWay.has(path)) continue;
      this.#underWay.add(path);
      this.#options
        .onEvent(bucket, eventOf(bucket, object, this.#options.server.region))
        .then(() => {
          this.#seen.set(path, version);
          writeJson(this.#options.statePath, Object.fromEntries(this.#seen));
        })
        // It stays new, so the next look sends it again.
        .catch(() => undefined)
        .finally(() => this.#underWay.delete(path));
    }
  }

  async #list(bucket: string, prefix: string): Promise<Found[]> {
    const found: Found[] = [];
    let token: string | undefined;
    do {
      const query = new URLSearchParams({ "list-type": "2", prefix });
      if (token) query.set("continuation-token", token);
      const response = await this.#client.fetch(`${this.#options.server.endpoint}/${bucket}?${query}`, {
        signal: AbortSignal.timeout(10_000),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`status ${response.status} ${text.slice(0, 200)}`);
      const { ListBucketResult } = Listing.parse(parser.parse(text));
      found.push(...ListBucketResult.Contents);
      token = ListBucketResult.NextContinuationToken;
    } while (token);
    return found;
  }
}

function eventOf(bucket: string, object: Found, region: string): S3Event {
  const at = Date.parse(object.LastModified);
  return eventMessage(
    {
      id: at,
      bucket,
      key: object.Key,
      name: "ObjectCreated:Put",
      at,
      sizeBytes: Number(object.Size),
      etag: object.ETag.replaceAll('"', ""),
      version: null,
      requestId: "",
      accessKeyId: "",
      sourceIp: "127.0.0.1",
      configurationId: "poll",
    },
    region,
  );
}
