import type { StoredFile } from "@t2m/contract/files";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { Queries } from "../app/queries.tsx";
import { useTitle } from "../app/use-title.ts";
import { FactList } from "../job/facts.tsx";
import { clockText, dateTimeText, sizeText } from "../lib/format.ts";
import { downloadFrom } from "../lib/leave.ts";
import { isNotFound, problemText } from "../lib/problem.ts";
import { record } from "../record/client.ts";
import { Asked } from "../record/parts.tsx";
import { client } from "../session/client.ts";
import { text } from "../text.ts";
import { recordText } from "../text-record.ts";
import { Button } from "../ui/button.tsx";
import { Message, Problem } from "../ui/message.tsx";
import { Shares } from "./shares.tsx";
import { Versions } from "./versions.tsx";

/** One stored file: what is known of it, its versions, and who was given a link to it. */
export function FilePage() {
  return (
    <Queries>
      <OneFile />
    </Queries>
  );
}

function OneFile() {
  const { fileId } = useParams({ from: "/files/$fileId" });
  const question = useQuery({
    queryKey: ["files", fileId],
    queryFn: ({ signal }) => record.getFile({ params: { fileId }, signal }),
  });
  useTitle(question.data?.name ?? recordText.files.heading);
  const { error } = question;
  if (isNotFound(error) || (error && "code" in error && error.code === "request.invalid")) {
    return (
      <Message level={1} heading={recordText.file.goneHeading} body={recordText.file.goneBody}>
        <Link to="/files" className="button button-plain">
          {recordText.tabs.files}
        </Link>
      </Message>
    );
  }
  return <Asked question={question}>{(file) => <Shown file={file} />}</Asked>;
}

function Shown({ file }: { file: StoredFile }) {
  const { id: fileId, name, kind, contentType, sizeBytes, createdAt, jobId } = file;
  const [problem, setProblem] = useState<string>();
  const download = async () => {
    setProblem(undefined);
    try {
      downloadFrom((await client.signFile({ params: { fileId } })).url);
    } catch (error) {
      setProblem(isNotFound(error) ? text.player.expired : problemText(error));
    }
  };
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-8">
      <header className="grid gap-3">
        <Link to="/files" className="link justify-self-start text-sm">
          {recordText.tabs.files}
        </Link>
        <h1 className="text-2xl font-bold tracking-tight sm:text-3xl">
          <bdi>{name}</bdi>
        </h1>
        <div className="flex flex-wrap gap-3">
          <Button look="main" about={name} onClick={() => void download()}>
            {text.row.download}
          </Button>
          {jobId && (
            <Link to="/jobs/$jobId" params={{ jobId }} className="button button-plain">
              {recordText.file.conversion}
            </Link>
          )}
        </div>
        {problem && <Problem>{problem}</Problem>}
      </header>
      <div className="card p-4">
        <FactList
          facts={[
            [text.history.kind, recordText.files.kinds[kind] ?? kind],
            [text.job.size, sizeText(sizeBytes)],
            [text.job.type, contentType],
            [text.job.created, dateTimeText(createdAt)],
            ...factsOf(file),
          ]}
        />
      </div>
      <Shares fileId={fileId} />
      <Versions fileId={fileId} name={name} />
    </div>
  );
}

function factsOf({ facts }: StoredFile): (readonly [string, string | undefined])[] {
  const { durationSeconds, widthPixels, heightPixels, audioCodec, videoCodec, checksumCrc32 } = facts;
  const words = (value: unknown) => (typeof value === "string" ? value : undefined);
  const isPicture = typeof widthPixels === "number" && typeof heightPixels === "number";
  return [
    [text.job.duration, typeof durationSeconds === "number" ? clockText(durationSeconds) : undefined],
    [text.job.picture, isPicture ? `${widthPixels} × ${heightPixels}` : undefined],
    [text.job.videoCodec, words(videoCodec)],
    [text.job.audioCodec, words(audioCodec)],
    [text.job.checksum, words(checksumCrc32)],
  ];
}
