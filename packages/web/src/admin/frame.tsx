import type { ReactNode } from "react";
import { NotFound } from "../app/fallbacks.tsx";
import { Queries } from "../app/queries.tsx";
import { useTitle } from "../app/use-title.ts";
import { useMe } from "../record/me.ts";
import { Asked, Tabs } from "../record/parts.tsx";
import { recordText } from "../text-record.ts";

/** What stands around an administrator's page. For everybody else there is nothing at its address. */
export function AdminFrame({ heading, children }: { heading: string; children: ReactNode }) {
  return (
    <Queries>
      <Guarded heading={heading}>{children}</Guarded>
    </Queries>
  );
}

function Guarded({ heading, children }: { heading: string; children: ReactNode }) {
  const question = useMe();
  return (
    <Asked question={question}>
      {({ permissions }) =>
        permissions.includes("admin.read") ? <Framed heading={heading}>{children}</Framed> : <NotFound />
      }
    </Asked>
  );
}

function Framed({ heading, children }: { heading: string; children: ReactNode }) {
  useTitle(heading);
  const { heading: all, overview, users, jobs } = recordText.admin;
  return (
    <>
      <h1 className="mb-3 text-2xl font-bold tracking-tight sm:text-3xl">{heading}</h1>
      <Tabs
        label={all}
        pages={[
          ["/admin", overview],
          ["/admin/users", users],
          ["/admin/jobs", jobs],
        ]}
      />
      {children}
    </>
  );
}
