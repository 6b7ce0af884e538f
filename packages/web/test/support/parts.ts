import { stack } from "./visitor.ts";

/** Numbers of the parts of an upload that S3 has taken in so far, in order; those sent twice are there twice. */
export async function partsTaken(uploadId: string): Promise<number[]> {
  const requests = await stack.s3Requests(uploadId);
  return requests
    .filter(
      ({ method, query, status }) => method === "PUT" && query.includes("partNumber=") && status === 200,
    )
    .map(({ query }) => Number(new URLSearchParams(query).get("partNumber")));
}
