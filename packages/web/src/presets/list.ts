import type { Preset } from "@t2m/contract/service";
import { createStore, useStore } from "../lib/store.ts";
import { client } from "../session/client.ts";

const listed = createStore<readonly Preset[]>([]);
const againMs = 3_000;

/** Asks what files can be converted to, until the service says so. */
export async function loadPresets(): Promise<void> {
  for (;;) {
    try {
      return listed.set(await client.listPresets());
    } catch {
      await new Promise((resolve) => setTimeout(resolve, againMs));
    }
  }
}

/** What files can be converted to, as this stage offers it; nothing until it has said so. */
export const usePresets = () => useStore(listed);

/** What a preset is called; its id until the list is here. */
export function usePresetTitle(id: string): string {
  return usePresets().find((preset) => preset.id === id)?.title ?? id;
}
