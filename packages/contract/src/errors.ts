import * as z from "zod/mini";

/** Every way a request can be refused: the code is the promise, status and title follow from it. */
export const errorCodes = {
  "request.invalid": [400, "The request is not as the API expects it"],
  "request.too_large": [413, "The request body is too large"],
  "auth.required": [401, "Sign in first"],
  "auth.forbidden": [403, "This is not allowed for you"],
  not_found: [404, "There is nothing here for you"],
  "method.not_allowed": [405, "This address does not take that method"],
  "idempotency.mismatch": [422, "This Idempotency-Key was used with another request"],
  "upload.type_unsupported": [415, "Files of this type cannot be converted"],
  "upload.too_large": [413, "The file is larger than this service takes"],
  "upload.not_open": [409, "The upload no longer takes parts"],
  "upload.incomplete": [409, "Parts of the upload are missing or differ"],
  "upload.part_unknown": [400, "The upload has no such part"],
  "job.not_finished": [409, "The job has no outputs yet"],
  "job.not_expired": [409, "The job is still there"],
  "batch.ended": [409, "The batch has ended"],
  "rate.limited": [429, "Too many requests"],
  "service.unavailable": [503, "A service behind this one does not answer; try again shortly"],
  internal: [500, "Something went wrong on our side"],
} as const satisfies Record<string, readonly [status: number, title: string]>;

export type ErrorCode = keyof typeof errorCodes;
const codes: [ErrorCode, ...ErrorCode[]] = Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]];

/** RFC 9457 problem document, with our stable `code` and, for bad input, every problem at once. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.enum(codes),
  problems: z.optional(z.array(z.object({ path: z.string(), message: z.string() }))),
  requestId: z.optional(z.string()),
});
export type Problem = z.infer<typeof Problem>;
