import { userIdOf } from "@t2m/core/identity/user-id";
import { jobItemKey } from "@t2m/core/live/keys";
import { updateItem } from "@t2m/core/live/table";
import { stack } from "./visitor.ts";

/** Brings the end of a person's job near, as if it had been made a day ago. */
export async function expireAt(name: string, jobId: string, epochSeconds: number): Promise<void> {
  Object.assign(process.env, stack.environment);
  const token = await stack.tokenFor(name);
  const { sub } = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
  await updateItem(jobItemKey(userIdOf(stack.issuerUrl, sub), jobId), {
    expression: "SET expiresAt = :then",
    values: { ":then": epochSeconds },
  });
}
