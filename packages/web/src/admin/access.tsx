import type { Profile } from "@t2m/contract/people";
import { permissions, type Role, roles } from "@t2m/contract/permissions";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { announce } from "../lib/announce.ts";
import { problemText } from "../lib/problem.ts";
import { useMe } from "../record/me.ts";
import { client } from "../session/client.ts";
import { text } from "../text.ts";
import { recordText } from "../text-record.ts";
import { Button } from "../ui/button.tsx";
import { SelectField } from "../ui/fields.tsx";
import { Problem } from "../ui/message.tsx";

const texts = recordText.admin;

/** Says what somebody may do. One's own access is left alone, so that nobody shuts themselves out. */
export function Access({ profile }: { profile: Profile }) {
  const queries = useQueryClient();
  const { data: me } = useMe();
  const [role, setRole] = useState<Role>(profile.role);
  const [granted, setGranted] = useState<readonly string[]>(
    profile.role === "user" ? profile.permissions : [],
  );
  const change = useMutation({
    mutationFn: () =>
      client.changeAccess({
        params: { userId: profile.id },
        body: {
          role,
          permissions: role === "user" ? permissions.filter((known) => granted.includes(known)) : [],
        },
      }),
    onSuccess: () => {
      announce(texts.changed);
      return queries.invalidateQueries({ queryKey: ["admin"] });
    },
  });
  if (!me?.permissions.includes("admin.manage")) return null;
  return (
    <section className="grid gap-3">
      <h2 className="text-lg font-semibold">{texts.access}</h2>
      {me.id === profile.id ? (
        <p className="text-soft">{texts.ownAccess}</p>
      ) : (
        <form
          className="card grid gap-4 p-4"
          onSubmit={(event) => {
            event.preventDefault();
            change.mutate();
          }}
        >
          <SelectField
            label={texts.role}
            className="justify-items-start"
            value={role}
            choices={roles.map((one) => [one, texts.roles[one]] as const)}
            onChange={setRole}
          />
          {role === "admin" && <p className="text-sm text-soft">{texts.allPermissions}</p>}
          {role === "user" &&
            permissions.map((permission) => (
              <label key={permission} className="flex min-h-11 items-center gap-3">
                <input
                  type="checkbox"
                  className="size-5 accent-accent"
                  checked={granted.includes(permission)}
                  onChange={({ target }) =>
                    setGranted(
                      target.checked
                        ? [...granted, permission]
                        : granted.filter((other) => other !== permission),
                    )
                  }
                />
                {texts.permissions[permission]}
              </label>
            ))}
          {change.error && <Problem>{problemText(change.error)}</Problem>}
          {change.isSuccess && <p className="text-sm text-good">{texts.changed}</p>}
          <Button type="submit" look="main" className="justify-self-start" disabled={change.isPending}>
            {text.save}
          </Button>
        </form>
      )}
    </section>
  );
}
