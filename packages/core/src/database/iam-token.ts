import { signedQuery } from "../aws/sigv4.ts";
import type { Credentials } from "../config.ts";

const lifetimeSeconds = 900;

/**
 * The password with which IAM lets `user` into a database: good for a quarter of an hour, to open a connection with.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.html
 */
export function iamToken(
  { host, port, user }: { host: string; port: number; user: string },
  { credentials, region }: { credentials: Credentials; region: string },
  now = new Date(),
): string {
  const address = `${host}:${port}`;
  const request = { method: "GET", host: address, path: "/", query: { Action: "connect", DBUser: user } };
  return `${address}/?${signedQuery({ credentials, region, service: "rds-db" }, request, lifetimeSeconds, now)}`;
}
