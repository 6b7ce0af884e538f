import { ApiError } from "../errors.ts";

export function notOpen(): ApiError {
  return new ApiError("upload.not_open", "This upload is completed or given up; it takes no more parts.");
}

export function partUnknown(partNumbers: readonly number[], partCount: number): ApiError {
  const message = `the upload has parts 1 to ${partCount}`;
  const problems = partNumbers.map((partNumber) => ({ path: `part ${partNumber}`, message }));
  return new ApiError("upload.part_unknown", `There is no such part: ${message}.`, { problems });
}

const shownProblems = 100;

/** `problems`: what is wrong with each part, by its number. */
export function incomplete(problems: readonly { partNumber: number; message: string }[]): ApiError {
  const shown = problems
    .slice(0, shownProblems)
    .map(({ partNumber, message }) => ({ path: `part ${partNumber}`, message }));
  const rest = problems.length - shown.length;
  if (rest > 0) shown.push({ path: "parts", message: `and ${rest} more` });
  return new ApiError(
    "upload.incomplete",
    `${problems.length} parts are missing or differ; send them again.`,
    {
      problems: shown,
    },
  );
}
