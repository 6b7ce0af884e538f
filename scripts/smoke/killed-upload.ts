// Begins an upload and kills itself, as hard as that goes, when S3 holds the first part.
// Arguments: the API's address, a token, the file, the folder for the memory of unfinished uploads.
import { createClient } from "@t2m/client/client";
import { fileSource } from "@t2m/client/node/file";
import { folderStore } from "@t2m/client/node/store";
import { upload } from "@t2m/client/upload/upload";
import { conversions, storeScope } from "./wanted.ts";

const [apiUrl = "", token = "", path = "", folder = ""] = process.argv.slice(2);
const client = createClient({ baseUrl: apiUrl, token });
const killing: typeof client = {
  ...client,
  recordPart: () => {
    process.kill(process.pid, "SIGKILL");
    return new Promise(() => undefined);
  },
};
await upload(killing, await fileSource(path), {
  conversions,
  parallel: 1,
  store: folderStore(folder, storeScope),
}).finished;
