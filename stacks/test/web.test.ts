import { pageHeaders } from "@t2m/contract/page-headers";
import { describe, expect, test } from "vitest";
import { account } from "./synth/answers.ts";
import { everyStage, regionOf, statementsIn, synthesized } from "./synthesized.ts";

describe.each(everyStage)("%s", (stage) => {
  const { all, only, where } = synthesized(stage);
  const region = regionOf(stage);
  const bucket = `${stage}-t2m-site-${region}-${account}`;
  const files = all("aws:s3/bucketObjectv2:BucketObjectv2")
    .map(({ inputs }) => inputs)
    .filter((inputs) => inputs.bucket === bucket);
  const file = (key: string) => files.find((inputs) => inputs.key === key);
  const { inputs: distribution } = only("aws:cloudfront/distribution:Distribution");

  test("[A3.1] the built page is in a bucket, each file by its type; only what has a hash in its name is kept", () => {
    expect(files.map(({ key }) => key)).toEqual(
      expect.arrayContaining(["index.html", "docs/index.html", "icon.svg"]),
    );
    expect(file("index.html")).toMatchObject({
      contentType: "text/html; charset=utf-8",
      cacheControl: "no-cache",
    });
    const scripts = files.filter(({ key }) => /^assets\/.*\.js$/.test(String(key)));
    expect(scripts.length).toBeGreaterThan(0);
    for (const script of scripts) {
      expect(script).toMatchObject({
        contentType: "text/javascript; charset=utf-8",
        cacheControl: "public, max-age=31536000, immutable",
      });
    }
    for (const { key, cacheControl } of files) {
      expect(cacheControl, String(key)).toBe(
        String(key).startsWith("assets/") ? "public, max-age=31536000, immutable" : "no-cache",
      );
    }
  });

  test("[A3.2] [A8.3] only the CDN reads the bucket, by its signature", () => {
    const policies = where("aws:s3/bucketPolicy:BucketPolicy", "bucket", bucket).inputs.policy;
    const allowed = statementsIn(policies).filter(({ Effect }) => Effect === "Allow");
    expect(allowed).toEqual([
      {
        Effect: "Allow",
        Principal: { Service: ["cloudfront.amazonaws.com"] },
        Action: ["s3:GetObject", "s3:ListBucket"],
        Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`],
        Condition: {
          ArnLike: { "aws:SourceArn": [`arn:aws:cloudfront::${account}:distribution/*`] },
        },
      },
    ]);
    expect(distribution.origins).toContainEqual({
      originId: "site",
      domainName: `${bucket}.s3.${region}.amazonaws.com`,
      originAccessControlId: "SiteAccessControl-id",
    });
  });

  test("[A3.5] the page learns of its stage from a file that no build is needed for", () => {
    const expected = {
      dev: { issuer: "https://issuer.example.org", audience: "t2m", clientId: "t2m" },
      qa: { issuer: "https://issuer.example.org", audience: "t2m", clientId: "t2m" },
      staging: { issuer: "https://issuer.example.org", audience: "t2m-staging", clientId: "t2m" },
      production: { issuer: "https://people.example.org", audience: "t2m-production", clientId: "t2m-page" },
    };
    const config = file("config.json");
    expect(config).toMatchObject({ contentType: "application/json", cacheControl: "no-cache" });
    const hasRecord = stage !== "dev";
    expect(JSON.parse(String(config?.content))).toEqual({ apiUrl: "/api", ...expected[stage], hasRecord });
    // The hashes in their names say that the contents are the same.
    const keysOf = (one: typeof stage) =>
      synthesized(one)
        .all("aws:s3/bucketObjectv2:BucketObjectv2")
        .filter(({ inputs }) => String(inputs.bucket).startsWith(`${one}-t2m-site-`))
        .map(({ inputs }) => String(inputs.key));
    expect(keysOf(stage)).toEqual(keysOf("dev"));
  });

  test("the page is served with the very headers that it has on a laptop, and reaches only what it needs", () => {
    const origin = (kind: string) =>
      `https://${stage}-t2m-${kind}-${region}-${account}.s3.${region}.amazonaws.com`;
    const results = [origin("videos"), origin("thumbnails")];
    const issuer = stage === "production" ? "https://people.example.org" : "https://issuer.example.org";
    const headers = pageHeaders({ connect: [origin("uploads"), ...results, issuer], media: results });
    const policy = where(
      "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy",
      "name",
      `${stage}-t2m-site`,
    ).inputs;
    expect(policy.securityHeadersConfig).toMatchObject({
      contentSecurityPolicy: { contentSecurityPolicy: headers["content-security-policy"], override: true },
    });
    const custom = ["cross-origin-opener-policy", "permissions-policy"];
    expect(policy.customHeadersConfig).toEqual({
      items: custom.map((header) => ({ header, value: headers[header], override: true })),
    });
    const known = ["content-security-policy", "referrer-policy", "x-content-type-options", "x-frame-options"];
    expect(Object.keys(headers).sort()).toEqual([...custom, ...known].sort());
    expect(distribution.defaultCacheBehavior).toMatchObject({ responseHeadersPolicyId: "SiteHeaders-id" });
  });
});
