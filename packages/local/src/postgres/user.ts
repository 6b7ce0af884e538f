import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** How to run a command as somebody Postgres accepts: it refuses to run as root. */
export type Unprivileged = {
  prefix: readonly string[];
  user?: { uid: number; gid: number };
};

/**
 * As whoever we are; for root (containers) as an ordinary user of a user namespace, who is still root outside and
 * so may read the repository in root's home. Where namespaces are forbidden, as the user `postgres` or `nobody`.
 * @throws Error where we are root and neither can be had
 */
export function unprivileged(): Unprivileged {
  if (process.getuid?.() !== 0) return { prefix: [] };
  const unshare = ["unshare", "--user", "--map-user=1000", "--map-group=1000"];
  if (spawnSync("unshare", [...unshare.slice(1), "true"]).status === 0) return { prefix: unshare };
  const users = readFileSync("/etc/passwd", "utf8");
  for (const name of ["postgres", "nobody"]) {
    const [, uid, gid] = new RegExp(`^${name}:[^:]*:(\\d+):(\\d+):`, "m").exec(users) ?? [];
    if (uid && gid) return { prefix: [], user: { uid: Number(uid), gid: Number(gid) } };
  }
  throw new Error("Postgres does not run as root, and there is no other user here to run it as");
}
