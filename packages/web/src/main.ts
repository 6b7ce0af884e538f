import { localStore } from "@t2m/client/browser/store";
import { createClient } from "@t2m/client/client";
import type { Uploading } from "@t2m/client/upload/upload";
import { type PresetId, presetIds, presets } from "@t2m/contract/presets";
import { type Context, convertFile, showJob } from "./conversion.ts";
import { find, make, notice } from "./page.ts";
import { openSession, type Session } from "./session.ts";

const preset = find("preset", HTMLSelectElement);
const files = find("files", HTMLInputElement);
const drop = find("drop", HTMLLabelElement);
const list = find("list", HTMLUListElement);

try {
  const session = await openSession(() => show(false));
  fillPresets();
  find("sign-in", HTMLButtonElement).addEventListener("click", () => {
    notice();
    session
      .signIn()
      .catch((error: unknown) => notice(`The sign-in page cannot be reached: ${String(error)}`));
  });
  find("sign-out", HTMLButtonElement).addEventListener("click", session.signOut);
  show(session.isSignedIn());
  if (session.isSignedIn()) await begin(session);
} catch (error) {
  notice(error instanceof Error ? error.message : String(error));
  show(false);
}

function show(signedIn: boolean): void {
  find("signed-in", HTMLElement).hidden = !signedIn;
  find("signed-out", HTMLElement).hidden = signedIn;
  find("sign-out", HTMLElement).hidden = !signedIn;
  if (!signedIn) list.replaceChildren();
}

async function begin(session: Session): Promise<void> {
  const baseUrl = new URL(session.config.apiUrl, location.origin).href;
  const client = createClient({ baseUrl, token: session.token });
  const context = {
    client,
    store: localStore(session.person()),
    list,
    busy: new Set<Uploading>(),
    waiting: new Map(),
  };
  acceptFiles(context);
  const { items } = await client.listJobs({ query: { limit: 10 } });
  if (items.length > 0) find("list-title", HTMLElement).hidden = false;
  for (const job of items) void showJob(context, job);
}

function acceptFiles(context: Context): void {
  const take = (chosen: FileList | null | undefined) => {
    for (const file of chosen ?? []) void convertFile(context, file, chosenPreset());
    if (chosen?.length) find("list-title", HTMLElement).hidden = false;
  };
  files.addEventListener("change", () => {
    take(files.files);
    // The same file chosen again shall count as a choice.
    files.value = "";
  });
  for (const type of ["dragenter", "dragover"] as const) {
    drop.addEventListener(type, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  // Beside the field, too: a browser would leave the page for the file.
  for (const type of ["dragover", "drop"] as const) addEventListener(type, (event) => event.preventDefault());
  drop.addEventListener("drop", (event) => {
    drop.classList.remove("over");
    take(event.dataTransfer?.files);
  });
  addEventListener("beforeunload", (event) => {
    if (context.busy.size > 0) event.preventDefault();
  });
}

function fillPresets(): void {
  const titles = { audio: "Audio", video: "Video", image: "Picture" };
  for (const [kind, label] of Object.entries(titles)) {
    const group = make("optgroup", { label });
    for (const id of presetIds) {
      if (presets[id].kind === kind) group.append(make("option", { value: id }, presets[id].title));
    }
    preset.append(group);
  }
  const about = () => {
    find("preset-about", HTMLElement).textContent = presets[chosenPreset()].description;
  };
  preset.addEventListener("change", about);
  about();
}

function chosenPreset(): PresetId {
  return presetIds.find((id) => id === preset.value) ?? "mp3";
}
