import type { FileVersion } from "@t2m/contract/files";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { dateTimeText, sizeText } from "../lib/format.ts";
import { downloadFrom } from "../lib/leave.ts";
import { problemText } from "../lib/problem.ts";
import { record } from "../record/client.ts";
import { Asked } from "../record/parts.tsx";
import { client } from "../session/client.ts";
import { text } from "../text.ts";
import { recordText } from "../text-record.ts";
import { Button } from "../ui/button.tsx";
import { Problem } from "../ui/message.tsx";

/** The versions that are stored of a file: to download, and to bring back. */
export function Versions({ fileId, name }: { fileId: string; name: string }) {
  const queries = useQueryClient();
  const key = ["files", fileId, "versions"];
  const question = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => record.listFileVersions({ params: { fileId }, signal }),
  });
  const download = useMutation({
    mutationFn: (versionId: string) => client.signFile({ params: { fileId }, query: { versionId } }),
    onSuccess: ({ url }) => downloadFrom(url),
  });
  const restore = useMutation({
    mutationFn: (versionId: string) => client.restoreFileVersion({ params: { fileId, versionId } }),
    onSuccess: (versions) => {
      queries.setQueryData(key, versions);
      void queries.invalidateQueries({ queryKey: ["files"] });
    },
  });
  const failure = download.error ?? restore.error;
  return (
    <section className="grid gap-3">
      <h2 className="text-lg font-semibold">{recordText.versions.heading}</h2>
      {failure && <Problem>{problemText(failure)}</Problem>}
      <Asked question={question} rows={1}>
        {({ items }) => (
          <ol aria-label={recordText.versions.heading} className="card divide-y divide-line">
            {items.map((version) => (
              <Version
                key={version.versionId}
                version={version}
                name={name}
                isBusy={restore.isPending}
                onDownload={() => download.mutate(version.versionId)}
                onRestore={() => restore.mutate(version.versionId)}
              />
            ))}
          </ol>
        )}
      </Asked>
      <p className="text-sm text-soft">{recordText.versions.hint}</p>
    </section>
  );
}

function Version({
  version: { isLatest, sizeBytes, createdAt },
  name,
  isBusy,
  onDownload,
  onRestore,
}: {
  version: FileVersion;
  name: string;
  isBusy: boolean;
  onDownload: () => void;
  onRestore: () => void;
}) {
  const about = recordText.versions.of(name, dateTimeText(createdAt));
  return (
    <li className="flex flex-wrap items-center gap-2 px-4 py-3">
      <p className="me-auto tabular-nums">
        <time dateTime={createdAt}>{dateTimeText(createdAt)}</time>{" "}
        <span className="text-sm text-soft">
          {sizeText(sizeBytes)}
          {isLatest && ` · ${recordText.versions.latest}`}
        </span>
      </p>
      <Button small about={about} onClick={onDownload}>
        {text.row.download}
      </Button>
      {!isLatest && (
        <Button small about={about} disabled={isBusy} onClick={onRestore}>
          {recordText.versions.restore}
        </Button>
      )}
    </li>
  );
}
