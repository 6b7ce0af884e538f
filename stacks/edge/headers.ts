import { pageHeaders } from "@t2m/contract/page-headers";
import type { StageConfig } from "../config.ts";
import type { Storage } from "../storage.ts";

const overTlsOnly = {
  strictTransportSecurity: {
    accessControlMaxAgeSec: 2 * 365 * 24 * 3600,
    includeSubdomains: true,
    override: true,
  },
};

/** Those of the page on a laptop, and TLS from the first visit on. */
export function createSiteHeaders(cfg: StageConfig, storage: Storage) {
  const origin = (bucket: sst.aws.Bucket) =>
    $interpolate`https://${bucket.name}.s3.${cfg.region}.amazonaws.com`;
  const headers = $resolve([
    origin(storage.uploads),
    origin(storage.videos),
    origin(storage.thumbnails),
  ]).apply(([uploads = "", ...results]) =>
    pageHeaders({
      connect: [uploads, ...results, new URL(cfg.issuer).origin],
      media: results,
    }),
  );
  const item = (header: string) => ({
    header,
    value: headers.apply((all) => all[header] ?? ""),
    override: true,
  });
  return new aws.cloudfront.ResponseHeadersPolicy("SiteHeaders", {
    name: `${cfg.stage}-t2m-site`,
    securityHeadersConfig: {
      ...overTlsOnly,
      contentSecurityPolicy: {
        contentSecurityPolicy: headers.apply((all) => all["content-security-policy"] ?? ""),
        override: true,
      },
      contentTypeOptions: { override: true },
      frameOptions: { frameOption: "DENY", override: true },
      referrerPolicy: { referrerPolicy: "no-referrer", override: true },
    },
    customHeadersConfig: { items: [item("cross-origin-opener-policy"), item("permissions-policy")] },
  });
}

/** Nothing that the API says is a page, and none of it is kept. */
export function createApiHeaders(cfg: StageConfig) {
  return new aws.cloudfront.ResponseHeadersPolicy("ApiHeaders", {
    name: `${cfg.stage}-t2m-api`,
    securityHeadersConfig: {
      ...overTlsOnly,
      contentSecurityPolicy: {
        contentSecurityPolicy: "default-src 'none'; frame-ancestors 'none'",
        override: true,
      },
      contentTypeOptions: { override: true },
      frameOptions: { frameOption: "DENY", override: true },
      referrerPolicy: { referrerPolicy: "no-referrer", override: true },
    },
    // Handlers say so themselves; the gateway's own refusals do not.
    customHeadersConfig: { items: [{ header: "cache-control", value: "no-store", override: false }] },
  });
}
