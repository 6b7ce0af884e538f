import type { OutputDescription, PartSink } from "../conversion/output/sink.ts";
import {
  abortMultipart,
  completeMultipart,
  createMultipart,
  NotFound,
  uploadPart,
} from "../storage/multipart.ts";
import { headObject } from "../storage/objects.ts";
import type { Claim } from "./claim.ts";
import { outputRef } from "./delivery.ts";

/**
 * Opens an output as a multipart upload under the job's key for it. The key is the same for every attempt: a
 * repeated one overwrites, and the versions below go with the job.
 */
export async function openOutput(claim: Claim, output: OutputDescription): Promise<PartSink> {
  const ref = outputRef(claim, output);
  const { jobId, sourceName, conversion } = claim.job;
  const multipartId = await createMultipart(ref, {
    contentType: output.contentType,
    metadata: { job: jobId, source: sourceName, preset: conversion.preset, attempt: String(claim.attempt) },
    checksumType: "FULL_OBJECT",
  });
  return {
    uploadPart: (partNumber, body, checksumCrc32, signal) =>
      uploadPart(ref, multipartId, partNumber, body, checksumCrc32, signal),
    complete: async (parts, object, signal) => {
      try {
        await completeMultipart(ref, multipartId, parts, { ...object, signal });
      } catch (error) {
        if (!(error instanceof NotFound)) throw error;
        // No such multipart upload: where its answer was lost it is the object by now.
        const stored = await headObject(ref);
        if (stored?.sizeBytes !== object.sizeBytes || stored.checksumCrc32 !== object.checksumCrc32)
          throw error;
      }
    },
    abort: () => abortMultipart(ref, multipartId),
  };
}
