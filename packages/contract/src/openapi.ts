import { api, type Operation, type OperationName } from "./api.ts";
import { type ErrorCode, errorCodes } from "./errors.ts";
import { examples } from "./openapi/examples.ts";
import { componentSchemas, type JsonSchema, parametersOf, referenceTo } from "./openapi/schemas.ts";

export type OpenApiOperation = {
  operationId: string;
  summary: string;
  tags: string[];
  security: Record<string, string[]>[];
  parameters?: object[];
  requestBody?: object;
  responses: Record<string, object>;
};

export type OpenApiDocument = {
  openapi: "3.1.0";
  info: {
    title: string;
    version: string;
    description: string;
    license: { name: string; identifier: string };
  };
  servers: { url: string; description: string }[];
  tags: { name: string; description: string }[];
  paths: Record<string, Record<string, OpenApiOperation>>;
  components: {
    schemas: Record<string, JsonSchema>;
    parameters: Record<string, object>;
    headers: Record<string, object>;
    securitySchemes: Record<string, object>;
  };
};

const description = `Upload audio or video, get it converted, download it.

1. \`POST /uploads\` with the file's name, type, size and the conversions you want.
2. Cut the file into parts of \`partBytes\`, ask \`POST /uploads/{uploadId}/parts/urls\` for their URLs and \`PUT\` the parts there.
3. \`POST /uploads/{uploadId}/complete\`. The conversions start by themselves.
4. Follow \`GET /jobs/{jobId}\` or its event stream; then ask \`GET /jobs/{jobId}/outputs/{name}\` for a download URL.

Interrupted? \`GET /uploads/{uploadId}/parts\` says what is missing. Everything expires by itself at \`expiresAt\`.

Sizes are bytes, times are ISO 8601 in UTC. Every refusal is a problem document (RFC 9457) with a stable \`code\`.`;

/** The whole API as an OpenAPI 3.1 document, made from `api`. */
export function buildOpenApi(): OpenApiDocument {
  const paths: OpenApiDocument["paths"] = {};
  for (const [name, operation] of entriesOf(api)) {
    const { path, method } = operation.route;
    paths[path] = { ...paths[path], [method.toLowerCase()]: describe(name, operation) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "t2m",
      version: "1.0.0",
      description,
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/api", description: "The stage that serves this page" }],
    tags: [
      { name: "uploads", description: "Bring files here, in parts, straight to S3" },
      { name: "jobs", description: "Conversions and their outputs" },
      { name: "history", description: "What was made, also long after it expired" },
      { name: "files", description: "Files, their versions, and links for others" },
      { name: "batches", description: "Many conversions at once, in line" },
      { name: "account", description: "You, your sessions and what you use" },
      { name: "admin", description: "For those who run the service" },
      { name: "service", description: "What the service can do and how it is" },
    ],
    paths,
    components: { schemas: componentSchemas(), ...sharedComponents },
  };
}

const entriesOf = Object.entries as (from: typeof api) => [OperationName, Operation][];

const sharedComponents = {
  parameters: {
    IdempotencyKey: {
      name: "Idempotency-Key",
      in: "header",
      required: false,
      description:
        "Any text of your own for this request, a UUID for example. Sent again with the same key, the same request makes the same thing once.",
      schema: { type: "string", pattern: "^[!-~]{1,255}$" },
    },
    LastEventId: {
      name: "Last-Event-ID",
      in: "header",
      required: false,
      description: "The sequence number of the last event you have; the stream goes on after it.",
      schema: { type: "integer", minimum: 0 },
    },
  },
  headers: {
    RetryAfter: {
      description: "Seconds to wait before trying again",
      schema: { type: "integer", minimum: 0 },
    },
  },
  securitySchemes: {
    bearer: {
      type: "http",
      scheme: "bearer",
      bearerFormat: "JWT",
      description: "A token of the stage's issuer; `/config.json` beside the page names it.",
    },
  },
};

/** By the first part of the path. */
const tagOf: Record<string, string> = {
  uploads: "uploads",
  jobs: "jobs",
  history: "history",
  files: "files",
  shared: "files",
  batches: "batches",
  queue: "batches",
  me: "account",
  admin: "admin",
};

function describe(name: OperationName, operation: Operation): OpenApiOperation {
  const { route } = operation;
  const [, room = ""] = route.path.split("/");
  const parameters = [
    ...parametersOf(operation),
    ...(route.idempotent ? [{ $ref: "#/components/parameters/IdempotencyKey" }] : []),
    ...(route.stream ? [{ $ref: "#/components/parameters/LastEventId" }] : []),
  ];
  const { request } = examples[name] ?? {};
  return {
    operationId: name,
    summary: operation.summary,
    tags: [tagOf[room] ?? "service"],
    security: route.access === "user" ? [{ bearer: [] }] : [],
    ...(parameters.length > 0 && { parameters }),
    ...(route.body && {
      requestBody: {
        required: true,
        content: { "application/json": { schema: referenceTo(route.body, "sent"), example: request } },
      },
    }),
    responses: { [operation.status]: success(name, operation), ...refusals(operation) },
  };
}

function success(name: OperationName, { route, response, summary }: Operation): object {
  const example = examples[name]?.response;
  if (route.stream)
    return {
      description: "Server-sent events: each fact with its sequence number as `id`, percentages without one",
      content: { "text/event-stream": { schema: { type: "string" }, example } },
    };
  if (!response) return { description: "Done" };
  return {
    description: summary,
    content: {
      "application/json": {
        schema: referenceTo(response, "received"),
        ...(example !== undefined && { example }),
      },
    },
  };
}

function refusals({ route, errors }: Operation): Record<string, object> {
  const codes = new Set<ErrorCode>([
    // An address that is malformed is nobody's: not_found.
    ...(route.query || route.body ? (["request.invalid"] as const) : []),
    ...(route.body ? (["request.too_large"] as const) : []),
    ...(route.access === "user" ? (["auth.required", "auth.forbidden"] as const) : []),
    ...errors,
    "rate.limited",
    "internal",
    "service.unavailable",
  ]);
  const byStatus = Map.groupBy(codes, (code) => errorCodes[code][0]);
  return Object.fromEntries([...byStatus].map(([status, these]) => [status, refusal(status, these)]));
}

function refusal(status: number, codes: ErrorCode[]): object {
  return {
    description: codes.map((code) => `\`${code}\`: ${errorCodes[code][1]}`).join("; "),
    ...((status === 503 || status === 429) && {
      headers: { "Retry-After": { $ref: "#/components/headers/RetryAfter" } },
    }),
    content: {
      "application/problem+json": {
        schema: {
          allOf: [
            { $ref: "#/components/schemas/Problem" },
            { type: "object", properties: { code: { enum: codes } } },
          ],
        },
        examples: Object.fromEntries(codes.map((code) => [code, { value: exampleProblem(code) }])),
      },
    },
  };
}

function exampleProblem(code: ErrorCode): object {
  const [status, title] = errorCodes[code];
  return { type: "about:blank", title, status, detail: title, code };
}
