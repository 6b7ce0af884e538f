import type { ResumeStore } from "../upload/resume.ts";

/** Remembers uploads in `localStorage`, across reloads. `scope` keeps people apart who share a browser. */
export function localStore(scope: string, storage: Storage = localStorage): ResumeStore {
  const nameOf = (key: string) => `t2m.upload ${scope} ${key}`;
  return {
    get: async (key) => storage.getItem(nameOf(key)) ?? undefined,
    // A full or forbidden storage only costs the resuming.
    set: async (key, uploadId) => tolerate(() => storage.setItem(nameOf(key), uploadId)),
    remove: async (key) => tolerate(() => storage.removeItem(nameOf(key))),
  };
}

function tolerate(act: () => void): void {
  try {
    act();
  } catch {
    // Nothing to do about it.
  }
}
