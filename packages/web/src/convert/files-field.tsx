import { type ChangeEvent, useId, useRef } from "react";
import { notice } from "../lib/announce.ts";
import { useStore } from "../lib/store.ts";
import { usePresets } from "../presets/list.ts";
import { PresetSelect } from "../presets/select.tsx";
import { addFiles } from "../rows/actions.ts";
import { choice, isPresetId, looksLikeMedia } from "../rows/choose.ts";
import { pickFiles } from "../rows/given.ts";
import { text } from "../text.ts";
import { Button } from "../ui/button.tsx";

/** Where files come in, and what they become. Large as long as there is nothing else to see. */
export function FilesField({ isCompact }: { isCompact: boolean }) {
  return (
    <section
      aria-label={text.convert.choose}
      className={`rounded-2xl border-2 border-dashed border-edge bg-card px-4 text-center ${
        isCompact ? "py-5" : "py-10 sm:py-16"
      }`}
    >
      {!isCompact && <p className="mb-4 text-lg font-medium text-balance">{text.convert.drop}</p>}
      <Choosers />
      {!isCompact && <p className="mt-4 text-sm text-soft">{text.convert.hint}</p>}
      <NextFormat />
    </section>
  );
}

// Known to every browser, and not to React's types.
const wholeFolder = { webkitdirectory: "" };

function Choosers() {
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const choose = async () => {
    const given = await pickFiles();
    if (given) addFiles(given);
    else files.current?.click();
  };
  const take = (
    { target }: ChangeEvent<HTMLInputElement>,
    isWanted: (file: File) => boolean = () => true,
  ) => {
    const wanted = [...(target.files ?? [])].filter(isWanted);
    addFiles(wanted.map((file) => ({ file })));
    notice.set(wanted.length === 0 ? text.convert.noMedia : "");
    // The same file chosen again shall count as a choice.
    target.value = "";
  };
  return (
    <div className="flex flex-wrap justify-center gap-3">
      <Button look="main" className="min-w-40" onClick={() => void choose()}>
        {text.convert.choose}
      </Button>
      <Button onClick={() => folder.current?.click()}>{text.convert.chooseFolder}</Button>
      <input ref={files} id="files" type="file" multiple hidden onChange={(event) => take(event)} />
      <input
        ref={folder}
        id="folder"
        type="file"
        {...wholeFolder}
        multiple
        hidden
        onChange={(event) => take(event, looksLikeMedia)}
      />
    </div>
  );
}

function NextFormat() {
  const id = useId();
  const chosen = useStore(choice);
  const about = usePresets().find((preset) => preset.id === chosen)?.description ?? text.convert.autoHint;
  return (
    <div className="mt-5 flex flex-wrap items-center justify-center gap-x-3 gap-y-1">
      <label htmlFor={id} className="font-medium">
        {text.convert.to}
      </label>
      <PresetSelect
        id={id}
        value={chosen}
        first={["auto", text.convert.auto]}
        onChange={(value) => choice.set(isPresetId(value) ? value : "auto")}
      />
      <p className="min-h-10 w-full text-sm text-balance text-soft sm:min-h-5">{about}</p>
    </div>
  );
}
