import { Queries } from "../app/queries.tsx";
import { useTitle } from "../app/use-title.ts";
import { config } from "../session/config.ts";
import { text } from "../text.ts";
import { OwnData } from "./own-data.tsx";
import { Sessions } from "./sessions.tsx";
import { Storage } from "./storage.tsx";
import { Usage } from "./usage.tsx";
import { Who } from "./who.tsx";

/** Who is signed in and where, what they use, what is stored until when, and what is theirs to take or to end. */
export function AccountPage() {
  return (
    <Queries>
      <AccountContent />
    </Queries>
  );
}

function AccountContent() {
  useTitle(text.account.heading);
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-8">
      <h1 className="text-2xl font-bold tracking-tight sm:text-3xl">{text.account.heading}</h1>
      <Who />
      {config().hasRecord && (
        <>
          <Usage />
          <Sessions />
          <OwnData />
        </>
      )}
      {/* The longest comes last. */}
      <Storage />
    </div>
  );
}
