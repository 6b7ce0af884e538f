import type { Client } from "@t2m/client/client";
import type { Sql } from "postgres";
import { v5, v7 } from "uuid";

export type Past = { name: string; at: Date; preset?: string; status?: "completed" | "failed" };

const dayMs = 86_400_000;
const kept = { preset: "mp3", status: "completed" } as const;

/** Conversions whose live items and files have long gone, as the projector has left them. */
export async function givenPast(sql: Sql, client: Client, past: readonly Past[]): Promise<void> {
  const { id: userId } = await client.getMe();
  const jobs = past.map((one) => ({ id: v7({ msecs: one.at.getTime() }), ...kept, ...one }));
  const failure = { code: "media.unrecognized", message: "This is no media." };
  await sql`insert into jobs ${sql(
    jobs.map(({ id, name, at, preset, status }) => ({
      id,
      user_id: userId,
      upload_id: v7({ msecs: at.getTime() }),
      kind: "conversion",
      status,
      topic: name,
      configuration: sql.json({ preset, options: {} }),
      error_info: status === "failed" ? sql.json(failure) : null,
      progress_percentage: 100,
      version: 5,
      created_at: at,
      started_at: at,
      finished_at: at,
      expires_at: new Date(at.getTime() + dayMs),
      removed_at: new Date(at.getTime() + dayMs),
      removal: "expired",
    })),
  )}`;
  const done = jobs.filter(({ status }) => status === "completed");
  await sql`insert into file_metadata ${sql(
    done.map(({ id, name, at }) => ({
      id: v5("output.mp3", id),
      user_id: userId,
      job_id: id,
      file_type: "main",
      original_filename: name,
      s3_bucket: "videos",
      s3_key: `users/${userId}/jobs/${id}/outputs/output.mp3`,
      file_size: 4_200_000,
      content_type: "audio/mpeg",
      duration_seconds: 185,
      created_at: at,
      expires_at: new Date(at.getTime() + dayMs),
      removed_at: new Date(at.getTime() + dayMs),
      removal: "expired",
    })),
  )}`;
}
