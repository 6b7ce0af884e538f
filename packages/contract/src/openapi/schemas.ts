import * as z from "zod/mini";
import {
  AccessChange,
  FailureCounts,
  StorageUse,
  SupportJob,
  Suspension,
  Throughput,
  UserUsage,
  WholeQueue,
} from "../admin.ts";
import { api, type Operation } from "../api.ts";
import { Batch, BatchJob, Queue } from "../batches.ts";
import { Problem } from "../errors.ts";
import {
  CreatedShare,
  FileVersion,
  FileVersions,
  NewShare,
  Share,
  SharedFile,
  Shares,
  SignedFile,
  StoredFile,
} from "../files.ts";
import { PastJob } from "../history.ts";
import { Failure, Job, JobEvent, JobProgress, NewJob, Output, SignedOutput } from "../jobs.ts";
import { NewBatch } from "../new-batch.ts";
import { CreatedUpload, NewUpload } from "../new-upload.ts";
import { PartsToSign } from "../parts.ts";
import {
  AccountDeletion,
  Activity,
  ActivityPage,
  DataExport,
  Profile,
  ProfileChange,
  Session,
  Statistics,
} from "../people.ts";
import { ConversionRequest } from "../presets.ts";
import { Health, Preset } from "../service.ts";
import { SignedPart, SignedParts, StoredPart, StoredParts, Upload } from "../uploads.ts";

export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** What a client sends: options may be absent. */
const sent = {
  NewUpload,
  PartsToSign,
  NewJob,
  ConversionRequest,
  ProfileChange,
  NewShare,
  NewBatch,
  AccessChange,
  Suspension,
};

/** What a client gets: defaults are filled in. */
const received = {
  Upload,
  UploadPage: api.listUploads.response,
  CreatedUpload,
  SignedPart,
  SignedParts,
  StoredPart,
  StoredParts,
  Job,
  JobPage: api.listJobs.response,
  JobEvent,
  JobProgress,
  Conversion: ConversionRequest,
  Output,
  Failure,
  SignedOutput,
  Preset,
  PresetList: api.listPresets.response,
  Health,
  Problem,
  PastJob,
  PastJobPage: api.listHistory.response,
  Profile,
  ProfilePage: api.listUsers.response,
  Session,
  SessionPage: api.listSessions.response,
  Activity,
  ActivityPage,
  Statistics,
  DataExport,
  AccountDeletion,
  StoredFile,
  StoredFilePage: api.listFiles.response,
  SignedFile,
  FileVersion,
  FileVersions,
  Share,
  Shares,
  CreatedShare,
  SharedFile,
  Batch,
  BatchPage: api.listBatches.response,
  BatchJob,
  BatchJobPage: api.listBatchJobs.response,
  Queue,
  UserUsage,
  SupportJob,
  SupportJobPage: api.listAllJobs.response,
  FailureCounts,
  Throughput,
  StorageUse,
  WholeQueue,
};

const reference = (name: string) => `#/components/schemas/${name}`;

function named(shapes: Record<string, z.ZodMiniType>, io: "input" | "output"): Record<string, JsonSchema> {
  const registry = z.registry<{ id: string }>();
  for (const [id, shape] of Object.entries(shapes)) registry.add(shape, { id });
  const { schemas } = z.toJSONSchema(registry, {
    io,
    uri: reference,
    override: ({ zodSchema, jsonSchema }) => {
      // A reply may grow new fields; only what says so itself is closed.
      if (zodSchema._zod.def.type === "object" && !("catchall" in zodSchema._zod.def))
        delete jsonSchema.additionalProperties;
    },
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([name, { $schema, $id, ...schema }]) => [name, schema]),
  );
}

/** Every named shape of the API as JSON Schema, for `components.schemas`. */
export function componentSchemas(): Record<string, JsonSchema> {
  return { ...named(received, "output"), ...named(sent, "input") };
}

/** A reference to the component that a body or a reply is. Throws where the shape has no name here. */
export function referenceTo(shape: z.ZodMiniType, direction: "sent" | "received"): { $ref: string } {
  const shapes: Record<string, z.ZodMiniType> = direction === "sent" ? sent : received;
  const name = Object.keys(shapes).find((candidate) => shapes[candidate] === shape);
  if (!name) throw new Error("A body or reply of the API has no name in openapi/schemas.ts");
  return { $ref: reference(name) };
}

/** The parameters of an operation's path and query, with the bounds of what their text stands for. */
export function parametersOf({ route }: Operation): object[] {
  return [...parametersIn(route.params, "path"), ...parametersIn(route.query, "query")];
}

function parametersIn(shape: z.ZodMiniObject | undefined, place: "path" | "query"): object[] {
  if (!shape) return [];
  const { properties = {} } = z.toJSONSchema(shape, { io: "output" });
  const { required = [] } = z.toJSONSchema(shape, { io: "input" });
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: place,
    required: required.includes(name),
    schema,
  }));
}
