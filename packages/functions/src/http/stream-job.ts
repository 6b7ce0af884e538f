import { streamJob as route } from "@t2m/contract/routes/jobs";
import { notFound } from "@t2m/core/errors";
import { findJob } from "@t2m/core/jobs/get";
import { watchJob } from "@t2m/core/jobs/watch";
import { stream } from "../adapter/sse.ts";

export const handler = stream(async ({ event, userId }) => {
  const params = route.params.safeParse({ jobId: /\/jobs\/([^/]+)\/events$/.exec(event.rawPath)?.[1] });
  const job = params.success ? await findJob({ userId, ...params.data }) : undefined;
  if (!job) throw notFound("job");
  return async ({ send, signal }) => {
    for await (const update of watchJob(job, { after: lastEventId(event.headers), signal })) {
      if (update.type === "progress") await send({ event: "progress", data: update.progress });
      else await send({ id: update.event.sequence, event: update.event.type, data: update.event });
    }
  };
});

/** What is no sequence number of ours counts as none: all is told from the start. */
function lastEventId(headers: Record<string, string | undefined>): number {
  const given = headers["last-event-id"] ?? "";
  return /^\d{1,10}$/.test(given) ? Number(given) : 0;
}
