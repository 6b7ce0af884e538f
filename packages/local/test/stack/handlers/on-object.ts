import { existsSync } from "node:fs";
import { note } from "./note.ts";

type Event = { Records: { eventName: string; s3: { bucket: { name: string }; object: { key: string } } }[] };

export async function handler(event: Event): Promise<void> {
  for (const { eventName, s3 } of event.Records) {
    const isWaiting = s3.object.key.includes("waits") && !existsSync(`${process.env.OUTPUT}.go`);
    note({ function: "on-object", event: eventName, bucket: s3.bucket.name, key: s3.object.key });
    if (s3.object.key.includes("cursed")) throw new Error("This one never works");
    // Until it is killed in the middle.
    if (isWaiting) await new Promise(() => setInterval(() => {}, 1_000));
  }
}
