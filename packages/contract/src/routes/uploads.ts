import * as z from "zod/mini";
import { UploadId } from "../ids.ts";
import { Page } from "../page.ts";
import { PartNumber } from "../parts.ts";
import { route } from "../route.ts";

const params = z.object({ uploadId: UploadId });

export const listUploads = route({ method: "GET", path: "/uploads", access: "user", query: Page });

export const listParts = route({ method: "GET", path: "/uploads/{uploadId}/parts", access: "user", params });

export const recordPart = route({
  method: "PUT",
  path: "/uploads/{uploadId}/parts/{partNumber}",
  access: "user",
  params: z.object({
    uploadId: UploadId,
    partNumber: z.pipe(
      z.pipe(
        z.string().check(z.regex(/^\d{1,5}$/, "must be a part number")),
        z.transform((digits: string) => Number(digits)),
      ),
      PartNumber,
    ),
  }),
});

export const completeUpload = route({
  method: "POST",
  path: "/uploads/{uploadId}/complete",
  access: "user",
  params,
});

export const abortUpload = route({ method: "DELETE", path: "/uploads/{uploadId}", access: "user", params });
