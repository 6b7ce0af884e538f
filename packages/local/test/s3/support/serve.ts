// A server in a process of its own, to be killed. Writes its port and each event to standard output.
import { startS3 } from "../../../src/s3/server.ts";
import { CREDENTIALS, REGION } from "./constants.ts";

const server = await startS3({
  directory: process.argv[2] ?? "",
  region: REGION,
  credentials: CREDENTIALS,
  minimumPartBytes: 1,
  onEvent: async (_bucket, { Records: [record] }) => {
    process.stdout.write(`event ${record?.s3.object.key}\n`);
    // Never taken: a kill finds it undelivered.
    await new Promise(() => undefined);
  },
});
process.stdout.write(`port ${server.port}\n`);
