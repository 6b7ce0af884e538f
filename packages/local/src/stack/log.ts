/** Where a stack's lines go: `part` is a function's name, or a part of the stack such as `s3`. */
export type Log = (part: string, line: string, level?: "info" | "warning" | "error") => void;
