import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileMetadata } from "@t2m/core/database/schema/file-metadata";
import { jobQueue } from "@t2m/core/database/schema/job-queue";
import { jobs } from "@t2m/core/database/schema/jobs";
import { users } from "@t2m/core/database/schema/users";
import { getTableConfig } from "drizzle-orm/pg-core";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");

function run(script: string): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, "--check"], {
    cwd: root,
    encoding: "utf8",
  });
  return { status, output: stdout + stderr };
}

test("[VD.2] the diagram in docs/data.md is the schema's", () => {
  expect(run("scripts/er-diagram.ts")).toEqual({ status: 0, output: "" });
});

/** What the design document asks of each table: the column, or the columns that it became, and its kind. */
const designed: Record<string, Record<string, string>> = {
  users: {
    id: "uuid",
    issuer: "text",
    subject: "text",
    email: "text",
    role: "user_role",
    created_at: "timestamp",
    updated_at: "timestamp",
    metadata: "jsonb",
  },
  jobs: {
    id: "uuid",
    user_id: "uuid",
    batch_id: "uuid",
    status: "job_status",
    priority: "job_priority",
    topic: "text",
    description: "text",
    configuration: "jsonb",
    progress_percentage: "numeric(5, 2)",
    current_stage: "text",
    error_info: "jsonb",
    metrics: "jsonb",
    created_at: "timestamp",
    updated_at: "timestamp",
    estimated_completion: "timestamp",
  },
  file_metadata: {
    id: "uuid",
    user_id: "uuid",
    job_id: "uuid",
    file_type: "text",
    original_filename: "text",
    s3_bucket: "text",
    s3_key: "text",
    file_size: "bigint",
    content_type: "text",
    version_id: "text",
    metadata: "jsonb",
    created_at: "timestamp",
  },
  job_queue: {
    id: "uuid",
    job_id: "uuid",
    priority: "job_priority",
    status: "queue_status",
    queued_at: "timestamp",
    processing_started_at: "timestamp",
    completed_at: "timestamp",
  },
};

test.each([users, jobs, fileMetadata, jobQueue])(
  "[VD.2] a table of the design document has each column that it names, of the kind that it names, and its references",
  (table) => {
    const { name, columns, foreignKeys } = getTableConfig(table);
    const kinds = columns.map((column) => [
      column.name,
      column.getSQLType().replace(/^timestamp.*/, "timestamp"),
    ]);
    expect(Object.fromEntries(kinds)).toMatchObject(designed[name] ?? { [name]: "designed" });
    const references = foreignKeys.map((key) => key.reference().columns.map((column) => column.name));
    const wanted = Object.keys(designed[name] ?? {}).filter((column) => /^(user|job|batch)_id$/.test(column));
    expect(references.flat()).toEqual(expect.arrayContaining(wanted));
  },
);

test("functions carry the very SQL that lies in packages/core/migrations", () => {
  expect(run("scripts/migrations.ts")).toEqual({ status: 0, output: "" });
});
