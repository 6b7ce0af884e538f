import { bucketOf } from "../names.ts";
import type { S3Event } from "../s3/events.ts";
import type { Manifest } from "./manifest.ts";

export type ObjectTriggersOptions = {
  triggers: Manifest["objectTriggers"];
  stage: string;
  region: string;
  /** Runs a function on an event; resolves when it is done with it, be it by a failure record. */
  invoke: (name: string, event: S3Event) => Promise<void>;
};

/**
 * Brings a bucket's events to the functions that the manifest names for them.
 * @returns the receiver for S3's events; it resolves when every function has finished, and rejects where one has
 *   not, so that S3 keeps the event and sends it again
 */
export function objectTriggers({ triggers, stage, region, invoke }: ObjectTriggersOptions) {
  return async (bucketName: string, event: S3Event): Promise<void> => {
    const bucket = bucketOf(bucketName, stage, region);
    await Promise.all(
      event.Records.flatMap((record) => {
        if (!record.eventName.startsWith("ObjectCreated:")) return [];
        const key = decodeURIComponent(record.s3.object.key.replaceAll("+", " "));
        return triggers
          .filter((trigger) => trigger.bucket === bucket && key.startsWith(trigger.prefix))
          .map((trigger) => invoke(trigger.function, { Records: [record] }));
      }),
    );
  };
}
