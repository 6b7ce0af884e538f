import { useState } from "react";
import { useStore } from "../lib/store.ts";
import { PresetSelect } from "../presets/select.tsx";
import { clearFinished, convertAllTo, pauseAll, resumeAll } from "../rows/actions.ts";
import { isPresetId } from "../rows/choose.ts";
import { summary } from "../rows/summary.ts";
import { text } from "../text.ts";
import { Button } from "../ui/button.tsx";
import { Progress } from "../ui/progress.tsx";

/** What can be done to all files at once. */
export function BatchBar() {
  const { moving, sending, resumable, done, failed, finished, percent } = useStore(summary);
  const counts = [
    moving > 0 && text.batch.moving(moving),
    done > 0 && text.batch.done(done),
    failed > 0 && text.batch.failed(failed),
  ].filter((count) => count !== false);
  return (
    <section
      aria-label={text.batch.label}
      className="card mt-6 grid gap-2 px-3 py-2 shadow-sm sm:sticky sm:top-0 sm:z-10 sm:px-4"
    >
      <div className="flex flex-wrap items-center justify-end gap-2 max-sm:*:grow">
        <p className="me-auto min-h-6 max-sm:w-full text-sm font-medium tabular-nums">{counts.join(" · ")}</p>
        <ConvertAll />
        {sending > 0 && (
          <Button small onClick={pauseAll}>
            {text.batch.pauseAll}
          </Button>
        )}
        {sending === 0 && resumable > 0 && (
          <Button small onClick={resumeAll}>
            {text.batch.resumeAll}
          </Button>
        )}
        {moving > 0 && <NotifyButton />}
        {finished > 0 && (
          <Button small onClick={clearFinished}>
            {text.batch.clear}
          </Button>
        )}
      </div>
      {moving > 0 && <Progress label={text.batch.progress} percent={percent} />}
    </section>
  );
}

/** Choosing alone does nothing: with the arrow keys one passes by formats that nobody wants. */
function ConvertAll() {
  const [preset, setPreset] = useState("");
  const convert = () => {
    if (isPresetId(preset)) convertAllTo(preset);
    setPreset("");
  };
  return (
    <>
      <PresetSelect
        small
        label={text.batch.convertAllTo}
        value={preset}
        first={["", `${text.batch.convertAllTo} …`]}
        onChange={setPreset}
        className="sm:max-w-44"
      />
      {preset !== "" && (
        <Button small look="main" onClick={convert}>
          {text.batch.convertAll}
        </Button>
      )}
    </>
  );
}

function NotifyButton() {
  // The browser takes its time to tell: it is asked once.
  const [permission, setPermission] = useState(() =>
    "Notification" in globalThis ? Notification.permission : "denied",
  );
  if (permission !== "default") return null;
  return (
    <Button small onClick={() => void Notification.requestPermission().then(setPermission)}>
      {text.batch.notify}
    </Button>
  );
}
