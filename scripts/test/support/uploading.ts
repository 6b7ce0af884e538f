import { fileSource } from "@t2m/client/node/file";
import { upload } from "@t2m/client/upload/upload";
import type { ConversionRequestInput } from "@t2m/contract/presets";
import type { Person } from "./person.ts";

/** Uploads a file as everybody does, with conversions wanted of it. Gives the ids of upload and jobs. */
export async function uploaded(
  { client }: Pick<Person, "client">,
  path: string,
  conversions: ConversionRequestInput[] = [{ preset: "mp3" }],
): Promise<{ uploadId: string; jobId: string; jobIds: string[] }> {
  const { id, jobIds } = await upload(client, await fileSource(path), { conversions }).finished;
  return { uploadId: id, jobIds, jobId: jobIds[0] ?? "" };
}
