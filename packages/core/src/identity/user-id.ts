import type { UserId } from "@t2m/contract/ids";
import { v5 } from "uuid";

/**
 * Who somebody is here: a UUIDv5 of their subject within a namespace made of the issuer's URL. Known from the token
 * alone, the same at every sign-in, and different for the same subject at another issuer.
 */
export function userIdOf(issuer: string, subject: string): UserId {
  return v5(subject, v5(issuer, v5.URL));
}
