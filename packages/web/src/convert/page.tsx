import { useEffect, useState } from "react";
import { useTitle } from "../app/use-title.ts";
import { notice } from "../lib/announce.ts";
import { useStore } from "../lib/store.ts";
import { rowIds } from "../rows/rows.ts";
import { text } from "../text.ts";
import { Problem } from "../ui/message.tsx";
import { BatchBar } from "./batch-bar.tsx";
import { FilesField } from "./files-field.tsx";
import { RowView } from "./row-view.tsx";

export function ConvertPage() {
  useTitle();
  const ids = useStore(rowIds);
  const shown = useInPortions(ids);
  const told = useStore(notice);
  return (
    <>
      <h1 className="mb-5 text-2xl font-bold tracking-tight text-balance sm:text-3xl">
        {text.convert.heading}
      </h1>
      <FilesField isCompact={ids.length > 0} />
      {told && (
        <div className="mt-4">
          <Problem>{told}</Problem>
        </div>
      )}
      {ids.length > 1 && <BatchBar />}
      <ul aria-label={text.convert.list} className="mt-6 grid grid-cols-1 gap-3">
        {shown.map((id) => (
          <RowView key={id} id={id} />
        ))}
      </ul>
    </>
  );
}

const portion = 8;

/** A list whose new entries come a few at a time, so that two hundred of them do not hold up everything else. */
function useInPortions(ids: readonly string[]): readonly string[] {
  const [settled, setSettled] = useState<ReadonlySet<string>>(new Set());
  const fresh = new Set(ids.filter((id) => !settled.has(id)).slice(0, portion));
  const shown = ids.filter((id) => settled.has(id) || fresh.has(id));
  useEffect(() => {
    if (fresh.size === 0) return;
    const timer = setTimeout(() => setSettled(new Set(shown)));
    return () => clearTimeout(timer);
  });
  return shown;
}
