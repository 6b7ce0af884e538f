import * as z from "zod/mini";

const Config = z.object({
  apiUrl: z.string(),
  issuer: z.string(),
  clientId: z.string(),
  audience: z.string(),
  /** Whether the stage keeps a record: history, files, batches and people. */
  hasRecord: z.boolean(),
});
export type Config = z.infer<typeof Config>;

let loaded: Config | undefined;

/** Reads where this stage's API and issuer are; one build serves every stage. */
export async function loadConfig(): Promise<Config> {
  const response = await fetch("/config.json", { cache: "no-cache" });
  if (!response.ok) throw new Error(`config.json: status ${response.status}`);
  loaded = Config.parse(await response.json());
  return loaded;
}

export function config(): Config {
  if (!loaded) throw new Error("The configuration has not been read yet");
  return loaded;
}
