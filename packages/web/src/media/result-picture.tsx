import { useEffect, useState } from "react";
import { useStore } from "../lib/store.ts";
import { jobStore } from "../rows/jobs.ts";
import { client } from "../session/client.ts";

/** A frame of what a conversion has made, over the sign for videos, which this browser may not be able to read. */
export function ResultPicture({ jobId }: { jobId: string }) {
  const { job, isGone } = useStore(jobStore(jobId));
  const picture = job?.outputs.find(
    ({ role, contentType }) => role === "poster" || contentType.startsWith("image/"),
  );
  const name = isGone ? undefined : picture?.name;
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    setUrl(undefined);
    if (!name) return;
    const stop = new AbortController();
    client
      .signOutput({ params: { jobId, name }, query: { for: "play" }, signal: stop.signal })
      // Without it the sign stays.
      .then(
        (signed) => setUrl(signed.url),
        () => undefined,
      );
    return () => stop.abort();
  }, [jobId, name]);
  if (!url) return null;
  return (
    <img
      src={url}
      alt=""
      onError={() => setUrl(undefined)}
      className="absolute inset-0 h-full w-full object-cover"
    />
  );
}
