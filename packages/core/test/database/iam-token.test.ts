import { Signer } from "@aws-sdk/rds-signer";
import { expect, test, vi } from "vitest";
import { iamToken } from "../../src/database/iam-token.ts";

test("[V3.2] the password is the very token that AWS's own signer makes", async () => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 2, 3, 4, 5) });
  const where = { host: "proxy.proxy-abc.eu-central-1.rds.amazonaws.com", port: 5432, user: "t2m_app" };
  const keys = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret/with+signs" };
  for (const sessionToken of [undefined, "session/token+with=signs"]) {
    const signer = new Signer({
      hostname: where.host,
      port: where.port,
      username: where.user,
      region: "eu-central-1",
      credentials: { ...keys, ...(sessionToken ? { sessionToken } : {}) },
    });
    const credentials = { ...keys, sessionToken, expiresAt: undefined };
    const ours = iamToken(where, { credentials, region: "eu-central-1" });
    expect(parts(ours)).toEqual(parts(await signer.getAuthToken()));
  }
  vi.useRealTimers();
});

/** Their order is nobody's business. */
function parts(token: string): string[] {
  const [address = "", query = ""] = token.split("?");
  return [address, ...query.split("&").sort()];
}
