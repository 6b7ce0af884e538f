// A worker as a process of its own, to be killed: claims the step, beats once, writes an output, completes.
import { claimStep } from "@t2m/core/jobs/claim";
import { completeStep } from "@t2m/core/jobs/complete";
import { renewLease } from "@t2m/core/jobs/heartbeat";
import { queueJob } from "@t2m/core/jobs/queue";
import { putObject } from "@t2m/core/storage/objects";

const [userId = "", jobId = ""] = process.argv.slice(2);
await queueJob({ userId, jobId }, { ordersHeld: true });
const claim = await claimStep({ userId, jobId, step: "convert" });
if (claim) {
  await renewLease(claim, 50);
  const name = "output.mp3";
  const key = `users/${userId}/jobs/${jobId}/outputs/${name}`;
  await putObject({ bucket: "videos", key, body: "ten bytes!", contentType: "audio/mpeg" });
  const file = { name, fileName: "song.mp3", role: "main", contentType: "audio/mpeg" } as const;
  await completeStep(claim, { outputs: [{ ...file, sizeBytes: 10, checksumCrc32: "AAAAAA==" }] });
}
