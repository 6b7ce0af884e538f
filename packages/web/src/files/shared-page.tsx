import { ApiProblem } from "@t2m/client/problem";
import { useQuery } from "@tanstack/react-query";
import { useLocation } from "@tanstack/react-router";
import { Queries } from "../app/queries.tsx";
import { useTitle } from "../app/use-title.ts";
import { sizeText } from "../lib/format.ts";
import { downloadFrom } from "../lib/leave.ts";
import { Asked } from "../record/parts.tsx";
import { client } from "../session/client.ts";
import { recordText } from "../text-record.ts";
import { Button } from "../ui/button.tsx";
import { Message } from "../ui/message.tsx";

const texts = recordText.shared;

/** What somebody sees who was given a link; they need no account. */
export function SharedPage() {
  return (
    <Queries>
      <Shared />
    </Queries>
  );
}

function Shared() {
  const { hash: token } = useLocation();
  const question = useQuery({
    queryKey: ["shared", token],
    enabled: token !== "",
    // Each answer counts as an opening of the link.
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) => client.openShare({ params: { token }, signal }),
  });
  useTitle(question.data?.name ?? texts.title);
  const { error } = question;
  if (token === "" || (error instanceof ApiProblem && error.status < 500)) {
    return <Message level={1} heading={texts.goneHeading} body={texts.goneBody} />;
  }
  const download = async (file: { url: string; expiresAt: string }) => {
    // The link may have ended since; then the question says so.
    const isGood = Date.parse(file.expiresAt) > Date.now();
    const { data } = isGood ? { data: file } : await question.refetch();
    if (data) downloadFrom(data.url);
  };
  return (
    <Asked question={question} rows={2}>
      {(file) => (
        <Message level={1} heading={file.name} body={texts.body(sizeText(file.sizeBytes))}>
          <Button look="main" onClick={() => void download(file)}>
            {texts.download}
          </Button>
        </Message>
      )}
    </Asked>
  );
}
