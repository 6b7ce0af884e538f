import { note } from "./note.ts";

type Event = {
  Records: {
    eventName: string;
    userIdentity?: { principalId: string };
    dynamodb: { Keys: { sk: { S: string } } };
  }[];
};

export async function handler(event: Event): Promise<void> {
  for (const { eventName, userIdentity, dynamodb } of event.Records) {
    note({
      function: "on-stream",
      event: eventName,
      item: dynamodb.Keys.sk.S,
      by: userIdentity?.principalId,
    });
  }
}
