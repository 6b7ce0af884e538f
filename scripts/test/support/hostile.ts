import type { OperationName } from "@t2m/contract/api";
import type { Route } from "@t2m/contract/route";
import { badBodies } from "./bad-bodies.ts";
import { filled, good, goodParts, json, nobodys } from "./good-requests.ts";
import type { RawRequest } from "./raw-http.ts";

// Requests that no operation may take.

/** `status` where only one will do. */
export type Hostile = { what: string; request: RawRequest; status?: number };

const badIds = [
  ..."x|..|.|0|-1|null|undefined|*|%00|%0d%0aset-cookie:a=b|%2e%2e%2f%2e%2e%2fetc%2fpasswd|%ff".split("|"),
  ...[
    "%e2%80%ae",
    "'%20OR%201=1--",
    "$%7Bjndi:ldap://a%7D",
    "%3Cscript%3E",
    "{}",
    "[]",
    "job%23x",
    "upload%23",
  ],
  ...[
    "00000000-0000-0000-0000-000000000000",
    nobodys.replace("-7", "-4"),
    nobodys.toUpperCase().replace("0", "G"),
  ],
  ...[`${nobodys}%20`, `%20${nobodys}`, `${nobodys}/..`, `${nobodys}%2F..`, `${nobodys};a`, "9".repeat(3000)],
];
const badPartNumbers = [
  "0",
  "-1",
  "10001",
  "99999999999999999999",
  "1e3",
  "1.5",
  "0x1",
  "%31%00",
  "one",
  "NaN",
];

function badPaths({ method, path }: Route): Hostile[] {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  return names.flatMap((name) =>
    (name === "partNumber" ? badPartNumbers : badIds).map((bad) => ({
      what: `${name} ${bad}`,
      request: { method, path: filled(path, { ...goodParts, [name]: bad }) },
    })),
  );
}

const badPages = ["limit=0", "limit=1e9", "limit=1&limit=2", "cursor=x", "cursor=%00", "cursor=1%20or%201=1"];
const badFilters = [
  "search=",
  `search=${"a".repeat(101)}`,
  "search=%00",
  "from=yesterday",
  "to=1",
  "from='--",
];

const queries: Partial<Record<OperationName, readonly string[]>> = {
  listUploads: [
    "limit=0",
    "limit=-1",
    "limit=101",
    "limit=1e2",
    "limit=",
    "limit=ten",
    "limit=99999999999",
    "cursor=x",
    "cursor=..%2F..",
    "cursor=%00",
    `cursor=${"a".repeat(201)}`,
    `cursor=${Buffer.from("job#x").toString("base64url")}`,
    "limit=1&limit=2",
  ],
  listJobs: [
    "limit=0",
    "limit=1000",
    "limit=NaN",
    "cursor=%7B%7D",
    `cursor=upload%23${nobodys}`,
    `cursor=${"%F0%9F%92%A9".repeat(10)}`,
  ],
  listHistory: [
    ...badPages,
    ...badFilters,
    "status=done",
    "status=failed&status=queued",
    "preset='%20or%20'1'='1",
    "batchId=*",
  ],
  listFiles: [...badPages, ...badFilters, "kind=main'--", "jobId=1"],
  listBatches: badPages,
  listSessions: badPages,
  listActivity: badPages,
  signFile: ["for=steal", "versionId=", "versionId=..%2F..", "versionId=a%20b"],
  signOutput: ["for=steal", "for=", "for=play&for=download"],
  checkHealth: ["check=", "check=everything", "check[]=deep&check=1"],
};

export function hostile(name: OperationName, route: Route): Hostile[] {
  const request = good(name, route);
  return [
    ...badPaths(route),
    ...(queries[name] ?? []).map((query) => ({
      what: `?${query}`,
      request: { ...request, path: `${request.path}?${query}` },
      status: 400,
    })),
    ...badBodies(name, route),
    ...["PATCH", "PROPFIND"].map((method) => ({
      what: method,
      request: { ...request, method },
      status: 404,
    })),
    {
      what: "headers without end",
      request: { ...request, headers: { ...request.headers, "x-much": "y".repeat(11_000) } },
    },
    {
      what: "a body of 11 MB",
      request: { ...request, method: request.method, headers: json, body: Buffer.alloc(11_000_000, 32) },
      status: 413,
    },
  ];
}
