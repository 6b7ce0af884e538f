// An S3 server and a shaped link to it in a process of their own, so that their work is not the converter's.
import { startS3 } from "@t2m/local/s3/server";
import { placeholders } from "./environment.ts";
import { shape } from "./link.ts";

const [directory = ""] = process.argv.slice(2);
const s3 = await startS3({
  directory,
  region: placeholders.AWS_REGION,
  credentials: {
    accessKeyId: placeholders.AWS_ACCESS_KEY_ID,
    secretAccessKey: placeholders.AWS_SECRET_ACCESS_KEY,
  },
});
const shapedPort = await shape({ port: s3.port }, { megabytesPerSecond: 80, roundTripMs: 15 });
process.send?.({ local: s3.url, link: `http://127.0.0.1:${shapedPort}` });
process.once("disconnect", () => void s3.stop().then(() => process.exit(0)));
