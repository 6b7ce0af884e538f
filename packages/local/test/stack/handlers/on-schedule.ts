import { note } from "./note.ts";

export async function handler(event: { source: string; "detail-type": string }): Promise<void> {
  note({ function: "on-schedule", source: event.source, type: event["detail-type"] });
}
