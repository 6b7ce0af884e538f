import { readdirSync } from "node:fs";
import { dirname, extname, join, relative } from "node:path";
import type { StageConfig } from "./config.ts";
import { createPrivateBucket } from "./lib/bucket.ts";
import type { Storage } from "./storage.ts";

const contentTypes: Record<string, string> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".map": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
  ".webp": "image/webp",
  ".woff2": "font/woff2",
};

export type Site = {
  domainName: $util.Output<string>;
  /** Folders with an `index.html` of their own, such as `/docs`. */
  pages: string[];
};

/**
 * The page's files, for the CDN alone, and what the page must know of its stage: the build is the same for all.
 * @param folder of the built page
 */
export function createWeb(cfg: StageConfig, { folder, storage }: { folder: string; storage: Storage }): Site {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
  // The page is public, so S3's own key does.
  const bucket = createPrivateBucket(cfg, { kind: "site", logs: storage.logs, policy: [readByCdn()] });
  const create = (file: string, options?: $util.CustomResourceOptions) =>
    createFile(bucket.name, folder, file, options);
  // First, so that who gets the new page finds what it asks for.
  const assets = files.filter(isHashed).map((file) => create(file));
  for (const file of files.filter((file) => !isHashed(file))) create(file, { dependsOn: assets });
  const { issuer, clientId, audience } = cfg;
  new aws.s3.BucketObjectv2("SiteConfig", {
    bucket: bucket.name,
    key: "config.json",
    content: JSON.stringify({
      apiUrl: "/api",
      issuer,
      clientId,
      audience,
      hasRecord: cfg.database !== undefined,
    }),
    contentType: "application/json",
    cacheControl: "no-cache",
  });
  return {
    domainName: $interpolate`${bucket.name}.s3.${cfg.region}.amazonaws.com`,
    pages: files.flatMap((file) => (file.endsWith("/index.html") ? [`/${dirname(file)}`] : [])),
  };
}

/** The build puts a hash of the content into the names below `assets/`. */
const isHashed = (file: string) => file.startsWith("assets/");

function createFile(
  bucket: $util.Input<string>,
  folder: string,
  file: string,
  options: $util.CustomResourceOptions = {},
) {
  const contentType = contentTypes[extname(file)];
  if (!contentType) throw new Error(`${file} of the page is of a type that stacks/web.ts does not know`);
  return new aws.s3.BucketObjectv2(
    `SiteFile ${file}`,
    {
      bucket,
      key: file,
      source: new $util.asset.FileAsset(join(folder, file)),
      contentType,
      cacheControl: isHashed(file) ? "public, max-age=31536000, immutable" : "no-cache",
    },
    // A page that is open somewhere still asks for the files of its own build.
    { ...options, retainOnDelete: isHashed(file) },
  );
}

/** The account's own, whichever: CloudFront takes no origin that is not there yet, so the bucket comes first. */
function readByCdn() {
  const { accountId } = aws.getCallerIdentityOutput({});
  const { partition } = aws.getPartitionOutput({});
  const ours = $interpolate`arn:${partition}:cloudfront::${accountId}:distribution/*`;
  return {
    // Listing only so that what is not there is a 404 and no 403.
    actions: ["s3:GetObject", "s3:ListBucket"],
    principals: [{ type: "service" as const, identifiers: ["cloudfront.amazonaws.com"] }],
    conditions: [{ test: "ArnLike", variable: "aws:SourceArn", values: [ours] }],
  };
}
