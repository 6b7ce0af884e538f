/** `create-upload` → `CreateUpload`, as SST wants its components named. */
export function componentName(name: string): string {
  return name.replace(/(?:^|[^a-zA-Z0-9]+)([a-zA-Z0-9]|$)/g, (_, letter: string) => letter.toUpperCase());
}
